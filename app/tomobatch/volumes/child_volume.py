"""An HDF5 volume, in the process that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import explained, find_dataset, open_hdf5
from tomobatch.names import shown
from tomobatch.recon.geometry import geometry_of
from tomobatch.recon.receipt import Receipt, binning_of, read_receipt
from tomobatch.volumes.facts import Facts, Gap, Plain, ident_of, plain_dtype, refuse_too_many, stamp_of
from tomobatch.volumes.parts import Part, lost_part, parts_of
from tomobatch.volumes.strips import CACHE_BYTES, Asked, Strip, flat, strip_rows


class VolumeFile:
    """An open volume.

    Raises
    ------
    TomoBatchError
        What `open_hdf5` raises; ``no-result`` (no volume in the file), ``not-a-slice`` (no numbers),
        ``broken-link`` (none of its parts is there).
    """

    def __init__(self, path: Path, dataset: str, growing: bool) -> None:
        self._path, self._growing = path, growing
        self._stamp = stamp_of(path)
        with ExitStack() as stack:
            file = stack.enter_context(open_hdf5(path, CACHE_BYTES))
            self._dataset = _volume_in(file, path, dataset)
            self._ident = ident_of(file)
            with explained(shown(path.name)):
                self._parts = parts_of(self._dataset, path.parent)
            receipt = read_receipt(path)
            self._binning = binning_of(receipt)
            self._cor_px = receipt.cor_px if receipt is not None else None
            self._rows = _rows_made(receipt, self._parts, self._dataset.shape[0])
            self._refuse_all_lost()
            refuse_too_many(len(self._rows), shown(path.name))
            self._open = stack.pop_all()

    def facts(self) -> Facts:
        """What is known of it, its parts looked for anew."""
        gaps = tuple(self._gaps())
        return Facts(
            shape=(int(self._dataset.shape[1]), int(self._dataset.shape[2])),
            labels=[f"slice {row}" for row in self._rows],
            ident=self._ident,
            stamp=self._stamp,
            growing=self._growing or bool(gaps),
            notes=tuple(_notes(self._rows, self._dataset.shape[0], gaps)),
            gaps=gaps,
            plain=self._plain(),
            binning=self._binning,
            cor_px=self._cor_px,
        )

    def is_current(self) -> bool:
        """Never taken for granted: one of its parts may have come."""
        return False

    def strip(self, index: int, pixel: int, asked: Asked) -> Strip:
        """Some rows of a slice, a given pixel among them; ``part-missing`` where its part is not there."""
        asked()
        row, columns = self._rows[index], self._dataset.shape[2]
        for part in self._parts:
            if row in part.rows and (why := lost_part(part)):
                raise TomoBatchError("part-missing", why)
        first, end = strip_rows(self._dataset, pixel // columns)
        values = np.empty((end - first, columns), self._dataset.dtype)
        with explained(shown(self._path.name)):
            self._dataset.read_direct(values, np.s_[row, first:end])
        return first * columns, flat(values)

    def close(self) -> None:
        """Close the file."""
        self._open.close()

    def _gaps(self) -> list[Gap]:
        lost = [(part.rows, f"{shown(part.path)} is not there.") for part in self._parts if part.is_lost]
        return [
            Gap(self._rows.index(rows[0]), self._rows.index(rows[-1]) + 1, why)
            for rows, why in ((_common(rows, self._rows), why) for rows, why in lost)
            if rows
        ]

    def _plain(self) -> Plain | None:
        dtype = plain_dtype(self._dataset, self._ident)
        if dtype is None:
            return None
        _, height, columns = self._dataset.shape
        begin, length = self._dataset.id.get_offset(), height * columns * self._dataset.dtype.itemsize
        return Plain(dtype, [begin + row * length for row in self._rows])

    def _refuse_all_lost(self) -> None:
        if self._parts and all(part.is_lost for part in self._parts):
            name = shown(self._parts[0].path.name)
            raise TomoBatchError(
                "broken-link",
                f"{shown(self._path.name)} lies in other files, {name} and so on, none of which is there; "
                "put them where they were.",
            )


def _volume_in(file: h5py.File, path: Path, name: str) -> h5py.Dataset:
    with explained(shown(path.name)):
        dataset = find_dataset(file, f"/{name}", whole=False)
        if dataset is None or dataset.ndim != 3 or not dataset.size:
            raise TomoBatchError("no-result", f"{shown(path.name)} holds no volume /{name}.")
        if dataset.dtype.kind not in "uif":
            raise TomoBatchError("not-a-slice", f"{shown(path.name)} holds {dataset.dtype}, no numbers.")
    return dataset


def _rows_made(receipt: Receipt | None, parts: list[Part], height: int) -> range:
    """Rows that hold pixels; all of them where nothing tells, or it tells of another volume."""
    if receipt is None:
        return range(parts[0].rows.start, max(part.rows.stop for part in parts)) if parts else range(height)
    plain: Mapping[str, Any] = receipt.plain
    try:
        angles, rows, columns = plain["shape"]
        geometry = geometry_of((angles, rows, columns), plain["options"])
    except (KeyError, TypeError, ValueError, TomoBatchError):
        return range(height)
    return geometry.rows if geometry.volume_rows == height else range(height)


def _common(one: range, other: range) -> range:
    return range(max(one.start, other.start), min(one.stop, other.stop))


def _notes(rows: range, height: int, gaps: tuple[Gap, ...]) -> list[str]:
    notes = []
    if len(rows) < height:
        notes.append(f"Rows {rows[0]} to {rows[-1]} of {height} were made; the others are empty.")
    if gaps:
        lost = sum(gap.end - gap.first for gap in gaps)
        notes.append(f"{lost} of {len(rows)} slices lie in files that are not there.")
    return notes
