"""Sentences for the person at the station: one banner at a time, none lost."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

INFO, WARNING, ERROR = "info", "warning", "error"
MOST_WAITING = 50


@QmlElement
@QmlUncreatable("made by the program")
class Notices(QObject):
    """Banners, in the order they came; the same sentence is not shown twice."""

    changed = Signal()
    said = Signal(str, str)
    """Kind and sentence of each that was said, for the log."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[tuple[str, str]] = deque(maxlen=MOST_WAITING)

    def say(self, kind: str, sentence: str) -> None:
        """Show a sentence, after those that are there already."""
        self.said.emit(kind, sentence)
        if (kind, sentence) not in self._waiting:
            self._waiting.append((kind, sentence))
            self.changed.emit()

    @Slot()
    def dismiss(self) -> None:
        """Take the sentence that is shown away."""
        if self._waiting:
            self._waiting.popleft()
            self.changed.emit()

    def _text(self) -> str:
        return self._waiting[0][1] if self._waiting else ""

    def _kind(self) -> str:
        return self._waiting[0][0] if self._waiting else INFO

    def _more(self) -> int:
        return max(0, len(self._waiting) - 1)

    text = Property(str, _text, notify=changed)
    kind = Property(str, _kind, notify=changed)
    waiting = Property(int, _more, notify=changed)
