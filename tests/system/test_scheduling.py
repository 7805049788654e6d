"""The scheduler inside this process: real engines, several machines, faults it must live with."""

import asyncio
import contextlib
import sqlite3

import pytest

from system.open_station import Open, station_of
from system.stand import alive, wait_until, write_scan
from tomobatch.batch.job import Job
from tomobatch.batch.journal import Journal
from tomobatch.batch.services import Timing
from tomobatch.batch.states import JobState
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.local import Local
from tomobatch.machines.slots import Slot
from tomobatch.recon.kinds import Kind


class WithGpus(Local):
    """This machine, with GPUs it does not have."""

    def __init__(self, *uuids):
        super().__init__()
        self.uuids = uuids
        self.asked = 0

    async def gpus(self):
        self.asked += 1
        return [Gpu(str(index), uuid, "H100", None, None, None) for index, uuid in enumerate(self.uuids)]


@pytest.fixture
def open_station(stand, monkeypatch):
    for name in stand.env:
        monkeypatch.setenv(name, stand.env[name])

    def make(*retry_s, **machines):
        machines = machines or {"Local": WithGpus("GPU-a")}
        return station_of(machines, Timing(retry_s=retry_s))

    return make


async def test_the_gpus_of_a_machine_are_looked_for_before_its_jobs_start(stand, open_station):
    """Also where this program did not queue them: an index is no UUID, and would be another lock."""
    stand.scans("scan_1.h5", "scan_2.h5")
    machine = WithGpus("GPU-a")
    async with open_station(Local=machine) as station:
        now = Open(station, stand.data)
        uids = await now.queue("Local", "scan_1.h5", "scan_2.h5")
        await now.schedule()
        assert now.states(*uids) == [JobState.COMPLETE] * 2
    assert machine.asked == 1
    gpus = {line.split()[3] for line in stand.runs_file.read_text().splitlines() if line.startswith("begin")}
    assert gpus == {"GPU-a"}


async def test_each_machine_has_slots_of_its_own(stand, open_station):
    stand.scans("scan_hang_1.h5", "scan_hang_2.h5")
    async with open_station(tomo1=WithGpus("GPU-a"), tomo2=WithGpus("GPU-b")) as station:
        now = Open(station, stand.data)
        uids = [*await now.queue("tomo1", "scan_hang_1.h5"), *await now.queue("tomo2", "scan_hang_2.h5")]
        scheduling = asyncio.create_task(now.schedule())
        for uid in uids:
            await now.until(uid, JobState.RUNNING)
        station.ask_stop(uids)
        await scheduling
        assert now.states(*uids) == [JobState.CANCELLED] * 2


def break_transitions(monkeypatch, uid, times):
    """The journal's disk is full whenever this job is to change."""
    real, left = Journal.transition, [times]

    def transition(self, changing, new, **changes):
        if changing == uid and left[0]:
            left[0] -= 1
            raise sqlite3.OperationalError("database or disk is full")
        return real(self, changing, new, **changes)

    monkeypatch.setattr(Journal, "transition", transition)


async def test_a_job_whose_watch_breaks_off_is_taken_up_again(stand, open_station, monkeypatch):
    stand.scans("scan_1.h5")
    async with open_station(0.0, 0.0) as station:
        now = Open(station, stand.data)
        (uid,) = await now.queue("Local", "scan_1.h5")
        break_transitions(monkeypatch, uid, times=2)
        assert await now.schedule() == set()
        assert now.states(uid) == [JobState.COMPLETE]
    assert stand.runs() == {"scan_1.h5": 1}
    assert len(now.messages) == 2
    assert all(message.endswith("It is tried again.") for message in now.messages)


async def test_a_job_that_cannot_be_watched_is_let_go_and_takes_no_other_along(
    stand, open_station, monkeypatch
):
    stand.scans("scan_1.h5", "scan_2.h5")
    async with open_station(0.0) as station:
        now = Open(station, stand.data)
        bad, good = await now.queue("Local", "scan_1.h5", "scan_2.h5")
        break_transitions(monkeypatch, bad, times=-1)
        assert await now.schedule() == {bad}
        assert now.states(bad, good) == [JobState.QUEUED, JobState.COMPLETE]
    assert "Nothing more is done for it now." in now.messages[-1]


async def test_a_running_job_that_cannot_be_read_is_left_as_it_is(stand, open_station):
    """It may well run: to say that it failed would let its scan be run beside it."""
    async with open_station() as station:
        now = Open(station, stand.data)
        now.journal.add([Job("j1", Kind.FULL, "/d/a.h5", "Local", "GPU", {}, 0.0)])
        now.journal.transition("j1", JobState.STARTING, slot=Slot("GPU", "0"), attempt=1)
        now.journal.transition("j1", JobState.RUNNING)
        assert await now.schedule() == {"j1"}
        assert now.states("j1") == [JobState.RUNNING]


async def test_a_running_job_of_an_unknown_machine_is_left_at_once(stand, open_station):
    async with open_station(60.0) as station:
        now = Open(station, stand.data)
        now.journal.add([Job("j1", Kind.FULL, "/d/a.h5", "tomo9", "GPU", {}, 0.0)])
        now.journal.transition("j1", JobState.STARTING, slot=Slot("GPU", "0"), attempt=1)
        assert await now.schedule() == {"j1"}
    assert now.messages == ["a.h5 was left as it is: its machine is not known here."]


async def test_what_waits_and_was_asked_to_stop_is_never_started(stand, open_station):
    stand.scans("scan_1.h5", "scan_2.h5")
    async with open_station() as station:
        now = Open(station, stand.data)
        uids = await now.queue("Local", "scan_1.h5", "scan_2.h5")
        now.journal.ask_stop(uids)
        await now.schedule()
        assert [now.steps(uid) for uid in uids] == [[JobState.QUEUED, JobState.CANCELLED]] * 2
    assert not stand.runs()


async def test_a_running_job_is_taken_up_without_a_fault(stand, open_station):
    stand.scans("scan_hang.h5")
    async with open_station() as station:
        now = Open(station, stand.data)
        (uid,) = await now.queue("Local", "scan_hang.h5")
        scheduling = asyncio.create_task(now.schedule())
        await now.until(uid, JobState.RUNNING)
        scheduling.cancel()
        await asyncio.gather(scheduling, return_exceptions=True)
    # It runs as soon as it has a process; the engine in that says a moment later that it has begun.
    wait_until(stand.engine_pids)
    assert list(map(alive, stand.engine_pids())) == [True]
    async with open_station() as station:
        later = Open(station, stand.data)
        station.ask_stop([uid])
        assert await later.schedule() == set()
        assert later.messages == []
        assert later.steps(uid).count(JobState.RUNNING) == 1
        assert later.states(uid) == [JobState.CANCELLED]
    assert not any(map(alive, stand.engine_pids()))


async def test_logs_that_cannot_be_removed_stop_nothing(stand, open_station, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    async with open_station() as station:
        now = Open(station, stand.data)
        monkeypatch.setattr(now.journal, "prune", lambda keep_s: ["old"])
        monkeypatch.setattr("tomobatch.station.station.shutil.rmtree", refuse)
        assert await now.schedule() == set()


async def test_nothing_starts_that_would_fill_the_disk_and_all_goes_on_once_there_is_room(
    stand, small_disk, monkeypatch
):
    for name in stand.env:
        monkeypatch.setenv(name, stand.env[name])
    data = small_disk / "scans"
    data.mkdir()
    names = ["scan_1.h5", "scan_2.h5"]
    for name in names:
        write_scan(data / name)
    (data / "batch_cor_values.csv").write_text("Filename,COR\nscan_1.h5,7.5\nscan_2.h5,7.5\n")
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    async with station_of({"Local": WithGpus("GPU-a")}, Timing(hold_s=0.05)) as station:
        now = Open(station, data)
        uids = await now.queue("Local", *names)
        scheduling = asyncio.create_task(now.schedule())
        while not now.messages:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        assert now.states(*uids) == [JobState.QUEUED] * 2
        assert stand.runs() == {}
        assert "nearly full" in now.journal.row(uids[0]).note
        # Said once, however often it was tried.
        assert len(now.messages) == 1
        filler.unlink()
        await scheduling
        assert now.states(*uids) == [JobState.COMPLETE] * 2


async def test_a_pause_starts_nothing_and_lets_run_what_runs(stand, open_station):
    stand.scans("scan_1.h5", "scan_2.h5", "scan_3.h5")
    async with open_station() as station:
        now = Open(station, stand.data)
        uids = await now.queue("Local", "scan_1.h5", "scan_2.h5", "scan_3.h5")
        scheduling = asyncio.create_task(now.schedule())
        await now.until(uids[0], JobState.RUNNING)
        station.set_pause("A person paused it.")
        await now.until(uids[0], JobState.COMPLETE)
        await asyncio.sleep(0.2)
        assert now.states(*uids) == [JobState.COMPLETE, JobState.QUEUED, JobState.QUEUED]
        station.journal.move_to_front([uids[2]])
        station.set_pause(None)
        await scheduling
        assert now.states(*uids) == [JobState.COMPLETE] * 3
        begun = [line.split()[1] for line in stand.runs_file.read_text().splitlines() if "begin" in line]
        assert begun == ["scan_1.h5", "scan_3.h5", "scan_2.h5"]
