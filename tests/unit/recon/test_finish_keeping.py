"""The earlier result is kept when a new one takes its place, also cut off at any moment; and removed."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.recon.finish import discard
from tomobatch.recon.keeping import before_place, kept_job, kept_place, remove_kept
from tomobatch.recon.kinds import Kind
from tomobatch.recon.receipt import RECEIPT_FILE, read_receipt
from tomobatch.recon.request import ReconRequest
from unit.recon.test_finish import H5, SHORT, drive, end, holds, pictures

KEPT = "tooth_rec.kept-job1"


@pytest.fixture
def made(ask, make_outputs):
    """Run to its end: ``made("job2", keep=True)``; the request and what `finish` said."""

    def run(job_id, *pairs, kind=Kind.FULL, keep=False, seed=1):
        request = ask(kind, *pairs, job_id=job_id, keep=keep)
        make_outputs(request, seed=seed)
        return request, end(request)

    return run


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def test_the_earlier_full_is_kept_under_its_own_job(made):
    first, _ = made("job1")
    old = pictures(first.final)
    second, said = made("job2", "--start-row=2", keep=True, seed=2)
    assert said["code"] == "good"
    results = Path(second.final).parent
    assert names(results) == ["tooth_rec", KEPT]
    assert pictures(results / KEPT) == old
    assert read_receipt(results / KEPT).job_id == "job1"
    assert read_receipt(Path(second.final)).job_id == "job2"
    # The next one without the option replaces what is in its place, and leaves what was kept.
    made("job3", seed=3)
    assert names(results) == ["tooth_rec", KEPT]


def test_several_are_kept_each_by_its_own_name(made):
    for number in (1, 2, 3):
        request, said = made(f"job{number}", keep=True, seed=number)
        assert said["code"] == "good"
    assert names(Path(request.final).parent) == ["tooth_rec", KEPT, "tooth_rec.kept-job2"]


def test_a_volume_and_a_try_are_kept(made):
    made("job1", H5)
    request, _ = made("job2", H5, keep=True, seed=2)
    results = Path(request.final).parent
    assert names(results) == ["tooth_rec.h5", "tooth_rec.kept-job1.h5"]
    assert read_receipt(results / "tooth_rec.kept-job1.h5").job_id == "job1"
    made("job3", *SHORT, kind=Kind.TRY)
    made("job4", *SHORT, kind=Kind.TRY, keep=True, seed=2)
    assert names(results / "try_center") == ["tooth", "tooth.kept-job3"]


def test_what_others_put_beside_it_goes_over_to_the_new_one(made):
    first, _ = made("job1")
    (Path(first.final) / "notes.txt").write_text("mine")
    second, _ = made("job2", keep=True, seed=2)
    assert (Path(second.final) / "notes.txt").read_text() == "mine"
    assert "notes.txt" not in names(Path(second.final).with_name(KEPT))


def test_of_a_link_what_it_leads_to_stays(made, tmp_path):
    first, _ = made("job1")
    final = Path(first.final)
    final.rename(tmp_path / "elsewhere")
    final.symlink_to(tmp_path / "elsewhere")
    _, said = made("job2", keep=True, seed=2)
    assert said["code"] == "good"
    assert names(final.parent) == ["tooth_rec"]
    assert len(pictures(tmp_path / "elsewhere")) == 5


@pytest.mark.parametrize("spoil", ["no receipt", "a strange job", "its place is taken"])
def test_what_no_job_stands_for_is_kept_all_the_same(made, spoil):
    first, _ = made("job1")
    final = Path(first.final)
    old = pictures(final)
    if spoil == "no receipt":
        (final / RECEIPT_FILE).unlink()
    elif spoil == "a strange job":
        text = (final / RECEIPT_FILE).read_text().replace('"job1"', '"../../job1"')
        (final / RECEIPT_FILE).write_text(text)
    else:
        final.with_name(KEPT).mkdir()
    second, said = made("job2", keep=True, seed=2)
    assert said["code"] == "good"
    before = before_place(final, "job2")
    assert str(before) in said["sentence"]
    assert pictures(before) == old
    assert read_receipt(final).job_id == "job2"
    # It is nothing that can be removed from here.
    with pytest.raises(TomoBatchError):
        remove_kept(second.scan.path, "full", before.name)


def test_a_volume_made_elsewhere_is_kept_and_none_takes_its_place(made):
    first, _ = made("job1", H5)
    final = Path(first.final)
    final.write_bytes(b"not even HDF5")
    before = final.with_name("tooth_rec.before-job2.h5")
    made("job2", H5, keep=True, seed=2)
    assert before.read_bytes() == b"not even HDF5"
    final.write_bytes(b"another one")
    _, said = made("job2", H5, keep=True, seed=3)
    assert before.read_bytes() == b"not even HDF5"
    assert final.with_name("tooth_rec.h5.old-job2").read_bytes() == b"another one"
    assert "tooth_rec.h5.old-job2" in said["sentence"]


def test_an_empty_folder_is_nothing_to_keep(made):
    first, _ = made("job1")
    final = Path(first.final)
    for path in final.iterdir():
        path.unlink()
    (final / "notes.txt").write_text("mine")
    made("job2", keep=True, seed=2)
    assert names(final.parent) == ["tooth_rec"]
    assert (final / "notes.txt").read_text() == "mine"


def test_a_job_that_ran_again_does_not_keep_its_own_result(made):
    made("job1")
    request, said = made("job1", keep=True, seed=2)
    assert said["code"] == "good"
    assert names(Path(request.final).parent) == ["tooth_rec"]


def test_a_bad_run_keeps_nothing_aside(made, ask, make_outputs):
    first, _ = made("job1")
    old = pictures(first.final)
    request = ask(Kind.FULL, job_id="job2", keep=True)
    (make_outputs(request, seed=2) / "recon_00004.tiff").unlink()
    assert end(request)["code"] == "incomplete"
    discard(request.to_dict())
    assert names(Path(first.final).parent) == ["tooth_rec"]
    assert pictures(first.final) == old


@pytest.mark.parametrize("pairs", [(), (H5,)])
def test_killed_at_any_moment_both_results_are_there_in_the_end(
    made, ask, make_outputs, scan, tmp_path, pairs
):
    made("job1", *pairs)
    request = ask(Kind.FULL, *pairs, job_id="job2", keep=True)
    make_outputs(request, seed=2)
    results = scan.parent.with_name("scans_rec")
    final = Path(request.final).name
    old = f"{final}.old-job2"
    kept = kept_place(Path(request.final), "job1").name
    lines = drive(request, scan, tmp_path, "kill")
    assert len(lines) > 4
    for line in lines:
        # The old one is whole, wherever it lies just now.
        assert any(
            place in line["between"] if pairs else holds(line["between"], place, OLD)
            for place in (final, old, kept)
        )
        assert line["again"]["code"] == "good"
        assert [name for name in line["after"] if "/" not in name] == [final, kept]
    assert read_receipt(results / kept).job_id == "job1"


OLD = [f"recon_0000{row}.tiff" for row in range(5)]


def test_names_of_kept_results_are_those_alone():
    folder, volume = Path("/r/tooth_rec"), Path("/r/tooth_rec.h5")
    for final in (folder, volume):
        assert kept_job(final, kept_place(final, "job-1_a").name) == "job-1_a"
        for name in ("", final.name, f"{final.name}.kept-", f"{final.name}.partial-a", "x.kept-a", "../x"):
            assert kept_job(final, name) is None
        assert kept_place(final, "../a") is None
    assert kept_job(folder, "tooth_rec.kept-a.h5") is None
    assert kept_job(volume, "tooth_rec.kept-a") is None
    assert kept_job(volume, "tooth_rec.kept-a/../b.h5") is None


def test_a_kept_result_is_removed_and_nothing_else(made, scan):
    made("job1")
    request, _ = made("job2", keep=True, seed=2)
    results = Path(request.final).parent
    made_by_hand = results / "tooth_rec.kept-hand"
    made_by_hand.mkdir()
    (results / "tooth_rec.kept-link").symlink_to(results / KEPT)
    for name in ("tooth_rec", "tooth_rec.kept-hand", "tooth_rec.kept-link", "../scans", f"x/../{KEPT}", ""):
        with pytest.raises(TomoBatchError) as told:
            remove_kept(str(scan), "full", name)
        assert told.value.code == "not-kept"
    with pytest.raises(TomoBatchError):
        remove_kept(str(scan.with_name("other.h5")), "full", KEPT)
    (results / KEPT / "mine.txt").write_text("mine")
    assert remove_kept(str(scan), "full", KEPT) == {"removed": os.fspath(results / KEPT)}
    assert names(results / KEPT) == ["mine.txt"]
    assert len(pictures(request.final)) == 5
    made("job3", H5)
    made("job4", H5, keep=True, seed=2)
    remove_kept(str(scan), "full", "tooth_rec.kept-job3.h5")
    assert not (results / "tooth_rec.kept-job3.h5").exists()
    assert (results / "tooth_rec.h5").exists()


def test_a_receipt_of_another_job_does_not_make_a_folder_removable(made, scan):
    made("job1")
    request, _ = made("job2", keep=True, seed=2)
    copied = Path(request.final).with_name("tooth_rec.kept-copy")
    Path(request.final).with_name(KEPT).rename(copied)
    with pytest.raises(TomoBatchError):
        remove_kept(str(scan), "full", copied.name)
    assert copied.is_dir()


def test_a_link_and_a_result_of_another_scan_are_not_removable(made, scan, tmp_path):
    made("job1")
    request, _ = made("job2", keep=True, seed=2)
    kept = Path(request.final).with_name(KEPT)
    kept.rename(tmp_path / "elsewhere")
    kept.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TomoBatchError):
        remove_kept(str(scan), "full", KEPT)
    assert len(pictures(tmp_path / "elsewhere")) == 5
    kept.unlink()
    (tmp_path / "elsewhere").rename(kept)
    text = (kept / RECEIPT_FILE).read_text()
    (kept / RECEIPT_FILE).write_text(text.replace("/tooth.h5", "/Tooth.h5"))
    with pytest.raises(TomoBatchError):
        remove_kept(str(scan), "full", KEPT)
    (kept / RECEIPT_FILE).write_text(text)
    remove_kept(str(scan), "full", KEPT)
    assert not kept.exists()


def test_a_request_of_an_older_journal_keeps_nothing(ask):
    plain = ask(Kind.FULL, keep=True).to_dict()
    assert ReconRequest.from_dict(plain).keep
    del plain["keep"]
    assert not ReconRequest.from_dict(plain).keep
    assert replace(ReconRequest.from_dict(plain), keep=True) == ask(Kind.FULL, keep=True)
