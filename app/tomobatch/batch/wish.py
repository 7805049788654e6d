"""Whether a job is to be stopped: asked for at any time, also before there is anything to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

STOPPED_IN_TIME = "It was stopped before it began."

_T = TypeVar("_T")


async def either(
    work: Coroutine[Any, Any, _T], other: Coroutine[Any, Any, object]
) -> tuple[asyncio.Task[_T], asyncio.Task[object]]:
    """Do both until one has ended, and give up the other: two tasks that are done."""
    doing, beside = asyncio.create_task(work), asyncio.create_task(other)
    try:
        await asyncio.wait((doing, beside), return_when=asyncio.FIRST_COMPLETED)
    finally:
        doing.cancel()
        beside.cancel()
        await asyncio.gather(doing, beside, return_exceptions=True)
    return doing, beside


class StoppedInTimeError(Exception):
    """A job was to be stopped while nothing of it ran."""


class StopWish:
    """Whether a job is to be stopped; made before the job's life begins, and known to its scheduler.

    Attributes
    ----------
    settling
        Its end is known, or comes to be known without its machine, within the time that a check may take: it
        need not be given up any more.
    """

    def __init__(self) -> None:
        self.by_user = False
        self.event = asyncio.Event()
        self.given_up = asyncio.Event()
        self.settling = False

    def begin(self, asked: bool) -> None:
        """A life of the job begins; one before it may have broken off while it settled its end."""
        self.settling = False
        if asked:
            self.ask()

    def ask(self) -> None:
        """Stop it because the user wants it."""
        self.by_user = True
        self.event.set()

    def give_up(self) -> None:
        """Stop it, and do not wait for a machine that does not answer."""
        self.ask()
        self.given_up.set()

    async def unless_asked(self, work: Coroutine[Any, Any, _T]) -> _T:
        """What some work gives; `StoppedInTimeError` as soon as a stop is asked, and it is given up."""
        doing, _ = await either(work, self.event.wait())
        if self.event.is_set():
            raise StoppedInTimeError
        return doing.result()

    async def pause(self, pause_s: float) -> None:
        """Wait so long, but not longer than until more is asked than was before."""
        next_wish = self.given_up if self.event.is_set() else self.event
        if next_wish.is_set():
            await asyncio.sleep(pause_s)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await next_wish.wait()
