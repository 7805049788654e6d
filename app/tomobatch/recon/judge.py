"""Whether a run's outputs are all there, the right size, readable, and more than zeros."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import tifffile

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import open_hdf5
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import FLOAT32_BYTES, Expected

DATASET = "exchange/data"
FLOAT32 = np.dtype("float32")
# Rows of a picture looked at to tell it from zeros and from its neighbours.
_SAMPLED_ROWS = 8

_BROKEN_TIFF = (tifffile.TiffFileError, OSError, ValueError, IndexError, KeyError, TypeError, struct.error)


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Parameters
    ----------
    code
        ``good``, ``no-output``, ``incomplete``, ``wrong-size``, ``unreadable``, ``blank`` or
        ``mixed-candidates`` (run this Try again).
    sentence
        For people, with numbers.
    """

    code: str
    sentence: str

    @property
    def good(self) -> bool:
        """Whether the result can be trusted."""
        return self.code == "good"


def judge(folder: Path, kind: Kind, expected: Expected) -> Verdict:
    """Judge what a run left in its folder. Memory stays within a picture or two."""
    if expected.volume_rows:
        return _judge_volume(folder / expected.files[0], expected)
    return _judge_pictures(folder, kind, expected)


def _things(kind: Kind) -> str:
    return "candidates" if kind is Kind.TRY else "slices"


def _judge_pictures(folder: Path, kind: Kind, expected: Expected) -> Verdict:
    total, things = len(expected.files), _things(kind)
    there = [name for name in expected.files if (folder / name).is_file()]
    if not there:
        return Verdict("no-output", f"The run ended without making any of {total} {things}.")
    if len(there) < total:
        return Verdict("incomplete", f"Only {len(there)} of {total} {things} were made.")
    fingerprints: dict[bytes, list[str]] = {}
    blank = 0
    for name in there:
        try:
            sample = _sample_tiff(folder / name, expected.slice_shape)
        except TomoBatchError as error:
            return Verdict(error.code, f"{name}: {error.sentence}")
        blank += _is_blank(sample)
        fingerprints.setdefault(hashlib.sha256(sample.tobytes()).digest(), []).append(name)
    if blank == total:
        return Verdict("blank", f"All {total} {things} are blank: the run wrote zeros alone.")
    twins = _twins(folder, fingerprints) if kind is Kind.TRY else None
    if twins:
        return Verdict(
            "mixed-candidates",
            f"{twins[0]} and {twins[1]} hold the same picture: run this Try again, with a smaller"
            " --center-search-width if it reached beyond the detector.",
        )
    return Verdict("good", f"{total} of {total} {things}, all readable.")


def _sample_tiff(path: Path, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Some rows of a picture after its size was checked; TomoBatchError ``unreadable`` or ``wrong-size``."""
    try:
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages.first
            found, dtype = tuple(page.shape), page.dtype
            starts, counts = page.dataoffsets, page.databytecounts
            plain = page.is_final and page.compression == 1 and page.is_contiguous
        length = path.stat().st_size
    except _BROKEN_TIFF as error:
        raise TomoBatchError("unreadable", f"it cannot be read as a TIFF ({error}).") from error
    if found != shape or dtype != FLOAT32:
        raise TomoBatchError(
            "wrong-size", f"it is {_size(found)} {dtype}, where {_size(shape)} float32 was expected."
        )
    if not plain or sum(counts) != shape[0] * shape[1] * FLOAT32_BYTES:
        raise TomoBatchError("unreadable", "its pixels are not stored plainly.")
    if starts[0] + sum(counts) > length:
        raise TomoBatchError("unreadable", f"it is cut off at {length} bytes.")
    return _sampled_rows(path, starts[0], shape)


def _size(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _sampled_rows(path: Path, start: int, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    row_bytes = shape[1] * FLOAT32_BYTES
    parts = []
    with path.open("rb") as file:
        for row in _sampled(shape[0]):
            file.seek(start + row * row_bytes)
            parts.append(np.frombuffer(file.read(row_bytes), FLOAT32))
    return np.concatenate(parts)


def _sampled(rows: int) -> list[int]:
    """Some row numbers spread over a picture; not its rim, which the circular mask leaves at zero."""
    return sorted({int(row) for row in np.linspace(0.15, 0.85, _SAMPLED_ROWS) * rows})


def _is_blank(values: npt.NDArray[np.float32]) -> bool:
    return not bool(np.any(values[np.isfinite(values)]))


def _twins(folder: Path, fingerprints: dict[bytes, list[str]]) -> tuple[str, str] | None:
    """Two candidates with the very same picture, blank ones aside: there is nothing to mix in them."""
    for alike in fingerprints.values():
        for first, second in zip(alike, alike[1:]):  # noqa: B905, RUF007 - both are newer than Python 3.9
            one, other = tifffile.imread(folder / first), tifffile.imread(folder / second)
            if not _is_blank(one) and np.array_equal(one, other, equal_nan=True):
                return first, second
    return None


def _judge_volume(path: Path, expected: Expected) -> Verdict:
    if not path.is_file():
        return Verdict("no-output", f"The run ended without making its volume {path.name}.")
    try:
        with open_hdf5(path) as file:
            return _judge_dataset(file.get(DATASET), expected)
    except TomoBatchError as error:
        return Verdict("unreadable", f"The volume cannot be read: {error.sentence}")
    except (OSError, RuntimeError) as error:
        return Verdict("unreadable", f"The volume cannot be read: {error}.")


def _judge_dataset(dataset: object, expected: Expected) -> Verdict:
    if not isinstance(dataset, h5py.Dataset):
        return Verdict("incomplete", f"The volume has no /{DATASET}.")
    shape = (expected.volume_rows, *expected.slice_shape)
    if dataset.shape != shape or dataset.dtype != FLOAT32:
        return Verdict(
            "wrong-size",
            f"The volume is {_size(dataset.shape)} {dataset.dtype}, not the {_size(shape)} float32 expected.",
        )
    # The file has its full shape, and zeros, from the start: a slice of zeros was never written.
    total = len(expected.rows)
    blank = sum(_slice_is_blank(dataset, row) for row in expected.rows)
    if blank == total:
        return Verdict("blank", f"All {total} slices of the volume are blank.")
    if blank:
        return Verdict(
            "incomplete", f"Only {total - blank} of {total} slices were written, the others are blank."
        )
    return Verdict("good", f"{total} of {total} slices, all readable.")


def _slice_is_blank(dataset: h5py.Dataset, row: int) -> bool:
    return all(_is_blank(values) for values in _samples(dataset, row))


def _samples(dataset: h5py.Dataset, row: int) -> Iterator[npt.NDArray[np.float32]]:
    """One line, and only if more is asked for, the whole slice."""
    yield dataset[row, dataset.shape[1] // 2]
    yield dataset[row]
