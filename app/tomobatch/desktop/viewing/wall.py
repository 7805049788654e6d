"""The wall of the best candidates, for QML: a picture each, drawn with the viewer's contrast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Property, QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtQml import QmlElement, QmlUncreatable
from PySide6.QtQuick import QQuickItem, QQuickPaintedItem

from tomobatch.desktop.viewing.viewer import Viewer

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.thumbnails import Thumbnail, Thumbnails
    from tomobatch.volumes.source import Source

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlUncreatable("made by the program")
class Wall(QObject):
    """Candidates by their index, in the order they hang; none while it is closed."""

    changed = Signal()
    opened = Signal()
    closed = Signal()
    pictureMade = Signal(int)
    """A picture is there, or looks otherwise."""

    def __init__(self, viewer: Viewer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._openings = 0
        self._thumbnails: Thumbnails | None = None
        self._hanging: dict[int, Thumbnail | None] = {}
        viewer.lookingMade.connect(self._attach)

    def _attach(self) -> None:
        if self._viewer.looking is not None:
            self._viewer.looking.levelsChanged.connect(self._paint_anew)
            self._viewer.looking.colorMapChanged.connect(self._paint_anew)

    def _paint_anew(self) -> None:
        """Contrast or colours are otherwise."""
        for index in list(self._hanging):
            self.pictureMade.emit(index)

    def open(self, source: Source, indices: Sequence[int]) -> None:
        """Hang these; nothing happens where there are none."""
        if not indices:
            return
        if self._thumbnails is None:
            from tomobatch.desktop.viewing.thumbnails import Thumbnails

            self._thumbnails = Thumbnails(self)
            self._thumbnails.made.connect(self._take)
        self._hanging = dict.fromkeys(indices)
        self._openings += 1
        self._thumbnails.make(source, indices)
        self.changed.emit()
        self.opened.emit()

    @Slot()
    def close(self) -> None:
        """Show the viewer again."""
        if self._hanging:
            self._hanging = {}
            if self._thumbnails is not None:
                self._thumbnails.leave()
            self.changed.emit()
            self.closed.emit()

    def _take(self, thumbnail: Thumbnail) -> None:
        if thumbnail.index in self._hanging:
            self._hanging[thumbnail.index] = thumbnail
            self.pictureMade.emit(thumbnail.index)

    def image(self, index: int) -> QImage:
        """A picture with contrast and colours of the viewer; a null one until it is made."""
        thumbnail, looking = self._hanging.get(index), self._viewer.looking
        if thumbnail is None or looking is None:
            return QImage()
        return thumbnail.image(looking.levels, looking.color_map)

    def problem(self, index: int) -> str:
        """Why there is no picture."""
        thumbnail = self._hanging.get(index)
        return "" if thumbnail is None else thumbnail.problem

    indices = Property(list, lambda self: list(self._hanging), notify=changed)
    openings = Property(int, lambda self: self._openings, notify=changed)


@QmlElement
class WallPicture(QQuickPaintedItem):
    """One picture of the wall, as large as there is place."""

    wallChanged = Signal()
    problemChanged = Signal()

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._wall: Wall | None = None
        self._index = -1
        self._ground = QColor("black")
        self._problem = ""

    def paint(self, painter: QPainter) -> None:
        """Draw it, or the ground alone."""
        painter.fillRect(self.boundingRect(), self._ground)
        image = QImage() if self._wall is None else self._wall.image(self._index)
        if image.isNull():
            return
        size = image.size().scaled(self.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2, 0, 0)
        place.setSize(size.toSizeF())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, image)

    def _made(self, index: int) -> None:
        if self._wall is not None and index == self._index:
            self._problem = self._wall.problem(index)
            self.problemChanged.emit()
            self.update()

    def _set_wall(self, wall: Wall | None) -> None:
        if wall is not None and wall is not self._wall:
            self._wall = wall
            wall.pictureMade.connect(self._made)
            self.wallChanged.emit()

    def _set_index(self, index: int) -> None:
        self._index = index
        self._made(index)
        self.wallChanged.emit()

    def _set_ground(self, color: QColor) -> None:
        self._ground = color
        self.update()
        self.wallChanged.emit()

    wall = Property(Wall, lambda self: self._wall, _set_wall, notify=wallChanged)
    candidate = Property(int, lambda self: self._index, _set_index, notify=wallChanged)
    ground = Property(QColor, lambda self: self._ground, _set_ground, notify=wallChanged)
    problem = Property(str, lambda self: self._problem, notify=problemChanged)
