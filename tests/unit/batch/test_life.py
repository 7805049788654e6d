"""The life of one job on a machine that does what the test says: what a real one does too seldom."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tomobatch.batch.events import EventKind
from tomobatch.batch.job import Job
from tomobatch.batch.life import JobLife
from tomobatch.batch.services import Services, Timing
from tomobatch.batch.states import JobState
from tomobatch.batch.wish import StopWish
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import (
    Finding,
    Handle,
    Outcome,
    OutcomeKind,
    Output,
    Reach,
    Running,
    Standing,
    State,
    Waiting,
)
from tomobatch.machines.slots import Slot
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ReconRequest, ScanFile

SLOT = Slot("GPU", "0")
HANDLE = Handle(Path("/jobs/j1/1"), "boot", 1, 1)
EXITED = Outcome(OutcomeKind.EXITED, "It ended.", exit_status=0)
STOPPED = Outcome(OutcomeKind.STOPPED, "It was stopped.")
HALF = Output("\rqueue size 000 |  |{}{}| 50.0% \r".format("█" * 20, "-" * 20).encode())
TRACEBACK = Output(b"Traceback (most recent call last):\n  File\nRuntimeError: wrong shape\n")
TURNS = object()


async def turns():
    """Let all that is ready in the event loop happen."""
    for _ in range(10):
        await asyncio.sleep(0)


class Scripted:
    """A machine whose job goes through these updates; an event among them is waited for, TURNS is a while."""

    name = "Local"
    far = False
    standing = Standing(Reach.REACHABLE)

    async def attempt_folder(self, jobs_folder, uid, attempt):
        return jobs_folder / uid / str(attempt)

    def __init__(self, *updates, finding=None, refuses_stop=False):
        self.updates, self.finding, self.refuses_stop = updates, finding, refuses_stop
        self.stopped = asyncio.Event()

    async def start(self, command, folder, host=""):
        return HANDLE

    async def find(self, folder, host=""):
        return self.finding

    async def follow(self, handle, from_byte=0):
        for update in self.updates:
            if isinstance(update, asyncio.Event):
                await update.wait()
            elif update is TURNS:
                await turns()
            else:
                yield update

    async def stop(self, handle):
        self.stopped.set()
        if self.refuses_stop:
            raise TomoBatchError("not-stopped", "It cannot be stopped just now.")
        return STOPPED


ROOM = {"device": 1, "free_bytes": 10**12, "reserve_bytes": 10**9}


class Answering:
    """A worker that gives one answer, or raises it."""

    def __init__(self, answer=None):
        self.answer = answer

    async def call(self, name, *arguments, timeout_s, about=""):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Stage:
    """A journal with one queued job, and what its life is told."""

    def __init__(self, journal):
        self.journal = journal
        self.events = []
        self.running = asyncio.Event()
        self.wish = StopWish()
        self.freed = 0
        engine = Engine(EngineKind.PROGRAM, ("engine",))
        places = ("/d/scans_rec/a_rec", "/d/scans_rec/a_rec.partial-j1")
        scan = ScanFile("/d/scans/a.h5", 1, 2, 3)
        request = ReconRequest("j1", scan, Kind.FULL, 5.0, "typed", (4, 2, 16), {}, engine, *places)
        journal.add([Job("j1", Kind.FULL, "/d/scans/a.h5", "Local", "GPU", request.to_dict(), 0.0)])

    def life(self, machine, *, verdict=None, **timing):
        services = Services(
            journal=self.journal,
            machines={"Local": machine},
            judging=Answering(verdict or {"code": "good", "sentence": "All is there."}),
            looking=Answering(ROOM),
            jobs_folder=Path("/jobs"),
            share=lambda row, slot: {},
            keep_cor=lambda row, cor_px: None,
            listeners=[self._hear],
            timing=Timing(**{"refill_s": 0.0, "alarm_grace_s": 0.0, **timing}),
            user="ada",
        )
        return JobLife(services, self.journal.row("j1"), SLOT, self.wish, self._free)

    def _hear(self, event):
        self.events.append(event)
        if event.row.state is JobState.RUNNING:
            self.running.set()

    def _free(self):
        self.freed += 1

    async def run(self, machine, **given):
        async with asyncio.timeout(30):
            await self.life(machine, **given).run(lambda: None)
        return self.journal.row("j1")

    def notes_of(self, state):
        return [note for _, seen, note in self.journal.history("j1") if seen is state]

    def messages(self):
        return [event.message for event in self.events if event.kind is EventKind.MESSAGE]


@pytest.fixture
def stage(journal):
    return Stage(journal)


async def test_a_whole_life(stage):
    row = await stage.run(Scripted(Running(7), HALF, EXITED))
    assert (row.state, row.progress, row.note) == (JobState.COMPLETE, 1.0, "All is there.")
    assert [state.value for _, state, _ in stage.journal.history("j1")] == [
        "queued", "starting", "running", "judging", "complete",
    ]  # fmt: skip
    assert stage.freed == 1


async def test_each_new_holder_of_the_lock_is_written_down_once(stage):
    await stage.run(Scripted(Waiting("ada"), Waiting("ada"), Waiting("bob"), Running(7), EXITED))
    assert stage.notes_of(JobState.WAITING) == ["ada", "bob"]


async def test_a_bar_that_cannot_be_written_costs_no_job(stage, monkeypatch):
    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(stage.journal, "set_progress", full)
    row = await stage.run(Scripted(Running(7), HALF, EXITED))
    assert row.state is JobState.COMPLETE
    assert any(event.kind is EventKind.PROGRESS for event in stage.events)


async def test_after_a_traceback_the_engine_may_still_end_by_itself(stage):
    ended = Outcome(OutcomeKind.EXITED, "It ended.", exit_status=1)
    machine = Scripted(Running(7), TRACEBACK, TURNS, ended)
    row = await stage.run(machine, alarm_grace_s=60.0)
    assert row.state is JobState.FAILED
    assert not machine.stopped.is_set()


async def test_a_traceback_is_an_order_to_stop_once_its_grace_is_over(stage):
    machine = Scripted(Running(7), TRACEBACK)
    machine.updates = (*machine.updates, machine.stopped, STOPPED)
    row = await stage.run(machine)
    assert row.state is JobState.FAILED
    assert "wrong shape" in row.note


async def test_a_stop_asked_for_by_another_process_is_the_users_too(stage):
    """Whoever asked may have ended the job itself before the scheduler read the journal again."""
    asked = asyncio.Event()
    running = asyncio.create_task(stage.run(Scripted(Running(7), asked, STOPPED)))
    await stage.running.wait()
    stage.journal.ask_stop(["j1"])
    asked.set()
    row = await running
    assert row.state is JobState.CANCELLED
    assert "outside" not in row.note


async def test_a_stop_that_failed_is_told_and_the_job_is_followed_further(stage):
    machine = Scripted(Running(7), refuses_stop=True)
    machine.updates = (*machine.updates, machine.stopped, EXITED)
    running = asyncio.create_task(stage.run(machine))
    await stage.running.wait()
    stage.wish.ask()
    row = await running
    assert row.state is JobState.COMPLETE
    assert stage.messages() == ["It cannot be stopped just now."]


async def test_its_end_comes_after_the_end_of_the_stop(stage):
    """A stop may still be ending what the engine left behind when the engine itself has ended."""
    steps = []

    class Slow(Scripted):
        async def stop(self, handle):
            self.stopped.set()
            await turns()
            steps.append("swept")
            return STOPPED

    machine = Slow(Running(7))
    machine.updates = (*machine.updates, machine.stopped, STOPPED)
    life = stage.life(machine)
    life._on_free = lambda: steps.append("free")
    running = asyncio.create_task(life.run(lambda: None))
    await stage.running.wait()
    stage.wish.ask()
    await running
    assert steps == ["swept", "free"]


async def test_a_result_that_cannot_be_judged_is_kept_and_said(stage):
    hung = TomoBatchError("no-answer", "a.h5 gives no answer.")
    row = await stage.run(Scripted(Running(7), EXITED), verdict=hung)
    assert (row.state, row.code) == (JobState.FAILED, "no-answer")
    assert row.note.startswith("a.h5 gives no answer.")
    assert "/d/scans_rec/a_rec.partial-j1" in row.note


async def test_what_cannot_be_removed_is_told(stage):
    full = {"code": "io-error", "sentence": "It cannot be removed."}
    row = await stage.run(Scripted(Running(7), Outcome(OutcomeKind.LOST, "It is gone.")), verdict=full)
    assert row.state is JobState.INTERRUPTED
    assert stage.messages() == ["It cannot be removed."]


async def test_a_damaged_record_of_a_start_ends_the_job(stage):
    stage.journal.transition("j1", JobState.STARTING, slot=SLOT, attempt=1)
    await stage.life(Scripted(finding=Finding(State.ENDED))).adopt()
    row = stage.journal.row("j1")
    assert (row.state, row.code) == (JobState.INTERRUPTED, "lost")
    assert "damaged" in row.note


async def test_what_is_taken_up_again_is_not_begun_again(stage):
    stage.journal.transition("j1", JobState.STARTING, slot=SLOT, attempt=1)
    stage.journal.transition("j1", JobState.RUNNING)
    machine = Scripted(Running(7), EXITED, finding=Finding(State.RUNNING, HANDLE))
    await stage.life(machine).adopt()
    assert len(stage.notes_of(JobState.RUNNING)) == 1
    assert stage.journal.row("j1").state is JobState.COMPLETE


async def test_a_bar_does_not_go_back_when_its_job_is_taken_up_again(stage):
    stage.journal.transition("j1", JobState.STARTING, slot=SLOT, attempt=1)
    stage.journal.transition("j1", JobState.RUNNING)
    stage.journal.set_progress("j1", 0.75)
    machine = Scripted(Running(7), HALF, EXITED, finding=Finding(State.RUNNING, HANDLE))
    await stage.life(machine).adopt()
    assert [event.row.progress for event in stage.events if event.row.progress < 0.75] == []
    assert stage.journal.row("j1").state is JobState.COMPLETE
