"""Rows that the table and the CSV say differently, for a person to decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    Property,
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.cor.csv_sync import Answers, Question
from tomobatch.cor.merge import Conflict
from tomobatch.cor.table import CorEntry
from tomobatch.names import natural_key, shown
from tomobatch.station.words import cor_text

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

MINE, THEIRS = "mine", "theirs"
NO_COR = "no COR"

_ROLES = ("entryId", "name", "ours", "oursSource", "theirs", "kept")
_FIRST = Qt.ItemDataRole.UserRole + 1


@dataclass
class _Row:
    conflict: Conflict
    source: str
    kept: str = ""


@QmlElement
@QmlUncreatable("made by the program")
class CorQuestion(QAbstractListModel):
    """One question at a time.

    Parameters
    ----------
    entries
        Gives the table's rows by file name, with where they came from.
    save
        Writes the CSV with what was decided.
    settle
        Carries out what was decided without writing it.
    """

    asked = Signal()
    changed = Signal()

    def __init__(
        self,
        entries: Callable[[], Mapping[str, CorEntry]],
        save: Callable[[Answers], None],
        settle: Callable[[Mapping[Conflict, bool]], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._entries, self._save, self._settle = entries, save, settle
        self._rows: list[_Row] = []
        self._losses: tuple[str, ...] = ()
        self._saving = False

    # -- asking -----------------------------------------------------------------------------

    def ask(self, question: Question) -> None:
        """Ask before the CSV is written; what was decided about the very same rows stays decided."""
        self._show(question.conflicts, question.losses, saving=True)

    def compare(self, conflicts: Sequence[Conflict]) -> None:
        """Show in what the CSV differs, nothing being written."""
        self._show(sorted(conflicts, key=lambda one: natural_key(one.name)), (), saving=False)

    def _show(self, conflicts: Sequence[Conflict], losses: tuple[str, ...], saving: bool) -> None:
        decided = {row.conflict: row.kept for row in self._rows} if saving == self._saving else {}
        entries = self._entries()
        self.beginResetModel()
        self._rows = [_Row(one, _source(entries.get(one.name)), decided.get(one, "")) for one in conflicts]
        self._losses, self._saving = losses, saving
        self.endResetModel()
        self.changed.emit()
        self.asked.emit()

    # -- deciding ---------------------------------------------------------------------------

    @Slot(int, str)
    def keep(self, entry_id: int, which: str) -> None:
        """Decide a row: ``mine`` or ``theirs``."""
        if 0 <= entry_id < len(self._rows):
            self._rows[entry_id].kept = which
            self.dataChanged.emit(self.index(entry_id), self.index(entry_id))
            self.changed.emit()

    @Slot(str)
    def keepAll(self, which: str) -> None:
        """Decide all rows."""
        for row in self._rows:
            row.kept = which
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
        self.changed.emit()

    @Slot()
    def confirm(self) -> None:
        """Do what was decided."""
        take = {row.conflict: row.kept == THEIRS for row in self._rows if row.kept}
        if not self._can_confirm():
            return
        if self._saving:
            self._save(Answers(take, frozenset(self._losses)))
        else:
            self._settle(take)
            self.cancel()

    @Slot()
    def cancel(self) -> None:
        """Leave both as they are, and forget what was decided."""
        self.beginResetModel()
        self._rows, self._losses = [], ()
        self.endResetModel()
        self.changed.emit()

    def _undecided(self) -> int:
        return sum(not row.kept for row in self._rows)

    def _can_confirm(self) -> bool:
        left = self._undecided()
        return not left if self._saving else left < len(self._rows)

    # -- words ------------------------------------------------------------------------------

    def _title(self) -> str:
        if self._saving:
            return f"Save over {CSV_NAME}?"
        return differ_text(len(self._rows))

    def _text(self) -> str:
        if not self._rows:
            return ""
        if self._saving:
            return "Another program has changed these CORs in the CSV, and they were changed here as well."
        return (
            "Keep what stands in the table, or take what the CSV says. "
            "The CSV itself stays as it is until it is saved."
        )

    def _state(self) -> str:
        left = self._undecided()
        if not self._saving:
            return ""
        return f"{left} still to decide" if left else "All are decided"

    # -- as a model -------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | int | None:
        """What a role of a row says."""
        place = role - _FIRST
        if not index.isValid() or not 0 <= place < len(_ROLES):
            return None
        row, one = self._rows[index.row()], self._rows[index.row()].conflict
        return (
            index.row(), shown(one.name), _cor(one.ours_px), row.source, _cor(one.theirs_px), row.kept,
        )[place]  # fmt: skip

    def roleNames(self) -> dict[int, QByteArray]:
        """Names of the roles in QML."""
        return {_FIRST + place: QByteArray(name.encode()) for place, name in enumerate(_ROLES)}

    title = Property(str, _title, notify=changed)
    text = Property(str, _text, notify=changed)
    state = Property(str, _state, notify=changed)
    losses = Property(list, lambda self: [f"{one.rstrip('.')}." for one in self._losses], notify=changed)
    saving = Property(bool, lambda self: self._saving, notify=changed)
    count = Property(int, lambda self: len(self._rows), notify=changed)
    canConfirm = Property(bool, _can_confirm, notify=changed)


def differ_text(count: int) -> str:
    """``3 CORs differ from the CSV``."""
    return "1 COR differs from the CSV" if count == 1 else f"{count} CORs differ from the CSV"


def _cor(cor_px: float | None) -> str:
    return NO_COR if cor_px is None else cor_text(cor_px)


def _source(entry: CorEntry | None) -> str:
    return "" if entry is None else entry.source.value
