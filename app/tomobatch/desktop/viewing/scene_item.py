"""A pyqtgraph scene in the QML scene: what its items have in common."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtQuick import QQuickItem, QQuickPaintedItem


class Renders(Protocol):
    """Draws itself."""

    def render(self, painter: QPainter) -> None:
        """Draw what the painter's clip leaves open."""


class SceneItem(QQuickPaintedItem):
    """Paints its scene from the moment there is one, before that its ground."""

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._scene: Renders | None = None
        self._ground = QColor("black")
        self.setOpaquePainting(True)

    def paint(self, painter: QPainter) -> None:
        """Draw the part that is asked for."""
        if self._scene is None:
            painter.fillRect(self.boundingRect(), self._ground)
        else:
            self._scene.render(painter)

    def geometryChange(self, new: QRectF | QRect, old: QRectF | QRect) -> None:
        """Follow the item's size."""
        super().geometryChange(new, old)
        if new.size() != old.size():
            self._arrange()

    def _arrange(self) -> None:
        """Give the scene the item's size."""
        raise NotImplementedError
