"""Stops that need not wait, and machines whose name leads elsewhere by now."""

import asyncio

import pytest

from tomobatch.batch.life import JobLife
from tomobatch.batch.states import JobState
from tomobatch.batch.way_there import NotReachedError
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import ANOTHER_HOST, Finding, Reach, Running, Standing, State
from unit.batch.test_life import EXITED, HANDLE, SLOT, Scripted, Stage

ELSEWHERE = TomoBatchError(ANOTHER_HOST, "tomo1 leads to another host now.")


class Far(Scripted):
    """Far, and lost at one of these steps until the way is there."""

    far = True
    standing = Standing(Reach.LOST)

    def __init__(self, *updates, waits_at="", **given):
        super().__init__(*updates, **given)
        self.waits_at, self.waiting, self.way = waits_at, asyncio.Event(), asyncio.Event()
        self.told = []

    async def _step(self, name):
        if name == self.waits_at:
            self.waiting.set()
            await self.way.wait()

    async def unseen(self, paths):
        await self._step("unseen")
        return []

    async def attempt_folder(self, jobs_folder, uid, attempt):
        await self._step("folder")
        return await super().attempt_folder(jobs_folder, uid, attempt)

    async def host_id(self):
        return "boot machine tomo1"

    async def start(self, command, folder, host=""):
        self.told.append(host)
        return HANDLE

    async def find(self, folder, host=""):
        self.told.append(host)
        if isinstance(self.finding, Exception):
            raise self.finding
        return self.finding


@pytest.fixture
def stage(journal):
    return Stage(journal)


@pytest.mark.parametrize("step", ["unseen", "folder"])
async def test_a_stop_does_not_wait_for_a_machine_where_nothing_runs(stage, step):
    machine = Far(Running(7), EXITED, waits_at=step)
    running = asyncio.create_task(stage.run(machine))
    await machine.waiting.wait()
    stage.wish.ask()
    row = await running
    assert (row.state, row.code) == (JobState.CANCELLED, "stopped")
    assert (machine.told, stage.freed) == ([], 1)


async def test_what_is_to_be_stopped_is_not_begun(stage):
    machine = Far(Running(7), EXITED)
    stage.wish.ask()
    row = await stage.run(machine)
    assert (row.state, row.attempt, machine.told) == (JobState.CANCELLED, 0, [])


async def test_the_host_is_written_down_before_anything_runs_there(stage):
    machine = Far(Running(7), EXITED)
    await stage.run(machine)
    assert stage.journal.row("j1").host == "boot machine tomo1"
    assert machine.told == ["boot machine tomo1"]


async def test_nothing_starts_on_a_machine_that_was_exchanged_meanwhile(stage):
    machine, other = Far(Running(7), EXITED, waits_at="folder"), Far()
    life = stage.life(machine)
    running = asyncio.create_task(life.run(lambda: None))
    await machine.waiting.wait()
    life._services.machines["Local"] = other
    machine.way.set()
    with pytest.raises(NotReachedError):
        await running
    assert stage.journal.row("j1").state is JobState.QUEUED
    assert (machine.told, other.told) == ([], [])


def adopted(stage, machine):
    stage.journal.transition("j1", JobState.STARTING, slot=SLOT, attempt=1, host="boot machine tomo1")
    stage.journal.transition("j1", JobState.RUNNING)
    life = stage.life(machine)
    return JobLife(life._services, stage.journal.row("j1"), SLOT, stage.wish, stage._free)


async def test_nothing_is_said_of_a_job_by_another_host(stage):
    machine = Far(finding=ELSEWHERE)
    with pytest.raises(TomoBatchError):
        await adopted(stage, machine).adopt()
    assert machine.told == ["boot machine tomo1"]
    assert stage.journal.row("j1").state is JobState.RUNNING


async def test_a_stop_ends_the_wait_for_a_host_that_does_not_come_back(stage):
    machine = Far(finding=ELSEWHERE)
    life = adopted(stage, machine)
    stage.wish.ask()
    await life.adopt()
    row = stage.journal.row("j1")
    assert (row.state, row.note) == (
        JobState.INTERRUPTED,
        "It is not waited for any more. tomo1 leads to another host now.",
    )
    assert stage.freed == 1


async def test_what_is_known_again_says_so_no_more(stage):
    machine = Far(Running(7), EXITED, finding=Finding(State.RUNNING, HANDLE))
    adopted(stage, machine)
    stage.journal.note("j1", ELSEWHERE.sentence, ANOTHER_HOST)
    machine.updates = (Running(7), machine.way, EXITED)
    life = JobLife(stage.life(machine)._services, stage.journal.row("j1"), SLOT, stage.wish, stage._free)
    adopting = asyncio.create_task(life.adopt())
    while stage.journal.row("j1").code:
        await asyncio.sleep(0)
    assert stage.journal.row("j1").state is JobState.RUNNING
    machine.way.set()
    await adopting
