"""How late a timer comes in an event loop: for so long something held it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from benchmarks.table import Column

TICK_S = 0.001

_SHARES = {"50": 0.5, "99": 0.99, "99.9": 0.999, "max": 1.0}


class Ticks:
    """A timer of a millisecond in the running loop: when it came, and the thread's computing until then."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._turns: list[tuple[float, float]] = []
        self._tick()

    def _tick(self) -> None:
        self._turns.append((time.perf_counter(), time.thread_time()))
        self._timer = self._loop.call_later(TICK_S, self._tick)

    def end(self) -> dict[str, float]:
        """Figures of `lateness`, and the most that was computed between two turns."""
        self._timer.cancel()
        self._turns.append((time.perf_counter(), time.thread_time()))
        walls, cpus = zip(*self._turns, strict=True)
        late_ms = [max(0.0, 1000 * (turn - before - TICK_S)) for before, turn in pairwise(walls)]
        most_s = max(after - before for before, after in pairwise(cpus))
        return lateness(late_ms, walls[-1] - walls[0]) | {"computed_max_ms": 1000 * most_s}


def lateness(late_ms: Sequence[float], span_s: float) -> dict[str, float]:
    """Figures of how much too late a timer came, turn by turn."""
    late = np.array(late_ms)
    return {f"late_{name}_ms": float(np.quantile(late, share)) for name, share in _SHARES.items()} | {
        "span_s": span_s,
        "turns": len(late),
        "over_16_ms": int((late > 16).sum()),
        "over_50_ms": int((late > 50).sum()),
        "held_percent": float(late[late > 16].sum()) / span_s / 10,
    }


HOLDS: tuple[Column, ...] = (
    ("span, s", "span_s", ".1f"),
    ("turns", "turns", "d"),
    ("late by, ms: median", "late_50_ms", ".1f"),
    ("99 %", "late_99_ms", ".1f"),
    ("99.9 %", "late_99.9_ms", ".1f"),
    ("most", "late_max_ms", ".1f"),
    ("over 16 ms", "over_16_ms", "d"),
    ("over 50 ms", "over_50_ms", "d"),
    ("time in holds over 16 ms, %", "held_percent", ".1f"),
)
