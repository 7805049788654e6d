"""An open folder is followed: new files, scans under way, jobs that end."""

import asyncio
import shutil
import threading
import time

import pytest

from desktop.folder_aid import make_data, make_old, make_result, new_desk
from desktop.scan_aid import JobState, file, job, later, scan
from tomobatch.cor.table import CorSource, CorTable
from tomobatch.desktop import scan_reading, scan_watch
from tomobatch.desktop.scan_reading import Gatherer, to_look_at
from tomobatch.scans.scan import ScanState
from unit.formats.files import pixels, write_dxchange


@pytest.fixture
async def desk(monkeypatch):
    async with new_desk(monkeypatch) as desk:
        yield desk


@pytest.fixture
def data(tmp_path):
    return make_data(tmp_path)


# -- watching ---------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(scan_watch, "GATHER_S", 0.02)
    monkeypatch.setattr("tomobatch.desktop.folder.ACQUIRING_S", 0.05)
    monkeypatch.setattr("tomobatch.desktop.folder.POLL_S", 0.05)
    monkeypatch.setattr(scan_watch, "POLL_S", 1.0)


async def test_a_new_scan_appears_by_itself(desk, data, quick):
    await desk.open(data)
    (data.parent / "new.h5").write_bytes((data / "s_1.h5").read_bytes())
    make_old(data.parent / "new.h5").rename(data / "new.h5")
    await desk.until(lambda: desk.statuses().get("new.h5") == "Ready")
    (data / "new.h5").unlink()
    await desk.until(lambda: "new.h5" not in desk.statuses())
    assert desk.folder.found == 3


async def test_a_scan_that_is_acquired_is_looked_at_until_it_is_ready(desk, data, quick):
    path = write_dxchange(data / "s_4.h5", data=pixels(5))
    await desk.open(data)
    assert desk.statuses()["s_4.h5"] == "Acquiring"
    # No file changes any more: only the clock says that it has been given up.
    desk.folder._catalogue.__dict__["clock"] = lambda: time.time() + 3600
    desk.folder._catalogue.__dict__["look_again_s"] = 0.01
    await desk.until(lambda: desk.statuses()["s_4.h5"] == "Ready")
    assert path.exists()


async def test_a_folder_that_comes_back_is_found_and_watched_again(desk, data, quick):
    kept = (data / "s_1.h5").read_bytes()
    await desk.open(data)
    shutil.rmtree(data)
    await desk.until(lambda: "does not exist" in desk.folder.problem)
    data.mkdir()
    await desk.until(lambda: desk.folder.problem == "")
    assert desk.model.fileCount == 0
    # No longer polled: what comes now is told.
    (data / "new.h5").write_bytes(kept)
    await desk.until(lambda: desk.model.fileCount == 1)


async def test_where_changes_are_not_told_the_folder_is_polled(tmp_path, monkeypatch):
    monkeypatch.setattr(scan_watch, "is_network_file_system", lambda _: True)
    monkeypatch.setattr(scan_watch, "POLL_S", 0.01)
    turns = scan_watch.changes_in(tmp_path, lambda: None)
    for _ in range(3):
        await anext(turns)
    await turns.aclose()


async def test_what_changed_before_the_watch_began_is_looked_at(tmp_path):
    turns = scan_watch.changes_in(tmp_path, lambda: None)
    await anext(turns)
    await turns.aclose()


def test_what_a_quiet_look_opens():
    earlier = [scan("same.h5"), scan("grown.h5"), scan("acquiring.h5", ScanState.ACQUIRING)]
    files = [file("same.h5", seen_s=9.0), file("grown.h5", 2000), file("acquiring.h5"), file("new.h5")]
    found, before = to_look_at(files, earlier)
    assert before.keys() == {scan.file.path for scan in earlier}
    assert [one.name for one in found] == ["grown.h5", "acquiring.h5", "new.h5"]


async def test_findings_are_passed_on_together(monkeypatch):
    monkeypatch.setattr(scan_reading, "GATHER_S", 0.01)
    taken, passed = [], asyncio.Event()

    def take(found):
        taken.append(list(found))
        passed.set()

    gather = Gatherer(take)
    gather.add(1)
    gather.add(2)
    assert taken == []
    await passed.wait()
    assert taken == [[1, 2]]
    gather.add(3)
    gather.flush()
    gather.flush()
    gather.add(4)
    gather.drop()
    gather.flush()
    assert taken == [[1, 2], [3]]


# -- jobs -------------------------------------------------------------------------------------


def now(row, **changes):
    return later(row, ended_s=time.time() + 1, **changes)


async def test_the_result_of_a_job_that_ended_is_looked_at(desk, data):
    await desk.open(data)
    path = data / "s_2.h5"
    running = job("s_2.h5", JobState.RUNNING, path=str(path))
    desk.folder.jobs_changed([running])
    assert desk.statuses()["s_2.h5"] == "Running Try on CPU 0"
    make_result(path)
    desk.folder.jobs_changed([now(running, state=JobState.COMPLETE)])
    await desk.until(lambda: _states(desk, "s_2.h5") == ["made elsewhere"])


def _states(desk, name):
    return [result.state.value for result in desk.model.find(name).results]


async def test_a_job_that_was_never_seen_to_run_counts_too(desk, data):
    await desk.open(data)
    make_result(data / "s_2.h5")
    desk.folder.jobs_changed([now(job("s_2.h5", JobState.FAILED, path=str(data / "s_2.h5")))])
    await desk.until(lambda: desk.table.row("s_2.h5")["canViewTry"])


async def test_an_older_look_does_not_hide_the_result_of_a_job(desk, data):
    await desk.open(data)
    desk.folder._gather.add((desk.model.find("s_2.h5").scan, ()))
    make_result(data / "s_2.h5")
    desk.folder.jobs_changed([now(job("s_2.h5", JobState.FAILED, path=str(data / "s_2.h5")))])
    await desk.until(lambda: desk.table.row("s_2.h5")["canViewTry"])
    desk.folder._gather.flush()
    assert desk.table.row("s_2.h5")["canViewTry"]


async def test_a_result_of_the_folder_before_is_not_shown_in_another(desk, data, tmp_path):
    await desk.open(data)
    other = tmp_path / "other"
    other.mkdir()
    make_old(write_dxchange(other / "s_2.h5"))
    make_result(data / "s_2.h5")
    desk.folder.jobs_changed([now(job("s_2.h5", JobState.FAILED, path=str(data / "s_2.h5")))])
    while not desk.worker._turn.locked():
        await asyncio.sleep(0)
    await desk.open(other)
    assert not desk.table.row("s_2.h5")["canViewTry"]


async def test_jobs_of_before_the_start_and_of_other_folders_are_not_looked_at(desk, data):
    await desk.open(data)
    old = job("s_2.h5", JobState.FAILED, path=str(data / "s_2.h5"), ended_s=5.0)
    other = now(job("s_2.h5", JobState.FAILED, path="/elsewhere/s_2.h5", place=2))
    before = len(desk.tasks._running)
    desk.folder.jobs_changed([old, other])
    assert len(desk.tasks._running) == before
    again = now(job("s_1.h5", JobState.FAILED, path=str(data / "s_1.h5"), place=3))
    desk.folder.jobs_changed([again])
    desk.folder.jobs_changed([again])
    assert len(desk.tasks._running) == before + 1


async def test_a_cor_that_a_job_found_is_shown(desk, data):
    await desk.open(data)
    running = job("s_2.h5", JobState.RUNNING, path=str(data / "s_2.h5"))
    desk.folder.jobs_changed([running])
    CorTable(data).offer({"s_2.h5": 4.5}, CorSource.AUTOMATIC)
    desk.folder.jobs_changed([now(running, state=JobState.COMPLETE)])
    await desk.until(lambda: desk.table.row("s_2.h5")["corSource"] == "automatic")


# -- CORs before a run ------------------------------------------------------------------------


async def after_what_hangs(desk):
    """A run waits for fresh CORs, and behind its reading another one hangs; gives both."""
    editing, gate = desk.folder._cors, threading.Event()
    await editing.quiet(10.0)
    waiting = asyncio.ensure_future(desk.folder.fresh_cors())
    await asyncio.sleep(0)
    editing._hand_over(editing._book, lambda: gate.wait(10.0))
    return waiting, gate


async def test_a_run_waits_for_whatever_is_under_way(desk, data):
    await desk.open(data)
    CorTable(data).set_cors({"s_2.h5": 4.5}, CorSource.TYPED)
    waiting, gate = await after_what_hangs(desk)
    asyncio.get_running_loop().call_later(0.2, gate.set)
    await waiting
    assert desk.table.row("s_2.h5")["corText"] == "4.50"


async def test_a_run_does_not_wait_for_a_disk_that_hangs(desk, data, monkeypatch):
    monkeypatch.setattr("tomobatch.desktop.folder.FRESH_S", 0.1)
    await desk.open(data)
    waiting, gate = await after_what_hangs(desk)
    await waiting
    assert desk.folder._cors._under_way
    gate.set()
