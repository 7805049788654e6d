"""Judgements wait for starts, but not for ever."""

import asyncio

from tomobatch.batch.starts import Starts


async def test_nothing_to_wait_for():
    await Starts().settled(most_s=60)


async def test_waits_for_all_starts_under_way():
    starts = Starts()
    first, second = starts.begin(), starts.begin()
    waiting = asyncio.create_task(starts.settled(most_s=60))
    first()
    first()
    await asyncio.sleep(0.01)
    assert not waiting.done()
    second()
    await waiting


async def test_not_for_ever():
    starts = Starts()
    starts.begin()
    async with asyncio.timeout(10):
        await starts.settled(most_s=0.01)
