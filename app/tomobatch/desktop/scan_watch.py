"""Tells when to look at a folder again; knows no Qt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from tomobatch.batch.filesystems import is_network_file_system
from tomobatch.machines.watching import Watcher

GATHER_S = 1.0
POLL_S = 15.0
"""Between two looks where changes are not told: another host may write there."""
ACQUIRING_S = 5.0
"""Between two looks while a scan is being written: when it stops, nothing tells."""


async def changes_in(folder: Path, at_most_s: Callable[[], float | None]) -> AsyncGenerator[None, None]:
    """Give a turn at once, and whenever files in the folder may have changed, for ever.

    Parameters
    ----------
    at_most_s
        Asked before each turn how long it may take, whether something changes or not; None for ever.
    """
    told = not await asyncio.to_thread(is_network_file_system, folder)
    watcher = Watcher(gather_s=GATHER_S, poll_s=POLL_S)
    watch = watcher.watch(folder)
    try:
        # What changed before the watch began.
        yield
        while True:
            wait_s = at_most_s() or (None if told else POLL_S)
            try:
                async with asyncio.timeout(wait_s):
                    await watch.changed()
            except TimeoutError:
                pass
            yield
    finally:
        watch.close()
        watcher.close()
