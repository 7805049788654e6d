"""Frames of one kind inside a dataset, read with each chunk touched once a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import MOST_NUMBERS, explained, file_name
from tomobatch.names import shown

Run = tuple[int, int]
"""First frame and end (exclusive) of neighbouring frames."""


@dataclass(frozen=True)
class Stack:
    """The frames of one kind (projections, flats, darks) in a (frame, row, column) dataset.

    Parameters
    ----------
    dataset
        Of an open file; three-dimensional, numbers.
    runs
        Which frames, in order.
    """

    dataset: h5py.Dataset
    runs: tuple[Run, ...]

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return sum(end - start for start, end in self.runs)

    @property
    def rows(self) -> int:
        """Detector rows."""
        return int(self.dataset.shape[1])

    @property
    def columns(self) -> int:
        """Detector columns."""
        return int(self.dataset.shape[2])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the numbers, in this machine's byte order."""
        stored: np.dtype[Any] = self.dataset.dtype
        return stored.newbyteorder("=")

    def first(self, count: int) -> Stack:
        """The stack cut to its first `count` frames."""
        return Stack(self.dataset, _within(self.runs, 0, count))

    def read(self, start: int, end: int, rows: slice, columns: slice) -> np.ndarray:
        """Frames `start` to `end` (exclusive), cropped, as a (frame, row, column) array.

        One HDF5 request, whatever the runs: each chunk is unpacked once.
        """
        row, row_end, _ = rows.indices(self.rows)
        column, column_end, _ = columns.indices(self.columns)
        size = (max(0, row_end - row), max(0, column_end - column))
        runs = _within(self.runs, start, end)
        result = np.empty((sum(b - a for a, b in runs), *size), self.dtype)
        if result.size:
            self._fill(result, runs, (row, column))
        return result

    def _fill(self, result: np.ndarray, runs: tuple[Run, ...], corner: tuple[int, int]) -> None:
        with explained(file_name(self.dataset.file), "truncated"):
            self._refuse_unknown_filter()
            space = self.dataset.id.get_space()
            space.select_none()
            for start, end in runs:
                block = (end - start, *result.shape[1:])
                space.select_hyperslab((start, *corner), block, op=h5py.h5s.SELECT_OR)
            self.dataset.id.read(h5py.h5s.create_simple(result.shape), space, result)

    def _refuse_unknown_filter(self) -> None:
        for code, name in filters(self.dataset):
            if not h5py.h5z.filter_avail(code):
                sentence = (
                    f"{file_name(self.dataset.file)} is compressed with {name}, which this cannot unpack."
                )
                raise TomoBatchError("unknown-compression", sentence)


def _within(runs: tuple[Run, ...], start: int, end: int) -> tuple[Run, ...]:
    """The part of `runs` that holds their frames number `start` to `end` (exclusive)."""
    kept = []
    passed = 0
    for first, last in runs:
        a, b = first + max(0, start - passed), min(last, first + end - passed)
        if a < b:
            kept.append((a, b))
        passed += last - first
    return tuple(kept)


def filters(dataset: h5py.Dataset) -> list[tuple[int, str]]:
    """Code and name of each filter (compression, shuffle …) the dataset was written through."""
    plist = dataset.id.get_create_plist()
    found = (plist.get_filter(i) for i in range(plist.get_nfilters()))
    return [(entry[0], shown(entry[3].decode("utf-8", "replace")) or f"filter {entry[0]}") for entry in found]


def frames_of(dataset: h5py.Dataset | None, path: str, name: str) -> h5py.Dataset:
    """The dataset, proven to be a stack of frames with at least one pixel a frame.

    Raises
    ------
    TomoBatchError
        ``no-data``, ``wrong-shape``, ``not-numbers``.
    """
    if dataset is None:
        raise TomoBatchError("no-data", f"{name} has no {path}; it is not a scan, or not finished.")
    shape = dataset.shape
    if shape is None or len(shape) != 3:
        raise TomoBatchError(
            "wrong-shape", f"{path} in {name} should be (angle, row, column); its shape is {shape}."
        )
    if dataset.dtype.kind not in "uif":
        raise TomoBatchError("not-numbers", f"{path} in {name} holds {dataset.dtype}, not numbers.")
    if shape[0] > MOST_NUMBERS:
        raise TomoBatchError("wrong-shape", f"{path} in {name} has {shape[0]} frames: no scan has so many.")
    if 0 in shape:
        raise TomoBatchError("no-data", f"{path} in {name} is empty: its shape is {shape}.")
    return dataset
