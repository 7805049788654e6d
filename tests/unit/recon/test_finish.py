import errno
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

import tomobatch
from tomobatch.errors import TomoBatchError
from tomobatch.recon.finish import discard, finish
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import partial_place
from tomobatch.recon.receipt import RECEIPT_FILE, RunFacts, read_receipt

SHORT = ("--center-search-width=2", "--center-search-step=1")
H5 = "--save-format=h5nolinks"
FACTS = RunFacts(("tomobatch", "recon"), "Local", "CPU 0", 1000.0, 1002.5)


def end(request, **facts):
    # As it reaches the worker process: through JSON.
    values = json.loads(json.dumps([request.to_dict(), asdict(FACTS) | facts]))
    return finish(*values)


def pictures(folder):
    return {path.name: path.read_bytes() for path in Path(folder).glob("*.tiff")}


@pytest.fixture
def full(ask, make_outputs):
    request = ask(Kind.FULL)
    return request, make_outputs(request)


def test_a_good_run_is_swapped_in_with_its_receipt(full):
    request, partial = full
    made = pictures(partial)
    said = end(request)
    assert (said["code"], said["final"]) == ("good", request.final)
    assert said["files"] == sorted(made)
    assert pictures(request.final) == made
    assert not partial.exists()
    receipt = read_receipt(Path(request.final))
    assert (receipt.job_id, receipt.cor_px, receipt.cor_source) == ("job1", 8.0, "typed")
    assert set(receipt.files) == set(made)


def test_run_again_it_says_the_same_and_changes_nothing(full):
    request, _ = full
    first = end(request)
    before = identities(request.final)
    again = end(request)
    assert (again["code"], again["files"]) == (first["code"], first["files"])
    assert identities(request.final) == before


def identities(folder):
    """What tells that a file was not written again; reading it changes other things about it."""
    seen = {path: path.stat() for path in Path(folder).iterdir()}
    return {path: (stat.st_ino, stat.st_mtime_ns, stat.st_size) for path, stat in seen.items()}


def test_a_job_that_ran_again_is_judged_again(full, make_outputs):
    request, _ = full
    end(request)
    made = pictures(make_outputs(request, seed=2))
    assert end(request)["code"] == "good"
    assert pictures(request.final) == made


def test_a_new_result_takes_the_place_of_the_old(ask, make_outputs, full):
    end(full[0])
    old = pictures(full[0].final)
    request = ask(Kind.FULL, "--start-row=2", job_id="job2")
    new = pictures(make_outputs(request, seed=2))
    assert end(request)["code"] == "good"
    assert pictures(request.final) == new
    assert not set(new.values()) & set(old.values())
    assert sorted(path.name for path in Path(request.final).parent.iterdir()) == ["tooth_rec"]


def test_a_bad_run_leaves_the_old_result_and_its_own_folder(ask, make_outputs, full):
    end(full[0])
    old = pictures(full[0].final)
    request = ask(Kind.FULL, job_id="job2")
    partial = make_outputs(request, seed=2)
    (partial / "recon_00004.tiff").unlink()
    said = end(request)
    assert (said["code"], said["files"]) == ("incomplete", [])
    assert pictures(request.final) == old
    assert len(pictures(partial)) == 4


def test_what_others_put_beside_the_old_result_stays(ask, make_outputs, full):
    request, _ = full
    folder = Path(request.final)
    (folder / "measured").mkdir(parents=True)
    (folder / "measured" / "recon_00000.tiff").write_text("mine")
    (folder / "notes.txt").write_text("mine")
    for name in ("recon_00099.tiff", "rec_line.txt", ".recon_00007.tiff.part", RECEIPT_FILE):
        (folder / name).write_text("an older run's")
    assert end(request)["code"] == "good"
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "measured" / "recon_00000.tiff").read_text() == "mine"
    assert not (folder / "recon_00099.tiff").exists()
    assert not (folder / ".recon_00007.tiff.part").exists()
    assert not list(folder.parent.glob("*.old-*"))


def test_a_link_in_the_final_place_is_replaced_and_its_target_left(full, tmp_path):
    request, _ = full
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "recon_00000.tiff").write_text("there")
    Path(request.final).symlink_to(elsewhere)
    assert end(request)["code"] == "good"
    assert not Path(request.final).is_symlink()
    assert (elsewhere / "recon_00000.tiff").read_text() == "there"


def test_a_volume_is_swapped_in(ask, make_outputs):
    request = ask(Kind.FULL, H5)
    make_outputs(request)
    # tomocupy makes a folder of that name as well.
    Path(request.out_path).mkdir()
    Path(request.final).write_text("an older volume")
    said = end(request)
    assert (said["code"], said["files"]) == ("good", ["tooth_rec.h5"])
    assert [path.name for path in Path(request.final).parent.iterdir()] == ["tooth_rec.h5"]
    assert read_receipt(Path(request.final)).files == ("tooth_rec.h5",)
    assert end(request)["code"] == "good"


def test_a_folder_in_the_place_of_a_volume_gives_way(ask, make_outputs):
    request = ask(Kind.FULL, H5)
    make_outputs(request)
    Path(request.final).mkdir()
    assert end(request)["code"] == "good"
    assert Path(request.final).is_file()


def test_a_try_around_the_cor_the_engine_found(ask, make_outputs):
    request = ask(Kind.TRY, *SHORT, "--rotation-axis-auto=auto", cor_px=None)
    make_outputs(request, found_cor_px=7.25)
    assert end(request)["code"] == "no-cor-found"
    assert end(request, found_cor_px=7.25)["code"] == "good"
    receipt = read_receipt(Path(request.final))
    assert (receipt.cor_px, receipt.cor_source) == (7.25, "engine")


def test_nothing_made_and_nothing_there(ask):
    assert end(ask(Kind.FULL))["code"] == "no-output"


def test_another_jobs_result_is_not_taken_for_this_one(ask, full):
    end(full[0])
    assert end(ask(Kind.FULL, job_id="job2"))["code"] == "no-output"


def drive(request, scan, tmp_path, fault):
    """Each line of the driver, its folder the one the results lie in."""
    work = scan.parent.with_name("scans_rec")
    template = tmp_path / "template"
    shutil.copytree(work, template, symlinks=True)
    job = {
        "request": request.to_dict(),
        "facts": asdict(FACTS),
        "template": str(template),
        "work": str(work),
        "fault": fault,
    }
    driver = Path(__file__).with_name("finish_driver.py")
    environment = os.environ | {"PYTHONPATH": str(Path(tomobatch.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", driver],
        input=json.dumps(job),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def over_an_old_result(ask, make_outputs, full):
    end(full[0])
    (Path(full[0].final) / "notes.txt").write_text("mine")
    request = ask(Kind.FULL, "--start-row=1", job_id="job2")
    make_outputs(request, seed=2)
    return request


OLD = [f"recon_0000{row}.tiff" for row in range(5)]
NEW = OLD[1:]


def holds(names, folder, wanted):
    return all(f"{folder}/{name}" in names for name in wanted)


def test_killed_before_any_change_of_the_disk_it_ends_right(over_an_old_result, scan, tmp_path):
    lines = drive(over_an_old_result, scan, tmp_path, "kill")
    assert len(lines) > 10
    assert [line["status"] for line in lines] == [-9] * (len(lines) - 1) + [0]
    for line in lines:
        at_hand = line["between"]
        aside = "tooth_rec.old-job2"
        assert any(holds(at_hand, place, NEW) for place in ("tooth_rec", aside))
        assert line["again"]["code"] == "good"
        assert line["after"] == sorted(
            [
                "tooth_rec",
                *(f"tooth_rec/{name}" for name in [*NEW, "notes.txt", "rec_line.txt", RECEIPT_FILE]),
            ]
        )


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk-full"), (errno.EROFS, "permission"), (errno.EIO, "io-error")]
)
def test_an_error_at_any_change_is_told_and_nothing_is_lost(over_an_old_result, scan, tmp_path, number, code):
    *failed, whole = drive(over_an_old_result, scan, tmp_path, number)
    assert whole["said"]["code"] == "good"
    assert failed
    for line in failed:
        assert line["said"]["code"] == code
        assert line["said"]["sentence"]
        # The old result or the new one, whole and in its place.
        assert holds(line["between"], "tooth_rec", NEW)
        assert line["again"]["code"] == "good"
        assert line["after"] == whole["after"]


def test_killed_over_an_old_volume_it_ends_right(ask, make_outputs, scan, tmp_path):
    request = ask(Kind.FULL, H5)
    make_outputs(request)
    Path(request.final).write_text("an older volume")
    lines = drive(request, scan, tmp_path, "kill")
    assert len(lines) > 2
    for line in lines:
        assert "tooth_rec.h5" in line["between"]
        assert (line["again"]["code"], line["after"]) == ("good", ["tooth_rec.h5"])


def test_discard_removes_the_jobs_own_folder_alone(ask, make_outputs, full):
    request, partial = full
    other = make_outputs(ask(Kind.FULL, job_id="job2"))
    assert discard(request.to_dict())["code"] == "good"
    assert (partial.exists(), other.is_dir()) == (False, True)
    assert discard(request.to_dict())["code"] == "good"


def test_discard_removes_a_link_not_what_it_points_to(ask, tmp_path):
    request = ask(Kind.FULL)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "data.h5").write_text("raw")
    partial = Path(request.partial)
    partial.parent.mkdir()
    partial.symlink_to(elsewhere)
    assert discard(request.to_dict())["code"] == "good"
    assert not partial.is_symlink()
    partial.mkdir()
    (partial / "link").symlink_to(elsewhere)
    assert discard(request.to_dict())["code"] == "good"
    assert (elsewhere / "data.h5").read_text() == "raw"


def test_a_folder_that_is_not_the_jobs_own_is_left_alone(ask, scan):
    plain = ask(Kind.FULL).to_dict() | {"partial": str(scan.parent)}
    for function, extra in ((discard, ()), (finish, (asdict(FACTS),))):
        with pytest.raises(TomoBatchError) as caught:
            function(plain, *extra)
        assert caught.value.code == "partial-place"
    assert scan.exists()


def test_discard_puts_back_a_result_that_was_aside(full):
    request, partial = full
    partial.rename(partial.with_name("tooth_rec.old-job1"))
    assert discard(request.to_dict())["code"] == "good"
    assert len(pictures(request.final)) == 5


def test_a_result_is_good_even_if_the_previous_one_cannot_be_removed(full, ask, make_outputs, monkeypatch):
    """The old folder may belong to somebody else."""
    end(full[0])
    request = ask(Kind.FULL, job_id="job2")
    made = pictures(make_outputs(request, seed=2))

    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("tomobatch.recon.finish._clean", refuse)
        said = end(request)
    assert said["code"] == "good"
    assert "previous result could not be removed (Permission denied)" in said["sentence"]
    assert pictures(request.final) == made
    assert end(request)["code"] == "good"
    assert sorted(path.name for path in Path(request.final).parent.iterdir()) == [Path(request.final).name]


def test_the_result_of_a_scan_whose_name_differs_in_case_alone_is_not_replaced(full, ask, make_outputs, scan):
    request, _ = full
    end(request)
    before = identities(request.final)
    # As on a disk to which both names are one: there the two have one place.
    upper = ask(Kind.FULL, job_id="job2", scan=replace(request.scan, path=str(scan.with_name("TOOTH.h5"))))
    there = replace(upper, final=request.final, partial=str(partial_place(Path(request.final), "job2")))
    partial = make_outputs(there)
    said = end(there)
    assert said["code"] == "place-taken"
    assert "holds the Full of tooth.h5" in said["sentence"]
    assert identities(request.final) == before
    assert pictures(partial)
