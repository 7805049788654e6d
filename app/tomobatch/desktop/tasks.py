"""Tasks with an owner: none is forgotten, and what goes wrong in one is said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from tomobatch.errors import TomoBatchError

log = logging.getLogger(__name__)


class Tasks:
    """All tasks that the window has started.

    Parameters
    ----------
    on_error
        Called with a sentence when a task failed.
    """

    def __init__(self, on_error: Callable[[str], None]) -> None:
        self._on_error = on_error
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run something beside the window until it ends, or the program does."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        if self._closed:
            task.cancel()
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, TomoBatchError):
            self._on_error(error.sentence)
            return
        log.error("%s failed", task.get_name(), exc_info=error)
        self._on_error(f"Something unforeseen went wrong ({task.get_name()}: {error}). Jobs that run go on.")

    async def close(self) -> None:
        """Cancel what still runs, and wait for its end."""
        self._closed = True
        while self._running:
            for task in self._running:
                task.cancel()
            await asyncio.wait(self._running)
