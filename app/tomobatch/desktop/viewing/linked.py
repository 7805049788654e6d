"""Two viewers that go along with each other: zoom, place, slice, contrast and pointer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMetaObject, QObject, Signal

from tomobatch.volumes.linking import Numbers, SameSlices, nearly, same_part, same_spot

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.looking import Looking
    from tomobatch.desktop.viewing.viewer import Viewer
    from tomobatch.volumes.placement import Point
    from tomobatch.volumes.source import Source


class Linked(QObject):
    """Whichever of two is moved, the other follows, and moves nothing back.

    Parameters
    ----------
    first, second
        Both look at something already. What comes anew in the second takes its bearings from the first.
    contrast
        Whether black and white are the same values in both.
    """

    marksChanged = Signal()

    def __init__(self, first: Viewer, second: Viewer, contrast: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert first.looking is not None and second.looking is not None  # noqa: S101, PT018 - see above
        self._first, self._second = first, second
        self._one: Looking = first.looking
        self._other: Looking = second.looking
        self._contrast, self._moving = contrast, False
        self._source = second.source
        self._other_area = self._other.placement.area
        self._lead = first
        self._given: Point | None = None
        self._numbers: tuple[tuple[Source, int], Numbers] | None = None
        self._other_numbers: tuple[tuple[Source, int], Numbers] | None = None
        self._connections = self._connect()
        self._framed()
        self._first_stepped()

    def _connect(self) -> list[QMetaObject.Connection]:
        one, other = self._one, self._other
        return [
            one.placementChanged.connect(self._first_placed),
            other.placementChanged.connect(self._second_placed),
            one.frameChanged.connect(self._framed),
            other.frameChanged.connect(self._framed),
            one.levelsChanged.connect(self._first_leveled),
            one.colorMapChanged.connect(self._first_colored),
            other.levelsChanged.connect(self._second_leveled),
            other.levelsHeld.connect(self._second_held),
            self._first.indexChanged.connect(self._first_stepped),
            self._second.indexChanged.connect(self._second_stepped),
            self._first.positionChanged.connect(self._first_pointed),
            self._second.positionChanged.connect(self._second_pointed),
        ]

    def close(self) -> None:
        """Let each go its own way."""
        for connection in self._connections:
            QObject.disconnect(connection)
        self._connections = []

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """What is moved within moves nothing back."""
        self._moving = True
        try:
            yield
        finally:
            self._moving = False

    # -- zoom and place -----------------------------------------------------------------------

    def _first_placed(self) -> None:
        self._place(self._one, self._other)

    def _second_placed(self) -> None:
        area, before = self._other.placement.area, self._other_area
        self._other_area = area
        # Its place on the screen has another size: nobody moved what is in it.
        if area != before:
            self._place(self._one, self._other)
        else:
            self._place(self._other, self._one)

    def _place(self, lead: Looking, follower: Looking) -> None:
        if self._moving:
            return
        if lead.shape is not None and follower.shape is not None:
            wanted = same_part(lead.placement, lead.shape, follower.placement, follower.shape)
            if not nearly(wanted, follower.placement):
                with self._alone():
                    follower.place_like(wanted)
        self._mark()

    def _framed(self) -> None:
        """Another slice is there, maybe of another size."""
        if not self._moving:
            self._place(self._one, self._other)
            self._level(self._one, self._other)

    # -- contrast -----------------------------------------------------------------------------

    def link_contrast(self, linked: bool) -> None:
        """Draw the same values black and white in both, or in each its own."""
        self._contrast = linked
        if linked:
            self._level(self._one, self._other)
        else:
            self._second.autoContrast()

    def _first_leveled(self) -> None:
        self._level(self._one, self._other)

    def _first_colored(self) -> None:
        self._other.set_color_map(self._one.color_map)

    def _second_leveled(self) -> None:
        # What the second finds by itself, before the first has anything, is no wish.
        if self._one.levels is not None:
            self._level(self._other, self._one)

    def _second_held(self) -> None:
        """Limits that a person sets in the second are set by hand in the first, too."""
        if self._contrast and not self._moving and self._one.levels is not None:
            self._one.levelsHeld.emit()

    def _level(self, lead: Looking, follower: Looking) -> None:
        if self._moving or not self._contrast or lead.levels is None or lead.levels == follower.levels:
            return
        with self._alone():
            # What the second would find by itself does not count while it follows.
            follower.set_levels(*lead.levels, by_hand=follower is self._other)

    # -- slices -------------------------------------------------------------------------------

    def _first_stepped(self) -> None:
        pair = None if self._moving else self._slices()
        if pair is not None:
            same, _, other = pair
            now: Any = self._first.index
            self._go(self._second, same.of_one(now, other.count))

    def _second_stepped(self) -> None:
        pair = None if self._moving else self._slices()
        if pair is None:
            return
        if self._source is not self._second.source:
            # Where it begins by itself is no wish.
            self._source = self._second.source
            self._first_stepped()
            return
        same, one, _ = pair
        now: Any = self._second.index
        self._go(self._first, same.of_other(now, one.count))

    def _go(self, follower: Viewer, index: int) -> None:
        now: Any = follower.index
        if index != now:
            with self._alone():
                follower.step(index - now)
            self._framed()

    def _slices(self) -> tuple[SameSlices, Source, Source] | None:
        """Which belong together; None while one of the two is not open."""
        one, other = self._first.source, self._second.source
        if one is None or other is None:
            return None
        self._numbers = _numbers_of(one, self._numbers)
        self._other_numbers = _numbers_of(other, self._other_numbers)
        return SameSlices(self._numbers[1], self._other_numbers[1]), one, other

    # -- pointer ------------------------------------------------------------------------------

    @property
    def marks(self) -> tuple[Point, Point] | None:
        """Where the pointer is, in the first and in the second; None while it is in neither."""
        one, other = self._first.pointer, self._second.pointer
        return None if one is None or other is None else (one, other)

    def _first_pointed(self) -> None:
        self._pointed(self._first)

    def _second_pointed(self) -> None:
        self._pointed(self._second)

    def _pointed(self, viewer: Viewer) -> None:
        if self._moving:
            return
        # Leaving one comes after entering the other.
        if viewer is not self._lead and viewer.pointer not in {None, self._given}:
            self._lead = viewer
        self._mark()

    def _mark(self) -> None:
        lead = self._lead
        follower = self._second if lead is self._first else self._first
        self._given = self._spot(lead)
        if follower.pointer != self._given:
            with self._alone():
                follower.point_at(self._given)
        self.marksChanged.emit()

    def _spot(self, lead: Viewer) -> Point | None:
        of, onto = (self._one, self._other) if lead is self._first else (self._other, self._one)
        if lead.pointer is None or of.shape is None or onto.shape is None:
            return None
        placed, other_placed = of.placement.on(of.shape), onto.placement.on(onto.shape)
        return same_spot(lead.pointer, placed, of.shape, other_placed, onto.shape)


def _numbers_of(
    source: Source, known: tuple[tuple[Source, int], Numbers] | None
) -> tuple[tuple[Source, int], Numbers]:
    """Numbers of a source; read anew where it is another, or has grown."""
    if known is not None and known[0][0] is source and known[0][1] == source.count:
        return known
    return (source, source.count), Numbers.of(source)
