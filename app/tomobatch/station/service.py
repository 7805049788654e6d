"""The queue of a program that stays: scheduled whenever something waits and nobody else does it."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Callable

from tomobatch.errors import TomoBatchError
from tomobatch.station.handover import Wish
from tomobatch.station.news import News, watching
from tomobatch.station.station import Station

log = logging.getLogger(__name__)

RETRY_S = 5.0
# Jobs whose watch could not be kept up are taken up again after so long: the disk may be free by then.
DROPPED_AGAIN_S = 30.0


class Service:
    """Schedules for as long as it runs, and takes over from other processes when they end.

    Parameters
    ----------
    say
        Called with a sentence when the queue cannot be seen to just now; it is tried again.
    on_holder
        Called with the process that schedules instead of this one, or None.
    since
        Change number of the journal up to which the listeners know everything.
    """

    def __init__(
        self,
        station: Station,
        say: Callable[[str], None],
        on_holder: Callable[[int | None], None],
        since: int = 0,
    ) -> None:
        self._station, self._say, self._on_holder = station, say, on_holder
        self._since = since
        self._wish = Wish(station.journal.folder)
        self._dropped: set[str] = set()
        self._last_said = ""

    async def run(self) -> None:
        """Serve until cancelled; then what runs goes on, and the next scheduler finds it."""
        with watching(self._station, since=self._since) as news:
            try:
                while True:
                    await self._serve_or_tell(news)
            finally:
                # It may be run again: then the listeners know all until here.
                self._since = news.change

    async def _serve_or_tell(self, news: News) -> None:
        try:
            await self._serve_once(news)
        except TomoBatchError as error:
            await self._trouble(error.sentence, error)
        except (sqlite3.Error, OSError) as error:
            await self._trouble(f"The job journal cannot be used just now ({error}).", error)
        except ExceptionGroup as group:
            await self._trouble(f"The queue broke off ({_innermost(group)}).", group)

    async def _trouble(self, sentence: str, error: Exception) -> None:
        if sentence != self._last_said:
            log.error("the queue broke off", exc_info=error)
            self._say(f"{sentence} Jobs that run go on; it is tried again.")
        self._last_said = sentence
        await asyncio.sleep(RETRY_S)

    async def _serve_once(self, news: News) -> None:
        await news.tell()
        if not self._station.journal.any_active(besides=self._dropped):
            self._on_holder(None)
            await self._wait_for_work(news)
        elif self._station.lease.try_take():
            await self._schedule(news)
        else:
            self._ask_for_lease()
            await news.wait_for_lease()

    async def _wait_for_work(self, news: News) -> None:
        try:
            async with asyncio.timeout(DROPPED_AGAIN_S if self._dropped else None):
                await news.wait()
        except TimeoutError:
            self._dropped.clear()

    def _ask_for_lease(self) -> None:
        self._on_holder(self._station.lease.holder_pid())
        self._wish.make(os.getpid())

    async def _schedule(self, news: News) -> None:
        self._wish.withdraw()
        self._on_holder(None)
        telling = asyncio.create_task(_keep_telling(news))
        try:
            self._dropped |= set(await self._station.schedule())
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            self._station.lease.release()
        self._last_said = ""


async def _keep_telling(news: News) -> None:
    while True:
        await news.wait()


def _innermost(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
