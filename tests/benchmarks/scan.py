"""A scan whose true slice is known: an analytic phantom, without noise, every detector row the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import tifffile

from tomobatch.formats import phantom

DARK, BEAM = 100, 60_000
_FINEST = 8192


@dataclass(frozen=True)
class PhantomScan:
    """A scan on disk, `size` pixels wide and high slices; its rotation axis lies at column ``size / 2``.

    `truth` is attenuation a pixel, float32 (size, size).
    """

    path: Path
    size: int
    angles_deg: np.ndarray
    rows: int
    truth: np.ndarray

    @property
    def cor_px(self) -> float:
        return self.size / 2

    @property
    def inside(self) -> np.ndarray:
        """Pixels within the reconstructed circle."""
        offset = np.arange(self.size) - self.size / 2
        return offset[:, None] ** 2 + offset**2 < (self.size / 2) ** 2

    def error_of(self, image: np.ndarray) -> tuple[float, float]:
        """Root mean square and mean of (image - truth) in the circle, as fractions of the truth's range."""
        difference = (image - self.truth)[self.inside].astype(np.float64) / np.ptp(self.truth)
        return float(np.sqrt(np.mean(difference**2))), float(np.mean(difference))

    def sinogram(self) -> np.ndarray:
        """What the engine makes of the first row's counts: corrected, minus logarithm, float32."""
        with h5py.File(self.path, "r", locking=False) as file:
            counts = file["exchange/data"][:, 0].astype(np.float32)
        return -np.log((counts - DARK) / np.float32(BEAM - DARK))


def write_scan(path: Path, size: int, angles: int, rows: int) -> PhantomScan:
    """Write a DXchange scan of a phantom that fills the field of view."""
    bodies = phantom.random_phantom(np.random.default_rng(1))
    angles_deg = np.arange(angles) * (180 / angles)
    radius_px = 0.96 * (size / 2 - 1)
    attenuation = phantom.project(bodies, angles_deg, np.zeros(1), size, size / 2, radius_px)
    counts = np.rint(DARK + (BEAM - DARK) * np.exp(-attenuation)).astype(np.uint16)
    with h5py.File(path, "w") as file:
        file["exchange/data"] = np.broadcast_to(counts, (angles, rows, size))
        file["exchange/data_white"] = np.full((10, rows, size), BEAM, np.uint16)
        file["exchange/data_dark"] = np.full((10, rows, size), DARK, np.uint16)
        file["exchange/theta"] = angles_deg
    truth = phantom.slice_image(bodies, size, 0.0, radius_px, min(8, _FINEST // size))
    return PhantomScan(path, size, angles_deg, rows, truth)


def read_slice(path: Path) -> np.ndarray:
    """A slice of the engine, brought from tomocupy's unit (4/π of it) to attenuation a pixel."""
    return tifffile.imread(path) * (np.pi / 4)
