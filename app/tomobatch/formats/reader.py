"""Reading a scan's pixels and angles, whatever its layout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import h5py
import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.formats.contents import Contents, Reference
from tomobatch.formats.hdf5 import file_name, open_hdf5
from tomobatch.formats.layout import ScanLayout, layout_of, read_contents, read_darks, read_flats


class ScanReader:
    """An open scan.

    Parameters
    ----------
    layout
        What the scan is.
    contents
        Projections and angles.
    flats, darks
        Of this or of other files; they are missed only when they are asked for.
    """

    def __init__(self, layout: ScanLayout, contents: Contents, flats: Reference, darks: Reference) -> None:
        self.layout = layout
        self._projections = contents.projections
        self._angles_deg = contents.angles.degrees
        self._flats = flats
        self._darks = darks

    @property
    def angles_deg(self) -> np.ndarray:
        """Angles of the projections in degrees, float64, shape (angles,)."""
        return self._angles_deg

    def projections(self, start: int, end: int, rows: slice, columns: slice) -> np.ndarray:
        """Projections `start` to `end` (exclusive), cropped, each chunk of the file unpacked once.

        Parameters
        ----------
        start, end
            Numbers of projections, 0 to ``layout.angles``.
        rows, columns
            Crop in detector pixels, step 1.

        Returns
        -------
        numpy.ndarray
            (end - start, rows, columns) in the file's type and this machine's byte order.

        Raises
        ------
        TomoBatchError
            ``truncated`` where the pixels cannot be read, ``unknown-compression``.
        """
        return self._projections.read(start, end, rows, columns)

    def flats(self, rows: slice, columns: slice) -> np.ndarray:
        """All flats, cropped, (n, rows, columns); raises ``no-flats``, ``flats-differ``, ``truncated``."""
        return self._read_reference(self._flats, "flats", rows, columns)

    def darks(self, rows: slice, columns: slice) -> np.ndarray:
        """All darks, cropped, (n, rows, columns); raises ``no-darks``, ``darks-differ``, ``truncated``."""
        return self._read_reference(self._darks, "darks", rows, columns)

    def _read_reference(self, reference: Reference, word: str, rows: slice, columns: slice) -> np.ndarray:
        stack = reference.stack()
        if (stack.rows, stack.columns) != (self.layout.rows, self.layout.columns):
            raise TomoBatchError(
                f"{word}-differ",
                f"The {word} in {file_name(stack.dataset.file)} have {stack.rows} by {stack.columns} pixels, "
                f"the projections {self.layout.rows} by {self.layout.columns}: name {word} of the same size.",
            )
        return stack.read(0, stack.frames, rows, columns)


@contextmanager
def open_scan(
    path: str | os.PathLike[str],
    flat_file: str | os.PathLike[str] | None = None,
    dark_file: str | os.PathLike[str] | None = None,
) -> Iterator[ScanReader]:
    """Open a scan, its flats and darks too where they lie in other files.

    Parameters
    ----------
    path
        The scan.
    flat_file, dark_file
        Files with the flats and darks; None: the scan itself.

    Raises
    ------
    TomoBatchError
        What `open_hdf5` and `read_contents` raise.
    """
    with ExitStack() as files:
        file = files.enter_context(open_hdf5(path))
        contents = read_contents(file)
        flats = read_flats(_other(files, file, flat_file))
        darks = read_darks(_other(files, file, dark_file))
        yield ScanReader(layout_of(file, contents), contents, flats, darks)


def _other(files: ExitStack, file: h5py.File, path: str | os.PathLike[str] | None) -> h5py.File:
    return file if path is None else files.enter_context(open_hdf5(path))
