"""Memory that is used again: fresh pages cost more time than the reading that fills them."""

from __future__ import annotations

import math
import mmap
import weakref
from collections import deque
from contextlib import suppress
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
        self._free: dict[int, deque[mmap.mmap]] = {}

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
        free = self._free.setdefault(size, deque(maxlen=_KEPT if size <= _LARGE_BYTES else 1))
        try:
            piece = free.pop()
        except IndexError:
            piece = _fresh(size)
        # Right above memory that is no array: between two arrays numpy would leave the loan out.
        loan = _Loan(size, np.uint8, piece)
        # A deque needs no lock: memory may come back in any thread, in the midst of anything.
        weakref.finalize(loan, free.append, piece)
        return loan


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
