"""Flat-field correction: means of flats and darks, and bands of detector rows for sinograms.

Each is read in pieces, and goes on where it was left when it is asked for again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tomobatch.errors import TomoBatchError
from tomobatch.formats.contents import Reference
from tomobatch.formats.hdf5 import file_name
from tomobatch.formats.stack import Stack
from tomobatch.volumes.source import Floats
from tomobatch.volumes.strips import CACHE_BYTES, Asked, frames_at_once

_ALL = slice(None)
# Two of them are held: where one ends, people go to and fro.
_BAND_BYTES = CACHE_BYTES // 2
# Where no chunk must be unpacked whole, a narrow band is there sooner.
_PLAIN_BAND_BYTES = _BAND_BYTES // 8


class Mean:
    """The mean of a stack of frames, (rows, columns)."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self._done = stack, 0
        self._sum = np.zeros((stack.rows, stack.columns))

    def get(self, asked: Asked) -> npt.NDArray[np.float64]:
        """The mean; reads what has not been read yet."""
        step = frames_at_once(self._stack.dataset, self._stack.rows)
        while self._done < self._stack.frames:
            asked()
            end = min(self._done + step, self._stack.frames)
            self._sum += self._stack.read(self._done, end, _ALL, _ALL).sum(axis=0, dtype=np.float64)
            self._done = end
        return self._sum / self._stack.frames


class Correction:
    """Takes dark level and beam out of projections.

    Parameters
    ----------
    projections
        What is to be corrected.
    flats, darks
        As found.

    Raises
    ------
    TomoBatchError
        ``no-flats``, ``no-darks``, ``flats-differ``, ``darks-differ``: why nothing can be corrected.
    """

    def __init__(self, projections: Stack, flats: Reference, darks: Reference) -> None:
        self._means = [
            Mean(_fitting(projections, reference, word))
            for reference, word in ((darks, "darks"), (flats, "flats"))
        ]
        self._levels: tuple[Floats, Floats] | None = None

    def corrected(self, values: npt.NDArray[Any], rows: slice, asked: Asked) -> Floats:
        """(values - dark) / (flat - dark) of some detector rows; NaN where a flat is not above the dark.

        Parameters
        ----------
        values
            (…, rows, columns) counts.
        rows
            Which detector rows they are.
        """
        dark, beam = self._dark_and_beam(asked)
        with np.errstate(over="ignore", invalid="ignore"):
            made: Floats = values.astype(np.float32)
            made -= dark[rows]
            made /= beam[rows]
        return made

    def _dark_and_beam(self, asked: Asked) -> tuple[Floats, Floats]:
        if self._levels is None:
            dark, flat = (mean.get(asked) for mean in self._means)
            beam = np.where(flat > dark, flat - dark, np.nan)
            with np.errstate(over="ignore"):
                self._levels = dark.astype(np.float32), beam.astype(np.float32)
            self._means.clear()
        return self._levels


def _fitting(projections: Stack, reference: Reference, word: str) -> Stack:
    stack = reference.stack()
    if (stack.rows, stack.columns) != (projections.rows, projections.columns):
        raise TomoBatchError(
            f"{word}-differ",
            f"The {word} in {file_name(stack.dataset.file)} have {stack.rows} by {stack.columns} pixels, "
            f"the projections {projections.rows} by {projections.columns}.",
        )
    return stack


class Band:
    """Some neighbouring detector rows of all projections, raw.

    Parameters
    ----------
    stack
        The projections.
    first, end
        Detector rows, `end` exclusive.
    """

    def __init__(self, stack: Stack, first: int, end: int) -> None:
        self._stack, self._rows, self._done = stack, slice(first, end), 0
        self._values = np.empty((stack.frames, end - first, stack.columns), stack.dtype)

    def row(self, row: int, asked: Asked) -> npt.NDArray[Any]:
        """One detector row of all projections, (angles, columns); reads what has not been read yet."""
        step = frames_at_once(self._stack.dataset, self._values.shape[1])
        while self._done < self._stack.frames:
            asked()
            end = min(self._done + step, self._stack.frames)
            self._values[self._done : end] = self._stack.read(self._done, end, self._rows, _ALL)
            self._done = end
        values: npt.NDArray[Any] = self._values[:, row - self._rows.start]
        return values


class Bands:
    """The bands of a scan that were looked at last."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._height = _band_rows(stack)
        self._held: dict[int, Band] = {}

    def row(self, row: int, asked: Asked) -> npt.NDArray[Any]:
        """One detector row of all projections, (angles, columns)."""
        first = row // self._height * self._height
        band = self._held.pop(first, None)
        if band is None:
            while len(self._held) > 1:
                del self._held[next(iter(self._held))]
            band = Band(self._stack, first, min(first + self._height, self._stack.rows))
        self._held[first] = band
        return band.row(row, asked)


def _band_rows(stack: Stack) -> int:
    """Rows a band: whole chunks where they fit, since unpacking is what takes the time."""
    chunks = stack.dataset.chunks
    row_bytes = stack.frames * stack.columns * stack.dtype.itemsize
    fits = max(1, (_BAND_BYTES if chunks else _PLAIN_BAND_BYTES) // row_bytes)
    height = chunks[1] if chunks else 1
    return min(fits // height * height or fits, stack.rows)
