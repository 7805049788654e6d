"""Whether a job is to be stopped: asked for at any time, also before there is anything to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

STOPPED_IN_TIME = "It was stopped before it began."

_T = TypeVar("_T")


class StoppedInTimeError(Exception):
    """A job was to be stopped while nothing of it ran."""


class StopWish:
    """Whether a job is to be stopped; made before the job's life begins, and known to its scheduler."""

    def __init__(self) -> None:
        self.by_user = False
        self.event = asyncio.Event()

    def ask(self) -> None:
        """Stop it because the user wants it."""
        self.by_user = True
        self.event.set()

    async def unless_asked(self, work: Coroutine[Any, Any, _T]) -> _T:
        """What some work gives; `StoppedInTimeError` as soon as a stop is asked, and it is given up."""
        doing, asked = asyncio.create_task(work), asyncio.create_task(self.event.wait())
        try:
            await asyncio.wait((doing, asked), return_when=asyncio.FIRST_COMPLETED)
            if self.event.is_set():
                raise StoppedInTimeError
            return doing.result()
        finally:
            doing.cancel()
            asked.cancel()
            await asyncio.gather(doing, asked, return_exceptions=True)

    async def pause(self, pause_s: float) -> None:
        """Wait so long, but not longer than until a stop is asked that was not before."""
        if self.event.is_set():
            await asyncio.sleep(pause_s)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self.event.wait()
