"""The files of the question before scans are removed, for QML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.removal_words import Line

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

_FIRST = int(Qt.ItemDataRole.UserRole) + 1
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)


@QmlElement
@QmlUncreatable("made by the program")
class RemovalRows(QAbstractListModel):
    """Name, note and kind of each file; there may be thousands."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        """See Qt."""
        return 0 if parent.isValid() else len(self._lines)

    def roleNames(self) -> dict[int, QByteArray]:
        """See Qt."""
        return {_FIRST + place: QByteArray(name.encode()) for place, name in enumerate(Line._fields)}

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = _DISPLAY) -> Any:  # noqa: ANN401 - Qt's
        """See Qt."""
        if not index.isValid() or not _FIRST <= role < _FIRST + len(Line._fields):
            return None
        return self._lines[index.row()][role - _FIRST]

    def show(self, lines: Sequence[Line]) -> None:
        """Show these files."""
        self.beginResetModel()
        self._lines = list(lines)
        self.endResetModel()
