"""Where slices go: TIFF files, or one HDF5 volume."""

from __future__ import annotations

import io
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import h5py
import numpy as np

from tomobatch.cpu_engine.arguments import Settings
from tomobatch.cpu_engine.preprocess import Floats
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.geometry import Geometry
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place, full_file_name, is_volume

_REC_LINE = "rec_line.txt"


class SliceWriter(Protocol):
    """Takes the slices of a Full, from any thread."""

    def write(self, row: int, image: Floats) -> None:
        """Write the slice of the binned absolute row `row`; raises TomoBatchError ``cannot-write``."""

    def close(self) -> None:
        """Nothing more comes; raises TomoBatchError ``cannot-write``."""


def place_of(settings: Settings) -> Path:
    """Folder (TIFF) or file (HDF5) of the results."""
    given = settings.path("out-path-name")
    if given is None:
        return final_place(settings.scan, settings.kind, settings.text("save-format"))
    if is_volume(settings.kind, settings.text("save-format")):
        return given.with_name(f"{given.name}.h5")
    return given


def make_folder(folder: Path) -> None:
    """Make the folder of the results; raises TomoBatchError ``cannot-write``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise cannot_write(folder, PermissionError(0, "Permission denied"))


def cannot_write(path: Path, error: OSError) -> TomoBatchError:
    """The sentence for a failed write (a full disk, a folder of someone else)."""
    reason = error.strerror or str(error)
    return TomoBatchError(
        "cannot-write", f"{shown(path)} cannot be written: {reason}; make room or choose another place."
    )


def write_tiff(path: Path, image: Floats) -> None:
    """Write a slice under a temporary name beside `path`, then rename it.

    Raises
    ------
    TomoBatchError
        ``cannot-write``; nothing is left under either name.
    """
    import tifffile

    # Made in memory first: written straight to a full disk, the error would not say so.
    made = io.BytesIO()
    tifffile.imwrite(made, image)
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_bytes(made.getvalue())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise cannot_write(path, error) from error


class TiffSlices:
    """A Full as one TIFF a slice, the command line in ``rec_line.txt`` beside them."""

    def __init__(self, folder: Path, command: str) -> None:
        self._folder = folder
        make_folder(folder)
        line = folder / _REC_LINE
        try:
            line.write_bytes(os.fsencode(command))
        except OSError as error:
            raise cannot_write(line, error) from error

    def write(self, row: int, image: Floats) -> None:
        """Write the slice of the binned absolute row `row`."""
        write_tiff(self._folder / full_file_name(row), image)

    def close(self) -> None:
        """Nothing is open between two slices."""


class VolumeSlices:
    """A Full as one HDF5 file of full height, zeros where nothing is reconstructed.

    HDF5 lays the pixels out in one piece; slices are written to their place in it by the operating
    system, past HDF5's lock, which the reading thread holds most of the time.
    """

    def __init__(self, path: Path, rows: int, size: int, command: str) -> None:
        self._path = path
        make_folder(path.parent)
        try:
            self._offset = _lay_out(path, (rows, size, size), command)
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        except OSError as error:
            raise cannot_write(path, error) from error

    def write(self, row: int, image: Floats) -> None:
        """Write the slice of the binned absolute row `row`."""
        place = self._offset + row * image.nbytes
        rest = memoryview(image.tobytes())
        try:
            while rest:
                written = os.pwrite(self._descriptor, rest, place)
                place, rest = place + written, rest[written:]
        except OSError as error:
            raise cannot_write(self._path, error) from error

    def close(self) -> None:
        """Close the file; raises TomoBatchError ``cannot-write``."""
        try:
            os.close(self._descriptor)
        except OSError as error:
            raise cannot_write(self._path, error) from error


def _lay_out(path: Path, shape: tuple[int, int, int], command: str) -> int:
    """Make the volume without pixels; the place of the first pixel in the file."""
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    # Fresh space reads as zeros; filling it would write the whole volume once more.
    creation.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    with h5py.File(os.fsencode(path), "w", locking=False) as file:
        group = file.create_group("exchange")
        dataset = h5py.h5d.create(
            group.id, b"data", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(shape), dcpl=creation
        )
        attributes = h5py.Dataset(dataset).attrs
        text = os.fsencode(command)
        attributes["command"] = np.array(text, dtype=h5py.string_dtype("utf-8", len(text)))
        for name, value in (("axes", "z:y:x"), ("description", "ReconData"), ("units", "counts")):
            attributes[name] = value
        return int(dataset.get_offset())


def open_slices(settings: Settings, geometry: Geometry) -> SliceWriter:
    """The writer of a Full."""
    place = place_of(settings)
    if is_volume(Kind.FULL, settings.text("save-format")):
        return VolumeSlices(place, geometry.volume_rows, geometry.size, settings.command)
    return TiffSlices(place, settings.command)
