"""Raw data of a scan, in the process that reads it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import h5py
import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.formats.contents import Contents
from tomobatch.formats.hdf5 import file_name, open_hdf5
from tomobatch.formats.layout import read_contents, read_darks, read_flats
from tomobatch.formats.stack import Stack
from tomobatch.volumes.correction import Bands, Correction
from tomobatch.volumes.facts import (
    Facts,
    Ident,
    Plain,
    ident_of,
    is_fresh,
    plain_dtype,
    refuse_too_many,
    stamp_of,
)
from tomobatch.volumes.strips import CACHE_BYTES, Asked, Strip, flat, strip_rows
from tomobatch.volumes.wanted import Part


class Frames:
    """Frames as the detector gave them, corrected where a correction is given."""

    def __init__(self, stack: Stack, labels: list[str], correction: Correction | None = None) -> None:
        self._stack, self._correction = stack, correction
        self.labels, self.notes = labels, ()
        self.shape = stack.rows, stack.columns
        self._is_raw = correction is None

    def plain(self, ident: Ident) -> Plain | None:
        """Where its pixels lie in a file, where they do."""
        return _plain(self._stack, ident) if self._is_raw else None

    def strip(self, index: int, pixel: int, asked: Asked) -> Strip:
        """Some rows of a frame."""
        asked()
        first, end = strip_rows(self._stack.dataset, pixel // self._stack.columns)
        rows = slice(first, end)
        values = self._stack.read(index, index + 1, rows, slice(None))[0]
        if self._correction is not None:
            values = self._correction.corrected(values, rows, asked)
        return first * self._stack.columns, flat(values)


class Sinograms:
    """One detector row of all projections each, corrected where flats and darks are there."""

    def __init__(self, stack: Stack, correction: Correction | None, notes: tuple[str, ...]) -> None:
        self._correction, self._bands = correction, Bands(stack)
        self.labels, self.notes = [f"row {row}" for row in range(stack.rows)], notes
        self.shape = stack.frames, stack.columns

    def plain(self, _: Ident) -> Plain | None:
        """A row of each projection never lies in one piece."""
        return None

    def strip(self, index: int, pixel: int, asked: Asked) -> Strip:
        """A whole sinogram."""
        values = self._bands.row(index, asked)
        if self._correction is not None:
            values = self._correction.corrected(values, slice(index, index + 1), asked)
        return 0, flat(values)


class RawFile:
    """An open scan, of which one part is looked at.

    Raises
    ------
    TomoBatchError
        What `open_hdf5` and `read_contents` raise; ``no-flats``, ``no-darks``, ``flats-differ``,
        ``darks-differ`` where these are looked at or needed.
    """

    def __init__(self, path: Path, part: str) -> None:
        self._path, self._stamp = path, stamp_of(path)
        with ExitStack() as stack:
            file = stack.enter_context(open_hdf5(path, CACHE_BYTES))
            contents = read_contents(file)
            self._ident = ident_of(file)
            self._is_linked = ident_of(contents.projections.dataset.file) != self._ident
            if self._is_linked:
                # Acquisition writes there, and never again to the file that has the link.
                self._stamp = stamp_of(Path(os.fsdecode(contents.projections.dataset.file.filename)))
            self._missing = max(0, contents.angles.expected - contents.angles.degrees.size)
            self._shown = _part_of(file, contents, Part(part))
            self._open = stack.pop_all()

    def facts(self) -> Facts:
        """What is known of it."""
        shown = self._shown
        return Facts(
            shape=shown.shape,
            labels=shown.labels,
            ident=self._ident,
            stamp=self._stamp,
            growing=self._missing > 0 or is_fresh(self._stamp),
            notes=shown.notes,
            plain=shown.plain(self._ident),
        )

    def is_current(self) -> bool:
        """Whether nothing was written to it since it was opened: what was read of it may be used again."""
        return not self._is_linked and stamp_of(self._path) == self._stamp

    def strip(self, index: int, pixel: int, asked: Asked) -> Strip:
        """Some rows of a slice, a given pixel among them."""
        return self._shown.strip(index, pixel, asked)

    def close(self) -> None:
        """Close the file."""
        self._open.close()


def _part_of(file: h5py.File, contents: Contents, part: Part) -> Frames | Sinograms:
    projections = contents.projections
    refuse_too_many(max(projections.frames, projections.rows), file_name(file))
    match part:
        case Part.FLATS:
            return _numbered(read_flats(file).stack(), "flat")
        case Part.DARKS:
            return _numbered(read_darks(file).stack(), "dark")
        case Part.PROJECTIONS:
            return Frames(projections, _angle_labels(contents))
        case Part.CORRECTED:
            return Frames(projections, _angle_labels(contents), _correction(file, projections))
        case Part.SINOGRAMS:
            return _sinograms(file, projections)


def _numbered(stack: Stack, word: str) -> Frames:
    refuse_too_many(stack.frames, file_name(stack.dataset.file))
    return Frames(stack, [f"{word} {number}" for number in range(stack.frames)])


def _angle_labels(contents: Contents) -> list[str]:
    """``projection 12 · 11.93°``; without the angle where the file does not tell it."""
    degrees = contents.angles.degrees
    if contents.angles.source != "file":
        return [f"projection {number}" for number in range(degrees.size)]
    return [f"projection {number} · {angle:.2f}°" for number, angle in enumerate(degrees)]


def _correction(file: h5py.File, projections: Stack) -> Correction:
    return Correction(projections, read_flats(file), read_darks(file))


def _sinograms(file: h5py.File, projections: Stack) -> Sinograms:
    try:
        return Sinograms(projections, _correction(file, projections), ())
    except TomoBatchError as error:
        return Sinograms(projections, None, (f"Not corrected: {error.sentence}",))


def _plain(stack: Stack, ident: Ident) -> Plain | None:
    dtype = plain_dtype(stack.dataset, ident)
    if dtype is None:
        return None
    begin = stack.dataset.id.get_offset()
    length = stack.rows * stack.columns * np.dtype(dtype).itemsize
    return Plain(dtype, [begin + frame * length for run in stack.runs for frame in range(*run)])
