"""Ways through the slices: large steps, playing, and a flick that goes on by itself."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Property, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.viewing.position import place_text

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.looking import Looking
    from tomobatch.desktop.viewing.viewer import Viewer
    from tomobatch.volumes.source import Source

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

SPEEDS = (5, 10, 25)
"""Slices a second, at most."""
SLICE_PX = 18.0
"""A finger that goes so far goes on by a slice."""

_SMALLEST_LARGE, _LARGEST_LARGE = 5, 100
# A flick: its speed falls to a third in this time.
_SLOWING_S = 0.4
_SLOWEST, _FASTEST = 2.0, 250.0
_ROLL_MS = 16
# How fast a finger goes is told by its last moments; one that lies still before it leaves does not flick.
_TRAIL_S, _STILL_S = 0.1, 0.06
_SETTLED = ("shown", "error")

Clock = Callable[[], float]


@QmlElement
@QmlUncreatable("made by the viewer")
class Travel(QObject):
    """Goes through the slices of a viewer.

    Whatever else changes the slice, or opens something else, ends a play and a flick.

    Parameters
    ----------
    viewer
        What is gone through.
    clock
        Seconds that only go forwards.
    """

    changed = Signal()
    moved = Signal()
    speedChanged = Signal()

    def __init__(self, viewer: Viewer, clock: Clock = time.monotonic, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer: Any = viewer
        self._clock = clock
        self._speed, self._turns_around = SPEEDS[1], True
        self._going = self._playing = self._painted = False
        self._way, self._due_s = 1, 0.0
        self._seen: tuple[Source | None, int] = None, 0
        self._swiping = False
        self._at, self._trail = 0.0, deque[tuple[float, float]]()
        self._flick: tuple[float, float, float] | None = None
        # Coarse timers are late by some milliseconds, one frame in three at 25 a second.
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.advance)
        viewer.changed.connect(self._changed)
        viewer.indexChanged.connect(self._moved)

    # -- steps --------------------------------------------------------------------------------

    @Slot(int)
    def step(self, slices: int) -> None:
        """Go so many slices on, or back; not beyond the ends."""
        self.halt()
        self._go(self._index() + slices)

    @Slot(int)
    def stepLarge(self, way: int) -> None:
        """Go a large step on (1) or back (-1)."""
        self.step(way * self._large_step())

    @Slot()
    def toFirst(self) -> None:
        """Go to the first slice."""
        self.step(-self._count())

    @Slot()
    def toLast(self) -> None:
        """Go to the last slice."""
        self.step(self._count())

    @Slot()
    def halt(self) -> None:
        """Stay where it is: something was touched."""
        self._timer.stop()
        was, self._playing, self._flick = self._moving(), False, None
        if was != self._moving():
            self.changed.emit()

    @Slot()
    def advance(self) -> None:
        """Go on by what is due; called by the timer, and again when there is more to do."""
        if self._playing:
            self._play_on()
        elif self._flick is not None:
            self._roll_on(*self._flick)

    # -- playing ------------------------------------------------------------------------------

    @Slot()
    def togglePlay(self) -> None:
        """Go through all slices by itself, or stop."""
        if self._playing:
            self.halt()
        elif self._count() > 1:
            self.halt()
            self._playing, self._way, self._due_s = True, 1, self._clock()
            self._painted = self._viewer.state in _SETTLED
            self.changed.emit()
            self._wait_until_due()

    @Slot()
    def painted(self) -> None:
        """Tell that the window was painted: where the slice was in it, the next one may come."""
        if self._playing and not self._painted and self._viewer.state in _SETTLED:
            self._painted = True
            self._wait_until_due()

    def _wait_until_due(self) -> None:
        self._timer.start(max(0, math.ceil((self._due_s - self._clock()) * 1000)))

    def _play_on(self) -> None:
        # A slice that was never seen must not be passed over: a slow disk plays slowly.
        if self._count() < 2:
            self.halt()
        elif self._painted and self._clock() < self._due_s:
            self._wait_until_due()
        elif self._painted:
            self._painted = False
            # Time that was lost is not made up for.
            self._due_s = max(self._due_s + 1 / self._speed, self._clock())
            self._go(self._next())

    def _next(self) -> int:
        index = self._index() + self._way
        if 0 <= index < self._count():
            return index
        if not self._turns_around:
            return 0
        self._way = -self._way
        return self._index() + self._way

    # -- a finger -----------------------------------------------------------------------------

    @Slot()
    def grab(self) -> None:
        """Begin to draw a finger over the picture."""
        self.halt()
        self._swiping = self._all_is_seen()
        self._at = float(self._index())
        self._trail.clear()
        self.changed.emit()

    @Slot(float, float)
    def draw(self, x: float, y: float) -> None:
        """Draw it on by pixels: through the slices where the whole picture is seen, else the picture."""
        looking = self._looking()
        if self._swiping:
            self._at = self._within(self._at - x / SLICE_PX)
            self._trail.append((self._clock(), self._at))
            self._go(round(self._at))
        elif looking is not None:
            looking.pan((x, y))

    @Slot()
    def letGo(self) -> None:
        """Take the finger away: where it was fast, it goes on by itself and comes to rest."""
        speed = self._finger_speed() if self._swiping else 0.0
        self._swiping = False
        if abs(speed) >= _SLOWEST:
            speed = max(-_FASTEST, min(speed, _FASTEST))
            self._flick = (self._at, speed, self._clock())
            self._timer.start(_ROLL_MS)
        self.changed.emit()

    @Slot()
    def drop(self) -> None:
        """Take the finger for one of two: it goes through no slices, and nothing goes on by itself."""
        self._swiping = False
        self.halt()
        self.changed.emit()

    def _finger_speed(self) -> float:
        """Slices a second, forwards positive."""
        now_s = self._clock()
        trail = [(when, at) for when, at in self._trail if now_s - when <= _TRAIL_S]
        if len(trail) < 2 or now_s - trail[-1][0] > _STILL_S:
            return 0.0
        took_s = trail[-1][0] - trail[0][0]
        return (trail[-1][1] - trail[0][1]) / took_s if took_s > 0 else 0.0

    def _roll_on(self, start: float, speed: float, begun_s: float) -> None:
        left = math.exp((begun_s - self._clock()) / _SLOWING_S)
        at = start + speed * _SLOWING_S * (1 - left)
        self._go(round(self._within(at)))
        if abs(speed * left) < _SLOWEST or at != self._within(at):
            self.halt()
        else:
            self._timer.start(_ROLL_MS)

    def _all_is_seen(self) -> bool:
        """Whether there is nothing to pan: no part of the slice lies beyond the screen."""
        looking = self._looking()
        if looking is None or looking.shape is None:
            return False
        placed = looking.placement.on(looking.shape)
        left, top, right, bottom = placed.visible
        spare = 1 / placed.scale
        rows, columns = looking.shape
        return min(left, top) <= spare and right >= columns - spare and bottom >= rows - spare

    # -- the viewer ---------------------------------------------------------------------------

    def _looking(self) -> Looking | None:
        return self._viewer.looking

    def _index(self) -> int:
        return int(self._viewer.index)

    def _count(self) -> int:
        return int(self._viewer.count)

    def _within(self, at: float) -> float:
        return max(0.0, min(at, self._count() - 1.0))

    def _go(self, index: int) -> None:
        self._going = True
        try:
            self._viewer.index = index
        finally:
            self._going = False

    def _moved(self) -> None:
        # What has grown tells of the slice that is there already.
        before, self._seen = self._seen, (self._viewer.source, self._index())
        if not self._going and before != self._seen:
            self.halt()
        self.moved.emit()

    def _changed(self) -> None:
        self.changed.emit()
        self.moved.emit()

    # -- properties ---------------------------------------------------------------------------

    def _moving(self) -> bool:
        return self._playing or self._swiping or self._flick is not None

    def _large_step(self) -> int:
        return max(_SMALLEST_LARGE, min(self._count() // 10, _LARGEST_LARGE))

    def _label(self) -> str:
        source: Source | None = self._viewer.source
        return place_text(source, self._index()) if source is not None and self._count() else ""

    def _set_speed(self, speed: str) -> None:
        self._speed = int(speed)
        self.speedChanged.emit()

    def _set_turns_around(self, turns: bool) -> None:
        self._turns_around = turns
        self.speedChanged.emit()

    canPlay = Property(bool, lambda self: self._count() > 1, notify=changed)
    playing = Property(bool, lambda self: self._playing, notify=changed)
    moving = Property(bool, _moving, notify=changed)
    largeStep = Property(int, _large_step, notify=changed)
    label = Property(str, _label, notify=moved)
    speeds = Property(list, lambda _self: [str(speed) for speed in SPEEDS], constant=True)
    speed = Property(str, lambda self: str(self._speed), _set_speed, notify=speedChanged)
    turnsAround = Property(bool, lambda self: self._turns_around, _set_turns_around, notify=speedChanged)
