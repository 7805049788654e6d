"""A slice as it was read, and made ready to be painted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tomobatch.errors import TomoBatchError
from tomobatch.volumes.averaging import Box, screen_pixels, seen_box
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.contrast import Bytes, Levels, auto_levels, histogram, sample_of, to_8_bit
from tomobatch.volumes.placement import Placement
from tomobatch.volumes.source import Floats, Left, Shape, Source


@dataclass(frozen=True)
class View:
    """How slices are wanted.

    Parameters
    ----------
    placement
        Which part, how large.
    levels
        Values drawn black and white; None takes each slice's own percentiles.
    pixel_ratio
        Pixels of the device a screen pixel.
    """

    placement: Placement
    levels: Levels | None = None
    pixel_ratio: float = 1.0


@dataclass(eq=False)
class Slice:
    """A slice in memory.

    Parameters
    ----------
    data
        All pixels, as in the file.
    sample
        Finite values spread over it.
    blank
        Whether it holds nothing but zeros: it was not written, or lies outside a crop.
    """

    index: int
    data: Floats
    sample: Floats
    blank: bool = False
    _odd: tuple[int, int] | None = field(default=None, repr=False)

    @property
    def shape(self) -> Shape:
        """Rows and columns."""
        return self.data.shape[0], self.data.shape[1]

    def value_at(self, x: float, y: float) -> float | None:
        """The file's value below a place of the data; None beside the slice."""
        if not (0 <= x < self.data.shape[1] and 0 <= y < self.data.shape[0]):
            return None
        return float(self.data[int(y), int(x)])

    def histogram(self, span: Levels) -> npt.NDArray[np.float64]:
        """Share of the values in each part of `span`."""
        return histogram(self.sample, span)

    @property
    def nan(self) -> int:
        """Pixels that are no number."""
        return self._odd_counts()[0]

    @property
    def inf(self) -> int:
        """Pixels that are infinite."""
        return self._odd_counts()[1]

    def count_odd(self, averages: Floats | None = None) -> None:
        """Count what is not finite before anybody asks; averages of all pixels tell where there is none."""
        if averages is not None and np.isfinite(averages).all():
            self._odd = 0, 0
        self._odd_counts()

    def _odd_counts(self) -> tuple[int, int]:
        if self._odd is None:
            self._odd = _odd_counts(self.data)
        return self._odd

    @property
    def odd_text(self) -> str:
        """How many pixels are not finite: ``3 NaN · 1 infinite``; no text where all are."""
        counts = ((self.nan, "NaN"), (self.inf, "infinite"))
        return " · ".join(f"{count} {word}" for count, word in counts if count)

    @property
    def auto_levels(self) -> Levels:
        """Levels by percentiles."""
        return auto_levels(self.sample)


@dataclass(frozen=True, eq=False)
class Frame:
    """A slice, painted for one view.

    Parameters
    ----------
    values, grey
        What is painted, a value and a grey for each pixel.
    box
        The part of the slice they cover.
    levels
        What black and white are.
    """

    slice: Slice
    view: View
    values: Floats
    grey: Bytes
    box: Box
    levels: Levels

    @property
    def nbytes(self) -> int:
        """Memory it takes, with its slice."""
        own = 0 if self.values.base is self.slice.data else self.values.nbytes
        return self.slice.data.nbytes + self.grey.nbytes + own


@dataclass(frozen=True)
class Grown:
    """A source was looked at anew: more slices are there, or no more will come."""


@dataclass(frozen=True, eq=False)
class Sampled:
    """Finite values spread over a slice, for the contrast of the whole; none where it cannot be read."""

    index: int
    values: Floats


@dataclass(frozen=True)
class Failure:
    """A slice that cannot be shown, or with index -1 nothing that can."""

    index: int
    error: TomoBatchError


def read_slice(source: Source, index: int, buffers: Buffers, left: Left) -> Slice:
    """Read a slice; TomoBatchError where that cannot be, LeftError where nobody waits for it any more."""
    data = source.read(index, buffers, left)
    sample = sample_of(data)
    # A picture shows itself in the sample, a blank one is worth a look at all of it.
    return Slice(index, data, sample, not sample.any() and not data.any())


def _odd_counts(data: Floats) -> tuple[int, int]:
    """How many pixels are no number, and how many infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        # One pass without a second array; a sum beyond all bounds is looked at closely, too.
        if np.isfinite(data.sum()):
            return 0, 0
    nan = sum(int(np.count_nonzero(np.isnan(line))) for line in data)
    return nan, sum(int(np.count_nonzero(np.isinf(line))) for line in data)


def paint(of: Slice, view: View, buffers: Buffers) -> Frame:
    """Make a slice ready for the screen."""
    placed = view.placement.on(of.shape)
    box = seen_box(placed, of.shape)
    values = screen_pixels(of.data, box, placed.scale * view.pixel_ratio, buffers)
    whole = values.size < of.data.size and box == (0, 0, of.shape[1], of.shape[0])
    of.count_odd(values if whole else None)
    levels = view.levels or of.auto_levels
    return Frame(of, view, values, to_8_bit(values, levels, buffers), box, levels)
