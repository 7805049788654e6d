"""One tile for each slot of the machine that is shown: what runs there, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.machines.slots import Slot
from tomobatch.names import shown

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

FREE = "free"
# While its output is checked a job has left its slot to the next one.
_ON_SLOT = (JobState.STARTING, JobState.WAITING, JobState.RUNNING)
_ROLES = ("title", "job", "progress", "memory", "busy", "waiting")
_FIRST = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Tile:
    """What a tile shows; progress is −1 where there is none."""

    title: str
    job: str = FREE
    progress: float = -1.0
    memory: str = ""
    busy: bool = False
    waiting: bool = False


def tiles_of(machine: str, slots: Sequence[Slot], jobs: Iterable[JobRow]) -> list[Tile]:
    """Tiles of a machine's slots; a slot that was taken away while a job runs on it keeps its tile."""
    on_slot = {
        row.slot.word: row
        for row in jobs
        if row.slot is not None and row.job.machine == machine and row.state in _ON_SLOT
    }
    words = list(dict.fromkeys([slot.word for slot in slots] + sorted(on_slot)))
    return [_tile(f"{machine} · {word}", on_slot.get(word)) for word in words]


def _tile(title: str, row: JobRow | None) -> Tile:
    tile = Tile(title)
    if row is None:
        return tile
    job = f"{shown(row.job.file_name)} · {row.job.kind.word}"
    if row.state is JobState.WAITING:
        return replace(tile, job=f"held by {shown(row.note)}", waiting=True)
    return replace(tile, job=job, progress=row.progress, busy=True)


@QmlElement
@QmlUncreatable("made by the program")
class TileModel(QAbstractListModel):
    """The tiles; rows come and go at the end alone."""

    def __init__(self, parent: Any = None) -> None:  # noqa: ANN401 - as Qt has it
        super().__init__(parent)
        self._tiles: list[Tile] = []

    def show(self, tiles: Sequence[Tile]) -> None:
        """Show these tiles; only what differs is told."""
        self._resize(tiles)
        for row, tile in enumerate(tiles):
            if self._tiles[row] != tile:
                self._tiles[row] = tile
                self.dataChanged.emit(self.index(row), self.index(row))

    def _resize(self, tiles: Sequence[Tile]) -> None:
        old, new = len(self._tiles), len(tiles)
        if new > old:
            self.beginInsertRows(QModelIndex(), old, new - 1)
            self._tiles += tiles[old:]
            self.endInsertRows()
        elif new < old:
            self.beginRemoveRows(QModelIndex(), new, old - 1)
            del self._tiles[new:]
            self.endRemoveRows()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Number of tiles."""
        return 0 if parent is not None and parent.isValid() else len(self._tiles)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | float | bool | None:
        """What a role of a tile says."""
        place = role - _FIRST
        if not index.isValid() or not 0 <= place < len(_ROLES):
            return None
        value: str | float | bool = getattr(self._tiles[index.row()], _ROLES[place])
        return value

    def roleNames(self) -> dict[int, QByteArray]:
        """Names of the roles in QML."""
        return {_FIRST + place: QByteArray(name.encode()) for place, name in enumerate(_ROLES)}
