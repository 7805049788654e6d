"""How much disk there is, and what will be left when the batch is done."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tomobatch.batch.job import JobRow
from tomobatch.desktop.question import free_bytes
from tomobatch.desktop.tasks import Tasks
from tomobatch.station.words import size_text

LOOK_S = 5.0
ANSWER_S = 3.0


def space_text(free_bytes: int, needed_bytes: int | None) -> str:
    """``1.8 TB free, 1.2 TB after this batch``; `needed_bytes` None where the need of a job is not known."""
    if needed_bytes is None:
        return f"{size_text(free_bytes)} free"
    left_bytes = free_bytes - needed_bytes
    if left_bytes < 0:
        return f"{size_text(free_bytes)} free, {size_text(-left_bytes)} too little for this batch"
    return f"{size_text(free_bytes)} free, {size_text(left_bytes)} after this batch"


class Space:
    """Looks at the disk every few seconds while jobs run or wait.

    Parameters
    ----------
    changed
        Called when `text` is another one.
    """

    def __init__(self, tasks: Tasks, changed: Callable[[], None], look_s: float = LOOK_S) -> None:
        self._tasks, self._changed, self._look_s = tasks, changed, look_s
        self._needs: dict[str, int] = {}
        self._active: Mapping[str, JobRow] = {}
        self._looking: asyncio.Task[None] | None = None
        self._asked: dict[Path, asyncio.Future[int]] = {}
        self.text = ""

    def note_needs(self, needs_bytes: Mapping[str, int]) -> None:
        """Note what the results of jobs will need, by the jobs' names."""
        self._needs.update(needs_bytes)

    def follow(self, active: Mapping[str, JobRow]) -> None:
        """Take the jobs of a batch that have not ended, by name; the mapping is kept, not copied."""
        self._active = active
        if self._active and self._looking is None:
            self._looking = self._tasks.start(self._look(), "looking at the free space")
        elif not self._active and self._looking is not None:
            self._looking.cancel()
            self._looking = None
            self._needs.clear()
            self._show("")

    async def free(self, folder: Path) -> int | None:
        """Free bytes where the results of a data folder lie; None where nobody answers within seconds."""
        asked = self._asked.get(folder)
        if asked is None:
            # Of a disk that hangs it is asked once: each question takes a thread until it answers.
            asked = asyncio.get_running_loop().run_in_executor(None, free_bytes, folder)
            self._asked[folder] = asked
            asked.add_done_callback(lambda done: self._answered(folder, done))
        try:
            async with asyncio.timeout(ANSWER_S):
                return await asyncio.shield(asked)
        except (OSError, TimeoutError):
            return None

    def _answered(self, folder: Path, answer: asyncio.Future[int]) -> None:
        del self._asked[folder]
        with contextlib.suppress(OSError, asyncio.CancelledError):
            answer.result()

    async def _look(self) -> None:
        while True:
            rows = list(self._active.values())
            free = await self.free(Path(rows[0].job.path).parent)
            self._show("" if free is None else space_text(free, self._needed_bytes(rows)))
            await asyncio.sleep(self._look_s)

    def _needed_bytes(self, rows: Sequence[JobRow]) -> int | None:
        """What jobs will still write: what they have written is not free any more."""
        if any(row.uid not in self._needs for row in rows):
            return None
        return sum(round(self._needs[row.uid] * (1.0 - row.progress)) for row in rows)

    def _show(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self._changed()
