"""Two pictures side by side: what of one lies where the other shows it, and which slices belong together."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tomobatch.volumes.placement import Placed, Placement, Point
from tomobatch.volumes.source import Shape, Source

MOST_LABELS = 10_000
"""Of more slices the labels are not looked at: they go together by their place in the row."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# Words that count detector rows.
_OF_ROWS = frozenset({"slice", "row", "sinogram"})
_ROWS = "row"


def same_part(of: Placement, shape: Shape, onto: Placement, other: Shape) -> Placement:
    """The placement that shows of another slice what one shows of its own.

    Parameters
    ----------
    of, shape
        What is shown of a slice, and its rows and columns.
    onto, other
        What is shown of the other now, of which only the area counts, and its rows and columns.

    Returns
    -------
    Placement
        The same share of the other slice at the same zoom against the whole; a fitted one stays fitted.
        Slices of the same size are shown exactly alike.
    """
    if of.scale is None:
        return replace(onto, scale=None)
    scale = of.scale * _times(of.area, shape, other)
    return replace(onto, scale=scale, centre=_share(of.centre, shape, other))


def _times(area: Point, shape: Shape, other: Shape) -> float:
    """How much larger the pixels of the other slice are when both are fitted into one area."""
    fitted, other_fitted = (Placement(area).on(one).scale for one in (shape, other))
    return other_fitted / fitted


def _share(at: Point, shape: Shape, other: Shape) -> Point:
    """The place in the other slice that has the same share of it before and behind."""
    if shape == other:
        return at
    return at[0] * other[1] / shape[1], at[1] * other[0] / shape[0]


def nearly(one: Placement, two: Placement) -> bool:
    """Whether two show the same, but for what is lost in going over and back again."""
    if one.area != two.area or one.scale is None or two.scale is None:
        return one.area == two.area and one.scale == two.scale
    pairs = ((one.scale, two.scale), *zip(one.centre, two.centre, strict=True))
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in pairs)


def same_spot(spot: Point, of: Placed, shape: Shape, onto: Placed, other: Shape) -> Point:
    """The place on the other screen where the same share of the other slice lies.

    Parameters
    ----------
    spot
        In screen pixels.
    of, shape
        What is shown of a slice, and its rows and columns.
    onto, other
        The same of the other.
    """
    x, y = _share(of.data_at(spot), shape, other)
    left, top, _, _ = onto.visible
    return (x - left) * onto.scale, (y - top) * onto.scale


@dataclass(frozen=True)
class Numbers:
    """What the labels of a source count.

    Parameters
    ----------
    kind
        ``row``, ``COR`` or another word; empty where they tell nothing.
    values
        One a slice; rows in those of the detector, their middles.
    """

    kind: str
    values: npt.NDArray[np.float64]

    @classmethod
    def of(cls, source: Source) -> Numbers:
        """Read the labels of a source; those that are not all of one kind tell nothing."""
        nothing = cls("", np.empty(0))
        if source.count > MOST_LABELS:
            return nothing
        labels = [source.label(index) for index in range(source.count)]
        found = [_NUMBER.search(label) for label in labels]
        numbers = [float(match[0]) for match in found if match is not None]
        kinds = {_NUMBER.sub("", label).strip() for label in labels}
        if len(numbers) < len(labels) or len(kinds) != 1:
            return nothing
        values, kind = np.array(numbers), kinds.pop()
        if kind in _OF_ROWS:
            return cls(_ROWS, (values + 0.5) * 2**source.binning)
        return cls(kind, values)


class SameSlices:
    """Which slices of two sources belong together.

    Parameters
    ----------
    one, other
        Numbers of both, as they are now.
    """

    def __init__(self, one: Numbers, other: Numbers) -> None:
        self._one, self._other = one, other
        self._by_number = one.kind != "" and one.kind == other.kind and _overlap(one.values, other.values)

    def of_one(self, index: int, other_count: int) -> int:
        """The other's slice that belongs to one's."""
        return self._matched(self._one, index, self._other, other_count)

    def of_other(self, index: int, one_count: int) -> int:
        """One's slice that belongs to the other's."""
        return self._matched(self._other, index, self._one, one_count)

    def _matched(self, numbers: Numbers, index: int, others: Numbers, count: int) -> int:
        """The nearest number; where they cannot be compared, the same place in the row."""
        if self._by_number and index < len(numbers.values):
            return int(np.argmin(np.abs(others.values - numbers.values[index])))
        return max(0, min(index, count - 1))


def _overlap(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> bool:
    return bool(one.min() <= other.max() and other.min() <= one.max())
