"""A pause that comes while a job is looked at just before its start."""

import asyncio
from dataclasses import replace

from desktop.plain_queue import Good, Hand
from tomobatch.batch.job import Job, new_uid
from tomobatch.batch.services import Timing
from tomobatch.batch.states import JobState
from tomobatch.machines.base import Outcome, OutcomeKind
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ReconRequest, ScanFile
from tomobatch.station.station import Station


class Slow(Good):
    """The disk answers when it is let."""

    def __init__(self):
        super().__init__()
        self.asked, self.answers = asyncio.Event(), asyncio.Event()

    async def call(self, name, *arguments, timeout_s, about=""):
        if name.endswith("check_start"):
            self.asked.set()
            await self.answers.wait()
        return await super().call(name, *arguments, timeout_s=timeout_s, about=about)


def job():
    scan = ScanFile("/d/scans/a.h5", 1, 2, 3)
    engine = Engine(EngineKind.CPU, ("engine",))
    places = ("/d/scans_rec/a_rec", "/d/scans_rec/a_rec.partial")
    request = ReconRequest("j", scan, Kind.FULL, 5.0, "typed", (4, 2, 16), {}, engine, *places)
    return Job(new_uid(), Kind.FULL, scan.path, "Local", "CPU", request.to_dict(), 0.0)


async def test_what_has_not_begun_when_it_is_paused_does_not_begin():
    hand, worker = Hand(), Slow()
    async with Station({"Local": hand}, Timing(refill_s=0.0)) as station:
        station._services = replace(station._services, judging=worker, looking=worker)
        (row,) = station.journal.add([job()])
        assert station.lease.try_take()
        scheduling = asyncio.create_task(station.schedule())
        async with asyncio.timeout(10):
            await worker.asked.wait()
            station.set_pause("Paused by ada.")
            worker.asked.clear()
            worker.answers.set()
            scheduler = station._scheduler
            while scheduler._places:
                await asyncio.sleep(0)
                assert hand.jobs == {}
            assert station.journal.row(row.uid).state is JobState.QUEUED
            assert station.journal.row(row.uid).attempt == 0
            station.set_pause(None)
            while row.uid not in hand.jobs:
                await asyncio.sleep(0)
            hand.tell(row.uid, Outcome(OutcomeKind.EXITED, "It ended.", exit_status=0))
            await scheduling
        assert station.journal.row(row.uid).state is JobState.COMPLETE
