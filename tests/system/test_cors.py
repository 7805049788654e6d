"""CORs on the command line: a CSV that others change, files of other programs, a scan that is replaced."""

import json
import os
import time

import pytest

from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.formats.demo import write_demo_scans

A = "demo_0001.h5"


@pytest.fixture
def demo(stand):
    write_demo_scans(stand.data, scans=2, size=64)
    for file in stand.data.glob("*.h5"):
        os.utime(file, (time.time() - 3600,) * 2)
    return stand.data


def listed(stand, demo):
    return {row["file"]: row for row in json.loads(stand.cli("list", demo, "--json").stdout)}


@pytest.mark.parametrize(("keep", "value"), [("mine", "31.0"), ("theirs", "40.0")])
def test_a_conflict_is_shown_and_decided_by_an_option(stand, demo, keep, value):
    stand.cli("cor", "set", demo, A, "30")
    assert stand.cli("cor", "save", demo).returncode == 0
    (demo / CSV_NAME).write_text(f"Filename,COR\n{A},40\nscan_9.h5,5\n")
    stand.cli("cor", "set", demo, A, "31")
    done = stand.cli("cor", "save", demo)
    assert done.returncode != 0
    assert f"{A}: 31 here, 40 in the CSV" in done.stderr
    assert f"{A},40\n" in (demo / CSV_NAME).read_text()
    assert stand.cli("cor", "save", demo, f"--keep={keep}").returncode == 0
    assert (demo / CSV_NAME).read_text() == f"Filename,COR\n{A},{value}\nscan_9.h5,5.0\n"


def test_lines_that_would_be_dropped_are_said_first(stand, demo):
    stand.cli("cor", "set", demo, A, "30")
    (demo / CSV_NAME).write_text("Filename,COR\nscan_9.h5,five\n")
    done = stand.cli("cor", "save", demo)
    assert (done.returncode != 0, "line 2" in done.stderr) == (True, True)
    assert "five" in (demo / CSV_NAME).read_text()
    assert stand.cli("cor", "save", demo, "--keep=mine").returncode == 0


def test_another_place_is_written_as_it_is(stand, demo):
    stand.cli("cor", "set", demo, A, "30")
    assert stand.cli("cor", "save", demo, stand.folder / "copy.csv").returncode == 0
    assert (stand.folder / "copy.csv").read_text() == f"Filename,COR\n{A},30.0\n"


def test_files_of_other_programs(stand, demo):
    (demo / "rot_cen.json").write_text(json.dumps({str(demo / A): [31.5], "/elsewhere/x.h5": 3}))
    done = stand.cli("cor", "load", demo, demo / "rot_cen.json")
    assert "1 entry is of other folders" in done.stderr
    assert (listed(stand, demo)[A]["cor_px"], listed(stand, demo)[A]["cor_source"]) == (31.5, "file")
    place = stand.folder / "scans_rec" / "try_center" / "demo_0001"
    place.mkdir(parents=True)
    (place / "center_of_rotation.txt").write_text("30.0\n30.5\n")
    assert stand.cli("cor", "load", demo, place / "center_of_rotation.txt").returncode == 0
    assert listed(stand, demo)[A]["cor_px"] == 30.5


def test_the_cor_of_a_scan_that_was_replaced_is_not_believed(stand, demo):
    stand.cli("cor", "set", demo, A, "30")
    made = write_demo_scans(stand.folder / "again", scans=1, size=96)[0].path
    os.utime(made, (time.time() - 7200,) * 2)
    made.replace(demo / A)
    row = listed(stand, demo)[A]
    assert (row["cor_px"], row["cor_doubt"]) == (None, "its COR 30 is of another scan of this name")
    assert "is of another scan" in stand.cli("list", demo).stdout
    done = stand.cli("run", "full", demo, A)
    assert done.returncode != 0
    assert "its COR 30 is of another scan of this name" in done.stderr
    stand.cli("cor", "set", demo, A, "30")
    assert listed(stand, demo)[A]["cor_px"] == 30.0


def test_a_cor_outside_the_detector_is_said_and_not_used(stand, demo):
    (demo / CSV_NAME).write_text(f"Filename,COR\n{A},64\n")
    row = listed(stand, demo)[A]
    assert (row["cor_px"], row["cor_doubt"]) == (None, "its COR 64 lies outside its detector, 0 to 63")
