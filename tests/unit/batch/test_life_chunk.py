"""A chunk that is remembered for a GPU, from the start of a job to its receipt."""

from dataclasses import replace

from tomobatch.batch.chunks import Chunks
from tomobatch.batch.states import JobState
from tomobatch.machines.base import Finding, Running, State
from unit.batch.test_life import EXITED, HANDLE, SLOT, Scripted, Stage

CHUNK = "--nsino-per-chunk=4"


class Noting(Scripted):
    """Notes what it was started with."""

    async def start(self, command, folder, host=""):
        self.argv = command.argv
        return await super().start(command, folder)


class Judge:
    """Notes what it is to write into the receipt."""

    def __init__(self):
        self.facts = None

    async def call(self, name, *arguments, timeout_s, about=""):
        self.facts = arguments[1]
        return {"code": "good", "sentence": "All is there."}


def life_of(stage, machine, chunks, slot=SLOT):
    life = stage.life(machine)
    services = replace(life._services, chunks=chunks, judging=(judge := Judge()))
    return type(life)(services, stage.journal.row("j1"), slot, stage.wish, stage._free), judge


async def test_it_is_given_said_and_in_the_receipt(journal, tmp_path):
    stage, machine, chunks = Stage(journal), Noting(Running(7), EXITED), Chunks(tmp_path)
    chunks.halve(stage.life(machine)._request, "Local", SLOT)
    life, judge = life_of(stage, machine, chunks)
    await life.run(lambda: None)
    assert CHUNK in machine.argv
    assert CHUNK in judge.facts["command"]
    assert stage.journal.row("j1").slot.chunk == 4
    assert stage.messages() == ["a.h5: chunk 4, as remembered for this GPU."]


async def test_a_job_that_is_taken_up_again_keeps_what_it_was_given(journal, tmp_path):
    """Less is remembered by now, and nothing of that is true of this run."""
    stage, chunks = Stage(journal), Chunks(tmp_path)
    given = replace(SLOT, chunk=4)
    journal.transition("j1", JobState.STARTING, slot=given, attempt=1)
    chunks.halve(stage.life(Scripted())._request, "Local", given)
    machine = Scripted(Running(7), EXITED, finding=Finding(State.RUNNING, HANDLE))
    life, judge = life_of(stage, machine, chunks, journal.row("j1").slot)
    await life.adopt()
    assert CHUNK in judge.facts["command"]


async def test_nothing_is_said_where_nothing_is_remembered(journal, tmp_path):
    stage, machine = Stage(journal), Noting(Running(7), EXITED)
    life, _ = life_of(stage, machine, Chunks(tmp_path))
    await life.run(lambda: None)
    assert stage.messages() == []
    assert not [text for text in machine.argv if text.startswith("--nsino-per")]
