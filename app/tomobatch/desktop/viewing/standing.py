"""How it stands with what is looked at: nothing, on its way, shown, or not to be shown."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

EMPTY, LOADING, SHOWN, ERROR = "empty", "loading", "shown", "error"
# What takes longer than this shows that it runs.
_SHOW_WAITING_MS = 300


class Standing(QObject):
    """A state, the sentence that goes with an error, and whether it is time to say that one waits."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state, self.message, self.waiting = EMPTY, "", False
        self._late = QTimer(self, interval=_SHOW_WAITING_MS, singleShot=True)
        self._late.timeout.connect(partial(self._wait, True))

    def set(self, state: str, message: str = "") -> None:
        """Be in this state from now on; an error is told each time."""
        if state == LOADING:
            self._late.start()
        else:
            self._late.stop()
            self._wait(False)
        if state == ERROR:
            self.message = message
        if state != self.state or state == ERROR:
            self.state = state
            self.changed.emit()

    def stop(self) -> None:
        """Say nothing of waiting any more."""
        self._late.stop()

    def _wait(self, waiting: bool) -> None:
        if waiting != self.waiting:
            self.waiting = waiting
            self.changed.emit()
