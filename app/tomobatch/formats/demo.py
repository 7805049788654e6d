"""Demo scans: phantoms with noise like real counts, flats and darks, and the CORs they were made with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.formats import dxchange, phantom
from tomobatch.names import shown

TRUE_COR_NAME = "true_cor.csv"
PIXEL_SIZE_UM = 0.65
REFERENCES = 10
"""Flats, and darks, a scan."""

_DARK_COUNTS = 100.0
_BEAM_COUNTS = 30_000.0
_MOST_COUNTS = 65_535
_PIXELS_AT_ONCE = 8_000_000
_NARROWEST, _WIDEST = 32, 8192


@dataclass(frozen=True)
class DemoScan:
    """A demo scan on disk.

    Parameters
    ----------
    path
        The file.
    cor_px
        Detector column of its rotation axis, 0-based.
    """

    path: Path
    cor_px: float


@dataclass(frozen=True)
class _Recipe:
    bodies: list[phantom.Ellipsoid]
    angles_deg: np.ndarray
    rows: int
    size: int
    cor_px: float
    radius_px: float


def write_demo_scans(folder: Path, scans: int = 3, size: int = 256, seed: int = 0) -> list[DemoScan]:
    """Write demo scans, and their CORs as ``true_cor.csv`` beside them; every third turns by 360 degrees.

    Parameters
    ----------
    folder
        Made where it does not exist. Nothing in it is overwritten.
    scans
        How many.
    size
        Detector columns; rows are a quarter of them.
    seed
        The same seed makes the same scans.

    Raises
    ------
    TomoBatchError
        ``demo-size``, ``exists``, ``demo-not-written``.
    """
    if scans < 1 or not _NARROWEST <= size <= _WIDEST:
        raise TomoBatchError(
            "demo-size",
            f"Demo scans are at least 1, and {_NARROWEST} to {_WIDEST} pixels wide; change the numbers.",
        )
    paths = [folder / f"demo_{number:04d}.h5" for number in range(1, scans + 1)]
    table = folder / TRUE_COR_NAME
    _refuse_existing([*paths, table])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [_write_scan(path, size, seed, number) for number, path in enumerate(paths, 1)]
        with _put_in_place(table) as partial:
            lines = [f"{scan.path.name},{scan.cor_px}\n" for scan in written]
            partial.write_text("".join(["Filename,COR\n", *lines]), "utf-8")
    except (OSError, RuntimeError) as error:  # h5py closes a file on a full disk with a RuntimeError
        reason = getattr(error, "strerror", None) or shown(str(error))
        raise TomoBatchError("demo-not-written", f"No demo scans in {shown(folder)}: {reason}.") from error
    return written


def _refuse_existing(paths: list[Path]) -> None:
    for path in paths:
        if os.path.lexists(path):
            raise TomoBatchError(
                "exists", f"{shown(path)} exists already and is not overwritten; name an empty folder."
            )


@contextmanager
def _put_in_place(path: Path) -> Iterator[Path]:
    """A name to write under, that becomes `path` at the end unless someone took that name meanwhile."""
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        yield partial
        _refuse_existing([path])
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


def _write_scan(path: Path, size: int, seed: int, number: int) -> DemoScan:
    rng = np.random.default_rng((seed, number))
    recipe = _new_recipe(size, rng, full_turn=number % 3 == 0)
    with _put_in_place(path) as partial, h5py.File(partial, "w", locking=False) as file:
        _fill(file, recipe, rng)
    return DemoScan(path, recipe.cor_px)


def _new_recipe(size: int, rng: np.random.Generator, full_turn: bool) -> _Recipe:
    cor_px = round(size / 2 + rng.uniform(-size / 10, size / 10), 2)
    turn_deg = 360 if full_turn else 180
    angles = max(180, round(1.5 * size)) * turn_deg // 180
    return _Recipe(
        bodies=phantom.random_phantom(rng),
        angles_deg=np.arange(angles) * (turn_deg / angles),
        rows=max(1, size // 4),
        size=size,
        cor_px=cor_px,
        radius_px=0.96 * min(cor_px, size - 1 - cor_px),
    )


def _fill(file: h5py.File, recipe: _Recipe, rng: np.random.Generator) -> None:
    beam = _beam(recipe.rows, recipe.size, rng)
    frame = (recipe.rows, recipe.size)
    flats = np.broadcast_to(beam, (REFERENCES, *frame))
    _put(file, dxchange.FLATS, _counts(flats, rng))
    _put(file, dxchange.DARKS, _counts(np.zeros((REFERENCES, *frame), np.float32), rng))
    _put(file, dxchange.THETA, recipe.angles_deg).attrs["units"] = "degrees"
    _put(file, dxchange.RESOLUTION, PIXEL_SIZE_UM).attrs["units"] = "um"
    data = file.create_dataset(dxchange.DATA, (recipe.angles_deg.size, *frame), np.uint16)
    data.attrs["axes"] = "theta:y:x"
    heights = phantom.row_heights(recipe.rows, recipe.radius_px)
    step = max(1, _PIXELS_AT_ONCE // (recipe.angles_deg.size * recipe.size))
    for row in range(0, recipe.rows, step):
        rows = slice(row, row + step)
        attenuation = phantom.project(
            recipe.bodies, recipe.angles_deg, heights[rows], recipe.size, recipe.cor_px, recipe.radius_px
        )
        data[:, rows] = _counts(beam[rows] * np.exp(-attenuation), rng)


def _put(file: h5py.File, path: str, values: np.ndarray | float) -> h5py.Dataset:
    return file.create_dataset(path, data=values)


def _beam(rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Counts of the open beam: brightest in the middle, every pixel with a gain of its own."""
    across = np.linspace(-1, 1, columns, dtype=np.float32)
    down = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    profile = _BEAM_COUNTS * np.exp(-(across**2) / 4 - down**2 / 3)
    return profile * (1 + 0.02 * rng.standard_normal((rows, columns), np.float32))


def _counts(expected: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What the detector shows: counting noise (Poisson's at these counts is normal) over its dark level."""
    level = expected + np.float32(_DARK_COUNTS)
    noisy = level + np.sqrt(level) * rng.standard_normal(level.shape, np.float32)
    return np.clip(np.rint(noisy), 0, _MOST_COUNTS).astype(np.uint16)
