"""A Full that is one HDF5 volume."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import explained, find_dataset, open_hdf5
from tomobatch.names import shown
from tomobatch.recon.geometry import geometry_of
from tomobatch.recon.judge import DATASET
from tomobatch.recon.receipt import Receipt, read_receipt
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.pictures import binning_of
from tomobatch.volumes.source import Floats, Left, Shape, Source, never
from tomobatch.volumes.tiff_file import FLOAT32, read_floats

_HEAD_BYTES = 4096


class Volume(Source):
    """Slices of an HDF5 volume, those outside a crop left out where its receipt tells the crop.

    Raises
    ------
    TomoBatchError
        ``missing``, ``permission``, ``not-hdf5``, ``truncated``, ``unreadable``, ``no-result`` (no volume
        in the file), ``not-a-slice`` (no numbers), ``broken-link`` (a part in another file is not there).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        _wait_for_disk(path)
        with ExitStack() as stack:
            file = stack.enter_context(open_hdf5(path))
            self._dataset = _volume_in(file, path)
            receipt = read_receipt(path)
            self._numbers = _rows_made(receipt, self._dataset.shape[0])
            self.binning = binning_of(receipt)
            self._offset = _plain_offset(self._dataset)
            # Its own look at the file: the very same bytes, should another volume take its place.
            self._file = stack.enter_context(path.open("rb", buffering=0))
            self._open = stack.pop_all()
        self.shape: Shape = self._dataset.shape[1], self._dataset.shape[2]
        self.count = len(self._numbers)

    def label(self, index: int) -> str:
        """``slice 12``: the row of the volume."""
        return f"slice {self._numbers[index]}"

    def read(self, index: int, buffers: Buffers, left: Left = never) -> Floats:
        """Pixels of a slice."""
        row = self._numbers[index]
        if self._offset is None:
            with explained(shown(self._path.name)):
                return np.ascontiguousarray(self._dataset[row], dtype=np.float32)
        # HDF5 lets one thread in at a time; the operating system lets all of them.
        place = self._offset + row * self.shape[0] * self.shape[1] * FLOAT32.itemsize
        try:
            return read_floats(self._file, place, buffers.empty(self.shape), self._path, left)
        except OSError as error:
            said = error.strerror or str(error)
            raise TomoBatchError("unreadable", f"{shown(self._path.name)} cannot be read: {said}.") from error

    def close(self) -> None:
        """Close the file."""
        self._open.close()


def _wait_for_disk(path: Path) -> None:
    """Have the disk answer once: unlike HDF5, plain reading lets other threads go on meanwhile."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return  # what is wrong is said, in better words, when it is opened as HDF5
    try:
        with suppress(OSError):
            os.read(descriptor, _HEAD_BYTES)
    finally:
        os.close(descriptor)


def _volume_in(file: h5py.File, path: Path) -> h5py.Dataset:
    with explained(shown(path.name)):
        dataset = find_dataset(file, f"/{DATASET}")
        if dataset is None or dataset.ndim != 3 or not dataset.size:
            raise TomoBatchError("no-result", f"{shown(path.name)} holds no volume /{DATASET}.")
        if dataset.dtype.kind not in "uif":
            raise TomoBatchError("not-a-slice", f"{shown(path.name)} holds {dataset.dtype}, no numbers.")
    return dataset


def _plain_offset(dataset: h5py.Dataset) -> int | None:
    if dataset.chunks or dataset.is_virtual or dataset.external or dataset.dtype != FLOAT32:
        return None
    offset = dataset.id.get_offset()
    return None if offset is None else int(offset)


def _rows_made(receipt: Receipt | None, height: int) -> range:
    """Rows that hold pixels; all of them where the receipt does not tell, or tells of another volume."""
    if receipt is None:
        return range(height)
    plain: Mapping[str, Any] = receipt.plain
    try:
        angles, rows, columns = plain["shape"]
        geometry = geometry_of((angles, rows, columns), plain["options"])
    except (KeyError, TypeError, ValueError, TomoBatchError):
        return range(height)
    return geometry.rows if geometry.volume_rows == height else range(height)
