"""What the viewer looks at: a source being read in threads, the part that is seen, the contrast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from tomobatch.desktop.viewing import color_maps
from tomobatch.desktop.viewing.courier import Courier
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.contrast import Levels, to_8_bit, widened
from tomobatch.volumes.frame import Failure, Frame, Grown, Sampled, View
from tomobatch.volumes.placement import Placement, Point
from tomobatch.volumes.reader import CACHE_BYTES, Reader
from tomobatch.volumes.source import Shape, Source

_SETTLED_MS = 150

BUFFERS = Buffers()
"""Memory of all slices that are looked at, one source after the other."""


class Looking(QObject):
    """Reads on one side, is painted on the other; lives in the window's thread and never waits."""

    opened = Signal(object)
    """The source, once it is open."""
    failed = Signal(object)
    """A Failure: a slice that cannot be shown, or with index -1 no source."""
    grown = Signal()
    """The source has more slices by now, or none will come any more."""
    frameChanged = Signal()
    placementChanged = Signal()
    levelsChanged = Signal()
    colorMapChanged = Signal()
    levelsHeld = Signal()
    """A person has set the contrast."""
    sampled = Signal(object)
    """A Sampled of a survey."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.placement = Placement((1.0, 1.0))
        self.levels: Levels | None = None
        self.color_map = color_maps.GRAY
        """One of `color_maps.names()`."""
        self.frame: Frame | None = None
        self._each_slice = False
        self._pixel_ratio = 1.0
        self._index = -1
        self._reader: Reader | None = None
        self._cache_bytes = CACHE_BYTES
        self._number, self._stale = 0, False
        self._courier = Courier(self._told)
        # What is ahead is painted anew only once zoom, place and contrast have come to rest.
        self._settled = QTimer(self, interval=_SETTLED_MS, singleShot=True)
        self._settled.timeout.connect(self._look)

    # -- what is looked at --------------------------------------------------------------------

    def open(self, open_source: Callable[[], Source]) -> None:
        """Look at another source; the slice that is shown stays until a new one is there."""
        self.close()
        self._number, self._stale = self._number + 1, True
        number, courier = self._number, self._courier
        self._reader = Reader(
            open_source, lambda what: courier.bring(number, what), self._cache_bytes, BUFFERS
        )

    def grow(self) -> None:
        """Look whether the source has more slices by now: `grown` tells."""
        if self._reader is not None:
            self._reader.grow()

    def hold_at_most(self, share: float) -> None:
        """Take no more than this share of the memory that there is for slices."""
        self._cache_bytes = int(CACHE_BYTES * share)
        if self._reader is not None:
            self._reader.hold_at_most(self._cache_bytes)

    def close(self) -> None:
        """Look at nothing any more."""
        if self._reader is not None:
            self._reader.close()
        self._reader, self._index = None, -1

    def forget(self) -> None:
        """Show nothing, and let each new slice decide contrast and place."""
        self.frame, self.levels = None, None
        self.placement = replace(self.placement, scale=None)
        self.frameChanged.emit()

    def look(self, index: int) -> None:
        """Show this slice as soon as it can be."""
        self._index = index
        self._look()

    def _look(self, ahead: bool = True) -> None:
        if self._reader is None or self._index < 0:
            return
        levels = None if self._each_slice else self.levels
        view = View(self.placement, levels, self._pixel_ratio)
        made = self._reader.look(self._index, view, ahead=ahead)
        if made is not None:
            self._take(made)

    def _told(self, number: int, what: object) -> None:
        if number != self._number or self._reader is None:
            return
        if isinstance(what, Frame | Failure):
            self._take(what)
        elif isinstance(what, Grown):
            self.grown.emit()
        elif isinstance(what, Sampled):
            self.sampled.emit(what)
        else:
            self.opened.emit(what)

    def _take(self, made: Frame | Failure) -> None:
        if isinstance(made, Failure):
            if made.index in {-1, self._index}:
                self.failed.emit(made)
            return
        # While a slow disk is behind, a slice on the way is better than none; never one behind the wanted.
        if made.slice.index != self._index and self.shown_index == self._index:
            return
        if self._each_slice:
            # One on the way may be painted by the contrast before.
            self._set_levels(made.levels if made.view.levels is None else made.slice.auto_levels)
        elif self.levels is None:
            self._set_levels(made.levels)
        self._stale = False
        self._show(made)

    def _show(self, frame: Frame) -> None:
        levels = self.levels or frame.levels
        if frame.levels != levels:
            frame = replace(frame, grey=to_8_bit(frame.values, levels, BUFFERS), levels=levels)
        if self.frame is not None and self.frame.slice.shape != frame.slice.shape:
            self.placement = replace(self.placement, scale=None)
        self.frame = frame
        self.frameChanged.emit()

    @property
    def shown_index(self) -> int:
        """Index of the slice on the screen; -1 for none, or one of what was looked at before."""
        return -1 if self.frame is None or self._stale else self.frame.slice.index

    @property
    def shape(self) -> Shape | None:
        """Rows and columns of the slice on the screen."""
        return None if self.frame is None else self.frame.slice.shape

    # -- which part of it, how large ----------------------------------------------------------

    def set_area(self, area: Point, pixel_ratio: float) -> None:
        """Say how large the picture's place on the screen is."""
        self._pixel_ratio = pixel_ratio
        self._place(replace(self.placement, area=(max(1.0, area[0]), max(1.0, area[1]))))

    def zoom(self, at: Point, factor: float) -> None:
        """Zoom, what lies at a place of the screen staying there."""
        if self.shape is not None:
            self._place(self.placement.zoomed(self.shape, at, factor))

    def pan(self, by: Point) -> None:
        """Move the slice by screen pixels."""
        if self.shape is not None:
            self._place(self.placement.panned(self.shape, by))

    def fit(self) -> None:
        """Show the whole slice, as large as there is place."""
        self._place(replace(self.placement, scale=None))

    def place_like(self, placement: Placement) -> None:
        """Show the part that another picture led to."""
        self._place(placement)

    def data_at(self, place: Point) -> Point | None:
        """The data's (x, y) below a place of the screen; None while nothing is shown."""
        return None if self.shape is None else self.placement.on(self.shape).data_at(place)

    def _place(self, placement: Placement) -> None:
        if placement != self.placement:
            self.placement = placement
            self.placementChanged.emit()
            self._look(ahead=False)
            self._settled.start()

    # -- contrast ---------------------------------------------------------------------------

    def set_levels(self, low: float, high: float, *, by_hand: bool = True) -> None:
        """Draw these values black and white in every slice."""
        self._each_slice = False
        self._set_levels(widened(low, high))
        if by_hand:
            self.levelsHeld.emit()
        if self.frame is not None:
            self._show(self.frame)
        self._settled.start()

    def auto_levels(self) -> None:
        """Contrast by percentiles of the slice that is shown."""
        if self.frame is not None and not self._each_slice:
            self.set_levels(*self.frame.slice.auto_levels)

    def set_color_map(self, name: str) -> None:
        """Paint in these colours, one of `color_maps.names()`; others are left alone."""
        if name != self.color_map and name in color_maps.names():
            self.color_map = name
            self.colorMapChanged.emit()

    def set_each_slice(self, each_slice: bool) -> None:
        """Draw each slice by its own percentiles, or from now on all as the one that is shown."""
        self._each_slice = each_slice
        if self.frame is not None and self.levels is not None and each_slice:
            self._set_levels(self.frame.slice.auto_levels)
            self._show(self.frame)
        self._settled.start()

    def survey(self, indices: list[int]) -> None:
        """Look into slices in the background: `sampled` tells of each."""
        if self._reader is not None:
            self._reader.survey(indices)

    def _set_levels(self, levels: Levels) -> None:
        self.levels = levels
        self.levelsChanged.emit()
