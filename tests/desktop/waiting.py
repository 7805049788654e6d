"""Waiting for what Qt brings, in tests without a window."""

from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEventLoop

WAIT_MS = 20_000


def until(true):
    """Let Qt do its work until something is true; AssertionError where it does not become so."""
    deadline = QDeadlineTimer(WAIT_MS)
    while not true():
        assert not deadline.hasExpired()
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
