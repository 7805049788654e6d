"""Results that are a folder of TIFF files: the candidates of a Try, the slices of a Full."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.receipt import Receipt, binning_of
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.lamino import SortedOut, sort_out
from tomobatch.volumes.source import Floats, Left, Shape, Source, never
from tomobatch.volumes.tiff_file import TiffSlices

# No more digits than any row has: names may come from strangers.
SLICE = re.compile(r"recon_(\d{1,9})\.tiff?")
# Broken ones are passed over until one tells the size; more of them take too long on a slow disk.
_MOST_LOOKED_AT = 16


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

    run = ""
    """The job that made them; no text where nobody knows, or where it makes more."""

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
        """Of the first file that tells it: bad files must not hide the others."""
        *others, last = looked_at(len(self._pictures))
        for index in others:
            with suppress(TomoBatchError):
                return self._tiffs.shape(self._folder / self._pictures[index].name)
        return self._tiffs.shape(self._folder / self._pictures[last].name)


def looked_at(count: int) -> list[int]:
    """First, last, and some in between."""
    spread = range(0, count, max(1, count // _MOST_LOOKED_AT))
    return list(dict.fromkeys([0, count - 1, *spread]))


def binned_offset_px(binning: int) -> float:
    """What must be added to a candidate's COR, as its file's name says it, to get the scan's COR.

    The engines divide a COR by 2^binning. But binned pixel k gathers the detector pixels from 2^b·k to
    2^b·k + 2^b - 1: its middle lies at 2^b·k + (2^b - 1) / 2, and the best candidate is named that much low.
    """
    return float(2**binning - 1) / 2


def try_pictures(folder: Path, names: Iterable[str], receipt: Receipt | None, row: int | None) -> Pictures:
    """Candidates of one row of a Try, ordered by COR; without a receipt they are taken to be unbinned.

    Those of a laminography search are named alike, and are angles: see `tomobatch.volumes.lamino`.

    Parameters
    ----------
    folder, names
        Where they lie, and the files to look at; those that are no candidates are left out.
    row
        Detector row; the first where it is None or not there.
    """
    sorted_out = sort_out(folder, names, receipt)
    if not sorted_out.candidates:
        raise _nothing(folder, "candidates of a Try")
    rows = tuple(sorted({one.row for one in sorted_out.candidates}))
    row = row if row in rows else rows[0]
    source = Pictures(folder, candidates_of(sorted_out, receipt, row), rows, row)
    source.notes, source.binning = sorted_out.notes, binning_of(receipt)
    source.run = receipt.job_id if receipt is not None else ""
    return source


def candidates_of(found: SortedOut, receipt: Receipt | None, row: int) -> list[Picture]:
    """Pictures of one row, by COR or by angle."""
    of_row = sorted((one.value, one.name) for one in found.candidates if one.row == row)
    if found.angles:
        return [Picture(f"{angle_deg:.2f}°", name) for angle_deg, name in of_row]
    shift_px = binned_offset_px(binning_of(receipt))
    return [Picture(f"COR {px + shift_px:.2f}", name, px + shift_px) for px, name in of_row]


def full_pictures(folder: Path, names: Iterable[str], receipt: Receipt | None = None) -> Pictures:
    """Slices of a Full, ordered by row; without a receipt they are taken to be unbinned."""
    found = slices_of(names)
    if not found:
        raise _nothing(folder, "slices of a Full")
    source = Pictures(folder, found)
    source.binning = binning_of(receipt)
    source.made_cor_px = receipt.cor_px if receipt is not None else None
    return source


def slices_of(names: Iterable[str]) -> list[Picture]:
    """Pictures of a Full, by row."""
    found = sorted((int(match[1]), match[0]) for match in map(SLICE.fullmatch, names) if match)
    return [Picture(f"slice {row}", name) for row, name in found]


def _nothing(folder: Path, what: str) -> TomoBatchError:
    return TomoBatchError("no-result", f"There are no {what} in {shown(folder)} (any more): run it again.")
