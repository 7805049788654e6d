"""A job that prints nothing for long is marked, not ended; each by a real process and its log."""

import asyncio
import fcntl
import os
import time

import pytest

from system.far import Far
from system.open_station import Open, station_of
from tomobatch.batch.services import Timing
from tomobatch.batch.states import JobState
from tomobatch.config import places
from tomobatch.machines import wrapper

TIMING = Timing(silent_s=0.15, silent_again_s=0.05)


@pytest.fixture
def make(stand, monkeypatch):
    for name in stand.env:
        monkeypatch.setenv(name, stand.env[name])
    stand.scans("scan_hang.h5")
    return lambda: station_of({"tomo1": Far("tomo1")}, TIMING)


async def until(true):
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.005)


def printed(station, row):
    """The engine prints something."""
    with station.log_path(row).open("ab") as log:
        log.write(b"It goes on.\n")


async def test_it_is_marked_and_told_once_and_taken_back_when_it_prints(stand, make):
    async with make() as station:
        now = Open(station, stand.data)
        (uid,) = await now.queue("tomo1", "scan_hang.h5")
        task = asyncio.create_task(now.schedule())
        await until(lambda: now.journal.row(uid).code == "silent")
        note = now.journal.row(uid).note
        assert note.startswith("no output for 0 s")
        assert len(now.messages) == 1
        printed(station, now.journal.row(uid))
        await until(lambda: now.journal.row(uid).code == "")
        await until(lambda: now.journal.row(uid).code == "silent")
        assert now.states(uid) == [JobState.RUNNING]
        assert now.messages == [f"scan_hang.h5: {note}. It goes on; look at its log, or stop it."] * 2
        station.ask_stop([uid])
        await task
        await asyncio.sleep(0.3)
        assert (now.journal.row(uid).state, now.journal.row(uid).code) == (JobState.CANCELLED, "stopped")


async def test_it_is_still_marked_after_a_restart_until_it_prints_anew(stand, make):
    async with make() as station:
        now = Open(station, stand.data)
        (uid,) = await now.queue("tomo1", "scan_hang.h5")
        task = asyncio.create_task(now.schedule())
        await until(lambda: now.journal.row(uid).code == "silent")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with make() as station:
        later = Open(station, stand.data)
        log = station.log_path(later.journal.row(uid))
        os.utime(log, (time.time() - 620, time.time() - 620))
        said = []
        station.listeners.append(lambda event: said.append((event.row.code, event.row.note)))
        task = asyncio.create_task(later.schedule())
        # Its log was read once more by then, and how long it is silent was told anew.
        await until(lambda: said)
        assert said[0] == ("silent", "no output for 10 min")
        assert later.messages == []
        printed(station, later.journal.row(uid))
        await until(lambda: later.journal.row(uid).code == "")
        station.ask_stop([uid])
        await task


async def test_one_that_waits_for_its_gpu_is_not_silent(stand, make):
    # Who holds it does not say so.
    lock = wrapper.lock_file(places.lock_folder(), "gpu-tomo1-0")
    with open(lock, "w") as held:  # noqa: PTH123
        fcntl.flock(held, fcntl.LOCK_EX)
        async with make() as station:
            now = Open(station, stand.data)
            (uid,) = await now.queue("tomo1", "scan_hang.h5")
            task = asyncio.create_task(now.schedule())
            await now.until(uid, JobState.WAITING)
            await asyncio.sleep(0.4)
            assert now.journal.row(uid).code == ""
            assert now.messages == []
            station.ask_stop([uid])
            await task
