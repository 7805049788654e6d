"""What is said of one row in full, for QML, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.batch.again import undone
from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.desktop.queue import Queue
from tomobatch.desktop.runs import Runs
from tomobatch.desktop.scan_display import Known
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.selection import Selection

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlUncreatable("made by the program")
class RowNote(QObject):
    """The note about one row; it follows the row while it is read.

    Parameters
    ----------
    show_output
        Shows what the engine of a job has printed.
    """

    changed = Signal()

    def __init__(
        self,
        scans: ScanModel,
        selection: Selection,
        queue: Queue,
        runs: Runs,
        show_output: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._scans, self._selection, self._queue, self._runs = scans, selection, queue, runs
        self._show_output = show_output
        self._scan_id = -1
        for told in (scans.dataChanged, scans.modelReset, scans.rowsRemoved, selection.changed):
            told.connect(self._renew)

    @Slot(int)
    def tell(self, scan_id: int) -> None:
        """Be about this row from now on; -1 for none."""
        self._scan_id = scan_id
        self.changed.emit()

    def _renew(self) -> None:
        if self._scan_id >= 0:
            self.changed.emit()

    def _known(self) -> Known | None:
        return self._scans.known(self._scan_id)

    def _shown(self, field: str) -> str:
        return "" if self._known() is None else str(getattr(self._scans.display(self._scan_id), field))

    def _bad(self) -> bool:
        return self._known() is not None and self._scans.display(self._scan_id).note_bad

    # -- what can be done --------------------------------------------------------------------

    def _failed(self) -> list[JobRow]:
        known = self._known()
        return [] if known is None else undone(known.jobs)

    def _waiting(self) -> list[JobRow]:
        return _waiting_of([self._scan_id], self._scans)

    def _waiting_selected(self) -> list[JobRow]:
        ids = self._selection.ids() if self._scan_id in self._scans.selected else []
        return _waiting_of(ids, self._scans) if len(ids) > 1 else []

    def _printed(self) -> str:
        """The job whose output is of interest: what runs, else the newest that began."""
        known = self._known()
        begun = [row for row in known.jobs if row.attempt] if known is not None else []
        going = [row for row in begun if not row.state.ended]
        return (going or begun)[-1].uid if begun else ""

    @Slot()
    def moveToFront(self) -> None:
        """Let what waits of this row start before all others."""
        self._queue.move_to_front(self._waiting())

    @Slot()
    def moveSelectedToFront(self) -> None:
        """Let what waits of the selected rows start before all others."""
        self._queue.move_to_front(self._waiting_selected())

    @Slot()
    def retry(self) -> None:
        """Run what failed of this row once more."""
        for row in self._failed():
            self._runs.retry_job(row)

    @Slot()
    def retrySmaller(self) -> None:
        """Run what ran out of GPU memory of this row once more, with half of what it had there at a time."""
        self._runs.retrySmaller(self._scan_id)

    @Slot()
    def output(self) -> None:
        """Show what the engine has printed."""
        self._show_output(self._printed())

    scanId = Property(int, lambda self: self._scan_id, notify=changed)
    there = Property(bool, lambda self: self._known() is not None, notify=changed)
    name = Property(str, lambda self: self._shown("name"), notify=changed)
    status = Property(str, lambda self: self._shown("status"), notify=changed)
    note = Property(str, lambda self: self._shown("note"), notify=changed)
    bad = Property(bool, lambda self: self._bad(), notify=changed)
    canMove = Property(bool, lambda self: bool(self._waiting()), notify=changed)
    movableSelected = Property(int, lambda self: len(self._waiting_selected()), notify=changed)
    canRetry = Property(bool, lambda self: bool(self._failed()), notify=changed)
    smaller = Property(str, lambda self: self._shown("smaller"), notify=changed)
    hasOutput = Property(bool, lambda self: bool(self._printed()), notify=changed)


def _waiting_of(scan_ids: Iterable[int], scans: ScanModel) -> list[JobRow]:
    known = (scans.known(scan_id) for scan_id in scan_ids)
    return [row for one in known if one is not None for row in one.jobs if row.state is JobState.QUEUED]
