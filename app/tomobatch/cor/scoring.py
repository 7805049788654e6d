"""How well a centre of rotation fits: published scores of slices and sinograms, the lowest the best.

Coordinates are 0-based columns; a sinogram has shape (angles, columns).

References
----------
.. [1] T. Donath, F. Beckmann, A. Schreyer, "Automated determination of the center of rotation in
   tomography data", J. Opt. Soc. Am. A 23, 1048 (2006).
.. [2] N. T. Vo, M. Drakopoulos, R. C. Atwood, C. Reinhard, "Reliable method for calculating the center of
   rotation in parallel-beam tomography", Optics Express 22, 19078 (2014).
.. [3] J. P. Lewis, "Fast normalized cross-correlation", Vision Interface 10, 120 (1995).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.floating[Any]]
Scores = npt.NDArray[np.float64]

# Rows and columns around the middle of the spectrum that say nothing of the COR, after [2].
_DROPPED_ROWS = 20
_DROPPED_COLUMNS = 1
_OBJECT_SHARE = 0.5
_LEAST_OVERLAP_PX = 8


def negativity(image: Image) -> float:
    """Sum of the negative values of a slice over the sum of all, Q_IN of [1].

    A wrong COR smears the sample into arcs, whose filtered outskirts are negative. For half turns: over
    a full turn the two halves of the arcs cancel much of this.
    """
    total = float(image.sum(dtype=np.float64))
    negative = -float(image.sum(dtype=np.float64, where=image < 0))
    return negative / total if total > 0 else np.inf


def absolute_integral(image: Image) -> float:
    """Sum of the absolute values of a slice over the sum of all, Q_IA of [1]."""
    total = float(image.sum(dtype=np.float64))
    return float(np.abs(image).sum(dtype=np.float64)) / total if total > 0 else np.inf


def double_wedge(sinogram: Image, cors_px: npt.ArrayLike) -> Scores:
    """Spectrum of a full-turn sinogram where it should be empty, for each COR, after [2].

    Parameters
    ----------
    sinogram
        Half a turn, evenly spaced. Mirrored about the COR it makes the other half; if the COR is right
        the spectrum of both lies within a double wedge.
    cors_px
        Candidates, shape (candidates,).

    Returns
    -------
    numpy.ndarray
        float64, mean of the spectrum outside the wedge for each candidate.
    """
    outside = _outside_wedge(2 * len(sinogram), sinogram.shape[1])
    both = np.concatenate((sinogram, sinogram)).astype(np.float32)
    scores = []
    for cor_px in np.atleast_1d(np.asarray(cors_px, np.float64)):
        both[len(sinogram) :] = _mirrored(sinogram, float(cor_px))
        scores.append(np.abs(np.fft.rfft2(both))[outside].mean(dtype=np.float64))
    return np.array(scores)


def _outside_wedge(rows: int, columns: int) -> npt.NDArray[np.bool_]:
    """Where the rfft2 of a full turn should be empty; the sample is taken to fill half the width."""
    turns = np.abs(np.fft.fftfreq(rows, 1 / rows))[:, np.newaxis]
    frequencies = np.fft.rfftfreq(columns)
    radius_px = 0.5 * _OBJECT_SHARE * columns
    outside = turns > 2 * np.pi * radius_px * frequencies
    outside[turns[:, 0] <= min(_DROPPED_ROWS, np.ceil(0.05 * rows))] = False
    outside[:, : _DROPPED_COLUMNS + 1] = False
    return np.asarray(outside)


def _mirrored(sinogram: Image, cor_px: float) -> Image:
    """The opposite half turn; where it would reach beyond the detector, the sinogram upside down."""
    columns = sinogram.shape[1]
    shift_px = 2 * cor_px - (columns - 1)
    moved = shifted(sinogram[:, ::-1], shift_px)
    seen_from = np.arange(columns) - shift_px
    unseen = (seen_from < 0) | (seen_from > columns - 1)
    moved[:, unseen] = sinogram[::-1, unseen]
    return moved


def shifted(lines: Image, shift_px: float) -> npt.NDArray[np.float32]:
    """Lines moved to the right by any part of a pixel; what comes in at an edge is its value."""
    columns = lines.shape[1]
    padded = np.pad(lines, ((0, 0), (columns // 2, columns - columns // 2)), mode="edge")
    whole = int(np.floor(shift_px))
    if shift_px != whole:
        turn = np.exp(-2j * np.pi * np.fft.rfftfreq(padded.shape[1]) * (shift_px - whole))
        padded = np.fft.irfft(np.fft.rfft(padded) * turn, padded.shape[1])
    places = np.clip(np.arange(columns) - whole + columns // 2, 0, padded.shape[1] - 1)
    return np.asarray(padded[:, places], np.float32)


def opposite_mismatch(first: Image, opposite: Image, cors_px: npt.ArrayLike) -> Scores:
    """How little two half turns, half a turn apart, are each other's mirror image about each COR.

    One less the normalised cross-correlation [3] over the columns that both halves see, so that samples
    wider than the detector do no harm.

    Parameters
    ----------
    first, opposite
        Lines half a turn apart, both (angles, columns).
    cors_px
        Candidates, shape (candidates,).
    """
    return np.array(
        [_mismatch(first, opposite, float(c)) for c in np.atleast_1d(np.asarray(cors_px, np.float64))]
    )


def _mismatch(first: Image, opposite: Image, cor_px: float) -> float:
    columns = first.shape[1]
    shift_px = 2 * cor_px - (columns - 1)
    start, end = max(0, int(np.ceil(shift_px))), min(columns, columns + int(np.floor(shift_px)))
    if end - start < _LEAST_OVERLAP_PX:
        return np.inf
    a = first[:, start:end].astype(np.float64)
    b = shifted(opposite[:, ::-1], shift_px)[:, start:end].astype(np.float64)
    a -= a.mean()
    b -= b.mean()
    norm = np.sqrt((a**2).sum() * (b**2).sum())
    return 1 - float((a * b).sum() / norm) if norm > 0 else np.inf
