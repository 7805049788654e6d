"""Seeing jobs through, be it as the one who schedules or by watching the journal."""

from __future__ import annotations

from collections.abc import Collection

from tomobatch.errors import TomoBatchError
from tomobatch.station.news import watching
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
    station.pause.look()
    with watching(station, uids) as news:
        while left := station.journal.active_uids() & set(uids):
            if not station.lease.try_take():
                await news.wait_for_lease()
                continue
            try:
                dropped = await station.schedule(stop_only)
            finally:
                station.lease.release()
            if left & set(dropped):
                count = len(left & set(dropped))
                sentence = f"{count} jobs could not be followed to their end; `tomobatch resume` tries again."
                raise TomoBatchError("not-watched", sentence)
        await news.tell()
