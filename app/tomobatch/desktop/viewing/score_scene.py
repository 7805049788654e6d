"""Scores by COR, drawn by pyqtgraph in a widget that is never on the screen itself."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from tomobatch.volumes.candidates import NAMES, Candidates

_HEADROOM = 0.62
"""Share of the curves' height above them, for the words that lie there."""
_BEST_PX = 11


@dataclass(frozen=True)
class Colors:
    """Of the theme in force."""

    ground: QColor
    ink: QColor
    curves: tuple[QColor, QColor]
    shown: QColor
    row: QColor


class ScoreScene:
    """A line for each score, its best marked; the candidate that is shown, and the row's COR."""

    def __init__(self) -> None:
        self.widget = pg.PlotWidget()
        self.widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self._plot = self.widget.getPlotItem()
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(False, False)
        self._plot.hideAxis("left")
        self._plot.getViewBox().disableAutoRange()
        self._lines = [pg.PlotCurveItem() for _ in NAMES]
        self._bests = [pg.ScatterPlotItem(size=_BEST_PX) for _ in NAMES]
        self._row, self._shown = (pg.InfiniteLine(angle=90) for _ in range(2))
        # The first score lies above the others.
        for item in (self._row, *self._lines[::-1], *self._bests[::-1], self._shown):
            self._plot.addItem(item)
        self.widget.show()

    def close(self) -> None:
        """Let go of the widget."""
        self.widget.close()

    def color(self, colors: Colors, font: QFont) -> None:
        """Take colours and font of the theme."""
        self.widget.setBackground(colors.ground)
        axis = self._plot.getAxis("bottom")
        axis.setPen(colors.ink)
        axis.setTextPen(colors.ink)
        axis.setStyle(tickFont=font)
        for number, color in enumerate(colors.curves):
            style = Qt.PenStyle.SolidLine if number == 0 else Qt.PenStyle.DashLine
            self._lines[number].setPen(pg.mkPen(color, width=2, style=style))
            self._bests[number].setPen(None)
            self._bests[number].setBrush(color)
        self._shown.setPen(colors.shown, width=2)
        self._row.setPen(pg.mkPen(colors.row, width=2, style=Qt.PenStyle.DotLine))

    def paint_scores(self, candidates: Candidates | None) -> None:
        """Draw what is known by now."""
        for number, (line, mark) in enumerate(zip(self._lines, self._bests, strict=True)):
            cors_px, heights = ([], []) if candidates is None else candidates.curve(number)
            line.setData(cors_px, heights)
            best = None if candidates is None else candidates.best(number)
            at_px = [] if candidates is None or best is None else [candidates.cors_px[best]]
            mark.setData(at_px, [1.0] * len(at_px))
        if candidates is not None:
            first, last = candidates.cors_px[0], candidates.cors_px[-1]
            margin = candidates.step_px
            span = QRectF(first - margin, -0.08, last - first + 2 * margin, 1.08 + _HEADROOM)
            self._plot.getViewBox().setRange(span, padding=0)

    def paint_places(self, shown_px: float | None, row_px: float | None) -> None:
        """Mark the candidate that is shown, and the row's COR."""
        for line, at_px in ((self._shown, shown_px), (self._row, row_px)):
            line.setVisible(at_px is not None)
            if at_px is not None:
                line.setValue(at_px)

    def resize(self, width: int, height: int) -> None:
        """Take a place of this size."""
        self.widget.resize(width, height)

    def cor_at(self, x: float) -> float:
        """COR below a place, in pixels from the left."""
        place = self._plot.getViewBox().mapSceneToView(self.widget.mapToScene(QPointF(x, 0).toPoint()))
        return float(place.x())

    def render(self, painter: QPainter) -> None:
        """Draw all of it."""
        whole = self.widget.rect()
        self.widget.render(painter, QRectF(whole), whole)
