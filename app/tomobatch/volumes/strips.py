"""How much of a slice is read at once: whole chunks, and no more than a person would wait for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

Strip = tuple[int, npt.NDArray[Any]]
"""The first pixel of a slice that is in it, and the values from there on, flat and of any number type."""
Asked = Callable[[], None]
"""Raises LeftError once nobody waits any more."""

STRIP_BYTES = 8 << 20
CACHE_BYTES = 256 << 20
"""Memory for unpacked chunks, of which neighbouring slices may need the same."""


def strip_rows(dataset: h5py.Dataset, row: int) -> tuple[int, int]:
    """First row and end (exclusive) of the strip of a (slice, row, column) dataset that `row` lies in.

    Whole chunks, so that none is unpacked twice for one slice.
    """
    _, rows, columns = dataset.shape
    height = min(dataset.chunks[1], rows) if dataset.chunks else 1
    fits = max(1, STRIP_BYTES // (columns * dataset.dtype.itemsize * height)) * height
    first = row // fits * fits
    return first, min(first + fits, rows)


def frames_at_once(dataset: h5py.Dataset, rows: int) -> int:
    """How many frames, of so many rows each, are read between two looks at whether anybody waits."""
    depth = dataset.chunks[0] if dataset.chunks else 1
    frame_bytes = rows * dataset.shape[2] * dataset.dtype.itemsize
    return int(max(1, STRIP_BYTES // (frame_bytes * depth)) * depth)


def flat(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """All values, one after the other."""
    return np.ascontiguousarray(values).reshape(-1)
