"""Measuring for QML: a line or a rectangle over the picture, and what the file holds below it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.viewing.background import Background
from tomobatch.desktop.viewing.plot_source import PlotSource

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.seen import Seen
    from tomobatch.desktop.viewing.viewer import Viewer
    from tomobatch.volumes.averaging import Box
    from tomobatch.volumes.measuring import Profile, Region
    from tomobatch.volumes.placement import Placed, Point
    from tomobatch.volumes.source import Shape

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

NONE, PROFILE, REGION = "", "profile", "region"
# A finger this near to an end or a corner takes it.
_REACH_PX = 28
# Of what is seen, by one key.
_KEY_SHARE = 0.01
_Ends = tuple["Point", "Point"]


@QmlElement
@QmlUncreatable("a part of the viewer")
class Measuring(QObject):
    """One tool at a time; its line or rectangle stays on the sample when the slice changes."""

    changed = Signal()
    marksChanged = Signal()
    toolTaken = Signal()

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self._tool, self._text = NONE, ""
        self._ends: dict[str, _Ends] = {}
        self._before: _Ends | None = None
        self.plot_source = PlotSource(self)
        self.region: Region | None = None
        self._background = Background(self._made)
        viewer.lookingMade.connect(self._attach)

    def _attach(self) -> None:
        if self._viewer.looking is not None:
            self._viewer.looking.frameChanged.connect(self._measure)

    def close(self) -> None:
        """Measure nothing any more."""
        self._background.close()

    # -- the tool -----------------------------------------------------------------------------

    @Slot(str)
    def toggle(self, tool: str) -> None:
        """Take a tool, ``profile`` or ``region``, or put it away."""
        self._tool = NONE if tool == self._tool else tool
        self._forget()
        if self._tool and self._viewer.seen() is None:
            self._tool = NONE
        if self._tool:
            self.toolTaken.emit()
        self._mark_is_there()
        self.changed.emit()
        self.marksChanged.emit()
        self._measure()

    @Slot()
    def putAway(self) -> None:
        """Measure nothing."""
        if self._tool:
            self.toggle(self._tool)

    def _forget(self) -> None:
        self._text, self.region = "", None
        self.plot_source.clear()

    def _mark_is_there(self) -> None:
        """The first mark of a tool lies in the middle of what is seen: it serves without a finger, too."""
        placed, shape = self._placed(), self._shape()
        if not self._tool or placed is None or shape is None:
            return
        ends = self._ends.get(self._tool)
        if ends is None or not all(_on(end, shape) for end in ends):
            self._ends[self._tool] = _usual(self._tool, placed, shape)

    # -- hands ----------------------------------------------------------------------------------

    @Slot(float, float)
    def press(self, x: float, y: float) -> None:
        """Take the end or corner at a place of the picture, or begin anew there."""
        at, placed, ends = self._data_at(x, y), self._placed(), self._ends.get(self._tool)
        if at is None or placed is None or not self._tool:
            return
        self._before = ends
        reach = _REACH_PX / placed.scale
        handles = [] if ends is None else self._handles(ends)
        near = min(range(len(handles)), key=lambda number: math.dist(handles[number], at), default=-1)
        if near >= 0 and math.dist(handles[near], at) <= reach:
            # The corner across stays where it is.
            self._ends[self._tool] = handles[(near + len(handles) // 2) % len(handles)], handles[near]
        else:
            self._ends[self._tool] = at, at

    @Slot(float, float)
    def move(self, x: float, y: float) -> None:
        """Draw on to a place of the picture."""
        at, ends = self._data_at(x, y), self._ends.get(self._tool)
        if at is not None and ends is not None and self._tool:
            self._set(ends[0], at)

    @Slot()
    def release(self) -> None:
        """What was drawn holds."""
        self._before = None

    @Slot()
    def cancel(self) -> None:
        """What was drawn was no drawing: a second finger came, to zoom."""
        if self._before is not None and self._tool:
            self._set(*self._before)

    @Slot(float, float, bool)
    def nudge(self, x: float, y: float, end: bool) -> None:
        """Move by a key: -1, 0 or 1 each way; all of it, or its second end alone."""
        placed, ends = self._placed(), self._ends.get(self._tool)
        if placed is None or ends is None or not self._tool:
            return
        step = max(1, round(placed.area[0] / placed.scale * _KEY_SHARE))
        moved = [(px + x * step, py + y * step) for px, py in ends]
        self._set(ends[0] if end else moved[0], moved[1])

    def _set(self, a: Point, b: Point) -> None:
        shape = self._shape()
        if shape is not None:
            self._ends[self._tool] = _held(a, shape), _held(b, shape)
            self.marksChanged.emit()
            self._measure()

    # -- where it is ----------------------------------------------------------------------------

    def _placed(self) -> Placed | None:
        looking, shape = self._viewer.looking, self._shape()
        return None if looking is None or shape is None else looking.placement.on(shape)

    def _shape(self) -> Shape | None:
        return None if self._viewer.looking is None else self._viewer.looking.shape

    def _data_at(self, x: float, y: float) -> Point | None:
        placed, shape = self._placed(), self._shape()
        return None if placed is None or shape is None else _held(placed.data_at((x, y)), shape)

    def outline(self) -> list[Point]:
        """Corners of what is measured, to be joined; none without a tool."""
        ends = self._ends.get(self._tool)
        if not self._tool or ends is None or self._shape() is None:
            return []
        if self._tool == PROFILE:
            return list(ends)
        corners = self._handles(ends)
        return [*corners, corners[0]]

    def handles(self) -> list[Point]:
        """Ends or corners."""
        ends = self._ends.get(self._tool)
        return [] if not self._tool or ends is None or self._shape() is None else self._handles(ends)

    def _handles(self, ends: _Ends) -> list[Point]:
        if self._tool == PROFILE:
            return list(ends)
        left, top, right, bottom = self._box(ends)
        return [(left, top), (right, top), (right, bottom), (left, bottom)]

    def _box(self, ends: _Ends) -> Box:
        from tomobatch.volumes.measuring import whole_box

        shape = self._shape()
        assert shape is not None  # noqa: S101 - asked for by those who know it alone
        return whole_box(*ends, shape)

    # -- measuring ------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Measure what is on the screen in the background; the last one asked for is what counts."""
        from tomobatch.volumes import measuring

        if not self._tool:
            return
        seen = self._viewer.seen()
        if seen is None:
            self._forget()
            self.changed.emit()
            self.marksChanged.emit()
            return
        self._mark_is_there()
        self.marksChanged.emit()
        ends, data = self._ends[self._tool], seen.frame.slice.data
        if self._tool == PROFILE:
            self._ask(seen, ends, lambda _: measuring.profile(data, *ends))
        else:
            box = self._box(ends)
            self._ask(seen, ends, lambda left: measuring.region(data, box, left))

    def _ask(
        self, seen: Seen, ends: _Ends, measure: Callable[[Callable[[], bool]], Profile | Region]
    ) -> None:
        tool = self._tool
        self._background.ask(lambda left: (tool, seen, ends, measure(left)))

    def _made(self, made: object) -> None:
        if isinstance(made, tuple):
            self._show(*made)

    def _show(self, tool: str, seen: Seen, ends: _Ends, measured: Profile | Region) -> None:
        from tomobatch.desktop.viewing.measure_words import profile_words, region_words
        from tomobatch.volumes.measuring import Profile

        if tool != self._tool or self._viewer.seen() is None:
            return
        if isinstance(measured, Profile):
            self._show_profile(seen, ends, measured)
            self._text = profile_words(measured, ends, seen.pixel, seen.length_down)
        else:
            self.region = measured
            self._text = region_words(measured, seen.pixel, seen.length_down)
        self.changed.emit()

    def _show_profile(self, seen: Seen, ends: _Ends, profile: Profile) -> None:
        from tomobatch.desktop.viewing.measure_words import line_um

        um = line_um(*ends, seen.pixel, seen.length_down)
        second = ("µm", seen.pixel.um) if um is not None and seen.pixel is not None else ("", 1.0)
        self.plot_source.show(profile.distances_px, profile.values, "px", *second)

    @Slot()
    def contrastFromRegion(self) -> None:
        """Set the contrast to percentiles of the region."""
        if self.region is not None:
            self._viewer.contrast_part.take(self.region.levels)

    tool = Property(str, lambda self: self._tool, notify=changed)
    text = Property(str, lambda self: self._text, notify=changed)
    plot = Property(PlotSource, lambda self: self.plot_source, constant=True)
    hasRegion = Property(bool, lambda self: self.region is not None, notify=changed)


def _held(at: Point, shape: Shape) -> Point:
    return min(max(at[0], 0.0), float(shape[1])), min(max(at[1], 0.0), float(shape[0]))


def _on(at: Point, shape: Shape) -> bool:
    return _held(at, shape) == at


def _usual(tool: str, placed: Placed, shape: Shape) -> _Ends:
    """A level line through the middle of what is seen, or a rectangle in it."""
    left, top, right, bottom = placed.visible
    (left, top), (right, bottom) = _held((left, top), shape), _held((right, bottom), shape)
    middle = (top + bottom) / 2
    if tool == PROFILE:
        # Through the middles of pixels.
        level = min(math.floor(middle) + 0.5, shape[0] - 0.5)
        return (left + (right - left) * 0.2, level), (left + (right - left) * 0.8, level)
    reach = (right - left) * 0.2, (bottom - top) * 0.2
    across = (left + right) / 2
    return (across - reach[0], middle - reach[1]), (across + reach[0], middle + reach[1])
