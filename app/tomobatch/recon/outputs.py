"""Names and places of what a run makes, and how much of it there must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.recon.geometry import Geometry, geometry_of, try_cors_px, try_rows
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import Value, value_of

SCAN_SUFFIXES = (".h5", ".hdf5", ".hdf", ".nxs")
TIFF = "tiff"
HDF5 = "h5nolinks"
H5_STEM = "recon"
FLOAT32_BYTES = 4
# What a TIFF needs beside its pixels: header, tags, and the rounding to a block of the file system.
_TIFF_OVERHEAD_BYTES = 4096


def result_name(scan_name: str) -> str:
    """Name the results of a scan go by, no two scans of a folder the same.

    tomocupy takes the file's name less three characters. That is kept for ``.h5``; for other endings, and
    where it would clash with those or be no name at all, the full file name stands in.
    """
    stem = scan_name[:-3] if scan_name.endswith(".h5") else ""
    taken = stem.lower().endswith(SCAN_SUFFIXES)
    return scan_name if taken or stem in {"", ".", ".."} else stem


def results_folder(data_folder: Path) -> Path:
    """``/d/scans`` → ``/d/scans_rec``."""
    return Path(f"{data_folder}_rec")


def final_place(scan_path: Path, kind: Kind, save_format: str = TIFF) -> Path:
    """Folder (TIFF, and every Try) or file (Full as HDF5) of a scan's result. The path is absolute."""
    folder, name = results_folder(scan_path.parent), result_name(scan_path.name)
    if kind is Kind.TRY:
        return folder / "try_center" / name
    return folder / (f"{name}_rec.h5" if save_format == HDF5 else f"{name}_rec")


def partial_place(final: Path, job_id: str) -> Path:
    """The job's own folder beside the final place, whatever the format."""
    if not job_id or not all(char.isalnum() or char in "-_" for char in job_id):
        raise TomoBatchError("job-id", f"{job_id!r} is no job's name.")
    return final.with_name(f"{final.name}.partial-{job_id}")


def out_path(partial: Path, kind: Kind, save_format: str) -> Path:
    """What ``--out-path-name`` is given: the folder itself, or for an HDF5 volume the prefix in it."""
    return partial / H5_STEM if is_volume(kind, save_format) else partial


def is_volume(kind: Kind, save_format: str) -> bool:
    """Whether the result is one HDF5 file; a Try is TIFF whatever the format."""
    return kind is Kind.FULL and save_format == HDF5


def try_file_name(row: int, cor_px: float) -> str:
    """Name of one candidate of a Try; ``row`` is a detector row."""
    return f"recon_slice{row:04d}_center{cor_px:05.2f}.tiff"


def full_file_name(row: int) -> str:
    """Name of one slice of a Full; ``row`` is a binned absolute row."""
    return f"recon_{row:05d}.tiff"


@dataclass(frozen=True)
class Expected:
    """What a run must leave.

    Parameters
    ----------
    files
        Names in the partial folder; of candidates whose names are the same after rounding, one.
    slice_shape
        Rows and columns of a picture, float32.
    volume_rows
        Rows of the HDF5 volume; 0 for TIFF.
    rows
        Rows of the HDF5 volume that must hold pixels; empty for TIFF.
    """

    files: tuple[str, ...]
    slice_shape: tuple[int, int]
    volume_rows: int = 0
    rows: range = range(0)

    @property
    def slice_bytes(self) -> int:
        """Bytes of a picture's pixels."""
        return self.slice_shape[0] * self.slice_shape[1] * FLOAT32_BYTES

    @property
    def disk_bytes(self) -> int:
        """Forecast of the space the run needs; the previous result stays beside it until the swap."""
        if self.volume_rows:
            return self.volume_rows * self.slice_bytes + _TIFF_OVERHEAD_BYTES
        return len(self.files) * (self.slice_bytes + _TIFF_OVERHEAD_BYTES)


def expected_outputs(
    kind: Kind, shape: tuple[int, int, int], options: Mapping[str, Value], cor_px: float | None
) -> Expected:
    """What a run over projections of ``shape`` (angles, rows, columns) must leave.

    ``cor_px`` None is the middle; it matters for a Try alone.
    """
    geometry = geometry_of(shape, options)
    square = (geometry.size, geometry.size)
    if kind is Kind.TRY:
        return Expected(_try_files(geometry, shape, options, cor_px), square)
    if is_volume(kind, str(value_of(options, "save-format"))):
        return Expected((f"{H5_STEM}.h5",), square, geometry.volume_rows, geometry.rows)
    return Expected(tuple(full_file_name(row) for row in geometry.rows), square)


def _try_files(
    geometry: Geometry, shape: tuple[int, int, int], options: Mapping[str, Value], cor_px: float | None
) -> tuple[str, ...]:
    cors_px = try_cors_px(cor_px, shape, options).tolist()
    names = (try_file_name(row, cor) for row in try_rows(geometry, options) for cor in cors_px)
    return tuple(dict.fromkeys(names))
