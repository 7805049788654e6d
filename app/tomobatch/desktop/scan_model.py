"""The table of scans, for QML: rows by id, precise signals, selection, filter and sort."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    Property,
    QAbstractTableModel,
    QByteArray,
    QModelIndex,
    QObject,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.batch.job import JobRow
from tomobatch.cor.table import CorEntry
from tomobatch.desktop.scan_display import Known
from tomobatch.desktop.scan_moves import Changed, ranges_of, steps_between, unmoved
from tomobatch.desktop.scan_roles import COLUMNS, DISPLAY, FIRST, ROLES, SCAN_ID, SELECTED, WORDS, Index
from tomobatch.desktop.scan_store import Filter, ScanStore, summary_of
from tomobatch.recon.results import Result
from tomobatch.scans.scan import Scan, ScanFile
from tomobatch.station.status import StatusKind

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

MOST_DERIVED = 500
"""Of more rows than these at once it is only said that they changed: a view asks for those it shows."""
SETTLE_MS = 1000  # from the end of typing: the next press was meant for where the rows are


@QmlElement
@QmlUncreatable("made by the program")
class ScanModel(QAbstractTableModel):
    """Scans of the open folder; roles on every column, `DisplayRole` by column."""

    countsChanged = Signal()
    filterChanged = Signal()
    sortChanged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = ScanStore()
        self._order: list[int] = []
        self._rows: dict[int, int] | None = {}
        self._selected: set[int] = set()
        self._current, self._still = -1, False
        self._filter_text, self._filter = "", Filter()
        self._sort_column, self._descending = COLUMNS.index("Filename"), False
        self._settle = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self._arrange)

    # -- Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's
        """See Qt."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's
        """See Qt."""
        return 0 if parent.isValid() else len(COLUMNS)

    def roleNames(self) -> dict[int, QByteArray]:
        """See Qt."""
        return {role: QByteArray(name.encode()) for name, role in {"display": DISPLAY, **ROLES}.items()}

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> object:
        """See Qt."""
        if role != DISPLAY or orientation != Qt.Orientation.Horizontal:
            return None
        return COLUMNS[section] if 0 <= section < len(COLUMNS) else None

    def data(self, index: Index, role: int = DISPLAY) -> Any:  # noqa: ANN401 - Qt's
        """See Qt."""
        if not index.isValid():
            return None
        scan_id = self._order[index.row()]
        if FIRST <= role < SCAN_ID:
            return self._store.display(scan_id)[role - FIRST]
        if role == SCAN_ID:
            return scan_id
        if role == SELECTED:
            return scan_id in self._selected
        if role == ROLES["current"]:
            return scan_id == self._current
        if role == DISPLAY:
            place = WORDS.get(index.column())
            return "" if place is None else self._store.display(scan_id)[place]
        return None

    # -- what the rest of the program tells ---------------------------------------------------

    def clear(self) -> None:
        """Another folder is opened."""
        self.beginResetModel()
        self._store.clear()
        self._selected.clear()
        self._current = -1
        self._set_order([])
        self.endResetModel()
        self.countsChanged.emit()

    def set_files(self, files: Sequence[ScanFile]) -> None:
        """Take the files that are there now, in natural order."""
        touched = self._store.set_files(files)
        self._selected &= self._store.known.keys()
        self._current = self._current if self._current in self._store.known else -1
        self._arrange()
        self._store.forget_gone()
        self._show_changes(touched)
        self.countsChanged.emit()

    def set_scans(self, found: Iterable[tuple[Scan, tuple[Result, ...]]]) -> None:
        """Take what inspections found."""
        self._show_changes([i for scan, results in found for i in self._store.set_scan(scan, results)])
        self.countsChanged.emit()

    def set_results(self, found: Mapping[str, tuple[Result, ...]]) -> None:
        """Take what lies on disk for scans now, by file name."""
        self._show_changes([i for one in found.items() for i in self._store.set_results(*one)])

    def set_cors(self, cors: Mapping[str, CorEntry]) -> None:
        """Take all CORs of the folder, by file name."""
        self._show_changes(self._store.set_cors(cors))

    def jobs_changed(self, rows: Sequence[JobRow]) -> None:
        """Take jobs as they are now, those of other folders too."""
        self._show_changes(self._store.set_jobs(rows))

    def set_current(self, scan_id: int) -> None:
        """Mark the row that the viewer shows; -1 for none."""
        if scan_id != self._current:
            before, self._current = self._current, scan_id
            self._emit(
                Changed(row, frozenset({ROLES["current"]})) for row in self._rows_of({before, scan_id})
            )

    # -- what the rest of the program asks ----------------------------------------------------

    def known(self, scan_id: int) -> Known | None:
        """All that is known of a row, None when it is gone."""
        return self._store.known.get(scan_id)

    def scans(self) -> list[Scan]:
        """All scans that were looked at, hidden ones too."""
        return [known.scan for known in self._store.known.values() if known.scan is not None]

    def find(self, name: str) -> Known | None:
        """The row of a file name."""
        return self._store.find(name)

    def at(self, path: Path) -> Known | None:
        """The row of a path; None also where another folder has a file of this name."""
        known = self._store.find(path.name)
        return known if known and known.file.path == path else None

    # -- precise signals ----------------------------------------------------------------------

    def _set_order(self, order: list[int]) -> None:
        self._order, self._rows = order, None

    @property
    def _row_of(self) -> dict[int, int]:
        # Made when it is asked for: many changes of the order may follow one another.
        if self._rows is None:
            self._rows = {scan_id: row for row, scan_id in enumerate(self._order)}
        return self._rows

    def _rows_of(self, scan_ids: Iterable[int]) -> list[int]:
        return sorted(row for row in map(self._row_of.get, scan_ids) if row is not None)

    def _show_changes(self, scan_ids: Sequence[int]) -> None:
        self._emit(self._changes_of(scan_ids))
        if self._filter.states:
            self._arrange()

    def _changes_of(self, scan_ids: Sequence[int]) -> list[Changed]:
        if len(scan_ids) > MOST_DERIVED:
            everything = frozenset(range(FIRST, SCAN_ID)) | {DISPLAY}
            seen = [scan_id for scan_id in scan_ids if self._store.drop(scan_id) is not None]
            return [Changed(row, everything) for row in self._rows_of(seen)]
        changes = ((scan_id, self._store.renew(scan_id)) for scan_id in scan_ids)
        return [
            Changed(self._row_of[scan_id], frozenset(FIRST + place for place in places) | {DISPLAY})
            for scan_id, places in changes
            if places and scan_id in self._row_of
        ]

    def _emit(self, changes: Iterable[Changed]) -> None:
        for first, last, roles in ranges_of(changes):
            top, bottom = self.index(first, 0), self.index(last, len(COLUMNS) - 1)
            self.dataChanged.emit(top, bottom, sorted(roles))

    def _arrange(self, anew: bool = False) -> None:
        """Bring what is shown to what the filter and the sorting want, row by row."""
        wanted = self._store.arranged(self._filter, self._sort_column, self._descending, self._selected)
        if self._still and not anew:
            wanted = unmoved(self._order, wanted, self._store.known)
        if wanted == self._order:
            return
        steps = steps_between(self._order, wanted)
        if steps is None:
            self.beginResetModel()
            self._set_order(wanted)
            self.endResetModel()
        else:
            self._remove(steps.removed)
            self._reorder(steps.kept)
            self._insert(steps.added, wanted)
        self.countsChanged.emit()

    def _remove(self, ranges: Iterable[tuple[int, int]]) -> None:
        for first, last in ranges:
            self.beginRemoveRows(QModelIndex(), first, last)
            self._set_order(self._order[:first] + self._order[last + 1 :])
            self.endRemoveRows()

    def _reorder(self, kept: list[int]) -> None:
        if kept == self._order:
            return
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        ids = [self._order[index.row()] for index in old]
        self._set_order(kept)
        new = [self.index(self._row_of[i], index.column()) for i, index in zip(ids, old, strict=True)]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _insert(self, ranges: Iterable[tuple[int, int]], wanted: list[int]) -> None:
        for first, last in ranges:
            self.beginInsertRows(QModelIndex(), first, last)
            self._set_order(self._order[:first] + wanted[first : last + 1] + self._order[first:])
            self.endInsertRows()

    # -- selection ----------------------------------------------------------------------------

    def _select(self, selected: set[int]) -> None:
        changed = self._rows_of(selected ^ self._selected)
        gone_hidden = len(selected) != len(self._selected)
        self._selected = selected
        if changed:
            # One range from the first to the last: a view asks for what it shows only.
            self.dataChanged.emit(
                self.index(changed[0], 0), self.index(changed[-1], len(COLUMNS) - 1), [SELECTED]
            )
        if changed or gone_hidden:
            self.countsChanged.emit()

    @property
    def selected(self) -> frozenset[int] | set[int]:
        """Ids of the selected rows, hidden ones too."""
        return self._selected

    def select(self, selected: set[int]) -> None:
        """Select these rows and no others; those that are gone are left out."""
        self._select(selected & self._store.known.keys())

    def select_where(self, takes: Callable[[Known], bool]) -> None:
        """Select those of the shown rows that are wanted, and no others."""
        self._select({i for i in self._order if takes(self._store.known[i])})

    def between(self, from_id: int, to_id: int) -> list[int]:
        """Ids that are shown from one row to another, both taken; the other alone of one not shown."""
        rows = self._rows_of((from_id, to_id))
        return self._order[rows[0] : rows[-1] + 1] if rows else []

    def order(self) -> list[int]:
        """Ids that are shown, in order."""
        return self._order

    def ids(self) -> Iterable[int]:
        """Ids of all rows in the natural order of names, hidden ones too."""
        return self._store.known

    def from_row(self, scan_id: int) -> list[int]:
        """Ids that are shown from a row downwards; none where it is not shown."""
        row = self._row_of.get(scan_id)
        return [] if row is None else self._order[row:]

    def kind(self, known: Known) -> StatusKind:
        """Kind of a row's status."""
        return self._store.kind(known)

    # -- rows ---------------------------------------------------------------------------------

    @Slot(int, result=int)
    def rowOf(self, scan_id: int) -> int:
        """Row of an id; -1 when it is not shown."""
        return self._row_of.get(scan_id, -1)

    @Slot(int, result=int)
    def idAt(self, row: int) -> int:
        """Id of a row; -1 when there is none."""
        return self._order[row] if 0 <= row < len(self._order) else -1

    @Slot(int, result=int)
    def nextIdForCor(self, scan_id: int) -> int:
        """Id of the row below; -1 below the last one."""
        row = self._row_of.get(scan_id)
        return -1 if row is None else self.idAt(row + 1)

    @Slot(int)
    def sortBy(self, column: int) -> None:
        """Sort by a column; the same one again turns the order round."""
        self._descending = column == self._sort_column and not self._descending
        self._sort_column = column
        self._arrange(anew=True)
        self.sortChanged.emit()

    # -- properties ---------------------------------------------------------------------------

    def _summary(self) -> str:
        return summary_of(self._store.known, len(self._order), self._selected)

    def _set_filter(self, text: str) -> None:
        if text != self._filter_text:
            self._filter_text, self._filter = text, Filter.of(text)
            self._arrange(anew=True)
            self.filterChanged.emit()

    def _set_still(self, still: bool) -> None:
        self._still = still
        if not still:
            self._settle.start()

    fileCount = Property(int, lambda self: len(self._store.known), notify=countsChanged)
    shownCount = Property(int, lambda self: len(self._order), notify=countsChanged)
    summary = Property(str, _summary, notify=countsChanged)
    filter = Property(str, lambda self: self._filter_text, _set_filter, notify=filterChanged)
    still = Property(bool, lambda self: self._still, _set_still)
    sortColumn = Property(int, lambda self: self._sort_column, notify=sortChanged)
    sortDescending = Property(bool, lambda self: self._descending, notify=sortChanged)
