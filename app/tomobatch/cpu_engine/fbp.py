"""Filtered back-projection by the Fourier slice theorem, two slices at a time.

A sinogram is real, so two of them travel as real and imaginary part of one. Lines are padded with
their edge values, filtered, moved so that the axis lies at the middle, cropped, transformed, and
spread onto the image's plane by a NUFFT. Coordinates are tomocupy's: axis at ``size/2``, rows
running down, values 4/π times the attenuation per pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from tomobatch.cpu_engine.axis import Axis
from tomobatch.cpu_engine.filters import frequency_response, padded_length
from tomobatch.cpu_engine.fourier import fourier_for
from tomobatch.cpu_engine.nufft import make_transform
from tomobatch.cpu_engine.preprocess import fade

Floats = npt.NDArray[np.float32]
Complex = npt.NDArray[np.complex64]

# Lines are worked on in blocks that stay in the processor's cache.
_BLOCK_BYTES = 1_000_000
# tomocupy spreads with a Gaussian of this decay, and undoes it one row beside the right one.
_GAUSSIAN = -np.log(1e-3) / 2


class Projector:
    """All that slices of one shape share: filter, points in the plane, mask.

    Parameters
    ----------
    angles_deg
        Angles of the projections, shape (angles,).
    width
        Columns of the sinograms, even.
    size
        Width and height of the slices: `width`, or twice that for double_fov.
    filter_name
        As in `frequency_response`.
    slices
        How many there will be, so that what pays in the long run alone is left out of a short one.
    """

    def __init__(
        self, angles_deg: npt.NDArray[np.float64], width: int, size: int, filter_name: str, slices: int
    ) -> None:
        self.angles = angles_deg.size
        self.width = width
        self.size = size
        self.length = padded_length(size)
        self.margin = (self.length - size) // 2
        self.response = frequency_response(filter_name, self.length)
        self.rows, self.columns, self.weights = _plane(np.radians(angles_deg), size)
        self.mask = _mask(size)
        self.fourier = fourier_for(slices * self.angles * self.length)

    def shift(self, position_px: float) -> Complex:
        """Factors at the rfft frequencies that move the axis from `position_px` to the middle."""
        t = np.arange(self.length // 2 + 1) / self.length
        factors = np.exp(2j * np.pi * t * (position_px - self.size / 2)).astype(np.complex64)
        factors[-1] = factors[-1].real
        moved: Complex = factors
        return moved

    def blocks(self) -> Iterator[slice]:
        """The angles in blocks."""
        lines = max(1, _BLOCK_BYTES // (8 * self.length))
        for start in range(0, self.angles, lines):
            yield slice(start, min(start + lines, self.angles))

    def pad(self, lines: npt.NDArray[Any], axis: Axis) -> npt.NDArray[Any]:
        """Lines (angles, width) widened to the padded length: edge values, zeros beyond a faded edge."""
        padded = np.zeros((len(lines), self.length), lines.dtype)
        first, end = self.margin, self.margin + self.width
        padded[:, first:end] = lines[:, ::-1] if axis.turned else lines
        padded[:, :first] = padded[:, first : first + 1]
        if self.size == self.width:
            padded[:, end:] = padded[:, end - 1 : end]
        else:
            padded[:, end - axis.blend_columns : end] *= fade(axis.blend_columns)
        return padded


def _plane(theta: npt.NDArray[np.float64], size: int) -> tuple[Floats, Floats, Complex]:
    """Frequencies of the samples along rows and columns, (angles · (size + 1),), and their weights.

    The highest frequency stands at both ends, with half its weight each: the transform of a real
    sinogram is then real, and two packed slices do not leak into one another.
    """
    k = np.append(np.fft.fftfreq(size), 0.5)
    rows = np.outer(-2 * np.pi * np.sin(theta), k).astype(np.float32)
    columns = np.outer(2 * np.pi * np.cos(theta), k).astype(np.float32)
    scale = 4 / (theta.size * size) * np.cos(np.pi * size * k)
    scale[[size // 2, size]] *= 0.5
    scale = scale.astype(np.float32)
    weights = np.empty(rows.shape, np.complex64)
    # A projection at a time: the detours by double precision would take several times the memory.
    for index, phase in enumerate(rows):
        weights.real[index] = np.cos(phase) * scale
        weights.imag[index] = np.sin(phase) * scale
    return rows.ravel(), columns.ravel(), weights


def _mask(size: int) -> Floats:
    """What images are multiplied with: 0 outside the circle, inside tomocupy's slope along the rows."""
    offset = np.arange(size) - size / 2
    inside = offset[:, np.newaxis] ** 2 + offset**2 < (size / 2) ** 2
    y = offset / size
    slope = np.exp(_GAUSSIAN * (y**2 - (y + 1 / size) ** 2))
    return np.where(inside, slope[:, np.newaxis], 0).astype(np.float32)


class Backprojector:
    """One thread's share of a `Projector`: its own transform and buffer."""

    def __init__(self, projector: Projector) -> None:
        self._shared = projector
        self._transform = make_transform(projector.rows, projector.columns, projector.size)
        self._plane = np.empty((projector.angles, projector.size + 1), np.complex64)

    def two_slices(self, first: Floats, second: Floats | None, axis: Axis) -> list[Floats]:
        """Slices of one or two sinograms (angles, width), float32 (size, size)."""
        shared = self._shared
        factors = _two_sided(shared.response * shared.shift(axis.position_px))
        for block in shared.blocks():
            lines = np.zeros(first[block].shape, np.complex64)
            lines.real = first[block]
            if second is not None:
                lines.imag = second[block]
            spectrum = shared.fourier.fft(shared.pad(lines, axis))
            spectrum *= factors
            self._collect(block, spectrum)
        return self._images(1 if second is None else 2)

    def two_positions(self, filtered: Complex, first_px: float, second_px: float | None) -> list[Floats]:
        """Slices of one sinogram, filtered by `filter_sinogram`, for one or two positions of the axis."""
        factors = self._shared.shift(first_px)
        mirrored = factors.conj()
        if second_px is not None:
            other = np.complex64(1j) * self._shared.shift(second_px)
            mirrored = mirrored - other.conj()
            factors = factors + other
        for block in self._shared.blocks():
            self._collect(block, _two_sided_product(filtered[block], factors, mirrored))
        return self._images(1 if second_px is None else 2)

    def _collect(self, block: slice, spectrum: Complex) -> None:
        """Take the filtered, shifted spectra of a block of padded lines into the plane."""
        shared = self._shared
        lines = shared.fourier.ifft(spectrum)[:, shared.margin : shared.margin + shared.size]
        plane = self._plane[block]
        plane[:, :-1] = shared.fourier.fft(lines)
        plane[:, -1] = plane[:, shared.size // 2]
        plane *= shared.weights[block]

    def _images(self, count: int) -> list[Floats]:
        image = self._transform(self._plane.reshape(-1))
        return [part * self._shared.mask for part in (image.real, image.imag)[:count]]


def filter_sinogram(projector: Projector, sinogram: Floats, axis: Axis) -> Complex:
    """Filtered spectra of a sinogram at the rfft frequencies, complex64, (angles, length/2 + 1)."""
    filtered = np.empty((projector.angles, projector.length // 2 + 1), np.complex64)
    response = projector.response.astype(np.float32)
    for block in projector.blocks():
        spectrum = projector.fourier.rfft(projector.pad(sinogram[block], axis))
        np.multiply(spectrum, response, out=filtered[block])
    return filtered


def _two_sided(half: npt.NDArray[Any]) -> Complex:
    """Factors at all FFT frequencies from those of a real line's half."""
    return np.concatenate((half, half[-2:0:-1].conj())).astype(np.complex64)


def _two_sided_product(half: Complex, factors: Complex, mirrored: Complex) -> Complex:
    """Spectra of real lines times factors that are not those of a real line; `mirrored`: conjugated."""
    length = 2 * (half.shape[1] - 1)
    product = np.empty((len(half), length), np.complex64)
    np.multiply(half, factors, out=product[:, : half.shape[1]])
    np.multiply(half[:, -2:0:-1].conj(), mirrored[-2:0:-1], out=product[:, half.shape[1] :])
    return product
