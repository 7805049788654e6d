"""Versions of a result: which there are, and that no other name is opened."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place
from tomobatch.recon.receipt import RECEIPT_FILE
from tomobatch.volumes.opening import open_wanted
from tomobatch.volumes.versions import MOST_KEPT, find_versions
from tomobatch.volumes.wanted import Making, Mode, Wanted


def wanted(path, version="", mode=Mode.FULL):
    return Wanted(path, mode, version=version)


def keep(folder, job_id, cor_px, when_s=1000.0):
    """Put a Full beside a final place, as one that was kept."""
    kept = folder.with_name(f"{folder.name}.kept-{job_id}")
    kept.mkdir()
    for picture in folder.glob("*.tiff"):
        (kept / picture.name).write_bytes(picture.read_bytes())
    receipt = json.loads((folder / RECEIPT_FILE).read_text())
    receipt |= {"job": job_id, "cor_px": cor_px}
    receipt["run"]["ended"] = when_s
    (kept / RECEIPT_FILE).write_text(json.dumps(receipt))
    os.utime(kept, (when_s, when_s))
    return kept.name


def test_the_newest_come_first_and_no_more_than_can_be_chosen_from(demo, reconstruct):
    path, cor_px = demo
    folder = reconstruct(path, Kind.FULL, cor_px, "--end-row=2")
    for number in range(MOST_KEPT + 3):
        keep(folder, f"j{number}", 20.0 + number, 1000.0 + number)
    found = find_versions(path, Kind.FULL, None)
    assert [one.key for one in found] == [
        "",
        *(f"demo_0001_rec.kept-j{number}" for number in range(MOST_KEPT + 2, 2, -1)),
    ]
    assert found[0].text.startswith(f"COR {cor_px:.2f} · ")
    assert found[1].text.startswith(f"COR {20 + MOST_KEPT + 2:.2f} · 1970-01-01 ")
    assert found[1].text.endswith(" · kept")
    assert [one.kept for one in found] == [False, *[True] * MOST_KEPT]
    assert find_versions(path, Kind.TRY, None) == ()


def test_one_made_elsewhere_and_one_being_made(demo, reconstruct):
    path, cor_px = demo
    folder = reconstruct(path, Kind.FULL, cor_px, "--end-row=2")
    (folder / RECEIPT_FILE).unlink()
    making = Making("job9", Kind.FULL, {"partial": "/x/demo_0001_rec.partial-job9", "cor_px": 31.5})
    found = find_versions(path, Kind.FULL, making)
    assert found[0].text.startswith("made elsewhere · ")
    assert (found[1].key, found[1].text) == ("demo_0001_rec.partial-job9", "COR 31.50 · being made")


def test_a_kept_one_is_opened_and_no_other_name_is(demo, reconstruct, buffers):
    path, cor_px = demo
    folder = reconstruct(path, Kind.FULL, cor_px, "--end-row=3")
    name = keep(folder, "j1", 20.0)
    (folder / "recon_00002.tiff").unlink()
    assert open_wanted(wanted(path, name)).count == 3
    assert open_wanted(wanted(path)).count == 2
    (folder.with_name("demo_0001_rec.kept-bare")).mkdir()
    for other in (
        "../scans",
        f"{name}/../{name}",
        "demo_0001_rec.kept-bare",
        "demo_0001_rec.partial-x",
        name[1:],
    ):
        with pytest.raises(TomoBatchError) as told:
            open_wanted(wanted(path, other))
        assert told.value.code == "no-such-version"
    with pytest.raises(TomoBatchError) as told:
        open_wanted(wanted(path, name, Mode.TRY))
    assert told.value.code == "no-such-version"
    with pytest.raises(TomoBatchError) as told:
        open_wanted(wanted(path.with_name("other.h5"), name))
    assert told.value.code == "no-such-version"


def test_a_full_of_the_other_format_is_a_version_too(demo, reconstruct):
    path, cor_px = demo
    folder = reconstruct(path, Kind.FULL, cor_px, "--end-row=3")
    volume = reconstruct(path, Kind.FULL, cor_px, "--end-row=5", "--save-format=h5nolinks")
    os.utime(folder, (1, 1))
    assert [one.key for one in find_versions(path, Kind.FULL, None)] == ["", folder.name]
    for version, count in (("", 5), (folder.name, 3), (volume.name, 5)):
        source = open_wanted(wanted(path, version))
        assert source.count == count
        source.close()


def test_strange_receipts_are_no_fault(demo, reconstruct):
    path, cor_px = demo
    folder = reconstruct(path, Kind.FULL, cor_px, "--end-row=2")
    name = keep(folder, "j1", 20.0, 1000.0)
    receipt = json.loads((folder.with_name(name) / RECEIPT_FILE).read_text())
    for run in (None, {}, {"ended": 1e300}, {"ended": "now"}):
        (folder.with_name(name) / RECEIPT_FILE).write_text(json.dumps(receipt | {"run": run}))
        assert find_versions(path, Kind.FULL, None)[1].text.startswith("COR 20.00")


def test_what_became_of_it_is_said_with_what_is_shown_instead(demo, reconstruct):
    path, cor_px = demo
    news = "The Full that was being made was cancelled."
    told = replace(wanted(path), news=news)
    with pytest.raises(TomoBatchError, match=rf"^{news} demo_0001\.h5 has no Full yet"):
        open_wanted(told)
    reconstruct(path, Kind.FULL, cor_px, "--end-row=2")
    assert open_wanted(told).notes == (news,)


def test_a_data_folder_that_is_gone_is_not_taken_for_one_without_results(tmp_path):
    with pytest.raises(TomoBatchError, match="is gone: it was removed, or its disk is not there") as told:
        open_wanted(wanted(tmp_path / "away" / "a.h5"))
    assert told.value.code == "gone"


def test_a_folder_that_may_not_be_looked_into_is_said(tmp_path, monkeypatch):
    path = tmp_path / "scans" / "a.h5"
    final_place(path, Kind.FULL).mkdir(parents=True)
    path.parent.mkdir()

    def refuse(*_):
        raise PermissionError(13, "Permission denied", "a_rec")

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(TomoBatchError, match="Permission denied"):
        open_wanted(wanted(path))
