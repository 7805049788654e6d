"""Several worker processes for one pile of work."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence

from tomobatch.worker.client import Worker

ENOUGH = 100
"""Pieces of work for which one more process pays: its start costs as much as some hundred looks at a file."""
MOST = 4


class Crew:
    """Makes workers when there is work for them; they stay until the end.

    Parameters
    ----------
    first
        Does all of it while there is little.
    make
        Makes another one.
    most
        How many there may be; as many as there are cores, up to four, when not given.
    """

    def __init__(self, first: Worker, make: Callable[[], Worker], most: int | None = None) -> None:
        self._workers, self._make = [first], make
        self._most = most or min(MOST, len(os.sched_getaffinity(0)))

    def members(self, pieces: int) -> Sequence[Worker]:
        """Workers for so many pieces of work, the first one among them."""
        wanted = max(1, min(self._most, pieces // ENOUGH))
        while len(self._workers) < wanted:
            self._workers.append(self._make())
        return self._workers[:wanted]

    async def close(self) -> None:
        """End all of them."""
        await asyncio.gather(*(worker.close() for worker in self._workers))
