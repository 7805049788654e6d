"""Results that are a folder of TIFF files: the candidates of a Try, the slices of a Full."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.receipt import Receipt
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.source import Floats, Left, Shape, Source, never
from tomobatch.volumes.tiff_file import TiffSlices

_CANDIDATE = re.compile(r"recon_slice(\d+)_center(-?\d+(?:\.\d+)?)\.tiff?")
_SLICE = re.compile(r"recon_(\d+)\.tiff?")


@dataclass(frozen=True)
class Picture:
    """One file of a folder: what tells it from the others, and its COR where it is a candidate."""

    label: str
    name: str
    cor_px: float | None = None


class Pictures(Source):
    """Slices in files of their own.

    Parameters
    ----------
    folder
        Where they lie.
    pictures
        At least one, in the order they are looked through.
    rows, row
        Detector rows of a Try, and the one these are of.
    """

    def __init__(
        self, folder: Path, pictures: list[Picture], rows: tuple[int, ...] = (), row: int | None = None
    ) -> None:
        self._folder, self._pictures, self._tiffs = folder, pictures, TiffSlices()
        self.rows, self.row = rows, row
        self.count = len(pictures)
        self.shape: Shape = self._shape_of_some()

    def label(self, index: int) -> str:
        """``COR 296.00`` or ``slice 12``."""
        return self._pictures[index].label

    def cor_px(self, index: int) -> float | None:
        """COR of a candidate, with what binning did to it put right."""
        return self._pictures[index].cor_px

    def path(self, index: int) -> Path:
        """File of a slice."""
        return self._folder / self._pictures[index].name

    def read(self, index: int, buffers: Buffers, left: Left = never) -> Floats:
        """Pixels of a file."""
        return self._tiffs.read(self._folder / self._pictures[index].name, buffers, left)

    def _shape_of_some(self) -> Shape:
        """Of the first file; if that is broken, of the last: one bad file must not hide the others."""
        first, last = (self._folder / picture.name for picture in (self._pictures[0], self._pictures[-1]))
        try:
            return self._tiffs.shape(first)
        except TomoBatchError:
            return self._tiffs.shape(last)


def binned_offset_px(binning: int) -> float:
    """What must be added to a candidate's COR, as its file's name says it, to get the scan's COR.

    The engines divide a COR by 2^binning. But binned pixel k gathers the detector pixels from 2^b·k to
    2^b·k + 2^b - 1: its middle lies at 2^b·k + (2^b - 1) / 2, and the best candidate is named that much low.
    """
    return float(2**binning - 1) / 2


def try_pictures(folder: Path, names: Iterable[str], receipt: Receipt | None, row: int | None) -> Pictures:
    """Candidates of one row of a Try, ordered by COR; without a receipt they are taken to be unbinned.

    Parameters
    ----------
    folder, names
        Where they lie, and the files to look at; those that are no candidates are left out.
    row
        Detector row; the first where it is None or not there.
    """
    matches = [match for match in map(_CANDIDATE.fullmatch, names) if match]
    if not matches:
        raise _nothing(folder, "candidates of a Try")
    rows = tuple(sorted({int(match[1]) for match in matches}))
    row = row if row in rows else rows[0]
    shift_px = binned_offset_px(_binning(receipt))
    found = sorted((float(match[2]) + shift_px, match[0]) for match in matches if int(match[1]) == row)
    return Pictures(folder, [Picture(f"COR {cor_px:.2f}", name, cor_px) for cor_px, name in found], rows, row)


def full_pictures(folder: Path, names: Iterable[str]) -> Pictures:
    """Slices of a Full, ordered by row."""
    found = sorted((int(match[1]), match[0]) for match in map(_SLICE.fullmatch, names) if match)
    if not found:
        raise _nothing(folder, "slices of a Full")
    return Pictures(folder, [Picture(f"slice {row}", name) for row, name in found])


def _nothing(folder: Path, what: str) -> TomoBatchError:
    return TomoBatchError("no-result", f"There are no {what} in {shown(folder)} (any more): run it again.")


def _binning(receipt: Receipt | None) -> int:
    options = receipt.plain.get("options") if receipt is not None else None
    found = options.get("binning", 0) if isinstance(options, dict) else 0
    return found if isinstance(found, int) and 0 <= found <= 8 else 0
