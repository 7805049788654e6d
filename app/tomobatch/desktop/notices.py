"""Sentences for the person at the station: one banner at a time; each is a line of the log, too."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

INFO, WARNING, ERROR = "info", "warning", "error"
MOST_WAITING = 50
FADE_MS = 12_000
_ORDER = (INFO, ERROR, WARNING)


@QmlElement
@QmlUncreatable("made by the program")
class Notices(QObject):
    """Banners, one shown at a time; the same sentence does not wait twice."""

    changed = Signal()
    said = Signal(str, str)
    """Kind and sentence of each that was said, for the log."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[tuple[str, str]] = []
        self._timer = QTimer(self, interval=FADE_MS, singleShot=True)
        self._timer.timeout.connect(self.dismiss)

    def say(self, kind: str, sentence: str) -> None:
        """Show a sentence: errors before warnings, and before both, for its moment, an information."""
        self.said.emit(kind, sentence)
        if (kind, sentence) in self._waiting:
            return
        # One is enough; and none stands before something newer that is wrong.
        self._waiting = [notice for notice in self._waiting if notice[0] != INFO]
        place = sum(_ORDER.index(known) <= _ORDER.index(kind) for known, _ in self._waiting)
        self._waiting.insert(place, (kind, sentence))
        del self._waiting[MOST_WAITING:]
        self._fade()
        self.changed.emit()

    def _fade(self) -> None:
        """An information goes by itself once it has been seen; what is wrong stays until somebody says so."""
        if self._waiting and self._waiting[0][0] == INFO:
            self._timer.start()
        else:
            self._timer.stop()

    @Slot()
    def dismiss(self) -> None:
        """Take the sentence that is shown away."""
        if self._waiting:
            self._waiting.pop(0)
            self._fade()
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
