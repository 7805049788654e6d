"""What the process that reads HDF5 tells of an open file: no pixels, and nothing that JSON cannot carry."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import h5py

from tomobatch.errors import TomoBatchError

# A file that was changed so lately is still being written.
_FRESH_S = 10.0
# Each has a label, which is told to the window. No detector and no volume has so many.
MOST_SLICES = 1_000_000

Ident = tuple[int, int]
"""Device and inode."""
Stamp = tuple[int, int]
"""Size, and the time of the last change in ns."""


@dataclass(frozen=True)
class Plain:
    """Where pixels lie as they are, to be read without HDF5.

    Parameters
    ----------
    dtype
        In this machine's byte order, as numpy writes it: ``<u2``.
    places
        Byte in the file at which each slice begins.
    """

    dtype: str
    places: Sequence[int]


@dataclass(frozen=True)
class Gap:
    """Slices `first` to `end` (exclusive) that are not there, and why."""

    first: int
    end: int
    why: str


@dataclass(frozen=True)
class Facts:
    """An open file.

    Parameters
    ----------
    shape
        Rows and columns of a slice.
    labels
        What each slice is called; as many as there are slices.
    ident, stamp
        Which file it is, and which state of it.
    growing
        Whether more may come.
    notes
        Sentences about the whole.
    gaps
        Slices that cannot be shown.
    plain
        None where pixels must be asked for.
    binning
        A column is 2^binning columns of the detector wide.
    cor_px
        COR it was made with; None where nothing tells.
    """

    shape: tuple[int, int]
    labels: Sequence[str]
    ident: Ident
    stamp: Stamp
    growing: bool = False
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    plain: Plain | None = None
    binning: int = 0
    cor_px: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Facts:
        """Read `to_dict` back, lists for tuples."""
        told = {name: tuple(plain[name]) for name in ("shape", "ident", "stamp", "notes")}
        gaps = tuple(Gap(**gap) for gap in plain["gaps"])
        where = None if plain["plain"] is None else Plain(**plain["plain"])
        return cls(**{**plain, **told, "gaps": gaps, "plain": where})


def refuse_too_many(count: int, name: str) -> None:
    """TomoBatchError ``too-many`` for what no scan and no volume is; to be asked before labels are made."""
    if count > MOST_SLICES:
        said = f"{name} has {count} slices: that is damage, or no scan; it is not shown."
        raise TomoBatchError("too-many", said)


def ident_of(file: h5py.File) -> Ident:
    """Which file HDF5 has open, whatever lies under its name by now."""
    facts = os.fstat(file.id.get_vfd_handle())
    return facts.st_dev, facts.st_ino


def stamp_of(path: Path) -> Stamp:
    """State of a file; zeros where there is none, which is said when it is opened."""
    try:
        facts = path.stat()
    except OSError:
        return 0, 0
    return facts.st_size, facts.st_mtime_ns


def is_fresh(stamp: Stamp, within_s: float = _FRESH_S) -> bool:
    """Whether a file was changed a moment ago; clocks of two hosts may differ either way."""
    return abs(time.time() - stamp[1] / 1e9) < within_s


def plain_dtype(dataset: h5py.Dataset, ident: Ident) -> str | None:
    """Type of numbers that lie in one piece of this very file, as this machine has them; None for others."""
    # A link may lead into another file: its places mean nothing here.
    scattered = dataset.chunks or dataset.is_virtual or dataset.external or ident_of(dataset.file) != ident
    if scattered or not dataset.dtype.isnative or dataset.id.get_offset() is None:
        return None
    return str(dataset.dtype.str)
