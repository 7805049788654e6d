"""What is written into the journal, by whichever process, told to the station's listeners."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from tomobatch.batch.events import EventKind, JobEvent
from tomobatch.batch.job import JobRow
from tomobatch.batch.journal_file import LOOK_AGAIN_S
from tomobatch.batch.states import JobState
from tomobatch.machines.processes import ProcessEnd, look
from tomobatch.machines.watching import Watch, Watcher
from tomobatch.station.station import Station

GATHER_S = 0.1
POLL_S = 1.0
BREATH = 20


@contextmanager
def watching(station: Station, uids: Collection[str] | None = None, since: int = 0) -> Iterator[News]:
    """Watch the journal; see `News`."""
    watcher = Watcher(gather_s=GATHER_S, poll_s=POLL_S, again_s=LOOK_AGAIN_S)
    news = News(station, uids, watcher.watch(station.journal.folder), since)
    try:
        yield news
    finally:
        news.close()
        watcher.close()


class News:
    """News of the journal for the station's listeners.

    Parameters
    ----------
    uids
        The jobs that matter; None for all.
    watch
        Over the journal's folder.
    since
        Change number up to which everything was told already.
    """

    def __init__(self, station: Station, uids: Collection[str] | None, watch: Watch, since: int) -> None:
        self._station, self._watch = station, watch
        self._uids = None if uids is None else frozenset(uids)
        self._states: dict[str, JobState] = {}
        self._change = since
        self._holder: ProcessEnd | None = None
        # What this process is told while it schedules is no news later.
        station.listeners.append(self._remember)

    def _remember(self, event: JobEvent) -> None:
        self._states[event.row.uid] = event.row.state

    @property
    def change(self) -> int:
        """Change number up to which everything was told."""
        return self._change

    async def wait_for_lease(self) -> None:
        """Wait until the journal has changed, the lease was given back, or its holder has ended."""
        self._watch_holder()
        if self._holder is not None and not self._holder.ended:
            await self._watch.changed()
        else:
            # Between the end of a process and its lease, or between the lease and its holder's name.
            await asyncio.sleep(0.01)
        await self.tell()

    async def wait(self) -> None:
        """Wait until the journal has changed."""
        await self._watch.changed()
        await self.tell()

    def _watch_holder(self) -> None:
        """The kernel frees the lease of a killed process, but nobody writes anything then."""
        self._forget_holder()
        pid = self._station.lease.holder_pid()
        process = look(pid) if pid is not None else None
        if process is not None:
            self._holder = ProcessEnd(process.pid, process.start_time, self._watch.wake, poll_s=1.0)

    def _forget_holder(self) -> None:
        if self._holder is not None:
            self._holder.close()
            self._holder = None

    async def tell(self) -> None:
        """Tell what has changed since it was last told; others have their turn in between."""
        self._station.pause.look()
        journal = self._station.journal
        uids, change = journal.names_since(self._change)
        for start in range(0, len(uids), BREATH):
            for row in journal.rows_of(uids[start : start + BREATH]):
                self._tell(row)
            await asyncio.sleep(0)
        # Last: who is cancelled on the way tells the rest another time.
        self._change = change

    def _tell(self, row: JobRow) -> None:
        before = self._states.get(row.uid)
        if row.state is before and row.state.ended:
            return
        if self._uids is None or row.uid in self._uids:
            self._station.tell(EventKind.PROGRESS if row.state is before else EventKind.STATE, row)

    def close(self) -> None:
        """Watch no more."""
        self._station.listeners.remove(self._remember)
        self._forget_holder()
        self._watch.close()
