"""The line or the rectangle that is measured, drawn over the slice in its own coordinates."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtGui import QColor

from tomobatch.volumes.placement import Point

_HANDLE_PX = 18


class Marks:
    """Drawn in the coordinates of a view box's data."""

    def __init__(self, box: pg.ViewBox) -> None:
        # Light on dark: to be seen on anything.
        self._rim, self._line = pg.PlotCurveItem(), pg.PlotCurveItem()
        self.handles = pg.ScatterPlotItem(pxMode=True, size=_HANDLE_PX)
        for item in (self._rim, self._line, self.handles):
            item.setZValue(10)
            item.setVisible(False)
            box.addItem(item, ignoreBounds=True)

    def color(self, color: QColor) -> None:
        """Take a colour of the theme."""
        self._rim.setPen(QColor(0, 0, 0, 160), width=5)
        self._line.setPen(color, width=2)
        self.handles.setPen(color, width=2)
        self.handles.setBrush(QColor(0, 0, 0, 110))

    def show(self, outline: list[Point], handles: list[Point]) -> None:
        """Draw these; nothing for none."""
        for curve in (self._rim, self._line):
            curve.setData([x for x, _ in outline], [y for _, y in outline])
        self.handles.setData([x for x, _ in handles], [y for _, y in handles])
        for item in (self._rim, self._line, self.handles):
            item.setVisible(bool(outline))

    @property
    def outline(self) -> list[Point]:
        """The corners that are drawn."""
        xs, ys = self._line.getData()
        return [] if xs is None else list(zip(map(float, xs), map(float, ys), strict=True))
