"""How sharp a slice is: published scores of one picture, by which the candidates of a Try are compared.

Both hold for half turns and for full ones. What `tomobatch.cor.scoring` has of slices does not: over a
full turn the two halves of an arc cancel much of what is negative.

References
----------
.. [1] E. Krotkov, "Focusing", International Journal of Computer Vision 1, 223 (1988): the gradient magnitude
   by Sobel's operator (Tenenbaum's criterion, "Tenengrad"), the best of those compared there.
.. [2] T. Donath, F. Beckmann, A. Schreyer, "Automated determination of the center of rotation in
   tomography data", J. Opt. Soc. Am. A 23, 1048 (2006): the entropy of the histogram, Q_H.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, sobel

Floats = npt.NDArray[np.float32]
Span = tuple[float, float]

# Noise has edges, too: without it the noisiest slice is the sharpest.
_SMOOTHED_PX, _REACH = 1.0, 2.0
# The engine cuts slices to a circle. What is smoothed reaches three pixels over its edge.
_RIM_SHARE, _RIM_PX = 0.05, 3.0
_BINS = 256
_PERCENTILES = (0.1, 99.9)


def gradient(image: Floats) -> float:
    """Sum of the squared gradient of a smoothed slice [1], the highest the best.

    A wrong COR draws each edge as two arcs that are half as steep. It grows with the square of the values.
    """
    smooth = gaussian_filter(image, _SMOOTHED_PX, truncate=_REACH)
    # Values beyond all sense have no score; see `tomobatch.volumes.candidates.Candidates.take`.
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.square(sobel(smooth, 0)) + np.square(sobel(smooth, 1))
    return float(squares.sum(dtype=np.float64, where=_inside(image.shape)))


def order(image: Floats, span: Span) -> float:
    """The negative entropy of a slice's histogram [2], the highest the best.

    A sharp slice has few values, one for each material; arcs and shadows bring others in.

    Parameters
    ----------
    span
        What the histogram reaches over, the same for all that are compared; see `histogram_span`.
    """
    values = image[_inside(image.shape)]
    counts, _ = np.histogram(values, _BINS, span)
    shares = counts[counts > 0] / max(1, counts.sum())
    return float((shares * np.log(shares)).sum())


def histogram_span(image: Floats) -> Span | None:
    """What the histograms of a Try should reach over, by one of its candidates; None where it is flat."""
    values = image[_inside(image.shape)]
    if not values.size:
        return None
    low, high = (float(v) for v in np.percentile(values, _PERCENTILES))
    half = (high - low) / 2
    return (low - half, high + half) if half > 0 else None


@lru_cache(maxsize=4)
def _inside(shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """What lies well within the circle."""
    rows, columns = shape
    radius = min(shape) / 2
    y, x = np.arange(rows) - (rows - 1) / 2, np.arange(columns) - (columns - 1) / 2
    rim = min(max(_RIM_SHARE * radius, _RIM_PX), radius / 2)
    return np.asarray(np.hypot(y[:, np.newaxis], x) < radius - rim)
