"""Stories of big folders; they import next to nothing, for they are loaded before the window is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.window_stories import Lateness
from desktop.hands import Hands

LOOK_EVERY_S = 0.002
COLUMNS = 7
FLICKS = 12
PAGE_BYTES = 4096
STEPS = ("refresh", "sort", "filter", "select", "flick", "question", "queue", "queued flick", "stop")


async def live_with_a_folder(hands: Hands, place: str, files: int) -> dict[str, object]:
    """A story: a folder is opened in a window at rest; all is done with it that looks at every row."""
    await hands.wait(lambda: hands.app.ready and hands.app.queue.target.engineText)
    before_bytes = _memory_bytes()
    life = _Life(hands, place, files)
    steps = [await life.measured("open")]
    opened_bytes = _memory_bytes()
    steps += [await life.measured(name) for name in STEPS]
    return {
        "steps": steps,
        "memory_before_bytes": before_bytes,
        "memory_opened_bytes": opened_bytes,
        "memory_end_bytes": _memory_bytes(),
    }


class _Life:
    """What a person does with a folder, step by step; nothing starts, the queue is paused."""

    def __init__(self, hands: Hands, place: str, files: int) -> None:
        self.hands, self.app, self.place, self.files = hands, hands.app, place, files
        self.app._station.set_pause("measuring")

    async def measured(self, step: str) -> dict[str, object]:
        """Do a step; how long it took, and how late a timer came meanwhile."""
        await self.hands.frame()
        late = Lateness()
        more = await getattr(self, step.replace(" ", "_"))()
        await self.hands.frame()
        return {"step": step, **late.end(), **(more or {})}

    async def open(self) -> dict[str, float]:
        began_s = time.perf_counter()
        self.app.folder.openPath(self.place)
        await _soon(lambda: self.app.scans.fileCount == self.files)
        await self.hands.frame()
        names_s = time.perf_counter() - began_s
        await _soon(lambda: self.app.folder.inspected == self.files and not self.app.folder.loading)
        await self.hands.frame()
        return {"names_s": names_s, "inspected_s": time.perf_counter() - began_s}

    async def refresh(self) -> None:
        self.app.folder.refresh()
        await _soon(lambda: not self.app.folder.loading)

    async def sort(self) -> None:
        for column in (*range(COLUMNS), 1):
            self.app.scans.sortBy(column)
            await self.hands.frame()

    async def filter(self) -> None:
        for text in ("7", "77", "state:ready", "state:failed", ""):
            self.app.scans.filter = text
            await self.hands.frame()

    async def select(self) -> None:
        self.app.selection.all()
        await self.hands.frame()
        self.app.selection.none()
        await self.hands.frame()
        self.app.selection.all()

    async def flick(self) -> None:
        for number in range(FLICKS):
            end = (0.3, 0.15) if number % 4 < 3 else (0.3, 0.85)
            await self.hands.flick("scanList", (0.3, 0.5), end)
            await asyncio.sleep(0.3)

    async def question(self) -> None:
        self.app.runs.ask("try")
        await _soon(lambda: self.app.runs.askCount == self.files and self.hands.is_shown("runConfirm"))

    async def queue(self) -> None:
        await self.hands.click("runConfirm")
        await _soon(lambda: self.app.queue.waiting == self.files)

    async def queued_flick(self) -> None:
        await self.flick()

    async def stop(self) -> None:
        self.app.queue.stop()
        await _soon(lambda: not self.app.queue.active)


def _memory_bytes() -> int:
    """Resident memory of this process (proc(5), statm)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


async def _soon(true: Callable[[], Any]) -> None:
    while not true():
        await asyncio.sleep(LOOK_EVERY_S)
