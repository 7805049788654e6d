"""Words over the picture: what a person should know of it, and what to do where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.scan_display import Display

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.looking import Looking
    from tomobatch.desktop.viewing.viewer import Viewer
    from tomobatch.volumes.frame import Failure
    from tomobatch.volumes.source import Source

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

NO_RESULT = "no-result"
NEEDS_COR = "A Full needs a COR first."
RUN_TRY, RUN_FULL, VIEW_TRY = "try", "full", "view"


@QmlElement
@QmlUncreatable("made by the viewer")
class Said(QObject):
    """Sentences about what a viewer looks at.

    Parameters
    ----------
    viewer
        A `Viewer`.
    """

    changed = Signal()
    """Also to be emitted when rows of the table have changed."""

    def __init__(self, viewer: Viewer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer: Any = viewer
        self._failure: Failure | None = None
        self._away: tuple[object, ...] = ()
        self._told_note = ""
        self.row_of: Callable[[int], Display | None] = lambda _scan_id: None
        """Gives the row of a scan as the table shows it."""
        for told in (self._viewer.changed, self._viewer.indexChanged, self._viewer.stateChanged):
            told.connect(self.changed)
        self._viewer.notesChanged.connect(self._tell_notes)
        self._viewer.lookingMade.connect(self._attach)

    def _tell_notes(self) -> None:
        """Told with each move of the pointer, too: only other words are news."""
        note = self._note()
        if note != self._told_note:
            self._told_note = note
            self.changed.emit()

    def _attach(self) -> None:
        looking: Looking = self._viewer.looking
        looking.failed.connect(self._failed)

    def _failed(self, failure: Failure) -> None:
        self._failure = failure
        self.changed.emit()

    @Slot()
    def putAway(self) -> None:
        """Say no more of the notes there are of what is looked at."""
        self._away = self._notes_of()
        self.changed.emit()

    @Slot()
    def readAgain(self) -> None:
        """Open it again: what was wrong may have been put right."""
        self._viewer.refresh(self._viewer.scanId)

    def _source(self) -> Source | None:
        return self._viewer.source

    def _notes_of(self) -> tuple[object, ...]:
        """What the notes are about, and how many: one that counts slices changes all the time."""
        viewer = self._viewer
        return viewer.scanId, viewer.mode, viewer.part, len(viewer.notes)

    def _note(self) -> str:
        return "" if self._away == self._notes_of() else " ".join(self._viewer.notes)

    def _empty(self) -> str:
        source = self._source()
        return "" if source is None or self._viewer.state != "shown" else source.empty(self._viewer.index)

    def _is_error(self) -> bool:
        return self._viewer.state == "error" and self._viewer.scanId >= 0

    def _lacks_result(self) -> bool:
        failure = self._failure if self._is_error() else None
        return failure is not None and failure.index < 0 and failure.error.code == NO_RESULT

    def _row(self) -> Display | None:
        return self.row_of(self._viewer.scanId)

    def _offer(self) -> str:
        """What leads to a picture, where the table's row offers it, too; no text for nothing."""
        row = self._row() if self._lacks_result() else None
        if row is None:
            return ""
        if self._viewer.mode == "full" and not row.cor_text:
            return _first_true((VIEW_TRY, row.can_view_try), (RUN_TRY, row.can_try))
        return _first_true(
            (RUN_TRY, row.can_try and self._viewer.mode == "try"),
            (RUN_FULL, row.can_full and self._viewer.mode == "full"),
        )

    def _standing(self) -> str:
        """How the scan stands while something of it runs or waits, or what keeps it from being run."""
        row = self._row() if self._lacks_result() else None
        if row is None:
            return ""
        if row.can_cancel:
            return row.status
        return NEEDS_COR if self._viewer.mode == "full" and not row.cor_text else ""

    note = Property(str, _note, notify=changed)
    empty = Property(str, _empty, notify=changed)
    offer = Property(str, _offer, notify=changed)
    standing = Property(str, _standing, notify=changed)
    canReadAgain = Property(bool, _is_error, notify=changed)


def _first_true(*choices: tuple[str, bool]) -> str:
    return next((choice for choice, offered in choices if offered), "")
