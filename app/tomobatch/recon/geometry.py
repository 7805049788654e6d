"""Sizes, rows and COR candidates of a run, by tomocupy's own arithmetic (``Reader.init_sizes``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tomobatch.errors import TomoBatchError
from tomobatch.recon.options import Value, float_of, int_of, nsino_numbers, value_of

MOST_CANDIDATES = 10_000


@dataclass(frozen=True)
class Geometry:
    """Sizes of a run.

    Parameters
    ----------
    binning
        2^binning pixels are summed each way.
    start_projection, end_projection, start_row, end_row, start_column, end_column
        The crop in detector pixels; ``end_column`` is less what is cut to make the width even.
    width
        Pixels of a binned, cropped projection row; always even.
    size
        Pixels of a slice each way: ``width``, twice that for ``double_fov``.
    first_row, row_count
        Binned absolute rows of a Full.
    volume_rows
        Rows of an HDF5 volume, which keeps the full height whatever the crop.
    """

    binning: int
    start_projection: int
    end_projection: int
    start_row: int
    end_row: int
    start_column: int
    end_column: int
    width: int
    size: int
    first_row: int
    row_count: int
    volume_rows: int

    @property
    def rows(self) -> range:
        """Binned absolute rows a Full makes."""
        return range(self.first_row, self.first_row + self.row_count)


def geometry_of(shape: tuple[int, int, int], options: Mapping[str, Value]) -> Geometry:
    """Geometry of a run over projections of ``shape`` (angles, rows, columns).

    TomoBatchError ``crop-outside`` or ``crop-empty`` where tomocupy would fail or make nothing.
    """
    binning = int_of(options, "binning")
    start_projection, end_projection = _crop(options, "proj", "projections", shape[0])
    start_row, end_row = _crop(options, "row", "detector rows", shape[1])
    start_column, end_column = _crop(options, "column", "detector columns", shape[2])
    end_column -= (end_column - start_column) % 2 ** (binning + 1)
    width = (end_column - start_column) // 2**binning
    row_count = (end_row - start_row) // 2**binning
    if width == 0 or row_count == 0:
        raise TomoBatchError("crop-empty", f"The crop leaves nothing at binning {binning}: take more pixels.")
    double = value_of(options, "file-type") == "double_fov"
    return Geometry(
        binning=binning,
        start_projection=start_projection,
        end_projection=end_projection,
        start_row=start_row,
        end_row=end_row,
        start_column=start_column,
        end_column=end_column,
        width=width,
        size=2 * width if double else width,
        first_row=start_row // 2**binning,
        row_count=row_count,
        volume_rows=shape[1] // 2**binning,
    )


def _crop(options: Mapping[str, Value], what: str, words: str, length: int) -> tuple[int, int]:
    start, end = int_of(options, f"start-{what}"), int_of(options, f"end-{what}")
    stop = length if end == -1 else end
    if not 0 <= start < stop <= length:
        raise TomoBatchError(
            "crop-outside",
            f"--start-{what}={start} --end-{what}={end} do not fit the scan's {length} {words}.",
        )
    return start, stop


def try_rows(geometry: Geometry, options: Mapping[str, Value]) -> tuple[int, ...]:
    """Detector rows (unbinned) of a Try's slices, each once.

    As in tomocupy the place is a share of the cropped height, counted from the top of the detector.
    """
    factor = 2**geometry.binning
    places = np.array(nsino_numbers(options))
    rows = np.int32(places * (geometry.row_count * factor - 1) / factor) * factor
    return tuple(dict.fromkeys(int(row) for row in rows))


def search_shifts_px(options: Mapping[str, Value]) -> npt.NDArray[np.float32]:
    """Shifts of a Try's candidates against the COR, in binned pixels; candidate = COR - shift."""
    factor = 2 ** int_of(options, "binning")
    width, step = float_of(options, "center-search-width"), float_of(options, "center-search-step") * factor
    if 2 * width / step > MOST_CANDIDATES:
        raise TomoBatchError(
            "too-many-candidates",
            f"A Try of {2 * width / step:.0f} candidates is too much: "
            "take a larger --center-search-step or a smaller --center-search-width.",
        )
    return np.arange(-width, width, step).astype(np.float32) / np.float32(factor)


def try_cors_px(
    cor_px: float | None, shape: tuple[int, int, int], options: Mapping[str, Value]
) -> npt.NDArray[np.float32]:
    """COR of each candidate of a Try, in unbinned full-frame pixels, in the order they are made.

    ``cor_px`` None is the middle. In float32, step by step as tomocupy does it: file names hang on it.
    """
    binning = int_of(options, "binning")
    start_column = int_of(options, "start-column")
    centre = ((shape[2] / 2 if cor_px is None else cor_px) - start_column) / 2**binning
    shifted = (centre - search_shifts_px(options)) * 2**binning + start_column
    return np.asarray(shifted, dtype=np.float32)
