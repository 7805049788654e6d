"""Memory that is used again: fresh pages cost more time than the reading that fills them."""

from __future__ import annotations

import math
import mmap
import queue
import threading
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

# Free pieces of each size that are kept.
_KEPT = 2
# Of pieces larger than this one alone is.
_LARGE_BYTES = 128 << 20
# Smaller ones come back from the language's own allocator without new pages.
_SMALLEST_BYTES = 1 << 16


class _Loan(np.ndarray[Any, np.dtype[np.uint8]]):
    """Lies below all arrays that use a piece of memory, and goes with the last of them."""


class Buffers:
    """Gives arrays, and takes their memory back by itself once nothing refers to them any more."""

    def __init__(self) -> None:
        self._free: dict[int, _Pieces] = {}
        _once_gone(self, _keep_no_more, self._free)
        _start_freeing()

    def empty(self, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32) -> npt.NDArray[Any]:
        """Like `numpy.empty`, MemoryError included; from any thread."""
        kind = np.dtype(dtype)
        size = math.prod(shape) * kind.itemsize
        if size < _SMALLEST_BYTES:
            return np.empty(shape, kind)
        # Powers of two, so that nearly equal sizes share; pages that are not touched cost nothing.
        loan = self._piece(1 << (size - 1).bit_length())
        return np.asarray(loan)[:size].view(kind).reshape(shape)

    def prepare(self, *sizes: int) -> None:
        """Have a piece of memory of each size (bytes, powers of two) ready; slow, for a thread."""
        for size in sizes:
            loan = self._piece(size)
            loan[:: mmap.PAGESIZE] = 0
            del loan

    def _piece(self, size: int) -> _Loan:
        free = self._free.get(size)
        if free is None:
            free = self._free.setdefault(size, _Pieces(_KEPT if size <= _LARGE_BYTES else 1))
        piece = free.take() or _fresh(size)
        # Right above memory that is no array: between two arrays numpy would leave the loan out.
        loan = _Loan(size, np.uint8, piece)
        _once_gone(loan, free.give_back, piece)
        return loan


class _Pieces:
    """Free ones of one size, at most so many. Without a lock: they come back in the midst of anything."""

    def __init__(self, most: int) -> None:
        self.most, self._free = most, deque[mmap.mmap]()

    def __len__(self) -> int:
        return len(self._free)

    def take(self) -> mmap.mmap | None:
        """One that was used before, if there is any."""
        with suppress(IndexError):
            return self._free.pop()
        return None

    def give_back(self, piece: mmap.mmap) -> None:
        """Keep it, and let go of another one where there are enough."""
        self._free.append(piece)
        self.let_go()

    def let_go(self) -> None:
        """Give up those that are too many."""
        while len(self._free) > self.most:
            with suppress(IndexError):
                _given_up.put(self._free.popleft())


# Where the system has no large pages two gigabytes take it 180 ms to free (6 ms where it has): the window's
# thread may be the last to let go of them.
_given_up: queue.SimpleQueue[mmap.mmap] = queue.SimpleQueue()


def _once_gone(thing: object, call: Callable[..., None], *given: object) -> None:
    """Not at the end of the program: a thread may still be filling its memory then."""
    weakref.finalize(thing, call, *given).atexit = False  # type: ignore[misc] # mypy takes it for a slot


def _keep_no_more(free: dict[int, _Pieces]) -> None:
    for pieces in free.values():
        pieces.most = 0
        pieces.let_go()


def _free_what_is_given_up() -> None:
    while True:
        _given_up.get().close()


@cache
def _start_freeing() -> None:
    threading.Thread(target=_free_what_is_given_up, name="memory", daemon=True).start()


def _fresh(size: int) -> mmap.mmap:
    try:
        piece = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except (OSError, OverflowError) as error:
        # Sizes may come from strangers; who reads knows what to say of this.
        raise MemoryError from error
    # Some kernels have no large pages; they are a matter of speed alone.
    with suppress(OSError):
        piece.madvise(mmap.MADV_HUGEPAGE)
    return piece
