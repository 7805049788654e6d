"""The table of scans, for QML: rows by id, precise signals, selection, filter and sort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    Property,
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
from tomobatch.desktop.moving_rows import MovingRows
from tomobatch.desktop.scan_display import Display, Known
from tomobatch.desktop.scan_filter import Filter, State
from tomobatch.desktop.scan_moves import Changed, ranges_of, unmoved
from tomobatch.desktop.scan_roles import COLUMNS, DISPLAY, FIRST, OFF, ROLES, SCAN_ID, SELECTED, WORDS, Index
from tomobatch.desktop.scan_store import Facts, ScanStore, summary_of
from tomobatch.machines.base import Standing
from tomobatch.recon.results import Result
from tomobatch.scans.hidden import Hidden
from tomobatch.scans.scan import Scan, ScanFile

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

MOST_DERIVED = 500
"""Of more rows than these at once it is only said that they changed: a view asks for those it shows."""
SETTLE_MS = 1000  # from the end of typing: the next press was meant for where the rows are


@QmlElement
@QmlUncreatable("made by the program")
class ScanModel(MovingRows):
    """Scans of the open folder; roles on every column, `DisplayRole` by column."""

    countsChanged = Signal()
    factsChanged = Signal()
    """What `facts` counts may be otherwise: of hidden rows nothing else tells."""
    filterChanged = Signal()
    sortChanged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = ScanStore()
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
        if role == OFF:
            return scan_id in self._store.off
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
        self._selected = (self._selected & self._store.known.keys()) - self._store.off
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

    def set_hidden(self, hidden: Hidden) -> None:
        """Take what was taken off the list, by file name; such rows are not selected."""
        touched = self._store.set_hidden(hidden)
        self._select(self._selected)
        self._arrange(anew=True)
        self._emit(Changed(row, frozenset({OFF})) for row in self._rows_of(touched))
        self.countsChanged.emit()

    def forget(self, names: Collection[str]) -> None:
        """Take rows away whose files are gone."""
        self.set_files([known.file for known in self._store.known.values() if known.name not in names])

    def set_cors(self, cors: Mapping[str, CorEntry]) -> None:
        """Take all CORs of the folder, by file name."""
        self._show_changes(self._store.set_cors(cors))

    def jobs_changed(self, rows: Sequence[JobRow]) -> None:
        """Take jobs as they are now, those of other folders too."""
        self._show_changes(self._store.set_jobs(rows))

    def follow_order(self, place_of: Callable[[str], int]) -> None:
        """Show places in the queue; `order_changed` tells when they are others."""
        self._store.place_of = place_of

    def order_changed(self) -> None:
        """Show anew where in the queue scans stand."""
        self._emit(self._changes_of(self._store.waiting()))

    def follow_machines(self, standing_of: Callable[[str], Standing]) -> None:
        """Show how the machines of jobs stand; `machine_changed` tells when one stands otherwise."""
        self._store.standing_of = standing_of

    def machine_changed(self, name: str) -> None:
        """Show anew what a machine's jobs say."""
        self._emit(self._changes_of(self._store.on_machine(name)))

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

    def _show_changes(self, scan_ids: Sequence[int]) -> None:
        self._emit(self._changes_of(scan_ids))
        if self._filter.states:
            self._arrange()
        self.factsChanged.emit()

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
        self._move_to(wanted)
        self.countsChanged.emit()

    # -- selection ----------------------------------------------------------------------------

    def _select(self, selected: set[int]) -> None:
        selected = selected - self._store.off
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

    def off(self) -> list[Known]:
        """Rows that were taken off the list."""
        return [self._store.known[i] for i in sorted(self._store.off)]

    def ids(self) -> Iterable[int]:
        """Ids of all rows in the natural order of names, hidden ones too."""
        return self._store.known

    def from_row(self, scan_id: int) -> list[int]:
        """Ids that are shown from a row downwards; none where it is not shown."""
        row = self._row_of.get(scan_id)
        return [] if row is None else self._order[row:]

    def display(self, scan_id: int) -> Display:
        """What a row shows; it must be there."""
        return self._store.display(scan_id)

    def state(self, known: Known) -> State:
        """What a row's status is."""
        return self._store.state(known)

    def derive_facts(self, most: int) -> bool:
        """Derive what is counted of so many rows; whether there are more to be derived."""
        return self._store.derive_facts(most)

    def facts(self) -> Counter[Facts]:
        """How many of the shown rows there are of each kind."""
        return self._store.count_facts(i for i in self._order if i not in self._store.off)

    def named_facts(self) -> Counter[Facts]:
        """The same of all rows whose names the filter takes, whatever their state."""
        return self._store.count_facts(self._store.named(self._filter))

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
        self.sort_as(column, column == self._sort_column and not self._descending)

    def sorting(self) -> tuple[str, bool]:
        """Title of the column that is sorted by, and whether the last comes first."""
        return COLUMNS[self._sort_column], self._descending

    def sort_as(self, column: int, descending: bool) -> None:
        """Sort by a column this way round."""
        self._sort_column, self._descending = column, descending
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

    def set_show_off(self, show: bool) -> None:
        """Show rows that were taken off the list, or not."""
        if show != self._store.show_off:
            self._store.show_off = show
            self._arrange(anew=True)
            self.countsChanged.emit()

    def _set_still(self, still: bool) -> None:
        self._still = still
        if not still:
            self._settle.start()

    fileCount = Property(int, lambda self: len(self._store.known), notify=countsChanged)
    shownCount = Property(int, lambda self: len(self._order), notify=countsChanged)
    offCount = Property(int, lambda self: len(self._store.off), notify=countsChanged)
    showOff = Property(bool, lambda self: self._store.show_off, set_show_off, notify=countsChanged)
    summary = Property(str, _summary, notify=countsChanged)
    filter = Property(str, lambda self: self._filter_text, _set_filter, notify=filterChanged)
    still = Property(bool, lambda self: self._still, _set_still)
    sortColumn = Property(int, lambda self: self._sort_column, notify=sortChanged)
    sortDescending = Property(bool, lambda self: self._descending, notify=sortChanged)
