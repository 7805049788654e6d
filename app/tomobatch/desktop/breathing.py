"""Long work in the window's thread, with breaths in between in which the window is drawn."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Sequence
from typing import TypeVar

BREATH = 20
"""Pieces of heavy work, a job's snapshot for example, between two breaths."""
LIGHT_BREATH = 500

T = TypeVar("T")
U = TypeVar("U")


async def in_breaths(items: Sequence[T], do: Callable[[T], U], breath: int = LIGHT_BREATH) -> list[U]:
    """What `do` makes of each item; after each `breath` of them others have their turn."""
    made: list[U] = []
    for start in range(0, len(items), breath):
        made += map(do, items[start : start + breath])
        await breathe()
    return made


async def breathe() -> None:
    """Let others have their turn; what was made so far is here to stay."""
    keep()
    await asyncio.sleep(0)


def keep() -> None:
    """Tell the collector of cycles that what is there now stays.

    It would look through ten thousand rows and jobs again and again, 200 ms each time, and find nothing.
    What nobody uses any more is freed all the same, unless it is a cycle.
    """
    gc.freeze()
