"""Slices brought down to the pixels of a screen by averaging, so that no thin feature is lost or invented."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_array

from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.placement import Placed
from tomobatch.volumes.source import Floats, Shape

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in whole data pixels."""

# Share of the visible width drawn beyond each edge, so that a pan shows no empty rim before the next picture.
_MARGIN = 0.1
_STRIP_LINES = 64
# Floats that the processor fetches at once.
_FETCHED = 16


def seen_box(placed: Placed, shape: Shape) -> Box:
    """Data pixels worth painting, at least one."""
    left, top, right, bottom = placed.visible
    margin_x, margin_y = (right - left) * _MARGIN, (bottom - top) * _MARGIN
    x0 = min(max(math.floor(left - margin_x), 0), shape[1] - 1)
    y0 = min(max(math.floor(top - margin_y), 0), shape[0] - 1)
    x1 = max(min(math.ceil(right + margin_x), shape[1]), x0 + 1)
    y1 = max(min(math.ceil(bottom + margin_y), shape[0]), y0 + 1)
    return x0, y0, x1, y1


def screen_pixels(data: Floats, box: Box, scale: float, buffers: Buffers) -> Floats:
    """The values to paint for a part of a slice; no number wherever one pixel below is none.

    Parameters
    ----------
    data
        The slice.
    box
        The part.
    scale
        Screen pixels a data pixel. At 1 and above the data itself is given, below it averages.
    """
    x0, y0, x1, y1 = box
    part = data[y0:y1, x0:x1]
    if scale >= 1:
        return part
    return averaged(part, (max(1, int((y1 - y0) * scale)), max(1, int((x1 - x0) * scale))), buffers)


def averaged(part: Floats, size: Shape, buffers: Buffers) -> Floats:
    """Averages over the area that each of `size` (rows, columns) pixels covers, shares of pixels included.

    What is no finite number makes each average that has a share of it none, too: one bad pixel of millions
    stays to be seen.
    """
    across = _weights(part.shape[1], size[1])
    made: Floats = buffers.empty(size)
    # Lines an odd number of fetches long: those of 2048 floats would all lie at one place of the processor's
    # memory, and turning them took longer than all the rest.
    spare: Floats = buffers.empty((_STRIP_LINES, (part.shape[1] // _FETCHED | 1) * _FETCHED + 2 * _FETCHED))
    for strip in _strips(part.shape[0], size[0]):
        lines = strip.weights @ part[strip.source]
        loose = spare[: len(lines), : part.shape[1]]
        loose[:] = lines
        made[strip.target] = (across @ np.ascontiguousarray(loose.T)).T
    return made


@lru_cache(maxsize=32)
def _weights(length: int, count: int) -> csr_array:
    """Matrix (count, length) that averages a line of pixels down to `count` ones."""
    edges = np.linspace(0, length, count + 1)
    pixels = np.floor(edges[:-1, np.newaxis]) + np.arange(math.ceil(length / count) + 1)
    shares = np.minimum(pixels + 1, edges[1:, np.newaxis]) - np.maximum(pixels, edges[:-1, np.newaxis])
    covered = (shares > 0) & (pixels < length)
    ends = np.concatenate(([0], np.cumsum(covered.sum(axis=1))))
    shares = (shares * (count / length)).astype(np.float32)
    return csr_array((shares[covered], pixels[covered].astype(np.int32), ends), shape=(count, length))


@dataclass(frozen=True)
class _Strip:
    """Some lines of an average, and the lines they are made of."""

    source: slice
    target: slice
    weights: csr_array


@lru_cache(maxsize=32)
def _strips(length: int, count: int) -> tuple[_Strip, ...]:
    """The averaging of lines in parts so small that they stay in the processor's own memory."""
    weights = _weights(length, count)
    made = []
    for first in range(0, count, _STRIP_LINES):
        last = min(count, first + _STRIP_LINES)
        part = weights[first:last]
        begin, end = int(part.indices.min()), int(part.indices.max()) + 1
        made.append(_Strip(slice(begin, end), slice(first, last), part[:, begin:end]))
    return tuple(made)
