"""Closing the window, in every way there is: no job is lost."""

import asyncio
import os
import signal
from collections import Counter

import pytest
from PySide6.QtCore import QMetaObject

from desktop.live import demo_scans
from desktop.steps import folder_is_read, rest
from system.stand import wait_until
from tomobatch.batch.journal import Journal
from tomobatch.batch.states import JobState
from tomobatch.config.places import host_state_folder
from tomobatch.config.settings import settings_path
from tomobatch.desktop import closing
from tomobatch.errors import TomoBatchError
from tomobatch.station.station import Station
from unit.station.test_station import job

SCANS = 4


@pytest.fixture
def folder(tmp_path):
    """Scans whose Try takes a second or so each."""
    return demo_scans(tmp_path, scans=SCANS, size=192)


async def a_batch_runs(hands):
    await hands.wait(lambda: hands.app.queue.target.slotsNote.startswith("CPU engine"))
    await hands.wait(lambda: hands.app.folder.inspected == SCANS)
    await hands.wait(
        lambda: settings_path().exists() and hands.app.folder.path in settings_path().read_text()
    )
    await hands.click("selectAll")
    await hands.click("runTry")
    await hands.click("runConfirm")
    await hands.wait(lambda: hands.app.queue.running and hands.app.queue.waiting)


async def closes_at_once(hands):
    await hands.wait(lambda: hands.app.ready)
    hands.window.close()
    await hands.wait(lambda: hands.app.closing)
    assert not hands.items("closeText")


def test_with_nothing_to_do_it_just_closes(play, folder):
    play(closes_at_once, folder)


async def lets_the_running_ones_finish(hands):
    await a_batch_runs(hands)
    hands.window.close()
    await hands.reach("closeLetFinish")
    assert "wait" in hands.words("closeText")
    assert not hands.app.closing
    await hands.click("closeCancel")
    await hands.wait(lambda: not hands.items("closeText"))
    assert hands.window.isVisible()
    hands.window.close()
    await hands.click("closeLetFinish")
    await hands.wait(lambda: hands.app.closing)


async def finds_all_as_it_was(hands):
    await hands.wait(lambda: hands.app.queue.statusText.startswith(f"Completed {SCANS}/{SCANS}"), within_s=40)
    await hands.wait(lambda: hands.items("summary") and hands.words("summary").startswith(f"{SCANS} files"))


def test_waiting_jobs_go_on_with_the_next_window(play, folder):
    play(lets_the_running_ones_finish, folder)
    states = states_of_jobs()
    assert states["queued"] > 0
    assert sum(states.values()) == SCANS
    # Without a folder: it opens the last one.
    play(finds_all_as_it_was)
    assert states_of_jobs() == {"complete": SCANS}
    assert set(starts_of_jobs().values()) == {1}


async def goes_on_without_a_window(hands):
    await a_batch_runs(hands)
    hands.window.close()
    await hands.click("closeGoOn")
    await hands.wait(lambda: hands.app.closing)
    async with asyncio.timeout(30):
        await hands.app.closed.wait()


def test_the_queue_goes_on_without_a_window_and_comes_back_to_the_next(play, folder):
    play(goes_on_without_a_window, folder)
    assert states_of_jobs()["complete"] < SCANS
    before = len(starts_of_jobs())
    wait_until(lambda: len(starts_of_jobs()) > before)
    play(finds_all_as_it_was)
    assert states_of_jobs() == {"complete": SCANS}
    assert set(starts_of_jobs().values()) == {1}


async def cannot_go_on(hands):
    await a_batch_runs(hands)
    # The one that is started for it finds no place for its state.
    os.environ["XDG_STATE_HOME"] = "/proc/nowhere"
    hands.window.close()
    await hands.click("closeGoOn")
    await hands.wait(lambda: "could not go on" in hands.app.notices.text, within_s=30)
    assert not hands.app.closing
    await hands.wait(lambda: hands.app.queue.statusText.startswith(f"Completed {SCANS}/{SCANS}"), within_s=40)


@pytest.mark.slow
def test_where_it_cannot_go_on_by_itself_the_window_stays_and_schedules_on(play, folder):
    play(cannot_go_on, folder, timeout_s=100, allowed=["could not go on by itself"])
    assert states_of_jobs() == {"complete": SCANS}


async def closes_after_a_mistake(hands):
    await hands.wait(lambda: hands.app.ready)
    hands.app._station.journal.any_active = lambda besides=(): int("no number")
    hands.app._station.journal.set_slot_count("Local", "CPU", 1)
    await hands.wait(lambda: "unforeseen" in hands.app.notices.text)
    del hands.app._station.journal.any_active


def test_a_queue_that_broke_off_is_no_hindrance(play, folder):
    play(closes_after_a_mistake, folder, allowed=["the queue failed", "unforeseen"])


async def test_one_that_does_not_take_over_is_ended(monkeypatch):
    started, sessions = [], []
    spawn = os.posix_spawn

    def spawned(*arguments, **more):
        started.append(spawn(*arguments, **more))
        sessions.append(os.getsid(started[-1]))
        return started[-1]

    monkeypatch.setattr(os, "posix_spawn", spawned)
    monkeypatch.setattr(closing, "queue_program", lambda: ("/bin/sleep", "600"))
    async with Station() as station:
        station.journal.add([job("a")])
        with pytest.raises(TomoBatchError, match="could not go on by itself"):
            await closing.leave_to_queue(station, starts=True, wait_s=0.1)
    # Of a session of its own: it outlives the terminal.
    assert sessions == started
    assert os.waitstatus_to_exitcode(os.waitpid(started[0], 0)[1]) == -signal.SIGKILL


async def dies_by(hands, number):
    await a_batch_runs(hands)
    os.kill(os.getpid(), number)
    await hands.wait(lambda: hands.app.closing)


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, *(pytest.param(one, marks=pytest.mark.slow) for one in (signal.SIGHUP, signal.SIGINT))],
)
def test_logged_out_no_job_is_lost(play, folder, number):
    play(dies_by, folder, number=number)
    check_all_end_once(play)


@pytest.mark.slow
def test_killed_no_job_is_lost(play, folder):
    with pytest.raises(AssertionError, match="exit status -9"):
        play(dies_by, folder, number=signal.SIGKILL)
    check_all_end_once(play)


def check_all_end_once(play):
    assert states_of_jobs()["queued"] > 0
    play(finds_all_as_it_was)
    assert states_of_jobs() == {"complete": SCANS}
    assert set(starts_of_jobs().values()) == {1}


def jobs():
    journal = Journal(host_state_folder() / "journal")
    try:
        return {row.uid: (row.state, journal.history(row.uid)) for row in journal.rows()}
    finally:
        journal.close()


def states_of_jobs():
    return Counter(state.value for state, _ in jobs().values())


def starts_of_jobs():
    """How often each job that has begun was begun."""
    starts = {
        uid: sum(state is JobState.RUNNING for _, state, _ in history) for uid, (_, history) in jobs().items()
    }
    return {uid: count for uid, count in starts.items() if count}


async def confirms_and_closes_at_once(hands):
    await folder_is_read(hands, 1)
    await hands.click("selectAll")
    await hands.click("runTry")
    await hands.reach("runConfirm")
    QMetaObject.invokeMethod(hands.item("runConfirm"), "click")
    hands.window.close()
    await hands.reach("closeLetFinish")
    assert hands.app.queue.active
    await hands.click("closeCancel")
    await rest(hands)


def test_what_was_confirmed_just_before_the_window_was_closed_is_not_lost(play, tmp_path):
    play(confirms_and_closes_at_once, demo_scans(tmp_path, 1))
