"""The queue of a program that stays, where scheduling breaks off."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.station import service as module
from tomobatch.station.handover import Wish
from tomobatch.station.service import Service
from tomobatch.station.station import Station
from unit.station.test_station import job


@pytest.fixture
async def station(monkeypatch):
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    monkeypatch.setattr(module, "DROPPED_AGAIN_S", 0.05)
    async with Station() as made:
        made.journal.add([job("a")])
        yield made


@asynccontextmanager
async def serving(station, said):
    task = asyncio.create_task(Service(station, said.append, lambda _: None).run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(true):
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_jobs_whose_watch_broke_off_are_taken_up_again(station, monkeypatch):
    times = []

    async def schedule():
        times.append(1)
        return {"a"}

    monkeypatch.setattr(station, "schedule", schedule)
    async with serving(station, []):
        await until(lambda: len(times) == 3)


async def test_the_same_trouble_after_it_went_well_is_said_again(station, monkeypatch):
    answers = ["trouble", "well", "trouble", "trouble"]

    async def schedule():
        if answers and answers.pop() == "trouble":
            raise TomoBatchError("odd", "It is odd.")
        return set()

    monkeypatch.setattr(station, "schedule", schedule)
    said = []
    async with serving(station, said):
        await until(lambda: not answers and len(said) > 1)
    assert said == ["It is odd. Jobs that run go on; it is tried again."] * 2


async def test_who_schedules_wishes_no_more(station, monkeypatch):
    """Or a queue that is left behind by this window would heed its wish and end at once."""
    wish, seen = Wish(station.journal.folder), []

    async def schedule():
        seen.append(wish.made)
        await asyncio.Event().wait()

    monkeypatch.setattr(station, "schedule", schedule)
    async with Station() as other:
        assert other.lease.try_take()
        async with serving(station, []):
            await until(lambda: wish.made)
            other.lease.release()
            await until(lambda: seen)
    assert seen == [False]
