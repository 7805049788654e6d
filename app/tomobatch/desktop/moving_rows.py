"""A table whose rows change their places: one order becomes another by the signals that Qt wants."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject

from tomobatch.desktop.scan_moves import steps_between


class MovingRows(QAbstractTableModel):
    """Rows by id, in an order that others decide on."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._order: list[int] = []
        self._rows: dict[int, int] | None = {}

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

    def _move_to(self, wanted: list[int]) -> None:
        """Bring the rows into an order, by few steps or all at once."""
        steps = steps_between(self._order, wanted)
        if steps is None:
            self.beginResetModel()
            self._set_order(wanted)
            self.endResetModel()
        else:
            self._remove(steps.removed)
            self._reorder(steps.kept)
            self._insert(steps.added, wanted)

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
