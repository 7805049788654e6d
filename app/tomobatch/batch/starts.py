"""Starts go before judgements: a GPU that waits costs more than a result that waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Starts:
    """Counts the jobs that are just being started."""

    def __init__(self) -> None:
        self._under_way: set[object] = set()
        self._none = asyncio.Event()
        self._none.set()

    def begin(self) -> Callable[[], None]:
        """Count a start in; what is returned, called once or more often, counts it out."""
        start = object()
        self._under_way.add(start)
        self._none.clear()

        def end() -> None:
            self._under_way.discard(start)
            if not self._under_way:
                self._none.set()

        return end

    async def settled(self, most_s: float) -> None:
        """Return when no start is under way, or after `most_s`: many short jobs may start without a pause."""
        try:
            async with asyncio.timeout(most_s):
                await self._none.wait()
        except TimeoutError:
            return
