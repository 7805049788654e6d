"""Walking to a folder of scans: what lies below a folder, looked at beside the window."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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

from tomobatch.config.places import worker_program
from tomobatch.desktop.folder import Folder
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.worker.client import Worker

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

LIST = "tomobatch.scans.subfolders:list_subfolders"
COUNT = "tomobatch.scans.subfolders:count_scans"
LIST_S = 15.0
COUNT_S = 5.0

_ROLES = ("entryId", "name", "scans")
_FIRST = Qt.ItemDataRole.UserRole + 1


@dataclass
class Entry:
    """A sub-folder; scans are −1 where nobody has counted them."""

    entry_id: int
    name: str
    scans: int = -1


@QmlElement
@QmlUncreatable("made by the program")
class Browser(QAbstractListModel):
    """The sub-folders of one folder.

    Parameters
    ----------
    folder
        Where the walk begins, and what opens the folder that it ends at.
    worker
        Looks at folders, so that a hung disk cannot hold the window; one of its own when not given.
    """

    changed = Signal()
    walked = Signal()
    listed = Signal()
    opened = Signal()

    def __init__(
        self, folder: Folder, tasks: Tasks, parent: QObject | None = None, worker: Worker | None = None
    ) -> None:
        super().__init__(parent)
        self._folder, self._tasks = folder, tasks
        self._worker = worker or Worker(worker_program())
        self._entries: list[Entry] = []
        self._ids = itertools.count()
        self._path = Path("/")
        self._row = 0
        self._scans = 0
        self._loading, self._problem = False, ""
        self._reading: asyncio.Task[None] | None = None

    # -- walking ----------------------------------------------------------------------------

    @Slot()
    def start(self) -> None:
        """Begin at the folder that is open, or at home."""
        self._walk(self._folder.place or _home())

    @Slot()
    def home(self) -> None:
        """Walk to the home folder."""
        self._walk(_home())

    @Slot()
    def up(self) -> None:
        """Walk to the folder above."""
        self._walk(self._path.parent, self._path.name)

    @Slot(int)
    def enter(self, entry_id: int) -> None:
        """Walk into a sub-folder; what is not listed any more is not entered."""
        for entry in self._entries:
            if entry.entry_id == entry_id:
                self._walk(self._path / entry.name)
                return

    @Slot(str)
    def typed(self, text: str) -> None:
        """Walk to a path that somebody typed, from here if it is relative; once there, open it."""
        # The path as shown may differ from what it is: not every name can be typed.
        if text != shown(self._path):
            self._walk(_absolute(self._path, text))
        elif not self._loading and not self._problem:
            self.openHere()

    @Slot()
    def openHere(self) -> None:
        """Open the folder that the walk has come to."""
        self._folder.open(self._path)
        self.opened.emit()

    def _walk(self, path: Path, came_from: str = "") -> None:
        self.stop()
        self._path, self._loading, self._problem, self._scans = path, True, "", 0
        self._take([])
        self.walked.emit()
        self._reading = self._tasks.start(self._read(path, came_from), "looking at folders")

    @Slot()
    def stop(self) -> None:
        """Look no further: the answer is not wanted any more."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    # -- reading ----------------------------------------------------------------------------

    async def _read(self, path: Path, came_from: str) -> None:
        try:
            below = await self._worker.call(LIST, str(path), timeout_s=LIST_S, about=shown(path))
        except TomoBatchError as error:
            self._loading, self._problem = False, error.sentence
            self.changed.emit()
            return
        names: list[str] = below["folders"]
        self._loading, self._scans = False, below["scans"]
        self._row = names.index(came_from) if came_from in names else 0
        self._take([Entry(next(self._ids), name) for name in names])
        self.listed.emit()
        await self._count(path, names)

    async def _count(self, path: Path, names: list[str]) -> None:
        try:
            counts = await self._worker.call(COUNT, str(path), names, timeout_s=COUNT_S, about=shown(path))
        except TomoBatchError:
            # It is only said how many there are where that is easily known.
            return
        for entry, scans in zip(self._entries, counts, strict=True):
            entry.scans = scans
        if counts:
            self.dataChanged.emit(self.index(0), self.index(len(counts) - 1))

    def _take(self, entries: Sequence[Entry]) -> None:
        self.beginResetModel()
        self._entries = list(entries)
        self.endResetModel()
        self.changed.emit()

    async def close(self) -> None:
        """End the worker."""
        self.stop()
        await self._worker.close()

    # -- as a model -------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Number of sub-folders."""
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | int | None:
        """What a role of a sub-folder says."""
        place = role - _FIRST
        if not index.isValid() or not 0 <= place < len(_ROLES):
            return None
        entry = self._entries[index.row()]
        return (entry.entry_id, shown(entry.name), entry.scans)[place]

    def roleNames(self) -> dict[int, QByteArray]:
        """Names of the roles in QML."""
        return {_FIRST + place: QByteArray(name.encode()) for place, name in enumerate(_ROLES)}

    path = Property(str, lambda self: shown(self._path), notify=changed)
    scans = Property(int, lambda self: self._scans, notify=changed)
    row = Property(int, lambda self: self._row, notify=changed)
    canGoUp = Property(bool, lambda self: self._path != self._path.parent, notify=changed)
    loading = Property(bool, lambda self: self._loading, notify=changed)
    problem = Property(str, lambda self: self._problem, notify=changed)


def _home() -> Path:
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - of a user nobody knows pathlib would raise


def _absolute(here: Path, text: str) -> Path:
    """Takes dots out and looks at no disk."""
    return Path(os.path.abspath(here / os.path.expanduser(text.strip())))  # noqa: PTH100, PTH111
