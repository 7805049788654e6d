"""The machine list as somebody else changes it while the window is open; without a window."""

import asyncio
from dataclasses import replace

import pytest

from tomobatch.config.machine_file import MachineFile
from tomobatch.config.machines import DEFAULT_MACHINES, write_machines
from tomobatch.desktop.machine_list import MachineList
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError

THEIRS = [replace(entry, gpus=3) for entry in DEFAULT_MACHINES[:3]]


class Desk:
    """The list, and what came of it."""

    def __init__(self, path, owner):
        self.path, self.said, self.taken = path, [], []
        self.edited, self.refusal = False, None
        self.tasks = Tasks(lambda text: self.said.append(("error", text)))
        self.file = MachineFile(path)
        self.file.read()
        say = lambda *said: self.said.append(said)  # noqa: E731 - what the program passes is a function as well
        self.list = MachineList(
            self.file, self.tasks, say, lambda: self.edited, self.refuse, self.taken.append, owner
        )

    def refuse(self, _):
        if self.refusal is not None:
            raise self.refusal

    async def look(self):
        self.list.look()
        while self.tasks._running:
            await asyncio.wait(self.tasks._running)


@pytest.fixture
async def desk(tmp_path, owner):
    made = Desk(tmp_path / "machines.toml", owner)
    yield made
    await made.tasks.close()


async def test_what_somebody_else_writes_is_taken_once(desk):
    await desk.look()
    assert desk.taken == []
    write_machines(desk.path, THEIRS)
    await desk.look()
    await desk.look()
    assert [list(one) for one in desk.taken] == [THEIRS]
    assert list(desk.file.entries) == THEIRS
    # Ones own is no news.
    desk.file.write(DEFAULT_MACHINES)
    await desk.look()
    assert (len(desk.taken), desk.said) == (1, [])


async def test_what_is_being_edited_is_not_taken_away(desk):
    desk.edited = True
    write_machines(desk.path, THEIRS)
    await desk.look()
    assert desk.taken == []
    desk.edited = False
    await desk.look()
    assert len(desk.taken) == 1


async def test_a_list_that_cannot_be_taken_now_is_said_once_and_taken_later(desk):
    desk.refusal = TomoBatchError("machine-busy", "1 job runs on tomo5.")
    write_machines(desk.path, THEIRS)
    await desk.look()
    await desk.look()
    (said,) = desk.said
    assert said[1].endswith("but the machines stay as they were: 1 job runs on tomo5.")
    assert (desk.taken, desk.file.entries) == ([], DEFAULT_MACHINES)
    desk.refusal = None
    await desk.look()
    assert len(desk.taken) == 1


async def test_what_is_wrong_with_it_is_said_and_a_half_written_file_stays(desk):
    desk.path.write_text('[[machine]]\nname = "tomo1"\nhost = "x"\ngpus = 99\n')
    await desk.look()
    assert desk.said == [("warning", "The machine “tomo1” is left out of the list: GPUs: 1 to 8.")]
    assert [entry.name for entry in desk.file.entries] == ["Local"]
    desk.path.write_text('[[machine]]\nname = "tom')
    await desk.look()
    await desk.look()
    assert len(desk.said) == 2
    assert "stay as they were" in desk.said[1][1]
    assert desk.path.read_text() == '[[machine]]\nname = "tom'
    desk.path.unlink()
    await desk.look()
    assert desk.file.entries == DEFAULT_MACHINES
