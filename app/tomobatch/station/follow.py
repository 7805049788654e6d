"""Seeing jobs through, be it as the one who schedules or by watching the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from tomobatch.batch.events import EventKind, JobEvent
from tomobatch.batch.states import JobState
from tomobatch.errors import TomoBatchError
from tomobatch.machines.processes import ProcessEnd, look
from tomobatch.machines.watching import Watch, Watcher
from tomobatch.station.station import Station


async def see_through(station: Station, uids: Collection[str], stop_only: bool = False) -> None:
    """Return once these jobs have ended; the station's listeners are told what happens meanwhile.

    Schedules where no other process does, and takes over when that one ends. With `stop_only` it
    starts nothing: the jobs were asked to stop, and others go on waiting.

    Raises
    ------
    TomoBatchError
        ``not-watched`` when the watch over some of them could not be kept up.
    """
    with _watching(station, uids) as news:
        while left := station.journal.active_uids() & set(uids):
            if not station.lease.try_take():
                await news.wait()
                continue
            try:
                dropped = await station.schedule(stop_only)
            finally:
                station.lease.release()
            if left & set(dropped):
                count = len(left & set(dropped))
                sentence = f"{count} jobs could not be followed to their end; `tomobatch resume` tries again."
                raise TomoBatchError("not-watched", sentence)
        news.tell()


@contextmanager
def _watching(station: Station, uids: Collection[str]) -> Iterator[_News]:
    watcher = Watcher(gather_s=0.1, poll_s=1.0)
    news = _News(station, uids, watcher.watch(station.journal.folder))
    try:
        yield news
    finally:
        news.close()
        watcher.close()


class _News:
    """What another process that schedules writes into the journal, told to our listeners."""

    def __init__(self, station: Station, uids: Collection[str], watch: Watch) -> None:
        self._station, self._uids, self._watch = station, frozenset(uids), watch
        self._states: dict[str, JobState] = {}
        self._change = 0
        self._holder: ProcessEnd | None = None
        # What this process is told while it schedules is no news later.
        station.listeners.append(self._remember)

    def _remember(self, event: JobEvent) -> None:
        self._states[event.row.uid] = event.row.state

    async def wait(self) -> None:
        """Wait until the journal has changed, the lease was given back, or its holder has ended."""
        self._watch_holder()
        if self._holder is not None and not self._holder.ended:
            await self._watch.changed()
        else:
            # Between the end of a process and its lease, or between the lease and its holder's name.
            await asyncio.sleep(0.01)
        self.tell()

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

    def tell(self) -> None:
        """Tell what has changed since it was last told."""
        rows, self._change = self._station.journal.changed_since(self._change)
        for row in rows:
            before = self._states.get(row.uid)
            if row.uid not in self._uids or (row.state is before and row.state.ended):
                continue
            self._station.tell(EventKind.PROGRESS if row.state is before else EventKind.STATE, row)

    def close(self) -> None:
        """Watch no more."""
        self._station.listeners.remove(self._remember)
        self._forget_holder()
        self._watch.close()
