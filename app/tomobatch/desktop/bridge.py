"""From the scheduler's events to the window: gathered, so that chatty jobs cannot hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer

from tomobatch.batch.events import EventKind, JobEvent
from tomobatch.batch.job import JobRow
from tomobatch.batch.standing import Standing
from tomobatch.desktop.breathing import keep

GATHER_MS = 100
MANY = 100

Receiver = Callable[[Sequence[JobRow]], None]


class Bridge(QObject):
    """Knows the newest state of every job, and passes changes on at most ten times a second.

    Parameters
    ----------
    to_tell
        Called in this order with each job that has changed, once, as it is now.
    on_event
        Called at once with each event but mere progress.
    """

    def __init__(self, on_event: Callable[[JobEvent], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs: dict[str, JobRow] = {}
        self.standing = Standing()
        self.to_tell: list[Receiver] = []
        self._on_event = on_event
        self._changed: dict[str, JobRow] = {}
        self._timer = QTimer(self, interval=GATHER_MS, singleShot=True)
        self._timer.timeout.connect(self.flush)

    def event_told(self, event: JobEvent) -> None:
        """Take an event of the station."""
        if event.kind is not EventKind.PROGRESS:
            self._on_event(event)
        self.take([event.row])

    def take(self, rows: Iterable[JobRow]) -> None:
        """Take the newest state of jobs."""
        for row in rows:
            self._changed[row.uid] = self._not_back(row)
        if self._changed and not self._timer.isActive():
            self._timer.start()

    def _not_back(self, row: JobRow) -> JobRow:
        """A job as far as it was known: the journal has its progress later than those who are told of it.

        And who sees it through knows later than the journal that it is to be stopped.
        """
        known = self._changed.get(row.uid) or self.jobs.get(row.uid)
        if known is None or known.attempt != row.attempt:
            return row
        progress, stop_asked = max(known.progress, row.progress), known.stop_asked or row.stop_asked
        if (progress, stop_asked) == (row.progress, row.stop_asked):
            return row
        return replace(row, progress=progress, stop_asked=stop_asked)

    def flush(self) -> None:
        """Pass on what has been gathered, now."""
        self._timer.stop()
        rows = list(self._changed.values())
        self._changed.clear()
        if not rows:
            return
        self.jobs.update((row.uid, row) for row in rows)
        self.standing.take(rows)
        for receive in self.to_tell:
            receive(rows)
        if len(rows) > MANY:
            keep()
