"""Which part of a slice is on the screen, and how large."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tomobatch.volumes.source import Shape

Point = tuple[float, float]
LARGEST_SCALE = 64.0
"""A pixel of the data is never drawn wider than this."""
SMALLEST_SHARE = 0.5
"""The whole slice is never drawn smaller than this share of its fitted size."""


@dataclass(frozen=True)
class Placement:
    """Screen and data meet here; x to the right, y down, pixel 0 of the data from 0 to 1.

    Parameters
    ----------
    area
        Width and height of the picture's place on the screen, in screen pixels.
    scale
        Screen pixels a data pixel; None: so that the whole slice fits.
    centre
        Where in the data (x, y) the middle of the area lies; without meaning while the slice is fitted.
    """

    area: Point
    scale: float | None = None
    centre: Point = (0.0, 0.0)

    def on(self, shape: Shape) -> Placed:
        """The same for a slice of `shape` (rows, columns)."""
        fitted = min(self.area[0] / shape[1], self.area[1] / shape[0])
        if self.scale is None:
            return Placed(self.area, fitted, (shape[1] / 2, shape[0] / 2))
        return Placed(self.area, self.scale, self.centre)

    def zoomed(self, shape: Shape, at: Point, factor: float) -> Placement:
        """Zoomed by `factor`, what lies at the screen place `at` staying there."""
        before = self.on(shape)
        fitted = replace(self, scale=None).on(shape).scale
        scale = min(max(before.scale * factor, fitted * SMALLEST_SHARE), max(LARGEST_SCALE, fitted))
        x, y = before.data_at(at)
        half = self.area[0] / 2 - at[0], self.area[1] / 2 - at[1]
        return Placement(self.area, scale, _within(shape, (x + half[0] / scale, y + half[1] / scale)))

    def panned(self, shape: Shape, by: Point) -> Placement:
        """Moved along with a finger that went `by` screen pixels."""
        placed = self.on(shape)
        x, y = placed.centre[0] - by[0] / placed.scale, placed.centre[1] - by[1] / placed.scale
        return Placement(self.area, placed.scale, _within(shape, (x, y)))


@dataclass(frozen=True)
class Placed:
    """A :class:`Placement` with its numbers known."""

    area: Point
    scale: float
    centre: Point

    @property
    def visible(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the area in data pixels; it may reach beyond the slice."""
        half = self.area[0] / self.scale / 2, self.area[1] / self.scale / 2
        x, y = self.centre
        return x - half[0], y - half[1], x + half[0], y + half[1]

    def data_at(self, place: Point) -> Point:
        """The data's (x, y) below a place of the screen."""
        left, top, _, _ = self.visible
        return left + place[0] / self.scale, top + place[1] / self.scale


def _within(shape: Shape, centre: Point) -> Point:
    """The middle of the screen stays on the slice, so that it cannot be lost."""
    return min(max(centre[0], 0.0), float(shape[1])), min(max(centre[1], 0.0), float(shape[0]))
