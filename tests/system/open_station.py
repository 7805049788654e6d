"""A station that schedules in the test's own process."""

import asyncio
from dataclasses import replace

from system.stand import ENGINE
from tomobatch.batch.events import EventKind
from tomobatch.recon.kinds import Kind
from tomobatch.station.registry import entry_of
from tomobatch.station.station import Station
from tomobatch.workspace import Workspace


def station_of(machines, timing):
    """A station of these machines, all of them with the replaying engine."""
    entries = [replace(entry_of(one), name=name, engine=str(ENGINE)) for name, one in machines.items()]
    return Station(machines, timing, entries)


class Open:
    """A station that schedules in this process, and what it told."""

    def __init__(self, station, folder):
        self.station, self.journal = station, station.journal
        self.folder = folder
        self.messages = []
        self.news = asyncio.Event()
        station.listeners.append(self._hear)
        assert station.lease.try_take()

    def _hear(self, event):
        self.news.set()
        if event.kind is EventKind.MESSAGE:
            self.messages.append(event.message)

    async def queue(self, machine, *names, **options):
        """Queue a Full of these scans, in this order, by the engine that is named for the machine."""
        engine = await self.station.engine(machine)
        workspace = Workspace(self.folder, self.station.looking)
        workspace.load_csv_by_itself()
        scans = {row.scan.file.name: row for row in await workspace.load()}
        wanted = [scans[name] for name in names]
        submission = self.station.submit(Kind.FULL, wanted, machine, engine, options)
        assert not submission.refused, submission.refused
        return [row.uid for row in submission.rows]

    async def schedule(self):
        async with asyncio.timeout(45):
            return await self.station.schedule()

    async def until(self, uid, *states):
        async with asyncio.timeout(45):
            while self.journal.row(uid).state not in states:
                self.news.clear()
                await self.news.wait()

    def states(self, *uids):
        return [self.journal.row(uid).state for uid in uids]

    def steps(self, uid):
        return [state for _, state, _ in self.journal.history(uid)]
