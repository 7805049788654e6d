"""What the journal brings is told once, and as what it is."""

import pytest

from tomobatch.batch.events import EventKind
from tomobatch.batch.journal import Journal
from tomobatch.batch.states import JobState
from tomobatch.station.news import watching
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
        news.tell()
        station.journal.set_progress("a", 0.5)
        news.tell()
        station.journal.transition("a", JobState.CANCELLED)
        news.tell()
        news.tell()
    assert [(event.kind, event.row.state) for event in events] == [
        (EventKind.STATE, JobState.QUEUED),
        (EventKind.PROGRESS, JobState.QUEUED),
        (EventKind.STATE, JobState.CANCELLED),
    ]


async def test_an_end_that_this_process_told_itself_is_no_news(station):
    with watching(station) as news:
        station.journal.add([job("a")])
        news.tell()
        station.tell(EventKind.STATE, station.journal.transition("a", JobState.CANCELLED))
        events = []
        station.listeners.append(events.append)
        news.tell()
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
