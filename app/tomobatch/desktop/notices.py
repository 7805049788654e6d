"""Sentences for the person at the station: one banner at a time; each is a line of the log, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

INFO, WARNING, ERROR = "info", "warning", "error"
MOST_WAITING = 50
FADE_MS = 12_000
_ORDER = (INFO, ERROR, WARNING)


@dataclass(frozen=True)
class Notice:
    """A sentence, and the buttons beside it.

    Attributes
    ----------
    key
        What it is about, where it can change or be withdrawn; else empty.
    """

    kind: str
    text: str
    key: str = ""
    actions: Mapping[str, Callable[[], None]] = field(default_factory=dict, compare=False)


@QmlElement
@QmlUncreatable("made by the program")
class Notices(QObject):
    """Banners, one shown at a time; the same sentence does not wait twice."""

    changed = Signal()
    said = Signal(str, str)
    """Kind and sentence of each that was said, for the log."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Notice] = []
        self._timer = QTimer(self, interval=FADE_MS, singleShot=True)
        self._timer.timeout.connect(self.dismiss)

    def say(self, kind: str, sentence: str) -> None:
        """Show a sentence: errors before warnings, and before both, for its moment, an information."""
        self.said.emit(kind, sentence)
        notice = Notice(kind, sentence)
        if notice not in self._waiting:
            self._add(notice)

    def ask(self, key: str, kind: str, sentence: str, actions: Mapping[str, Callable[[], None]]) -> None:
        """Show a sentence with buttons, in place of what was said of the same key before."""
        notice = Notice(kind, sentence, key, actions)
        place = next((place for place, known in enumerate(self._waiting) if known.key == key), None)
        if place is None:
            self.said.emit(kind, sentence)
            self._add(notice)
        elif self._waiting[place] != notice or self._waiting[place].actions.keys() != actions.keys():
            self._waiting[place] = notice
            self.changed.emit()

    def withdraw(self, key: str) -> None:
        """Take away what was said of a key; it is so no more."""
        kept = [notice for notice in self._waiting if notice.key != key]
        if len(kept) != len(self._waiting):
            self._waiting = kept
            self._fade()
            self.changed.emit()

    def _add(self, notice: Notice) -> None:
        # One is enough; and none stands before something newer that is wrong.
        self._waiting = [known for known in self._waiting if known.kind != INFO]
        place = sum(_ORDER.index(known.kind) <= _ORDER.index(notice.kind) for known in self._waiting)
        self._waiting.insert(place, notice)
        del self._waiting[MOST_WAITING:]
        self._fade()
        self.changed.emit()

    def _fade(self) -> None:
        """An information goes by itself once it has been seen; what is wrong stays until somebody says so."""
        if self._waiting and self._waiting[0].kind == INFO:
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

    @Slot(str)
    def act(self, action: str) -> None:
        """Press a button of the sentence that is shown, which is done with then."""
        does = self._waiting[0].actions.get(action) if self._waiting else None
        if does is not None:
            self.dismiss()
            does()

    @property
    def _first(self) -> Notice:
        return self._waiting[0] if self._waiting else Notice(INFO, "")

    text = Property(str, lambda self: self._first.text, notify=changed)
    kind = Property(str, lambda self: self._first.kind, notify=changed)
    actions = Property(list, lambda self: list(self._first.actions), notify=changed)
    waiting = Property(int, lambda self: max(0, len(self._waiting) - 1), notify=changed)
