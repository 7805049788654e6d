"""A curve over its axes, drawn by pyqtgraph in a widget that is never on the screen itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from tomobatch.desktop.viewing.plot_source import PlotSource

Numbers = npt.NDArray[np.float64]
_AXES = ("left", "bottom", "top")


class _Axis(pg.AxisItem):
    """Has its unit behind the last number: a label of its own would take a line."""

    unit = ""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Numbers of the ticks."""
        strings: list[str] = super().tickStrings(values, scale, spacing)
        return strings if not strings else [*strings[:-1], f"{strings[-1]} {self.unit}".rstrip()]


class PlotScene:
    """One curve.

    Parameters
    ----------
    changed
        Called when it looks different: axes take their room only once they are drawn.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.widget = pg.GraphicsView()
        self.widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.axes = {name: _Axis(name) for name in _AXES}
        self.plot = pg.PlotItem(enableMenu=False, axisItems=self.axes)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        for axis in self.axes.values():
            # A pixel is a pixel, not a thousandth of a thousand.
            axis.enableAutoSIPrefix(False)
            axis.setStyle(maxTextLevel=0)
        self.curve = self.plot.plot([], [], connect="finite")
        self.widget.setCentralItem(self.plot)
        self.widget.show()
        self.widget.scene().changed.connect(lambda _: changed())

    def close(self) -> None:
        """Let go of the widget."""
        self.widget.close()

    def resize(self, width: int, height: int) -> None:
        """Take a place of this size."""
        self.widget.resize(width, height)

    def look(self, ground: QColor, ink: QColor, line: QColor, text_px: int) -> None:
        """Take colours, and the size of text."""
        font = QFont()
        font.setPixelSize(text_px)
        self.widget.setBackground(ground)
        # Wider lines of noise take Qt ten times as long.
        self.curve.setPen(line, width=1)
        for name in ("bottom", "top"):
            self.axes[name].setHeight(round(text_px * 1.6))
        for axis in self.axes.values():
            axis.setPen(ink)
            axis.setTextPen(ink)
            axis.setTickFont(font)

    def draw(self, source: PlotSource) -> None:
        """Draw the curve of a source."""
        x, y = np.asarray(source.x, np.float64), np.asarray(source.y, np.float64)
        self.curve.setData(*thinned(x, y, 2 * max(1, self.widget.width())))
        self.axes["bottom"].unit, self.axes["top"].unit = source.x_text, source.second_text
        self.axes["top"].setScale(source.second_scale)
        self.plot.showAxis("top", bool(source.second_text))
        if len(source.x):
            self.plot.setXRange(float(source.x[0]), float(source.x[-1]), padding=0)

    def render(self, painter: QPainter) -> None:
        """Draw all of it."""
        self.widget.render(painter, QRectF(self.widget.rect()), self.widget.rect())


def thinned(x: Numbers, y: Numbers, most: int) -> tuple[Numbers, Numbers]:
    """A curve of at most so many points that looks the same: of each part of it the least and the most.

    To draw tens of thousands of points would hold the window.
    """
    if len(x) <= most:
        return x, y
    firsts = np.linspace(0, len(x), max(1, most // 2), endpoint=False).astype(int)
    ends = np.stack((np.fmin.reduceat(y, firsts), np.fmax.reduceat(y, firsts)), axis=1)
    return np.repeat(x[firsts], 2), ends.ravel()
