"""Cycles that nobody uses any more are freed in the window's thread alone."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

LOOK_MS = 200
"""How often to look whether there is anything to free."""
# Rounds of the young between two of the older; Python's own default.
_ROUNDS = 10
# Of the time, that looking through everything may take: one part in so many.
_SHARE = 100


class Garbage:
    """Does what Python's collector would do by itself, but only when it is told to.

    By itself it runs in whichever thread makes the next object. In one that reads slices it deleted objects
    of Qt (a viewer is many cycles) while the window's thread still sent them events: the program crashed.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s, self._whole_at_s = now_s, 0.0
        self._young = max(1, gc.get_threshold()[0])
        gc.disable()

    def look(self) -> None:
        """Free what there is to free if enough has come together; in the window's thread."""
        young, middle, old = gc.get_count()
        if young <= self._young:
            return
        if middle <= _ROUNDS:
            gc.collect(0)
        elif old <= _ROUNDS or self._now_s() < self._whole_at_s:
            gc.collect(1)
        else:
            self._look_through_all()

    def _look_through_all(self) -> None:
        begun_s = self._now_s()
        gc.collect()
        ended_s = self._now_s()
        self._whole_at_s = ended_s + _SHARE * (ended_s - begun_s)
