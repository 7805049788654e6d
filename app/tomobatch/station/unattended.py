"""The queue without a window: started when a window closes and jobs still wait."""

from __future__ import annotations

import asyncio
import signal
import sys

from tomobatch.errors import TomoBatchError
from tomobatch.station.handover import Wish
from tomobatch.station.news import News, watching
from tomobatch.station.station import Station


def main() -> int:
    """Schedule until nothing runs or waits, or a window wants to do it."""
    try:
        asyncio.run(_serve())
    except asyncio.CancelledError:
        # It was asked to end: what runs goes on, what waits is in the journal.
        return 0
    except TomoBatchError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 1
    return 0


async def _serve() -> None:
    _end_on_signals()
    async with Station() as station:
        wish = Wish(station.journal.folder)
        with watching(station) as news:
            while station.journal.any_active() and not wish.made:
                if not station.lease.try_take():
                    await news.wait_for_lease()
                    continue
                try:
                    dropped = await _schedule_until_wanted(station, news, wish)
                finally:
                    station.lease.release()
                if dropped:
                    return


def _end_on_signals() -> None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine of asyncio.run is one
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


async def _schedule_until_wanted(station: Station, news: News, wish: Wish) -> bool:
    """Schedule; True when the watch over some jobs could not be kept up, and they are left as they are."""
    scheduling = asyncio.create_task(station.schedule())
    wanted = asyncio.create_task(_until_wanted(news, wish))
    try:
        await asyncio.wait((scheduling, wanted), return_when=asyncio.FIRST_COMPLETED)
        return bool(await scheduling) if scheduling.done() else False
    finally:
        for task in (scheduling, wanted):
            task.cancel()
        await asyncio.gather(scheduling, wanted, return_exceptions=True)


async def _until_wanted(news: News, wish: Wish) -> None:
    while not wish.made:
        await news.wait()
