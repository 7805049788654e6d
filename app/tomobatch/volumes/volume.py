"""A Full that is one HDF5 volume."""

from __future__ import annotations

from pathlib import Path

from tomobatch.recon.judge import DATASET
from tomobatch.volumes.facts import Facts
from tomobatch.volumes.hdf5_source import Hdf5Source

_WRITTEN = "This Full is still being made: rows that are not there yet are zeros."


class Volume(Hdf5Source):
    """Slices of an HDF5 volume, those outside a crop left out where its receipt or its parts tell the crop.

    Parameters
    ----------
    path
        Absolute.
    growing
        Whether it is being written: then nothing is wrong with a file that cannot be opened yet.

    Raises
    ------
    TomoBatchError
        ``missing``, ``permission``, ``not-hdf5``, ``truncated``, ``unreadable``, ``no-result`` (no volume
        in the file), ``not-a-slice`` (no numbers), ``broken-link`` (all of it lies in files that are not
        there). Where some of them are there, the slices of the others are `empty`.
    """

    def __init__(self, path: Path, growing: bool = False) -> None:
        self._is_written = growing
        super().__init__(path, "volume", DATASET, growing)

    def _take(self, facts: Facts) -> None:
        super()._take(facts)
        if self._is_written:
            self.notes = (_WRITTEN, *self.notes)

    def _may_come(self) -> bool:
        return self._is_written
