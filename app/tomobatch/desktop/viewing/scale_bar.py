"""The scale bar over the picture, for QML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtQml import QmlElement, QmlUncreatable

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.viewer import Viewer

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlUncreatable("a part of the viewer")
class ScaleBar(QObject):
    """A bar of a round length, true at every zoom; none where the file gives no pixel size."""

    changed = Signal()

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self._length, self._text, self._source = 0.0, "", ""
        viewer.lookingMade.connect(self._attach)
        viewer.changed.connect(self._measure)

    def _attach(self) -> None:
        looking = self._viewer.looking
        if looking is not None:
            looking.frameChanged.connect(self._measure)
            looking.placementChanged.connect(self._measure)

    def _measure(self) -> None:
        from tomobatch.volumes.lengths import bar_um, length_text

        before = self._length, self._text, self._source
        seen = self._viewer.seen()
        self._length, self._text, self._source = 0.0, "", ""
        if seen is not None and seen.pixel is not None and self._viewer.looking is not None:
            placed = self._viewer.looking.placement.on(seen.frame.slice.shape)
            um_per_pixel = seen.pixel.um / placed.scale
            length_um = bar_um(placed.area[0] * um_per_pixel)
            self._length = length_um / um_per_pixel
            self._text = length_text(length_um)
            self._source = f"{length_text(seen.pixel.um)} · {seen.pixel.words}"
        if before != (self._length, self._text, self._source):
            self.changed.emit()

    shown = Property(bool, lambda self: self._length > 0, notify=changed)
    length = Property(float, lambda self: self._length, notify=changed)
    text = Property(str, lambda self: self._text, notify=changed)
    source = Property(str, lambda self: self._source, notify=changed)
