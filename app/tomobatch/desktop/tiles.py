"""One tile for each slot of the machine that is shown: what runs there, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.slots import Slot
from tomobatch.names import shown
from tomobatch.station.slot_book import GPU

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

FREE, NO_ANSWER, NOT_KNOWN = "free", "no answer", "not known"
# While its output is checked a job has left its slot to the next one.
_ON_SLOT = (JobState.STARTING, JobState.WAITING, JobState.RUNNING)
_ROLES = ("title", "job", "progress", "memory", "use", "model", "busy", "waiting", "lost")
_FIRST = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Tile:
    """What a tile shows.

    Attributes
    ----------
    machine, slot
        Name of the machine, and what the slot is called there: ``GPU 0``; empty where no slot is known yet.
    progress
        −1 where there is none.
    memory, use, model
        ``18 / 48 GB``, ``use 62 %`` and the GPU's name; empty where they are not known.
    lost
        Whether the machine does not answer: then all is as it was when it last did.
    """

    machine: str
    slot: str
    job: str = FREE
    progress: float = -1.0
    memory: str = ""
    use: str = ""
    model: str = ""
    busy: bool = False
    waiting: bool = False
    lost: bool = False

    @property
    def title(self) -> str:
        """``tomo1 · GPU 0``."""
        return f"{self.machine} · {self.slot}" if self.slot else self.machine


def tiles_of(machine: str, slots: Sequence[Slot], jobs: Iterable[JobRow]) -> list[Tile]:
    """Tiles of a machine's slots; a slot that was taken away while a job runs on it keeps its tile."""
    on_slot = {
        row.slot.word: row
        for row in jobs
        if row.slot is not None and row.job.machine == machine and row.state in _ON_SLOT
    }
    words = list(dict.fromkeys([slot.word for slot in slots] + sorted(on_slot)))
    return [_tile(Tile(machine, word), on_slot.get(word)) for word in words]


def _tile(tile: Tile, row: JobRow | None) -> Tile:
    if row is None:
        return tile
    job = f"{shown(row.job.file_name)} · {row.job.kind.word}"
    if row.state is JobState.WAITING:
        return replace(tile, job=f"held by {shown(row.note)}", waiting=True)
    return replace(tile, job=job, progress=row.progress, busy=True)


def with_figures(tile: Tile, gpus: Iterable[Gpu]) -> Tile:
    """A tile with what is known of its GPU just now; as it is where that is nothing."""
    for gpu in gpus:
        if f"{GPU} {gpu.index}" == tile.slot:
            percent = gpu.utilisation_percent
            use = "" if percent is None else f"use {percent} %"
            return replace(tile, memory=_memory_text(gpu), use=use, model=_model_text(gpu))
    return tile


def _memory_text(gpu: Gpu) -> str:
    """``18 / 48 GB``, in the units GPUs are sold by."""
    used, total = gpu.memory_used_mib, gpu.memory_total_mib
    return "" if used is None or not total else f"{used / 1024:.0f} / {total / 1024:.0f} GB"


def _model_text(gpu: Gpu) -> str:
    return shown(gpu.name.removeprefix("NVIDIA "))


@QmlElement
@QmlUncreatable("made by the program")
class TileModel(QAbstractListModel):
    """The tiles; rows come and go at the end alone.

    Attributes
    ----------
    is_lost
        Whether a machine does not answer, by its name; `renew` once that has become otherwise.
    """

    machinesChanged = Signal()

    def __init__(self, parent: Any = None) -> None:  # noqa: ANN401 - as Qt has it
        super().__init__(parent)
        self._bare: Sequence[Tile] = ()
        self._tiles: list[Tile] = []
        self._gpus: dict[str, Sequence[Gpu]] = {}
        self._machines: set[str] = set()
        self.is_lost: Callable[[str], bool] = lambda _: False

    @property
    def machines(self) -> set[str]:
        """Machines that have a GPU among the tiles."""
        return self._machines

    def show(self, tiles: Sequence[Tile]) -> None:
        """Show these tiles, each with what is known of its GPU."""
        self._bare = tiles
        self.renew()
        machines = {tile.machine for tile in tiles if tile.slot.startswith(GPU)}
        if machines != self._machines:
            self._machines = machines
            self.machinesChanged.emit()

    def show_gpus(self, machine: str, gpus: Sequence[Gpu]) -> None:
        """Show what was found of a machine's GPUs a moment ago; none where it is not known."""
        self._gpus[machine] = gpus
        self.renew()

    def _now(self, tile: Tile) -> Tile:
        if tile.slot and self.is_lost(tile.machine):
            # Figures of before would be taken for new ones. What was given up there may still run.
            job = NOT_KNOWN if tile.job == FREE else tile.job
            return replace(tile, lost=True, memory=NO_ANSWER, job=job)
        return with_figures(tile, self._gpus.get(tile.machine, ()))

    def renew(self) -> None:
        """Tell what differs, and nothing else."""
        tiles = [self._now(tile) for tile in self._bare]
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
