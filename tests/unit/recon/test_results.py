import json
import os
from dataclasses import asdict
from pathlib import Path

import h5py
import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.recon.finish import finish
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place
from tomobatch.recon.receipt import RECEIPT_FILE, RunFacts
from tomobatch.recon.results import Result, ResultState, find_results, inspect_results, refuse_taken

FACTS = RunFacts(("tomobatch", "recon"), "Local", "CPU 0", 1000.0, 1002.5)
SHORT = ("--center-search-width=2", "--center-search-step=1")
H5 = "--save-format=h5nolinks"


@pytest.fixture
def done(ask, make_outputs):
    def make(*args, **changes):
        request = ask(*args, **changes)
        make_outputs(request)
        assert finish(request.to_dict(), asdict(FACTS))["code"] == "good"
        return request

    return make


def seen(scan):
    return [(result.kind, result.state, result.count, result.expected) for result in find_results(scan)]


def test_nothing_on_disk(scan):
    assert find_results(scan) == ()


def test_results_by_their_receipts(done, scan):
    done(Kind.TRY, *SHORT, job_id="t")
    done(Kind.FULL, job_id="f", cor_px=7.5)
    done(Kind.FULL, H5, job_id="v")
    assert seen(scan) == [
        (Kind.TRY, ResultState.COMPLETE, 4, 4),
        (Kind.FULL, ResultState.COMPLETE, 5, 5),
        (Kind.FULL, ResultState.COMPLETE, 5, None),
    ]
    _, full, volume = find_results(scan)
    assert (full.cor_px, full.cor_source, full.job_id) == (7.5, "typed", "f")
    assert full.scan.inode == scan.stat().st_ino
    assert volume.place.endswith("_rec.h5")


def test_results_cross_to_the_worker_and_back(done, scan):
    done(Kind.FULL)
    (final_place(scan, Kind.TRY)).mkdir(parents=True)
    (final_place(scan, Kind.TRY) / "recon_slice0000_center08.00.tiff").touch()
    plain = json.loads(json.dumps(inspect_results(str(scan))))
    assert tuple(map(Result.from_dict, plain)) == find_results(scan)


def test_a_slice_taken_away_later_is_missed(done, scan):
    request = done(Kind.FULL)
    (Path(request.final) / "recon_00003.tiff").unlink()
    (Path(request.final) / "recon_00777.tiff").touch()
    assert seen(scan) == [(Kind.FULL, ResultState.INCOMPLETE, 4, 5)]


def test_what_was_made_elsewhere_is_counted(scan):
    tries, full = final_place(scan, Kind.TRY), final_place(scan, Kind.FULL)
    for folder in (tries, full):
        folder.mkdir(parents=True)
        for name in ("recon_slice0001_center08.50.tiff", "recon_slice0001_center-1.00.tiff", "rec_line.txt"):
            (folder / name).touch()
    for row in range(3):
        (full / f"recon_{row:05d}.tif").touch()
    with h5py.File(final_place(scan, Kind.FULL, "h5nolinks"), "w") as file:
        file.create_dataset("exchange/data", (7, 4, 4), "float32")
    assert seen(scan) == [
        (Kind.TRY, ResultState.ELSEWHERE, 2, None),
        (Kind.FULL, ResultState.ELSEWHERE, 3, None),
        (Kind.FULL, ResultState.ELSEWHERE, 7, None),
    ]


def test_a_broken_receipt_makes_it_a_strangers(done, scan):
    request = done(Kind.FULL)
    (Path(request.final) / RECEIPT_FILE).write_text('{"schema": 1')
    assert seen(scan) == [(Kind.FULL, ResultState.ELSEWHERE, 5, None)]


def test_an_empty_folder_is_no_result(scan):
    final_place(scan, Kind.FULL).mkdir(parents=True)
    final_place(scan, Kind.TRY).parent.mkdir(parents=True)
    final_place(scan, Kind.TRY).touch()
    assert seen(scan) == []


def test_a_broken_volume_is_a_strangers_with_nothing_to_count(scan):
    path = final_place(scan, Kind.FULL, "h5nolinks")
    path.parent.mkdir()
    path.write_bytes(b"\x89HDF\r\n\x1a\n broken")
    assert seen(scan) == [(Kind.FULL, ResultState.ELSEWHERE, 0, None)]


@pytest.mark.parametrize("change", ["another size", "another time"])
def test_a_result_of_another_file_of_this_name_is_not_believed(done, scan, change):
    done(Kind.TRY, *SHORT, job_id="t")
    done(Kind.FULL, job_id="f")
    before = scan.stat()
    scan.write_bytes(b"scan" if change == "another time" else b"another")
    os.utime(scan, ns=(before.st_atime_ns, before.st_mtime_ns + (change == "another time")))
    assert [state for _, state, *_ in seen(scan)] == [ResultState.STALE, ResultState.STALE]
    # The same file put back, or copied with its time, is the one it was made of.
    scan.unlink()
    scan.write_bytes(b"scan")
    os.utime(scan, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [state for _, state, *_ in seen(scan)] == [ResultState.COMPLETE, ResultState.COMPLETE]


def test_a_scan_that_is_gone_says_nothing_about_its_results(done, scan):
    done(Kind.FULL)
    scan.unlink()
    assert seen(scan) == [(Kind.FULL, ResultState.COMPLETE, 5, 5)]


def test_what_was_made_elsewhere_is_of_nobody_knows_which_file(scan):
    full = final_place(scan, Kind.FULL)
    full.mkdir(parents=True)
    (full / "recon_00000.tiff").touch()
    scan.write_bytes(b"another")
    assert seen(scan) == [(Kind.FULL, ResultState.ELSEWHERE, 1, None)]


def test_a_try_says_which_cors_it_shows(done, scan):
    done(Kind.TRY, *SHORT, job_id="t", cor_px=8.0)
    done(Kind.FULL, job_id="f")
    tried, full = find_results(scan)
    assert tried.candidates_px == (7.0, 10.0)
    assert full.candidates_px is None


@pytest.mark.parametrize("other", ["TOOTH.h5", "Tooth.h5"])
def test_the_result_of_a_scan_whose_name_is_the_same_to_some_disks_is_not_replaced(done, scan, other):
    request = done(Kind.FULL)
    found = find_results(scan)
    refuse_taken(found, request.final, scan.name)
    refuse_taken(found, "/another/place", other)
    with pytest.raises(TomoBatchError, match=rf"holds the Full of tooth.h5, and that of {other}") as refused:
        refuse_taken(found, request.final, other)
    assert refused.value.code == "place-taken"


def test_a_result_that_was_renamed_with_its_scan_may_be_replaced(done, scan):
    refuse_taken(find_results(scan), done(Kind.FULL).final, "bone.h5")
