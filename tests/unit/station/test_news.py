"""What the journal brings is told once, and as what it is."""

import asyncio

import pytest

from tomobatch.batch.events import EventKind
from tomobatch.batch.journal import Journal
from tomobatch.batch.states import JobState
from tomobatch.station.news import BREATH, watching
from tomobatch.station.station import Station
from unit.station.test_station import job


@pytest.fixture
async def station():
    async with Station() as made:
        yield made


async def test_a_new_state_is_told_as_one_and_progress_as_progress(station):
    events = []
    station.listeners.append(events.append)
    with watching(station) as news:
        station.journal.add([job("a")])
        await news.tell()
        station.journal.set_progress("a", 0.5)
        await news.tell()
        station.journal.transition("a", JobState.CANCELLED)
        await news.tell()
        await news.tell()
    assert [(event.kind, event.row.state) for event in events] == [
        (EventKind.STATE, JobState.QUEUED),
        (EventKind.PROGRESS, JobState.QUEUED),
        (EventKind.STATE, JobState.CANCELLED),
    ]


async def test_an_end_that_this_process_told_itself_is_no_news(station):
    with watching(station) as news:
        station.journal.add([job("a")])
        await news.tell()
        station.tell(EventKind.STATE, station.journal.transition("a", JobState.CANCELLED))
        events = []
        station.listeners.append(events.append)
        await news.tell()
    assert events == []


async def test_a_pause_is_seen_also_where_nothing_runs_and_nobody_schedules(station):
    told, other = [], Journal(station.journal.folder)
    station.pause.listeners.append(told.append)
    with watching(station) as news:
        for reason in ("Paused by ada at 14:02.", None):
            other.set_pause(reason)
            await news.wait()
    other.close()
    assert told == ["Paused by ada at 14:02.", ""]


async def test_of_many_each_is_told_once_and_others_have_their_turn_meanwhile(station):
    events, turns = [], 0
    station.listeners.append(events.append)

    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    uids = [f"{number}" for number in range(3 * BREATH + 1)]
    with watching(station) as news:
        station.journal.add([job(uid) for uid in uids])
        waiting = asyncio.create_task(others())
        await news.tell()
        waiting.cancel()
        await news.tell()
    assert [event.row.uid for event in events] == uids
    assert turns > 2


async def test_what_counts_a_while_after_it_was_written_is_told(station):
    """Between the two nothing in the journal's folder changes."""
    with watching(station) as news:
        (station.journal.folder / "as a write looks").touch()
        async with asyncio.timeout(20):
            await news.wait()
            await news.wait()
