"""Machines are asked what must be known of them in tasks of their own: none holds up another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import suppress
from itertools import chain, repeat

from tomobatch.batch.ground import Pool
from tomobatch.errors import TomoBatchError

log = logging.getLogger(__name__)


def growing(pauses_s: Sequence[float]) -> Iterator[float]:
    """Pauses before one try and the next, the last one for ever."""
    return chain(pauses_s, repeat(pauses_s[-1]))


class Looks:
    """What was asked of which machine, and who is being asked just now.

    A machine that does not answer is called again and again, with growing pauses, while a job waits for it.

    Parameters
    ----------
    look
        Asks a machine; TomoBatchError where it does not answer.
    answers
        Whether a machine (by name) counts as one that answers.
    wake
        Called when something has become known.
    pauses_s
        See `growing`.

    Attributes
    ----------
    troubles
        Why machines that answer are of no use just now, by their names.
    """

    def __init__(
        self,
        look: Callable[[str, str], Awaitable[None]],
        answers: Callable[[str], bool],
        wake: Callable[[], None],
        pauses_s: Sequence[float],
    ) -> None:
        self._look, self._answers, self._wake, self._pauses_s = look, answers, wake, pauses_s
        self.troubles: dict[str, str] = {}
        self._known: set[Pool] = set()
        self._doubted: set[str] = set()
        self._asking: dict[Pool, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent: set[str] = set()
        self._back: dict[str, asyncio.Event] = {}

    def known(self, pool: Pool) -> bool:
        """Whether a machine was asked what a job on such a slot needs."""
        return pool in self._known

    def want(self, pools: Collection[Pool]) -> None:
        """See to it that these become known; what nobody waits for any more is asked no longer."""
        for pool in self._asking.keys() - set(pools):
            self._asking.pop(pool).cancel()
        for name in {name for name, _ in self._asking}:
            self._hurry(name)
        for pool in pools:
            if pool not in self._known and pool not in self._asking:
                task = asyncio.create_task(self._ask(pool), name=f"look at {pool[0]}")
                self._asking[pool] = task
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _hurry(self, machine: str) -> None:
        """Ask a machine at once that answers somebody else by now."""
        if not self._answers(machine):
            self._silent.add(machine)
        elif machine in self._silent:
            self._silent.discard(machine)
            self._back.pop(machine, asyncio.Event()).set()

    def forget(self, machine: str) -> None:
        """A machine was lost: it is asked anew before anything starts there."""
        self._known = {pool for pool in self._known if pool[0] != machine}

    def doubt(self, machine: str) -> None:
        """The way to a machine has just broken: it is asked anew, but not at once."""
        self.forget(machine)
        self._doubted.add(machine)

    async def close(self) -> None:
        """Ask nobody any more."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._asking.clear()

    async def _ask(self, pool: Pool) -> None:
        doubted = pool[0] in self._doubted
        self._doubted.discard(pool[0])
        for pause_s in growing(self._pauses_s):
            if not doubted and await self._answered(pool):
                break
            doubted = False
            await self._pause(pool[0], pause_s)
        self._known.add(pool)
        del self._asking[pool]
        self._wake()

    async def _pause(self, machine: str, pause_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._back.setdefault(machine, asyncio.Event()).wait()

    async def _answered(self, pool: Pool) -> bool:
        try:
            await self._look(*pool)
        except TomoBatchError as error:
            log.info("%s: %s", pool[0], error.sentence)
            if self._answers(pool[0]) and self.troubles.get(pool[0]) != error.sentence:
                self.troubles[pool[0]] = error.sentence
                self._wake()
            return False
        except Exception:
            # Unforeseen, a mistake of ours: the other machines go on.
            log.exception("%s could not be asked", pool[0])
            return False
        self.troubles.pop(pool[0], None)
        return self._answers(pool[0])
