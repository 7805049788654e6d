"""The picture and its histogram, drawn by pyqtgraph in a widget that is never on the screen itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from tomobatch.desktop.viewing.color_maps import table
from tomobatch.desktop.viewing.marks import Marks
from tomobatch.volumes.averaging import Box
from tomobatch.volumes.contrast import BRIGHTEST, Levels
from tomobatch.volumes.frame import Frame
from tomobatch.volumes.placement import Placed

_HISTOGRAM_SHARE = 0.7
_RAMP = np.arange(BRIGHTEST + 1, dtype=np.uint8)[:, np.newaxis]


@dataclass(frozen=True)
class Colors:
    """Of the theme in force."""

    ground: QColor
    histogram: QColor
    handle: QColor


class SliceScene:
    """Picture to the left, histogram with the handles of the contrast to the right."""

    def __init__(self) -> None:
        self.widget = pg.GraphicsView()
        self.widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self._picture, self._strip = _view_box(y_down=True), _view_box(y_down=False)
        self._image = pg.ImageItem(axisOrder="row-major")
        self._ramp = pg.ImageItem(_RAMP, axisOrder="row-major", autoLevels=False)
        self._curve = pg.PlotCurveItem(fillLevel="enclosed")
        self._handles = tuple(pg.InfiniteLine(angle=0) for _ in range(2))
        self._picture.addItem(self._image)
        self.marks = Marks(self._picture)
        for item in (self._ramp, self._curve, *self._handles):
            self._strip.addItem(item)
        for box in (self._picture, self._strip):
            self.widget.addItem(box)
        # Or it would paint everything once more for itself.
        self.widget.setUpdatesEnabled(False)
        self.widget.show()
        self.picture_rect, self.strip_rect = QRect(), QRect()
        self._placed: Placed | None = None
        self._box: Box | None = None

    def close(self) -> None:
        """Let go of the widget."""
        self.widget.close()

    def resize(self, width: int, height: int, strip_width: int) -> None:
        """Take a place of this size."""
        self.widget.resize(width, height)
        split = max(1, width - strip_width)
        self.picture_rect = QRect(0, 0, split, height)
        self.strip_rect = QRect(split, 0, max(1, width - split), height)
        self._picture.setGeometry(QRectF(self.picture_rect))
        self._strip.setGeometry(QRectF(self.strip_rect))
        self._placed = None

    def color(self, colors: Colors) -> None:
        """Take the colours of the theme."""
        self.widget.setBackground(colors.ground)
        self.marks.color(colors.handle)
        self._curve.setPen(None)
        self._curve.setBrush(colors.histogram)
        for handle in self._handles:
            handle.setPen(colors.handle, width=3)
            handle.clearMarkers()
            handle.addMarker("o", position=0.35, size=16)

    def set_color_map(self, name: str) -> None:
        """Paint values in these colours."""
        for item in (self._image, self._ramp):
            item.setLookupTable(table(name))

    def place(self, placed: Placed) -> bool:
        """Show this part of the slice; False where it is what is shown already."""
        if placed == self._placed:
            return False
        self._placed = placed
        left, top, right, bottom = placed.visible
        self._picture.setRange(QRectF(left, top, right - left, bottom - top), padding=0)
        return True

    def slice_rect(self) -> QRect:
        """Where the slice itself lies, without the ground around it."""
        if self._placed is None or self._box is None:
            return QRect()
        left, top, right, bottom = self._box
        (x, y), scale = self._placed.visible[:2], self._placed.scale
        place = QRectF((left - x) * scale, (top - y) * scale, (right - left) * scale, (bottom - top) * scale)
        return place.toAlignedRect().adjusted(-1, -1, 1, 1) & self.picture_rect

    def paint_frame(self, frame: Frame | None) -> None:
        """Show this slice, or none."""
        self._image.setVisible(frame is not None)
        self._box = None if frame is None else frame.box
        if frame is None:
            self._curve.setData([], [])
            return
        left, top, right, bottom = frame.box
        self._image.setImage(frame.grey, autoLevels=False)
        self._image.setRect(left, top, right - left, bottom - top)

    def paint_levels(self, levels: Levels, span: Levels) -> None:
        """Put the handles where they belong on a strip that reaches over `span`."""
        low, high = levels
        self._strip.setRange(QRectF(0, span[0], 1, span[1] - span[0]), padding=0)
        self._ramp.setRect(_HISTOGRAM_SHARE + 0.06, low, 1 - _HISTOGRAM_SHARE - 0.12, high - low)
        for handle, value in zip(self._handles, levels, strict=True):
            handle.setValue(value)

    def paint_histogram(self, frame: Frame, span: Levels) -> None:
        """Draw how often the values of a slice are; square roots, or the background would hide the rest."""
        shares = np.sqrt(frame.slice.histogram(span))
        widths = _HISTOGRAM_SHARE * shares / (shares.max() or 1.0)
        edges = np.linspace(*span, len(widths) + 1)
        middles = (edges[1:] + edges[:-1]) / 2
        around = np.concatenate(([0.0], widths, [0.0])), np.concatenate((span[:1], middles, span[1:]))
        self._curve.setData(*around)

    def render(self, painter: QPainter) -> None:
        """Draw what the painter's clip leaves open."""
        open_part = painter.clipBoundingRect().toAlignedRect() & self.widget.rect()
        self.widget.render(painter, QRectF(open_part), open_part)


def _view_box(*, y_down: bool) -> pg.ViewBox:
    box = pg.ViewBox(invertY=y_down, enableMouse=False, enableMenu=False, defaultPadding=0)
    box.disableAutoRange()
    return box
