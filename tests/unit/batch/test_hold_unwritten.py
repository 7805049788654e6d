"""The disk is full, that of the journal, too: what runs is watched all the same."""

import asyncio
import sqlite3
from dataclasses import replace

from desktop.plain_queue import Good, Hand
from tomobatch.batch.events import EventKind
from tomobatch.batch.job import Job, new_uid
from tomobatch.batch.services import Timing
from tomobatch.batch.states import JobState
from tomobatch.machines.base import Outcome, OutcomeKind
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ReconRequest, ScanFile
from tomobatch.station.station import Station


def job(name):
    places = (f"/d/scans_rec/{name}_rec", f"/d/scans_rec/{name}_rec.partial")
    scan = ScanFile(f"/d/scans/{name}.h5", 1, 2, 3)
    engine = Engine(EngineKind.CPU, ("engine",))
    request = ReconRequest("j", scan, Kind.FULL, 5.0, "typed", (4, 2, 16), {}, engine, *places)
    return Job(new_uid(), Kind.FULL, scan.path, "Local", "CPU", request.to_dict(), 0.0)


async def test_a_reason_that_cannot_be_written_down_ends_no_watch(monkeypatch):
    hand, worker = Hand(), Good()
    async with Station({"Local": hand}, Timing(refill_s=0.0, hold_s=0.01)) as station:
        station._services = replace(station._services, judging=worker, looking=worker)
        station.journal.set_slot_count("Local", "CPU", 2)
        said = []
        station.listeners.append(lambda event: said.append((event.kind, event.message)))
        (first,) = station.journal.add([job("a")])
        assert station.lease.try_take()
        scheduling = asyncio.create_task(station.schedule())
        async with asyncio.timeout(10):
            while station.journal.row(first.uid).state is not JobState.RUNNING:
                await asyncio.sleep(0)
            worker.full, note = True, station.journal.note

            def unwritten(*_):
                raise sqlite3.OperationalError("database or disk is full")

            monkeypatch.setattr(station.journal, "note", unwritten)
            (second,) = station.journal.add([job("b")])
            station.wake()
            while not any("nearly full" in message for _, message in said) and not scheduling.done():
                await asyncio.sleep(0)
            assert not scheduling.done()
            monkeypatch.setattr(station.journal, "note", note)
            worker.full = False
            while station.journal.row(second.uid).state is not JobState.RUNNING:
                await asyncio.sleep(0.001)
            for row in (first, second):
                hand.tell(row.uid, Outcome(OutcomeKind.EXITED, "It ended.", exit_status=0))
            await scheduling
        assert [row.state for row in station.journal.rows()] == [JobState.COMPLETE] * 2
        assert EventKind.MESSAGE in {kind for kind, _ in said}
