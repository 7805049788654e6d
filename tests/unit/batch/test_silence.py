"""A job that prints nothing is said to be silent, once; what it printed before is no news."""

import asyncio
import os

import pytest

from tomobatch.batch.silence import Silence, seen_before, silence_text


class Told:
    """One that is silent after 30 ms, and whether its machine answers."""

    def __init__(self):
        self.said, self.away, self.news = [], False, asyncio.Event()
        self.silence = Silence(0.03, 0.01, lambda: self.away, self._say)

    def _say(self, quiet_s):
        self.said.append(quiet_s)
        self.news.set()

    async def next(self):
        self.news.clear()
        async with asyncio.timeout(20):
            await self.news.wait()
        return self.said[-1]


@pytest.fixture
def told():
    made = Told()
    yield made
    made.silence.end()


async def test_it_is_said_again_and_again_and_taken_back_once(told):
    told.silence.begin()
    assert await told.next() >= 0.027
    first, second = told.said[0], await told.next()
    assert second > first
    told.silence.heard(1)
    told.silence.heard(1)
    assert told.said.count(None) == 1
    assert told.said[-1] is None
    assert await told.next() >= 0.027


async def test_nothing_is_expected_before_it_runs_nor_after_its_end(told):
    told.silence.heard(5)
    await asyncio.sleep(0.1)
    told.silence.begin()
    told.silence.end()
    await asyncio.sleep(0.1)
    assert told.said == []


async def test_a_machine_that_does_not_answer_lets_nothing_be_heard(told):
    told.away = True
    told.silence.begin()
    await asyncio.sleep(0.1)
    assert told.said == []
    told.away = False
    assert await told.next() >= 0.027


async def test_what_was_printed_before_is_no_news_after_a_restart(told, tmp_path):
    log = tmp_path / "log"
    assert seen_before(log) == (0, 0.0)
    log.write_bytes(bytes(100))
    os.utime(log, (0, 0))
    old_bytes, quiet_s = seen_before(log)
    assert old_bytes == 100
    told.silence.take_up(old_bytes, quiet_s, said=True)
    told.silence.heard(60)
    told.silence.heard(40)
    assert await told.next() >= quiet_s
    told.silence.heard(1)
    assert told.said[-1] is None


async def test_one_that_was_not_silent_is_given_its_whole_time_after_a_restart(told):
    told.silence.take_up(100, 1e6, said=False)
    assert await told.next() < 1e5


def test_how_long_in_words():
    assert silence_text(12.4) == "no output for 12 s"
    assert silence_text(6 * 60 + 50) == "no output for 6 min"
