"""Machines are asked apart from each other, again and again while somebody waits."""

import asyncio

import pytest

from tomobatch.batch.looks import Looks
from tomobatch.errors import TomoBatchError

TOMO1, TOMO2 = ("tomo1", "GPU"), ("tomo2", "GPU")


class Asked:
    """Two machines: what was asked, and what they do."""

    def __init__(self):
        self.asked, self.cancelled, self.woken = [], [], asyncio.Event()
        self.refusals = {}
        self.lost, self.hangs = set(), set()
        self.looks = Looks(self._look, lambda name: name not in self.lost, self.woken.set, (0.0, 0.001))

    async def _look(self, machine, kind):
        self.asked.append(machine)
        if machine in self.hangs:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled.append(machine)
                raise
        if self.refusals.get(machine):
            raise self.refusals[machine].pop()

    async def until_known(self, pool):
        async with asyncio.timeout(20):
            while not self.looks.known(pool):
                self.woken.clear()
                await self.woken.wait()


@pytest.fixture
async def machines():
    made = Asked()
    yield made
    await made.looks.close()


async def test_one_that_hangs_is_asked_beside_the_others_and_left_when_nobody_waits(machines):
    machines.hangs.add("tomo1")
    machines.looks.want([TOMO1, TOMO2])
    await machines.until_known(TOMO2)
    machines.looks.want([TOMO1, TOMO2])
    assert machines.asked == ["tomo1", "tomo2"]
    machines.looks.want([TOMO2])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert machines.cancelled == ["tomo1"]


async def test_one_that_does_not_answer_is_asked_until_it_does(machines, caplog):
    refusal = TomoBatchError("unreachable", "No answer.")
    machines.refusals["tomo1"] = [refusal, RuntimeError("a mistake of ours"), refusal]
    machines.looks.want([TOMO1])
    await machines.until_known(TOMO1)
    assert len(machines.asked) == 4
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_an_answer_of_one_that_counts_as_lost_is_none(machines):
    machines.lost.add("tomo1")
    machines.looks.want([TOMO1])
    async with asyncio.timeout(20):
        while len(machines.asked) < 3:
            await asyncio.sleep(0)
    assert not machines.looks.known(TOMO1)
    machines.lost.clear()
    await machines.until_known(TOMO1)


async def test_one_that_was_lost_is_asked_anew(machines):
    machines.looks.want([TOMO1, TOMO2])
    await machines.until_known(TOMO1)
    await machines.until_known(TOMO2)
    machines.looks.forget("tomo1")
    assert not machines.looks.known(TOMO1)
    assert machines.looks.known(TOMO2)
    machines.looks.want([TOMO1, TOMO2])
    await machines.until_known(TOMO1)
    assert machines.asked == ["tomo1", "tomo2", "tomo1"]


async def test_one_whose_way_broke_just_now_is_given_a_moment(machines):
    """Or a job whose start is cut off again and again would start as often as the machine can be asked."""
    machines.looks._pauses_s = (3600.0,)
    machines.looks.doubt("tomo1")
    machines.looks.want([TOMO1, TOMO2])
    await machines.until_known(TOMO2)
    await asyncio.sleep(0.01)
    assert machines.asked == ["tomo2"]


async def test_one_that_answers_somebody_else_by_now_is_asked_at_once(machines):
    """The window, or a job that is followed, may have reached it long before the next look is due."""
    machines.looks._pauses_s = (3600.0,)
    machines.lost.add("tomo1")
    machines.refusals["tomo1"] = [TomoBatchError("unreachable", "No answer.")]
    machines.looks.want([TOMO1, TOMO2])
    await machines.until_known(TOMO2)
    machines.looks.want([TOMO1, TOMO2])
    machines.looks.want([TOMO1, TOMO2])
    await asyncio.sleep(0.01)
    assert machines.asked == ["tomo1", "tomo2"]
    machines.lost.clear()
    machines.looks.want([TOMO1, TOMO2])
    await machines.until_known(TOMO1)
    assert machines.asked == ["tomo1", "tomo2", "tomo1"]
