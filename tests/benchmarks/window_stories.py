"""Stories that measure; they import next to nothing, for they are loaded before the window is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt, QTimer

from desktop.hands import Hands
from desktop.steps import folder_is_read

LOOK_EVERY_S = 0.005
TICK_MS = 1
IDLE_S = 5


async def fill_the_table(hands: Hands, files: int) -> dict[str, float]:
    """A story: when the first frame, the names and what is in the files were to be seen."""
    seen = {"frame_s": time.monotonic()}
    app = hands.app
    await _soon(lambda: app.scans.fileCount == files)
    await hands.frame()
    seen["names_s"] = time.monotonic()
    await _soon(lambda: app.folder.inspected == files and not app.folder.loading)
    await hands.frame()
    return seen | {"inspected_s": time.monotonic()}


async def _soon(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(LOOK_EVERY_S)


async def tick_idle(hands: Hands, files: int, until: str | None) -> dict[str, object]:
    """A story: how late a timer comes in an idle window; for a while, or until a file is there."""
    await folder_is_read(hands, files)
    late = Lateness()
    await asyncio.sleep(IDLE_S)
    while until is not None and not Path(until).exists():
        await asyncio.sleep(0.1)
    return late.end()


async def tick_busy(hands: Hands, files: int, slots: int) -> dict[str, object]:
    """A story: how late a timer comes while the Full of every scan is queued, and runs."""
    await folder_is_read(hands, files)
    queue = hands.app.queue
    queue.target.slotCount = slots
    await hands.click("selectAll")
    await hands.click("runFull")
    await hands.reach("runConfirm")
    # from here on nothing is looked for in the window, which would hold the loop itself
    late = Lateness()
    await hands.key(Qt.Key.Key_Return)
    await hands.wait(lambda: queue.active, "jobs run")
    await hands.wait(lambda: not queue.active, "all jobs ended", 240)
    told = late.end()
    assert f"Completed {files}/{files}" in queue.statusText, queue.statusText
    assert not queue.trouble, queue.trouble
    return told


class Lateness:
    """A timer of a millisecond in the window's thread; how much longer than that each turn took."""

    def __init__(self) -> None:
        self._turns_s = [time.perf_counter()]
        self._timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._turns_s.append(time.perf_counter()))
        self._timer.start()

    def end(self) -> dict[str, object]:
        self._timer.stop()
        late_ms = [max(0.0, 1000 * (turn - before) - TICK_MS) for before, turn in pairwise(self._turns_s)]
        return {"span_s": self._turns_s[-1] - self._turns_s[0], "late_ms": late_ms}
