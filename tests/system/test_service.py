"""The queue of a program that stays, and the one that is left behind when it closes."""

import asyncio
import os
import signal
import subprocess
from collections import Counter

import pytest

from system.stand import ENGINE, wait_until
from tomobatch.batch.job import JobRow
from tomobatch.config.places import queue_program
from tomobatch.recon.kinds import Kind
from tomobatch.station.engines import choose_engine
from tomobatch.station.handover import Wish
from tomobatch.station.service import Service
from tomobatch.station.station import Station
from tomobatch.station.unattended import FINISH
from tomobatch.workspace import Workspace

NAMES = [f"scan_{number:02d}.h5" for number in range(6)]


class Watching:
    """A service as the window has it, and what it said."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.said: list[str] = []
        self.holders: list[int | None] = []
        self.rows: dict[str, JobRow] = {}
        station.listeners.append(lambda event: self.rows.update({event.row.uid: event.row}))
        self.service = Service(station, self.said.append, self.holders.append)
        self.run()

    def run(self) -> None:
        self.task = asyncio.create_task(self.service.run())

    async def until(self, true, timeout_s: float = 40) -> None:
        async with asyncio.timeout(timeout_s):
            while not true():
                assert not self.task.done(), self.task
                await asyncio.sleep(0.02)

    def all_ended(self, count: int) -> bool:
        return len(self.rows) == count and all(row.state.ended for row in self.rows.values())

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
def replay(stand, monkeypatch):
    """The replaying engine for jobs that this process starts."""
    for name in ("RUNS", "SLICE", "STDOUT", "STDERR"):
        monkeypatch.setenv(f"REPLAY_{name}", stand.env[f"REPLAY_{name}"])
    return stand


async def queue_fulls(station, folder):
    engine = await choose_engine(station.machine("Local"), program=str(ENGINE))
    station.journal.set_slot_count("Local", "GPU", 2)
    workspace = Workspace(folder, station.looking)
    workspace.load_csv_by_itself()
    submission = station.submit(Kind.FULL, await workspace.load(), "Local", engine, {})
    assert submission.refused == []
    return submission.rows


async def test_jobs_are_scheduled_as_they_come_and_the_lease_is_free_in_between(replay):
    replay.scans(*NAMES)
    async with Station() as station:
        service = Watching(station)
        await asyncio.sleep(0.1)
        assert not station.lease.held
        await queue_fulls(station, replay.data)
        await service.until(lambda: service.all_ended(len(NAMES)) and not station.lease.held)
        replay.scans("more.h5")
        await queue_fulls(station, replay.data)
        await service.until(lambda: service.all_ended(2 * len(NAMES) + 1))
        await service.close()
    assert replay.runs("end")["more.h5"] == 1
    assert service.said == []


async def test_jobs_of_the_command_line_join_the_running_queue(replay):
    replay.scans(*NAMES)
    async with Station() as station:
        service = Watching(station)
        os.environ["REPLAY_SECONDS"] = "1"
        try:
            await queue_fulls(station, replay.data)
            await service.until(lambda: station.lease.held)
        finally:
            del os.environ["REPLAY_SECONDS"]
        replay.scans("theirs.h5")
        theirs = replay.start("run", "full", replay.data, "theirs.h5", *replay.engine(2))
        # It is seen as soon as it is queued, long before its turn.
        await service.until(lambda: any("theirs.h5" in row.job.path for row in service.rows.values()))
        await service.until(lambda: service.all_ended(len(NAMES) + 1))
        out, err = await asyncio.to_thread(theirs.communicate, timeout=30)
        assert theirs.returncode == 0, out + err
        await service.close()
    assert replay.runs("end") == dict.fromkeys([*NAMES, "theirs.h5"], 1)


async def test_it_takes_over_when_the_command_line_that_schedules_is_killed(replay):
    replay.scans(*NAMES)
    theirs = replay.start("run", "full", replay.data, *replay.engine(2), REPLAY_SECONDS="1")
    await asyncio.to_thread(wait_for_runs, replay, 2)
    async with Station() as station:
        service = Watching(station)
        await service.until(lambda: theirs.pid in service.holders)
        os.kill(theirs.pid, signal.SIGKILL)
        await asyncio.to_thread(theirs.communicate, timeout=20)
        await service.until(lambda: service.all_ended(len(NAMES)))
        assert service.holders[-1] is None
        await service.close()
    assert replay.runs("end") == dict.fromkeys(NAMES, 1)


def wait_for_runs(stand, count):
    wait_until(lambda: sum(stand.runs().values()) >= count)


async def test_trouble_is_said_once_and_tried_again(replay, monkeypatch):
    monkeypatch.setattr("tomobatch.station.service.RETRY_S", 0.05)
    replay.scans("one.h5")
    async with Station() as station:
        lease = station.journal.folder / "scheduler.lease"
        lease.mkdir()
        service = Watching(station)
        await queue_fulls(station, replay.data)
        await service.until(lambda: service.said)
        await asyncio.sleep(0.3)
        assert len(service.said) == 1
        assert "cannot be locked" in service.said[0]
        lease.rmdir()
        await service.until(lambda: service.all_ended(1))
        await service.close()


async def test_a_queue_without_a_window_sees_all_through_and_ends(replay):
    replay.scans(*NAMES)
    async with Station() as station:
        await queue_fulls(station, replay.data)
    queue = replay.popen(list(queue_program()))
    out, err = await asyncio.to_thread(queue.communicate, timeout=40)
    assert queue.returncode == 0, out + err
    assert replay.runs("end") == dict.fromkeys(NAMES, 1)


async def test_it_gives_way_to_a_window_that_comes_back(replay):
    replay.scans(*NAMES)
    async with Station() as station:
        await queue_fulls(station, replay.data)
    queue = replay.popen(list(queue_program()), REPLAY_SECONDS="1")
    await asyncio.to_thread(wait_for_runs, replay, 2)
    async with Station() as station:
        service = Watching(station)
        await service.until(lambda: station.lease.held)
        await asyncio.to_thread(queue.communicate, timeout=20)
        assert queue.returncode == 0
        assert len(replay.runs("end")) < len(NAMES)
        await service.until(lambda: service.all_ended(len(NAMES)))
        await service.close()
    assert replay.runs("end") == dict.fromkeys(NAMES, 1)
    assert service.holders[-1] is None


async def test_a_wish_that_stands_is_not_written_again(replay):
    replay.scans("one.h5")
    async with Station() as station, Station() as other:
        assert other.lease.try_take()
        await queue_fulls(station, replay.data)
        service = Watching(station)
        wish = station.journal.folder / "scheduler.wanted"
        await service.until(wish.exists)
        first = wish.stat()
        # Each writing would wake the service, which watches this folder, to write again.
        (station.journal.folder / "something").touch()
        await asyncio.sleep(0.5)
        assert (wish.stat().st_ino, wish.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
        await service.close()


async def test_run_again_it_tells_nothing_twice(replay):
    replay.scans(*NAMES)
    async with Station() as station:
        service = Watching(station)
        await queue_fulls(station, replay.data)
        await service.until(lambda: service.all_ended(len(NAMES)) and not station.lease.held)
        await service.close()
        events = []
        station.listeners.append(events.append)
        service.run()
        await asyncio.sleep(0.3)
        await service.close()
    assert events == []


async def test_a_queue_without_a_window_waits_for_a_disk_that_is_full(replay):
    replay.scans("one.h5")
    async with Station() as station:
        await queue_fulls(station, replay.data)
        lease = station.journal.folder / "scheduler.lease"
        lease.unlink(missing_ok=True)
        lease.mkdir()
    queue = replay.popen(list(queue_program()))
    with pytest.raises(subprocess.TimeoutExpired):
        await asyncio.to_thread(queue.communicate, timeout=4)
    lease.rmdir()
    await asyncio.to_thread(queue.communicate, timeout=30)
    assert queue.returncode == 0
    assert replay.runs("end") == {"one.h5": 1}


async def test_a_wish_of_a_window_that_has_died_is_not_heeded(replay):
    replay.scans("one.h5")
    async with Station() as station:
        await queue_fulls(station, replay.data)
        gone = replay.popen(["sleep", "60"])
        Wish(station.journal.folder).make(gone.pid)
        assert Wish(station.journal.folder).made
        gone.kill()
        gone.communicate()
        assert not Wish(station.journal.folder).made
    queue = replay.popen(list(queue_program()))
    queue.communicate(timeout=30)
    assert replay.runs("end") == {"one.h5": 1}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_asked_to_end_it_leaves_its_jobs_running(replay, number):
    replay.scans(*NAMES)
    async with Station() as station:
        await queue_fulls(station, replay.data)
    queue = replay.popen(list(queue_program()), REPLAY_SECONDS="2")
    await asyncio.to_thread(wait_for_runs, replay, 2)
    queue.send_signal(number)
    await asyncio.to_thread(queue.communicate, timeout=20)
    assert queue.returncode == 0
    assert replay.cli("resume").returncode == 0
    assert replay.runs("end") == dict.fromkeys(NAMES, 1)


async def test_what_runs_is_seen_through_without_starting_what_waits(replay):
    replay.scans(*NAMES)
    async with Station() as station:
        await queue_fulls(station, replay.data)
    queue = replay.popen(list(queue_program()), REPLAY_SECONDS="1")
    await asyncio.to_thread(wait_for_runs, replay, 2)
    queue.kill()
    await asyncio.to_thread(queue.communicate, timeout=20)
    left = replay.cli("jobs")
    assert "`tomobatch resume` does" in left.stderr
    finishing = replay.popen([*queue_program(), FINISH])
    out, err = await asyncio.to_thread(finishing.communicate, timeout=40)
    assert finishing.returncode == 0, out + err
    assert Counter(replay.states().values()) == {"complete": 2, "queued": len(NAMES) - 2}
    # Not only ended: checked, and in their places.
    assert sum(replay.result(name).exists() for name in NAMES) == 2
