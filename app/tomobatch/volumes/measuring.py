"""Measuring in a slice: the values along a line, and what is in a region. Values are those of the file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tomobatch.volumes.averaging import Box
from tomobatch.volumes.contrast import Levels, auto_levels, sample_of
from tomobatch.volumes.placement import Point
from tomobatch.volumes.source import Floats, Left, LeftError, Shape, never

# So much is looked at between two questions whether anybody still waits.
_PIXELS_AT_ONCE = 1 << 20


@dataclass(frozen=True, eq=False)
class Profile:
    """Values along a line.

    Parameters
    ----------
    distances_px
        From the line's beginning, in pixels; float64.
    values
        One for each distance; NaN beside the slice.
    """

    distances_px: npt.NDArray[np.float64]
    values: Floats


@dataclass(frozen=True)
class Region:
    """What is in a rectangle of a slice.

    Parameters
    ----------
    box
        The rectangle.
    mean, deviation, least, most
        Of the finite values, summed in float64; the deviation is that of all of them (over n). NaN for none.
    odd
        Pixels that are not finite.
    levels
        Percentiles of them, to draw black and white.
    """

    box: Box
    mean: float
    deviation: float
    least: float
    most: float
    odd: int
    levels: Levels

    @property
    def pixels(self) -> int:
        """Pixels of the rectangle, those that are not finite too."""
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


def profile(data: Floats, a: Point, b: Point) -> Profile:
    """Values from `a` to `b` (x, y), about one each pixel's length.

    Each is that of the pixel the place lies in (the nearest one): no value is shown that is not in the file.
    """
    length = math.dist(a, b)
    count = max(2, round(length) + 1)
    x, y = np.linspace(a[0], b[0], count), np.linspace(a[1], b[1], count)
    rows, columns = data.shape
    inside = (x >= 0) & (x <= columns) & (y >= 0) & (y <= rows)
    values = np.full(count, np.nan, np.float32)
    # The far edge belongs to the last pixel.
    at = (np.minimum(y[inside].astype(int), rows - 1), np.minimum(x[inside].astype(int), columns - 1))
    values[inside] = data[at]
    return Profile(np.linspace(0, length, count), values)


def whole_box(a: Point, b: Point, shape: Shape) -> Box:
    """The rectangle between two corners, grown to whole pixels of the slice, at least one."""
    x0, x1 = _whole(a[0], b[0], shape[1])
    y0, y1 = _whole(a[1], b[1], shape[0])
    return x0, y0, x1, y1


def _whole(one: float, other: float, size: int) -> tuple[int, int]:
    first = min(max(math.floor(min(one, other)), 0), size - 1)
    return first, min(max(math.ceil(max(one, other)), first + 1), size)


def region(data: Floats, box: Box, left: Left = never) -> Region:
    """Measure a rectangle; `LeftError` once `left` says that nobody waits for it any more."""
    x0, y0, x1, y1 = box
    part = data[y0:y1, x0:x1]
    count, total, least, most = 0, 0.0, np.inf, -np.inf
    for values in _finite_strips(part, left):
        count += values.size
        total += float(values.sum())
        least, most = min(least, float(values.min())), max(most, float(values.max()))
    if not count:
        nothing = (float("nan"),) * 4
        return Region(box, *nothing, part.size, auto_levels(sample_of(part)))
    mean = total / count
    squares = sum(float(np.square(values - mean).sum()) for values in _finite_strips(part, left))
    deviation = math.sqrt(squares / count)
    return Region(box, mean, deviation, least, most, part.size - count, auto_levels(sample_of(part)))


def _finite_strips(part: Floats, left: Left) -> Iterator[npt.NDArray[np.float64]]:
    """The finite values, some rows at a time; none of them empty."""
    step = max(1, _PIXELS_AT_ONCE // part.shape[1])
    for first in range(0, len(part), step):
        if left():
            raise LeftError
        strip = part[first : first + step].astype(np.float64)
        finite = strip[np.isfinite(strip)]
        if finite.size:
            yield finite
