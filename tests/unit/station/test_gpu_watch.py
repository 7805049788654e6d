"""The watch over GPUs: never two questions at once, nothing old shown as new."""

import asyncio
import os

import pytest

from fakes.nvidia_smi import NvidiaSmi
from tomobatch.errors import TomoBatchError
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.local import Local
from tomobatch.station.gpu_watch import GpuWatch

GPU = Gpu("0", "GPU-0", "A", 1000, 500, 7)


class Scripted:
    """A machine that answers as the test says: a list, an error, or an event that is waited for first."""

    name = "m"

    def __init__(self, *answers):
        self.answers, self.asked, self.under_way = list(answers), 0, 0

    async def gpus(self):
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        assert not self.under_way, "it is asked again before it has answered"
        self.under_way += 1
        try:
            if isinstance(answer, asyncio.Event):
                await answer.wait()
                return [GPU]
            if isinstance(answer, Exception):
                raise answer
            return answer
        finally:
            self.under_way -= 1


class Looking:
    """A watch with what it told."""

    def __init__(self, *machines, every_s=0.001, most_missed=3):
        self.told, self.tasks = [], []
        by_name = {machine.name: machine for machine in machines}
        self.watch = GpuWatch(by_name.__getitem__, self.start, self.tell, every_s, most_missed)

    def start(self, work, name):
        self.tasks.append(asyncio.create_task(work, name=name))
        return self.tasks[-1]

    def tell(self, name, gpus):
        self.told.append((name, [gpu.memory_used_mib for gpu in gpus]))

    async def until(self, true):
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.001)

    async def end(self):
        self.watch.look_at(())
        if self.tasks:
            await asyncio.wait(self.tasks)


@pytest.fixture
async def looking():
    made = []

    def look(*machines, **timing):
        made.append(Looking(*machines, **timing))
        made[-1].watch.look_at([machine.name for machine in machines])
        return made[-1]

    yield look
    for one in made:
        await one.end()
        assert all(task.cancelled() for task in one.tasks)


async def test_a_machine_is_asked_again_and_again(looking):
    machine = Scripted([GPU])
    look = looking(machine)
    await look.until(lambda: machine.asked > 3)
    assert look.told[0] == ("m", [500])


async def test_a_slow_machine_is_not_asked_twice_and_its_figures_are_forgotten(looking):
    answers = asyncio.Event()
    machine = Scripted([GPU], answers)
    look = looking(machine)
    await look.until(lambda: ("m", []) in look.told)
    assert (machine.asked, look.told) == (2, [("m", [500]), ("m", [])])
    # Long after it was given up, it is still the same question.
    await asyncio.sleep(0.02)
    assert machine.asked == 2
    answers.set()
    await look.until(lambda: look.told[-1] == ("m", [500]))


@pytest.mark.parametrize("answer", [[], TomoBatchError("unreachable", "It does not answer.")])
async def test_no_answer_forgets_the_figures_after_some_rounds_and_once(looking, answer):
    machine = Scripted([GPU], answer)
    look = looking(machine)
    await look.until(lambda: machine.asked > 8)
    assert look.told == [("m", [500]), ("m", [])]


async def test_a_round_that_was_missed_is_no_loss(looking):
    machine = Scripted([GPU], [], [], [GPU])
    look = looking(machine)
    await look.until(lambda: machine.asked > 5)
    assert set(map(str, look.told)) == {"('m', [500])"}


async def test_what_is_looked_at_no_more_is_forgotten_and_asked_no_more(looking):
    machine = Scripted([GPU])
    look = looking(machine)
    await look.until(lambda: look.told)
    look.watch.look_at(["m"])
    assert len(look.tasks) == 1
    look.watch.look_at(())
    assert look.told[-1] == ("m", [])
    await asyncio.wait(look.tasks)
    asked = machine.asked
    await asyncio.sleep(0.02)
    assert machine.asked == asked


async def test_a_machine_that_is_not_there_is_passed_over(looking):
    look = looking()

    def unknown(name):
        raise TomoBatchError("machine-unknown", "There is none.")

    watch = GpuWatch(unknown, look.start, look.tell)
    watch.look_at(["gone"])
    assert look.tasks == []


async def test_a_program_that_hangs_is_ended_with_the_look(looking, tmp_path, monkeypatch):
    smi = NvidiaSmi(tmp_path)
    for name, text in smi.env.items():
        monkeypatch.setenv(name, text)
    local = Local()
    look = looking(local, every_s=0.02)
    await look.until(lambda: look.told)
    smi.hang()
    await look.until(lambda: look.told[-1] == ("Local", []))
    (*_, pid) = smi.asked()
    os.kill(pid, 0)
    await look.end()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await local.close()
