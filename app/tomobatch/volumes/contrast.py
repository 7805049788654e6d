"""From values to grey: limits by percentiles, histograms, 8 bit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.source import Floats

Levels = tuple[float, float]
Bytes = npt.NDArray[np.uint8]

PERCENTILES = (0.5, 99.5)
BRIGHTEST, NO_NUMBER = 254, 255
"""Greys at and above the upper level, and of what is no finite number."""
_MOST_SAMPLES = 1 << 16
# So few that they stay in the processor's own memory from one step to the next.
_STRIP_ROWS = 32


def sample_of(data: Floats) -> Floats:
    """Finite values spread over a slice, at most some 65,000."""
    step = max(1, int(np.ceil(np.sqrt(data.size / _MOST_SAMPLES))))
    values = data[::step, ::step].ravel()
    finite = np.isfinite(values)
    return values if finite.all() else values[finite]


def auto_levels(sample: Floats) -> Levels:
    """What is drawn black and white: percentiles, never the same value twice."""
    if not sample.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(sample.astype(np.float64), PERCENTILES))
    return widened(low, high)


def widened(low: float, high: float) -> Levels:
    """Levels at least a little apart."""
    least = max(abs(low), abs(high)) * 1e-6 or 1e-6
    return (low, high) if high - low >= least else (low - least, low + least)


def histogram(sample: Floats, span: Levels, bins: int = 128) -> npt.NDArray[np.float64]:
    """Share of the values in each of `bins` parts of `span`; those outside count in no part."""
    # In float32 there is no place for the bins around a large value that all pixels have.
    counts, _ = np.histogram(sample.astype(np.float64), bins, range=span)
    return counts / max(1, sample.size)


def to_8_bit(values: Floats, levels: Levels, buffers: Buffers) -> Bytes:
    """Grey of values: 0 at and below the lower level, `BRIGHTEST` at and above the upper; or `NO_NUMBER`."""
    low, high = levels
    a_grey = (high - low) / BRIGHTEST
    grey = buffers.empty(values.shape, np.uint8)
    with np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, len(values), _STRIP_ROWS):
            lines = slice(first, first + _STRIP_ROWS)
            # Half a grey more: what is cut off in the end is rounded so.
            strip = values[lines] - np.float32(low - a_grey / 2)
            strip *= np.float32(1 / a_grey)
            np.clip(strip, 0, BRIGHTEST, out=strip)
            grey[lines] = strip
            numbers = np.isfinite(values[lines])
            if not numbers.all():
                grey[lines][~numbers] = NO_NUMBER
    return grey
