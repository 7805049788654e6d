"""Machines being edited: what is kept, what is refused, what is saved; without a window."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from far_aid import Far
from tomobatch.config.machine_file import MachineFile
from tomobatch.config.machines import (
    DEFAULT_MACHINES,
    LOCAL,
    MachineEntry,
    PathPair,
    read_machines,
    write_machines,
)
from tomobatch.desktop.host_key import HostKey
from tomobatch.desktop.machine_editor import MachineEditor
from tomobatch.desktop.machine_test import MachineTest
from tomobatch.desktop.machine_watch import MachineWatch
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.station.connection_test import Topic

OWN_PROGRAM = 3


class Desk:
    """An editor on a file, and what it did."""

    def __init__(self, path, owner):
        self.path, self.said, self.applied, self.made = path, [], [], []
        self.jobs, self.gpus, self.numbers, self.refusal = {}, {}, {}, None
        self.moves_lost, self.cpu = False, set()
        self.tasks = Tasks(lambda text: self.said.append(("error", text)))
        say = lambda *said: self.said.append(said)  # noqa: E731 - what the program passes is a function as well
        self.file = MachineFile(path)
        self.file.read()
        self.watch = MachineWatch(self.tasks, parent=owner)
        self.test = MachineTest(self.tasks, HostKey(say, owner), self.make, lambda: None, owner)
        self.editor = MachineEditor(
            self.file,
            self.watch,
            self.test,
            self.tasks,
            say,
            self,
            self.applied.append,
            owner,
        )
        self.done = 0
        self.editor.done.connect(self.count_done)

    def jobs_on(self, name):
        return self.jobs.get(name, 0)

    def gpus_found(self, name):
        return self.gpus.get(name)

    def gpus_set(self, name):
        return self.numbers.get(name)

    def needs_gpus(self, entry):
        return entry.engine != "cpu" and entry.name not in self.cpu

    def count_done(self):
        self.done += 1

    def refuse(self, _):
        if self.refusal is not None:
            raise self.refusal

    def make(self, entry):
        self.made.append(Far(entry.name))
        return self.made[-1]

    async def settle(self):
        while self.tasks._running:
            await asyncio.wait(self.tasks._running)

    async def save(self):
        self.editor.save()
        await self.settle()

    @property
    def saved(self):
        return read_machines(self.path)[0]


@pytest.fixture
async def desk(tmp_path, owner):
    desk = Desk(tmp_path / "machines.toml", owner)
    yield desk
    await desk.tasks.close()


async def test_what_is_typed_is_saved_without_the_blanks_around_it(desk):
    editor = desk.editor
    editor.select(1)
    for field, text in (("name", " beam line "), ("host", "ada@beam "), ("environment", "module load x\n\n")):
        editor.set(field, text)
    assert (editor.name, editor.unsaved) == (" beam line ", True)
    editor.setGpus(9)
    editor.setInAny(False)
    editor.chooseEngine(OWN_PROGRAM)
    assert editor.engineProblem.startswith("Give the program’s path")
    editor.set("engine", "/opt/bin/tomocupy")
    editor.addPair()
    editor.setPair(0, "here", "/data")
    editor.setPair(0, "there", "/mnt/data ")
    await desk.save()
    wanted = MachineEntry(
        "beam line",
        host="ada@beam",
        gpus=8,
        environment="module load x",
        engine="/opt/bin/tomocupy",
        paths=(PathPair("/data", "/mnt/data"),),
        in_any=False,
    )
    assert desk.saved == (DEFAULT_MACHINES[0], wanted, *DEFAULT_MACHINES[2:])
    assert tuple(desk.applied[0].entries) == desk.saved
    assert (desk.applied[0].gpus, desk.applied[0].moves_lost) == ({"beam line": 8}, False)
    assert (desk.done, editor.unsaved, desk.said) == (1, False, [])


async def test_leaving_asks_where_something_is_not_saved(desk):
    editor = desk.editor
    editor.leave()
    assert desk.done == 1
    editor.select(2)
    editor.set("host", "elsewhere")
    editor.leave()
    assert (editor.asking, desk.done) == (True, 1)
    editor.stay()
    assert (editor.asking, editor.host) == (False, "elsewhere")
    editor.select(1)
    editor.open()
    editor.select(2)
    assert editor.host == "elsewhere"
    assert [line["changed"] for line in editor.lines] == [False, False, True, False, False, False]
    editor.leave()
    editor.discard()
    assert (desk.done, editor.unsaved, desk.path.exists()) == (2, False, False)
    editor.set("host", "tomo9")
    editor.set("host", "tomo2")
    assert not editor.unsaved


async def test_the_first_machine_that_makes_no_sense_is_shown_and_nothing_is_saved(desk):
    editor = desk.editor
    editor.add()
    assert (editor.name, editor.current) == ("tomo6", 6)
    editor.set("host", "")
    assert editor.hostProblem == ""
    editor.select(0)
    await desk.save()
    assert (editor.current, editor.problem) == (6, f"Not saved: {editor.hostProblem}")
    assert editor.hostProblem.startswith("Give the SSH alias")
    assert not desk.path.exists()


async def test_a_machine_with_jobs_is_neither_removed_nor_renamed(desk):
    editor = desk.editor
    desk.jobs["tomo1"] = 3
    editor.select(1)
    editor.remove()
    assert editor.problem == "3 jobs wait or run on tomo1: it cannot be removed before they have ended."
    editor.set("name", "beam")
    assert editor.nameProblem == "3 jobs wait or run on tomo1: it cannot be renamed before they have ended."
    editor.set("name", "tomo1")
    editor.set("host", "beam")
    assert "another host" in editor.hostProblem
    await desk.save()
    assert not desk.path.exists()
    desk.jobs.clear()
    editor.remove()
    await desk.save()
    assert [entry.name for entry in desk.saved] == [LOCAL, "tomo2", "tomo3", "tomo4", "tomo5"]
    editor.select(0)
    editor.remove()
    assert editor.problem == "Local is this machine: it stays."


async def test_what_the_station_refuses_is_not_saved(desk):
    desk.refusal = TomoBatchError("machine-busy", "1 job runs on tomo1.")
    desk.editor.add()
    await desk.save()
    assert (desk.editor.problem, desk.path.exists(), desk.applied) == ("1 job runs on tomo1.", False, [])


async def test_another_programs_change_is_read_again_or_written_over(desk):
    editor, theirs = desk.editor, list(DEFAULT_MACHINES[:2])
    editor.add()
    write_machines(desk.path, theirs)
    await desk.save()
    assert editor.conflict
    assert "changed by another program" in editor.problem
    editor.readAgain()
    await desk.settle()
    assert (editor.count, editor.conflict, editor.unsaved) == (2, False, False)
    editor.add()
    write_machines(desk.path, [replace(entry, gpus=3) for entry in theirs])
    await desk.save()
    editor.saveAnyway()
    await desk.settle()
    assert [entry.name for entry in desk.saved] == [LOCAL, "tomo1", "tomo2"]
    assert len(list(desk.path.parent.glob("machines.toml.before-*"))) == 1


async def test_a_list_that_cannot_be_written_is_kept_in_the_window(desk):
    desk.editor.add()
    desk.file.path = Path("/proc/no/machines.toml")
    await desk.save()
    assert "cannot be saved" in desk.editor.problem
    assert desk.editor.unsaved


async def test_opening_reads_what_lies_on_disk_by_now(desk):
    write_machines(desk.path, DEFAULT_MACHINES[:3])
    desk.editor.open()
    await desk.settle()
    assert desk.editor.count == 3
    desk.path.write_text("nonsense = ")
    desk.editor.open()
    await desk.settle()
    assert desk.editor.count == 6
    assert "damaged" in desk.said[0][1]


async def test_the_number_of_gpus_is_the_one_that_counts_and_what_was_found_stands_beside_it(desk):
    editor = desk.editor
    editor.select(1)
    assert (editor.gpus, editor.gpusNote) == (4, "not asked yet")
    desk.gpus["tomo1"] = 8
    assert (editor.gpus, editor.gpusNote) == (8, "8 GPUs found")
    # Set in the bar.
    desk.numbers["tomo1"] = 2
    assert (editor.gpus, editor.gpusNote) == (2, "8 GPUs found, 2 used")
    assert not editor.unsaved
    editor.setGpus(3)
    editor.setGpus(2)
    assert not editor.unsaved
    editor.setGpus(4)
    desk.gpus["tomo1"] = 3
    assert editor.gpusNote == "▲ 3 GPUs found, 4 set"
    assert editor.unsaved
    await desk.save()
    # As many as the list says anyway, and yet another number than the one that counted.
    assert desk.applied[0].gpus == {"tomo1": 4}
    desk.gpus["tomo1"] = 0
    assert editor.gpusNote == "no GPU was found"
    desk.cpu.add("tomo1")
    assert (editor.gpusNote, editor.needsGpus) == ("the CPU engine needs none", False)


async def test_what_a_test_has_found_counts_until_another_host_is_typed(desk):
    editor = desk.editor
    editor.select(1)
    editor.test()
    await desk.settle()
    assert editor.gpusNote == "no GPU was found"
    editor.setInAny(False)
    assert (editor.stale, editor.gpusNote) == (False, "no GPU was found")
    editor.set("host", "elsewhere")
    assert (editor.stale, editor.gpusNote) == (True, "not asked yet")


async def test_what_becomes_of_jobs_of_a_lost_machine_is_saved_with_the_rest(desk):
    editor = desk.editor
    editor.open()
    await desk.settle()
    editor.setMovesLost(True)
    assert (editor.movesLost, editor.unsaved) == (True, True)
    editor.leave()
    assert editor.asking
    editor.discard()
    assert (editor.movesLost, editor.unsaved, desk.applied) == (False, False, [])
    editor.setMovesLost(True)
    desk.moves_lost = True
    await desk.save()
    assert desk.applied[0].moves_lost
    assert (editor.movesLost, editor.unsaved) == (True, False)


async def test_a_test_is_of_the_fields_as_they_are_and_its_machine_is_let_go_of(desk):
    editor = desk.editor
    editor.select(1)
    editor.set("host", " beam ")
    editor.test()
    assert [line["sign"] for line in editor.tested] == ["asking", *["not-yet"] * 7]
    await desk.settle()
    assert [line["topic"] for line in editor.tested] == list(Topic)
    assert (editor.tested[0]["sign"], editor.testing, editor.stale) == ("good", False, False)
    assert desk.made[0].closed
    editor.set("environment", "conda activate other")
    assert editor.stale
    editor.select(2)
    assert editor.tested == []
    editor.set("host", "-o")
    editor.test()
    assert editor.problem.startswith("A host cannot begin")
    assert len(desk.made) == 1


async def test_a_test_that_is_left_is_over_at_once(desk):
    hangs = asyncio.Event()

    async def call(self):
        await hangs.wait()

    desk.editor.select(1)
    machine = Far("tomo1")
    machine.call = call.__get__(machine)
    desk.test._make = lambda _: machine
    desk.editor.test()
    await asyncio.sleep(0)
    desk.editor.stopTest()
    await desk.settle()
    assert machine.closed
    assert (desk.editor.testing, desk.editor.tested, desk.said) == (False, [], [])
