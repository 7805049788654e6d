"""The one place that knows a NUFFT library: from samples on a polar grid to an image."""

from __future__ import annotations

from collections.abc import Callable

import finufft
import numpy as np
import numpy.typing as npt

Spectrum = npt.NDArray[np.complex64]
Points = npt.NDArray[np.float32]
Transform = Callable[[Spectrum], Spectrum]

# At 1e-4 the slices differ from tomocupy's by 0.002 % of their range; ten times less exact is 10 % faster.
_ACCURACY = 1e-4


def make_transform(rows: Points, columns: Points, size: int) -> Transform:
    """Sum of plane waves on a square image.

    Parameters
    ----------
    rows, columns
        Frequencies of the samples along each image axis in radians per pixel, -π to π, shape (samples,).
    size
        Width and height of the image, even.

    Returns
    -------
    Transform
        From samples, complex64 (samples,), to ``sum_j c_j exp(i (r rows_j + c columns_j))``, complex64
        (size, size), with r and c from -size/2. It runs in the calling thread alone, may not run in two
        threads at a time, and its result lasts until the next call.
    """
    plan = finufft.Plan(1, (size, size), eps=_ACCURACY, isign=1, dtype="complex64", nthreads=1)
    plan.setpts(rows, columns)
    image: Spectrum = np.empty((size, size), np.complex64)

    def transform(samples: Spectrum) -> Spectrum:
        plan.execute(samples, out=image)
        return image

    return transform
