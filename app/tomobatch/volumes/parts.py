"""A volume in several files: which rows lie where, and what of it is not there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import find_dataset, open_hdf5
from tomobatch.names import shown


@dataclass(frozen=True)
class Part:
    """Rows of a virtual volume that lie in a file of their own.

    Parameters
    ----------
    rows
        Of the volume.
    path, dataset
        Where they are looked for.
    """

    rows: range
    path: Path
    dataset: str

    @property
    def is_lost(self) -> bool:
        """Whether its file is not there."""
        return not self.path.exists()


def parts_of(dataset: h5py.Dataset, folder: Path) -> list[Part]:
    """The parts of a virtual dataset, by row; none where it is not virtual or they cannot be told."""
    if not dataset.is_virtual:
        return []
    parts = []
    for source in dataset.virtual_sources():
        if source.file_name == "." or "%" in source.file_name:
            return []
        try:
            first, last = source.vspace.get_select_bounds()
        except RuntimeError:
            # It has no end: it grows with its source.
            return []
        rows = range(int(first[0]), int(last[0]) + 1)
        parts.append(Part(rows, _place(folder, source.file_name), source.dset_name))
    return sorted(parts, key=lambda part: part.rows.start)


def _place(folder: Path, name: str) -> Path:
    """Where HDF5 looks for a source: as it is named, else its bare name beside the volume."""
    named = folder / name
    return named if named.exists() or not Path(name).is_absolute() else folder / Path(name).name


def lost_part(part: Part) -> str:
    """Why a part cannot be read, as a sentence; no text where it can. HDF5 would give zeros, and no word."""
    if part.is_lost:
        return f"{shown(part.path)} is not there."
    try:
        with open_hdf5(part.path) as file:
            found = find_dataset(file, part.dataset)
    except TomoBatchError as error:
        return error.sentence
    return "" if found is not None else f"{shown(part.path)} holds no {shown(part.dataset)} (yet)."
