"""A pyqtgraph plot in the QML scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Property, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtQml import QmlElement
from PySide6.QtQuick import QQuickItem

from tomobatch.desktop.viewing.plot_source import PlotSource
from tomobatch.desktop.viewing.scene_item import SceneItem

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.plot_scene import PlotScene

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
class PlotView(SceneItem):
    """Draws the curve of a source, in colours that are given."""

    sourceChanged = Signal()
    looksChanged = Signal()

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._source: PlotSource | None = None
        self._scene: PlotScene | None = None
        self._ink, self._line = QColor("gray"), QColor("white")
        self._text_px = 12

    def _arrange(self) -> None:
        if self._scene is not None and self.width() >= 1 and self.height() >= 1:
            self._scene.resize(int(self.width()), int(self.height()))
            self.update()

    # A slot by name: a plain method that is connected while QML still makes the item is never called.
    @Slot()
    def _draw(self) -> None:
        """Draw the curve; the first one makes the plot: what that takes is slow to import."""
        if self._source is None or (self._scene is None and not len(self._source.x)):
            return
        if self._scene is None:
            from tomobatch.desktop.viewing.plot_scene import PlotScene

            self._scene = PlotScene(self.update)
            self.destroyed.connect(self._scene.close)
            self._scene.resize(max(1, int(self.width())), max(1, int(self.height())))
            self._scene.look(self._ground, self._ink, self._line, self._text_px)
        self._scene.draw(self._source)
        self.update()

    def _set_source(self, source: PlotSource | None) -> None:
        if source is not None and source is not self._source:
            self._source = source
            source.changed.connect(self._draw)
            self._draw()
            self.sourceChanged.emit()

    def _look(self, name: str, value: QColor | int) -> None:
        setattr(self, name, value)
        if self._scene is not None:
            self._scene.look(self._ground, self._ink, self._line, self._text_px)
        self.update()
        self.looksChanged.emit()

    source = Property(PlotSource, lambda self: self._source, _set_source, notify=sourceChanged)
    ground = Property(
        QColor, lambda self: self._ground, lambda self, to: self._look("_ground", to), notify=looksChanged
    )
    ink = Property(
        QColor, lambda self: self._ink, lambda self, to: self._look("_ink", to), notify=looksChanged
    )
    line = Property(
        QColor, lambda self: self._line, lambda self, to: self._look("_line", to), notify=looksChanged
    )
    textPx = Property(
        int, lambda self: self._text_px, lambda self, to: self._look("_text_px", to), notify=looksChanged
    )
