"""Marks of this station's jobs, through a real journal and real files."""

import asyncio
import json
import logging
import os
import time
from contextlib import closing

import pytest

from system.stand import write_scan
from tomobatch.batch.events import EventKind
from tomobatch.batch.job import Job
from tomobatch.batch.journal import Journal
from tomobatch.batch.marks import Mark, marks_folder, read_marks, write_mark
from tomobatch.batch.states import JobState
from tomobatch.config.places import host_state_folder
from tomobatch.recon.kinds import Kind
from tomobatch.station import marking
from tomobatch.station.engines import choose_engine
from tomobatch.station.marking import Marking
from tomobatch.station.station import Station
from tomobatch.workspace import Workspace


@pytest.fixture
def data(tmp_path):
    made = tmp_path / "scans"
    made.mkdir()
    return made


def job(data, uid, kind=Kind.TRY):
    return Job(uid, kind, str(data / f"{uid}.h5"), "Local", "CPU", {}, 5.0)


def marked(data):
    return {mark["uid"] for mark in read_marks(str(data))}


async def until(true):
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


async def test_a_job_is_marked_before_it_is_in_the_queue_and_not_after_its_end(data):
    async with Station() as station:
        await station.marking.announce([job(data, "a"), job(data, "b")])
        assert marked(data) == {"a", "b"}
        station.add([job(data, "a"), job(data, "b")])
        station.journal.transition("a", JobState.CANCELLED)
        station.tell(EventKind.STATE, station.journal.row("a"))
        await until(lambda: marked(data) == {"b"})
        station.tell(EventKind.MESSAGE, station.journal.row("b"))
    assert marked(data) == {"b"}


async def test_what_was_added_without_a_word_is_marked_all_the_same(data):
    async with Station() as station:
        station.add([job(data, "a")])
    assert marked(data) == {"a"}


async def test_what_the_queue_did_not_take_is_not_marked_for_long(data):
    async with Station() as station:
        station.add([job(data, "a")])
        twice = Job("a2", Kind.TRY, str(data / "a.h5"), "Local", "CPU", {}, 5.0)
        await station.marking.announce([twice])
        assert station.add([twice]) == []
    assert marked(data) == {"a"}


async def test_who_schedules_next_puts_marks_right(data):
    stranger = Mark("s", "a.h5", "full", "elsewhere", "tomo5", "beamline", 1.0, "Local")
    write_mark(marks_folder(data), stranger)
    journal = Journal(host_state_folder() / "journal")
    journal.add([job(data, "ended"), job(data, "waits")])
    journal.transition("ended", JobState.CANCELLED)
    journal.close()
    async with Station() as station:
        # As a program leaves them that was killed: one too many, one missing.
        left = [job(data, "ended"), job(data, "never")]
        for one in left:
            write_mark(marks_folder(data), Mark.of(one, station.marking.station, "here", "me"))
        assert station.lease.try_take()
        station.marking.repair()
    assert marked(data) == {"s", "waits"}


async def test_the_scheduler_looks_through_the_marks_when_it_begins(data):
    async with Station() as station:
        station.journal.add([job(data, "ended")])
        station.journal.transition("ended", JobState.CANCELLED)
        write_mark(marks_folder(data), Mark.of(job(data, "ended"), station.marking.station, "here", "me"))
        assert station.lease.try_take()
        await station.schedule()
    assert marked(data) == set()


async def test_a_results_folder_that_cannot_be_written_stops_no_job_and_is_logged_once(data, caplog):
    data.with_name("scans_rec").write_text("a file in its place")
    with caplog.at_level(logging.WARNING):
        async with Station() as station:
            await station.marking.announce([job(data, "a"), job(data, "b")])
            assert len(station.add([job(data, "a")])) == 1
            station.tell(EventKind.STATE, station.journal.transition("a", JobState.CANCELLED))
    assert len([line for line in caplog.messages if "cannot see what runs here" in line]) == 1


async def test_a_results_folder_that_hangs_is_waited_for_once(data, monkeypatch):
    monkeypatch.setattr(marking, "ANNOUNCE_S", 0.2)
    data.with_name("scans_rec").joinpath(".tomobatch").mkdir(parents=True)
    pipe = marks_folder(data) / ".a.part"
    os.mkfifo(pipe)  # opening it for writing waits for a reader, as a hung disk would
    async with Station() as station:
        began = time.monotonic()
        for _ in range(20):
            await station.marking.announce([job(data, "a")])
        assert time.monotonic() - began < 2
        pipe.open("rb", buffering=0).close()
        for _ in range(50):
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK) if pipe.exists() else -1
            await asyncio.sleep(0.01)
            if reader >= 0:
                os.close(reader)
    monkeypatch.undo()


def test_two_homes_on_a_host_are_two_stations(tmp_path):
    one, two = Marking(tmp_path / "one"), Marking(tmp_path / "two")
    assert one.station != two.station
    one.close()
    two.close()


async def test_a_mark_says_who_and_where(data):
    async with Station() as station:
        await station.marking.announce([job(data, "a", Kind.FULL)])
    plain = json.loads((marks_folder(data) / "a.json").read_text())
    assert (plain["scan"], plain["kind"], plain["machine"], plain["since_s"]) == (
        "a.h5",
        "full",
        "Local",
        5.0,
    )
    assert plain["user"]
    assert plain["host"]


async def test_a_scan_that_is_submitted_is_marked_before_it_is_in_the_queue(data, monkeypatch):
    write_scan(data / "a.h5", rows=1)
    async with Station() as station:
        add, seen = station.journal.add, []

        def watched(jobs):
            seen.append(len(read_marks(str(data))))
            return add(jobs)

        monkeypatch.setattr(station.journal, "add", watched)
        rows = await Workspace(data, station.looking).load()
        engine = await choose_engine(station.machine("Local"), "cpu")
        assert len(station.submit(Kind.TRY, rows, "Local", engine, {}).rows) == 1
    assert seen == [1]


async def test_what_another_program_queues_while_marks_are_repaired_stays_marked(data, monkeypatch):
    async with Station() as station:
        station.add([job(data, "a")])
        await until(lambda: marked(data) == {"a"})
        ours, read = station.marking, marking.read_marks

        def and_another_queues(folder):
            # Its mark is written, and the journal has it, after this one has looked into the journal.
            write_mark(marks_folder(data), Mark.of(job(data, "b"), ours.station, "h", "u"))
            with closing(Journal(station.journal.folder)) as theirs:
                theirs.add([job(data, "b")])
            return read(folder)

        monkeypatch.setattr(marking, "read_marks", and_another_queues)
        ours.repair()
    assert marked(data) == {"a", "b"}


async def test_a_forged_mark_of_this_station_takes_no_other_file_away(data, tmp_path):
    victim = tmp_path / "victim.json"
    victim.write_text("{}")
    async with Station() as station:
        station.add([job(data, "a")])
        await until(lambda: marked(data) == {"a"})
        forged = Mark.of(job(data, "x"), station.marking.station, "h", "u")
        write_mark(marks_folder(data), forged)
        path = marks_folder(data) / "x.json"
        path.write_text(path.read_text().replace('"x"', '"../../victim"'))
        station.marking.repair()
    assert victim.exists()
