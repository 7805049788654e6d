"""Marks of jobs beside their results: whole, found by other stations, and gone with their jobs."""

import json
import os
from pathlib import Path

import pytest

from tomobatch.batch.job import Job
from tomobatch.batch.marks import Mark, mark_from_json, marks_folder, read_marks, remove_mark, write_mark
from tomobatch.recon.kinds import Kind

JOB = Job("j1", Kind.FULL, "/d/scans/odd \udcff\n.h5", "tomo5", "GPU", {}, 12.5)
MARK = Mark.of(JOB, "here:/journal", "tomo1", "beamline")


@pytest.fixture
def data(tmp_path):
    made = tmp_path / "scans"
    made.mkdir()
    return made


def test_what_is_written_is_read(data):
    write_mark(marks_folder(data), MARK)
    (plain,) = read_marks(str(data))
    assert mark_from_json(plain) == MARK
    assert (MARK.scan, MARK.kind, MARK.machine, MARK.since_s) == ("odd \udcff\n.h5", "full", "tomo5", 12.5)
    assert json.loads((marks_folder(data) / "j1.json").read_text())["schema"] == 1
    remove_mark(marks_folder(data), "j1")
    remove_mark(marks_folder(data), "j1")
    assert read_marks(str(data)) == []
    assert list(marks_folder(data).iterdir()) == []


def test_they_lie_in_the_results_folder_of_the_real_folder(data, tmp_path):
    (tmp_path / "link").symlink_to(data)
    assert marks_folder(data) == marks_folder(tmp_path / "link") == tmp_path / "scans_rec" / ".tomobatch"


def test_a_mark_that_is_being_written_is_none_yet(data):
    write_mark(marks_folder(data), MARK)
    (marks_folder(data) / "j1.json").rename(marks_folder(data) / ".j1.part")
    assert read_marks(str(data)) == []


def test_what_could_not_be_written_leaves_nothing(data):
    place = marks_folder(data)
    (place / "j1.json").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        write_mark(place, MARK)
    assert [path.name for path in place.iterdir()] == ["j1.json"]


def test_later_versions_may_write_more(data):
    place = marks_folder(data)
    write_mark(place, MARK)
    path = place / "j1.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 9, "colour": "red"}))
    assert [mark["uid"] for mark in read_marks(str(data))] == ["j1"]


def test_where_there_are_no_results_there_are_no_marks(data):
    assert read_marks(str(data)) == []
    Path(f"{os.fspath(data)}_rec").write_text("")
    assert read_marks(str(data)) == []


@pytest.mark.parametrize("since", ["NaN", "Infinity", "-1", "1e18", "1" + "0" * 400])
def test_a_mark_of_no_day_is_none(data, since):
    path = marks_folder(data) / "j1.json"
    write_mark(path.parent, MARK)
    path.write_text(path.read_text().replace("12.5", since))
    assert read_marks(str(data)) == []


def test_a_mark_under_another_name_is_none(data):
    path = marks_folder(data) / "j1.json"
    write_mark(path.parent, MARK)
    path.write_text(path.read_text().replace('"j1"', '"../../victim"'))
    assert read_marks(str(data)) == []


def test_a_pipe_among_them_holds_nobody_up(data):
    write_mark(marks_folder(data), MARK)
    os.mkfifo(marks_folder(data) / "a.json")
    assert [mark["uid"] for mark in read_marks(str(data))] == ["j1"]
