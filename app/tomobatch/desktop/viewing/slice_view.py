"""The slice in the QML scene: pyqtgraph painted by an item, moved by slots that any kind of pointer calls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Property, QTimer, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtQml import QmlElement
from PySide6.QtQuick import QQuickItem

from tomobatch.desktop.viewing.scene_item import SceneItem
from tomobatch.desktop.viewing.viewer import Viewer

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.looking import Looking
    from tomobatch.desktop.viewing.slice_scene import SliceScene
    from tomobatch.volumes.contrast import Levels

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

# The histogram follows when the slices have come to rest: it tells nothing while they fly by.
_HISTOGRAM_MS = 120
# A finger this near to a handle of the contrast takes it.
_REACH_PX = 28
# Of a common mouse's wheel, in Qt's eighths of a degree.
_ANGLE_OF_A_STEP = 120
_ZOOM_OF_A_STEP = 1.25
_LOWER, _UPPER, _BOTH = "lower", "upper", "both"


@QmlElement
class SliceView(SceneItem):
    """Shows what a viewer looks at. Places are given in pixels of the item."""

    viewerChanged = Signal()
    colorsChanged = Signal()
    stripWidthChanged = Signal()
    handlesMoved = Signal()

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._viewer: Viewer | None = None
        self._scene: SliceScene | None = None
        self._ink, self._accent = QColor("gray"), QColor("white")
        self._strip_width = 72
        self._grabbed, self._turned = "", 0.0
        self._span: Levels = (0.0, 1.0)
        self._rest = QTimer(self, interval=_HISTOGRAM_MS, singleShot=True)
        self._rest.timeout.connect(self._paint_histogram)

    # -- Qt -----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        looking = self._looking()
        if looking is None or self._scene is None or self.width() < 1 or self.height() < 1:
            return
        self._scene.resize(int(self.width()), int(self.height()), self._strip_width)
        area = self._scene.picture_rect
        window = self.window()
        looking.set_area((area.width(), area.height()), window.effectiveDevicePixelRatio() if window else 1.0)
        self._paint_place()
        self._update_all()

    def _update_all(self) -> None:
        # Not without a rectangle: Qt forgets that once a part is to be painted, too.
        self.update(self.boundingRect().toAlignedRect())

    def _looking(self) -> Looking | None:
        return None if self._viewer is None else self._viewer.looking

    def _attach(self) -> None:
        """Begin to show: from the first look on, since what it takes is slow to import."""
        looking = self._looking()
        if looking is None or self._scene is not None:
            return
        from tomobatch.desktop.viewing.slice_scene import SliceScene

        self._scene = SliceScene()
        self.destroyed.connect(partial(_let_go, self.__dict__))
        looking.frameChanged.connect(self._paint_frame)
        looking.placementChanged.connect(self._paint_place)
        looking.levelsChanged.connect(self._paint_levels)
        looking.colorMapChanged.connect(self._paint_color_map)
        if self._viewer is not None:
            self._viewer.measuring_part.marksChanged.connect(self._paint_marks)
        self._paint_colors()
        self._paint_color_map()
        self._arrange()
        # A second picture comes with the contrast of the first.
        self._paint_frame()
        self._paint_levels()

    # -- painting -----------------------------------------------------------------------------

    def _paint_frame(self) -> None:
        looking = self._looking()
        if looking is None or self._scene is None:
            return
        before = self._scene.slice_rect()
        self._scene.paint_frame(looking.frame)
        if self._place(looking, self._scene):
            self.update(self._scene.picture_rect)
        else:
            # What lies around it stays as it is: in a wide panel that is the half of all.
            self.update(before | self._scene.slice_rect())
        self._rest.start()

    def _paint_place(self) -> None:
        looking = self._looking()
        if looking is not None and self._scene is not None:
            self._place(looking, self._scene)
            self.update(self._scene.picture_rect)

    @staticmethod
    def _place(looking: Looking, scene: SliceScene) -> bool:
        return looking.shape is not None and scene.place(looking.placement.on(looking.shape))

    def _paint_levels(self) -> None:
        looking = self._looking()
        if looking is None or self._scene is None or looking.levels is None:
            return
        if not self._grabbed:
            low, high = looking.levels
            self._span = low - (high - low) / 2, high + (high - low) / 2
            self._rest.start()
        self._scene.paint_levels(looking.levels, self._span)
        self.update(self._scene.strip_rect)
        self.handlesMoved.emit()

    @Slot()
    def _paint_marks(self) -> None:
        if self._viewer is not None and self._scene is not None:
            measuring = self._viewer.measuring_part
            self._scene.marks.show(measuring.outline(), measuring.handles())
            self.update(self._scene.picture_rect)

    def _paint_histogram(self) -> None:
        looking = self._looking()
        if looking is not None and self._scene is not None and looking.frame is not None:
            self._scene.paint_histogram(looking.frame, self._span)
            self.update(self._scene.strip_rect)

    def _paint_color_map(self) -> None:
        looking = self._looking()
        if looking is not None and self._scene is not None:
            self._scene.set_color_map(looking.color_map)
            self._update_all()

    def _paint_colors(self) -> None:
        if self._scene is not None:
            from tomobatch.desktop.viewing.slice_scene import Colors

            self._scene.color(Colors(self._ground, self._ink, self._accent))
        self._update_all()

    # -- what hands do --------------------------------------------------------------------------

    @Slot(float, float, float)
    def zoomAt(self, x: float, y: float, factor: float) -> None:
        """Zoom, what lies at a place staying there."""
        looking = self._looking()
        if looking is not None and factor > 0:
            looking.zoom((x, y), factor)

    @Slot(float)
    def zoom(self, factor: float) -> None:
        """Zoom about the middle of the picture."""
        self.zoomAt((self.width() - self._strip_width) / 2, self.height() / 2, factor)

    @Slot(float)
    def turn(self, angle: float) -> None:
        """Step on by a wheel that was turned, in eighths of a degree; fine wheels add up to a step."""
        self._turned += angle
        steps = int(self._turned / _ANGLE_OF_A_STEP)
        self._turned -= steps * _ANGLE_OF_A_STEP
        if steps and self._viewer is not None:
            self._viewer.step(-steps)

    @Slot(float, float, float)
    def zoomTurn(self, x: float, y: float, angle: float) -> None:
        """Zoom at a place by a wheel that was turned, in eighths of a degree."""
        self.zoomAt(x, y, _ZOOM_OF_A_STEP ** (angle / _ANGLE_OF_A_STEP))

    @Slot(float, float)
    def pan(self, x: float, y: float) -> None:
        """Move the slice by pixels."""
        looking = self._looking()
        if looking is not None:
            looking.pan((x, y))

    @Slot(float, float)
    def pointAt(self, x: float, y: float) -> None:
        """Tell position and value at a place."""
        if self._viewer is not None:
            self._viewer.point_at((x, y))

    @Slot()
    def pointAway(self) -> None:
        """Tell no position any more."""
        if self._viewer is not None:
            self._viewer.point_at(None)

    @Slot(float)
    def grabContrast(self, y: float) -> None:
        """Take the handle at a height of the histogram; between the two, both."""
        looking = self._looking()
        if looking is None or looking.levels is None:
            return
        low_y, high_y = (self._height_of(value) for value in looking.levels)
        nearest = _LOWER if abs(y - low_y) < abs(y - high_y) else _UPPER
        near = min(abs(y - low_y), abs(y - high_y)) <= min(_REACH_PX, (low_y - high_y) / 3)
        self._grabbed = _BOTH if high_y < y < low_y and not near else nearest

    @Slot(float)
    def dragContrast(self, by: float) -> None:
        """Move what was taken by pixels, down positive."""
        looking = self._looking()
        if looking is None or looking.levels is None or not self._grabbed:
            return
        low, high = looking.levels
        shift = -by * (self._span[1] - self._span[0]) / max(1.0, self.height())
        if self._grabbed != _UPPER:
            low += shift
        if self._grabbed != _LOWER:
            high += shift
        if low < high:
            looking.set_levels(low, high)

    @Slot()
    def releaseContrast(self) -> None:
        """Let go; the histogram shows the values around the new contrast."""
        self._grabbed = ""
        self._paint_levels()

    @Slot(str, float)
    def nudgeContrast(self, which: str, percent: float) -> None:
        """Move one handle by a key, by so much of the histogram's height; up is positive."""
        self._grabbed = which
        self.dragContrast(-percent * self.height() / 100)
        if not 0 < self._handle_y(_UPPER) < self._handle_y(_LOWER) < self.height():
            self.releaseContrast()

    def _handle_y(self, which: str) -> float:
        looking = self._looking()
        if looking is None or looking.levels is None:
            return 0.0
        return self._height_of(looking.levels[which == _UPPER])

    def _height_of(self, value: float) -> float:
        low, high = self._span
        return (high - value) / (high - low) * self.height()

    # -- properties -----------------------------------------------------------------------------

    def _set_viewer(self, viewer: Viewer | None) -> None:
        if viewer is not None and viewer is not self._viewer:
            self._viewer = viewer
            viewer.lookingMade.connect(self._attach)
            self._attach()
            self.viewerChanged.emit()

    def _set_ground(self, color: QColor) -> None:
        self._ground = color
        self._colors_set()

    def _set_ink(self, color: QColor) -> None:
        self._ink = color
        self._colors_set()

    def _set_accent(self, color: QColor) -> None:
        self._accent = color
        self._colors_set()

    def _colors_set(self) -> None:
        self._paint_colors()
        self.colorsChanged.emit()

    def _set_strip_width(self, width: int) -> None:
        self._strip_width = width
        self._arrange()
        self.stripWidthChanged.emit()

    viewer = Property(Viewer, lambda self: self._viewer, _set_viewer, notify=viewerChanged)
    ground = Property(QColor, lambda self: self._ground, _set_ground, notify=colorsChanged)
    ink = Property(QColor, lambda self: self._ink, _set_ink, notify=colorsChanged)
    accent = Property(QColor, lambda self: self._accent, _set_accent, notify=colorsChanged)
    stripWidth = Property(int, lambda self: self._strip_width, _set_strip_width, notify=stripWidthChanged)
    lowerY = Property(float, lambda self: self._handle_y(_LOWER), notify=handlesMoved)
    upperY = Property(float, lambda self: self._handle_y(_UPPER), notify=handlesMoved)


def _let_go(held: dict[str, Any]) -> None:
    """PySide keeps the Python side of what QML made for ever: nothing large may hang on it."""
    held.pop("_scene").close()
    held.clear()
