"""``tomobatch remove``: deletes what it says, after the same checks as the window."""

import os
import pty
import subprocess
import time

from system.stand import wait_until
from tomobatch.batch.marks import Mark, marks_folder, read_marks, write_mark


def make_old(stand, *names):
    for path in stand.scans(*names):
        os.utime(path, (time.time() - 3600,) * 2)


def left(stand):
    return sorted(path.name for path in stand.data.glob("*.h5"))


def remove(stand, *arguments, **more):
    return stand.cli("remove", stand.data, *arguments, "--delete-from-disk", **more)


def test_it_deletes_what_is_named_and_its_cor(stand):
    make_old(stand, "a.h5", "b.h5")
    stand.cli("cor", "load", stand.data)
    done = remove(stand, "a.h5", "--yes")
    assert (done.returncode, done.stdout) == (0, "a.h5: deleted from disk\n"), done.stderr
    assert left(stand) == ["b.h5"]
    assert (stand.data / "batch_cor_values.csv").read_text().splitlines() == ["Filename,COR", "b.h5,7.5"]
    assert stand.cli("cor", "save", stand.data).returncode == 0
    assert (stand.data / "batch_cor_values.csv").read_text().splitlines() == ["Filename,COR", "b.h5,7.5"]


def test_without_a_word_and_without_a_terminal_it_deletes_nothing(stand):
    make_old(stand, "a.h5")
    done = remove(stand, "a.h5")
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert stand.cli("remove", stand.data, "a.h5", "--yes").returncode == 2
    assert "There is no scan gone.h5" in remove(stand, "gone.h5", "a.h5", "--yes").stderr
    assert left(stand) == ["a.h5"]


def typed(stand, answer, *names):
    """At a terminal; what it says."""
    ours, theirs = pty.openpty()
    command = stand.command("remove", stand.data, *names, "--delete-from-disk")
    asked = subprocess.Popen(command, env=stand.env, stdin=theirs, stdout=subprocess.PIPE, text=True)
    os.close(theirs)
    os.write(ours, answer)
    out, _ = asked.communicate(timeout=60)
    os.close(ours)
    return asked.returncode, out


def test_at_a_terminal_the_number_has_to_be_typed(stand):
    make_old(stand, "a.h5", "b.h5", "c.h5")
    for answer in (b"y\n", b"1\n", b"\n"):
        assert typed(stand, answer, "a.h5", "b.h5")[0] == 1
    assert left(stand) == ["a.h5", "b.h5", "c.h5"]
    status, out = typed(stand, b"2\n", "a.h5", "b.h5")
    assert status == 0
    assert "2 files, " in out
    assert left(stand) == ["c.h5"]


def test_the_others_are_deleted_where_some_are_refused(stand):
    make_old(stand, "a.h5", "b.h5")
    stand.scans("new.h5")
    theirs = Mark("m1", "b.h5", "full", "elsewhere", "tomo5", "beamline", 1.0, "tomo5")
    write_mark(marks_folder(stand.data), theirs)
    done = remove(stand, "a.h5", "b.h5", "new.h5", "--yes")
    assert done.returncode == 1
    assert "b.h5 is not deleted: its Full waits or runs at another station (beamline on tomo5" in done.stderr
    assert "new.h5 was written to a moment ago" in done.stderr
    assert left(stand) == ["b.h5", "new.h5"]


def test_a_scan_is_marked_while_its_job_waits_or_runs_and_not_deleted_by_anybody(stand, tmp_path):
    make_old(stand, "a.h5", "scan_hang.h5")
    running = stand.start("run", "full", stand.data, "scan_hang.h5", "a.h5", *stand.engine(gpus=1))
    wait_until(lambda: stand.runs()["scan_hang.h5"] == 1)
    assert {mark["scan"] for mark in read_marks(str(stand.data))} == {"a.h5", "scan_hang.h5"}
    mine = remove(stand, "a.h5", "scan_hang.h5", "--yes")
    assert "a.h5 is not deleted: its Full waits or runs. Cancel that first." in mine.stderr
    # A station of its own: another home, and a journal that knows nothing.
    other = remove(stand, "a.h5", "scan_hang.h5", "--yes", XDG_STATE_HOME=str(tmp_path / "elsewhere"))
    assert "a.h5 is not deleted: its Full waits or runs at another station" in other.stderr
    assert left(stand) == ["a.h5", "scan_hang.h5"]
    assert stand.cli("stop").returncode == 0
    running.communicate(timeout=60)
    assert read_marks(str(stand.data)) == []
    assert remove(stand, "a.h5", "scan_hang.h5", "--yes").returncode == 0


def test_marks_that_a_killed_program_left_are_put_right_by_the_next(stand):
    make_old(stand, "a.h5", "scan_hang.h5")
    running = stand.start("run", "full", stand.data, "scan_hang.h5", "a.h5", *stand.engine(gpus=1))
    wait_until(lambda: stand.states().get("scan_hang.h5") == "running")
    running.kill()
    running.communicate(timeout=20)
    gone = next(mark for mark in read_marks(str(stand.data)) if mark["scan"] == "a.h5")
    (marks_folder(stand.data) / f"{gone['uid']}.json").unlink()
    write_mark(marks_folder(stand.data), Mark(**{**gone, "uid": "ended-long-ago"}))
    resumed = stand.start("resume")
    wait_until(lambda: {mark["uid"] for mark in read_marks(str(stand.data))} >= {gone["uid"]})
    wait_until(lambda: "ended-long-ago" not in {mark["uid"] for mark in read_marks(str(stand.data))})
    assert stand.cli("stop").returncode == 0
    resumed.communicate(timeout=60)
    assert read_marks(str(stand.data)) == []


def test_a_path_to_a_file_of_another_folder_is_no_name_here(stand, tmp_path):
    make_old(stand, "a.h5", "b.h5")
    other = tmp_path / "backup"
    other.mkdir()
    (other / "a.h5").write_bytes(b"x")
    refused = remove(stand, other / "a.h5", "--yes")
    assert refused.returncode == 1
    assert "does not lie in" in refused.stderr
    assert left(stand) == ["a.h5", "b.h5"]
    assert remove(stand, stand.data / "b.h5", "--yes").returncode == 0
    assert left(stand) == ["a.h5"]
