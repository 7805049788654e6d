"""From counts to attenuation: binning, flats, darks, logarithm."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# Keeps flats that equal the darks from dividing by zero, as tomocupy does.
_FLAT_GAIN = np.float32(1 + 1e-5)
_NO_COUNTS = 6.0


def bin_pixels(frames: npt.NDArray[Any], binning: int) -> Floats:
    """Sum 2**binning pixels each way of (frame, row, column) counts, as float32."""
    binned = frames.astype(np.float32, copy=False)
    for _ in range(binning):
        binned = binned[:, :, ::2] + binned[:, :, 1::2]
    for _ in range(binning):
        binned = binned[:, ::2] + binned[:, 1::2]
    return binned


class Correction:
    """Flat and dark correction of one set of rows.

    Parameters
    ----------
    flat, dark
        Mean counts, binned, float32, (rows, columns).
    minus_log
        Take the negative logarithm too.
    """

    def __init__(self, flat: Floats, dark: Floats, *, minus_log: bool) -> None:
        self._dark = dark
        self._gain = flat * _FLAT_GAIN - dark
        self._minus_log = minus_log
        self._blind_pixels = bool((self._gain == 0).any())

    @property
    def sees_light(self) -> bool:
        """Whether any pixel is brighter in the flats than in the darks."""
        return bool((self._gain > 0).any())

    def apply(self, counts: Floats) -> Floats:
        """Attenuation (or transmission) of binned counts (frame, row, column); works in a copy."""
        with np.errstate(divide="ignore", invalid="ignore"):
            values: Floats = counts - self._dark
            values /= self._gain
            if self._minus_log:
                values[values <= 0] = 1
                np.log(values, out=values)
                np.negative(values, out=values)
        if self._blind_pixels:
            np.nan_to_num(values, copy=False, nan=_NO_COUNTS, posinf=0, neginf=0)
        return values


def fade(columns: int) -> Floats:
    """Weights that fall smoothly from 1 to 0 over the columns where a full turn sees the sample twice."""
    v = np.linspace(1, 0, columns, endpoint=False)
    return np.asarray(v**5 * (126 - 420 * v + 540 * v**2 - 315 * v**3 + 70 * v**4), np.float32)
