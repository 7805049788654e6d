"""Walking to a file of CORs, or to a place for one: what lies in a folder, looked at beside the window."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Sequence
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
from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.worker.client import Worker

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

LOOK = "tomobatch.cor.places:look_at_place"
LOOK_S = 15.0

CSV, ROT_CEN, CENTER, SAVE = "csv", "rot_cen", "center", "save"
_TITLES = {
    CSV: "Load from another CSV",
    ROT_CEN: "Load rot_cen.json of TomoGUI",
    CENTER: "Load center_of_rotation.txt",
    SAVE: "Save CORs to another place",
}
_ENDINGS = {CSV: (".csv",), ROT_CEN: (".json",), CENTER: (".txt",), SAVE: (".csv",)}
_USUAL = ("rot_cen.json", "center_of_rotation.txt")

_ROLES = ("entryId", "name", "isFolder", "chosen")
_FIRST = Qt.ItemDataRole.UserRole + 1


@dataclass
class _Entry:
    entry_id: int
    name: str
    is_folder: bool


@QmlElement
@QmlUncreatable("made by the program")
class CorPlaces(QAbstractListModel):
    """Sub-folders of one folder, and the files in it that may hold CORs.

    Parameters
    ----------
    folder
        Gives the open folder.
    take
        Called with what for, and the file that was chosen.
    worker
        Looks at folders, so that a hung disk cannot hold the window.
    """

    asked = Signal()
    changed = Signal()
    walked = Signal()
    listed = Signal()
    done = Signal()

    def __init__(
        self,
        folder: Callable[[], Path | None],
        take: Callable[[str, Path], None],
        tasks: Tasks,
        parent: QObject | None = None,
        worker: Worker | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder, self._taken, self._tasks = folder, take, tasks
        self._worker = worker or Worker(worker_program())
        self._purpose, self._why, self._file_name = CSV, "", ""
        self._entries: list[_Entry] = []
        self._there: frozenset[str] = frozenset()
        self._ids = itertools.count()
        self._path = Path("/")
        self._loading, self._problem = False, ""
        self._reading: asyncio.Task[None] | None = None

    # -- walking ----------------------------------------------------------------------------

    @Slot(str)
    def ask(self, purpose: str) -> None:
        """Begin: ``csv``, ``rot_cen``, ``center`` or ``save``."""
        self._begin(purpose, "", self._folder() or _home())

    def offer(self, why: str) -> None:
        """Offer another place for CORs that could not be written."""
        self._begin(SAVE, why, _home())

    def _begin(self, purpose: str, why: str, start: Path) -> None:
        folder = self._folder()
        self._purpose, self._why = purpose, why
        self._file_name = f"{folder.name}_{CSV_NAME}" if purpose == SAVE and folder else ""
        self._walk(start)
        self.asked.emit()

    @Slot()
    def home(self) -> None:
        """Walk to the home folder."""
        self._walk(_home())

    @Slot()
    def up(self) -> None:
        """Walk to the folder above."""
        self._walk(self._path.parent)

    @Slot(int)
    def enter(self, entry_id: int) -> None:
        """Walk into a sub-folder, or choose a file."""
        entry = next((one for one in self._entries if one.entry_id == entry_id), None)
        if entry is None:
            return
        if entry.is_folder:
            self._walk(self._path / entry.name)
        else:
            self._choose(entry.name)

    @Slot(str)
    def typed(self, text: str) -> None:
        """Walk to a path that somebody typed, from here if it is relative; a file is chosen."""
        # The path as shown may differ from what it is: not every name can be typed.
        if text != shown(self._path):
            self._walk(Path(os.path.abspath(self._path / os.path.expanduser(text.strip()))))  # noqa: PTH100, PTH111

    @Slot(str)
    def named(self, text: str) -> None:
        """Name the file that is written."""
        if text != shown(self._file_name):
            self._choose(text.strip())

    def _choose(self, name: str) -> None:
        self._file_name = name
        if self._entries:
            self.dataChanged.emit(self.index(0), self.index(len(self._entries) - 1))
        self.changed.emit()

    @Slot()
    def confirm(self) -> None:
        """Take the file that is chosen."""
        if self._can_confirm():
            self.stop()
            self.done.emit()
            self._taken(self._purpose, self._path / self._file_name)

    def _can_confirm(self) -> bool:
        name = self._file_name
        fits = bool(name) and "/" not in name and "\0" not in name and name not in (".", "..")
        there = self._purpose == SAVE or name in self._there
        return fits and there and not self._loading and not self._problem

    @Slot()
    def stop(self) -> None:
        """Look no further: the answer is not wanted any more."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _walk(self, path: Path) -> None:
        self.stop()
        self._path, self._loading, self._problem = path, True, ""
        self._take([])
        self.walked.emit()
        self._reading = self._tasks.start(self._read(path), "looking at folders")

    # -- reading ----------------------------------------------------------------------------

    async def _read(self, path: Path) -> None:
        try:
            place = await self._worker.call(LOOK, str(path), timeout_s=LOOK_S, about=shown(path))
        except TomoBatchError as error:
            self._loading, self._problem = False, error.sentence
            self.changed.emit()
            return
        files: list[str] = place["files"]
        self._loading, self._path = False, Path(place["path"])
        # The one of the usual name lies ready.
        chosen = place["chosen"] or self._file_name or self._usual(files)
        self._file_name = chosen if self._purpose == SAVE or chosen in files else ""
        self._there = frozenset(files)
        fitting = [name for name in files if name.casefold().endswith(_ENDINGS[self._purpose])]
        fitting += [chosen] if place["chosen"] and chosen not in fitting else []
        entries = [(name, True) for name in place["folders"]] + [(name, False) for name in fitting]
        self._take([_Entry(next(self._ids), *entry) for entry in entries])
        self.walked.emit()
        self.listed.emit()

    def _usual(self, files: Sequence[str]) -> str:
        fitting = (name for name in _USUAL if name.endswith(_ENDINGS[self._purpose]))
        return next((name for name in fitting if name in files), "")

    def _take(self, entries: Sequence[_Entry]) -> None:
        self.beginResetModel()
        self._entries = list(entries)
        self.endResetModel()
        self.changed.emit()

    async def close(self) -> None:
        """End the worker."""
        self.stop()
        await self._worker.close()

    # -- words ------------------------------------------------------------------------------

    def _text(self) -> str:
        if self._purpose == CENTER:
            return (
                "Numbers without a name belong to the scan whose try_center folder the file lies in, "
                "or to the one scan that is selected."
            )
        return self._why

    def _confirm_text(self) -> str:
        if self._purpose != SAVE:
            return "Load these CORs"
        return "Replace it" if self._file_name in self._there else "Save here"

    # -- as a model -------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Number of entries."""
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | int | bool | None:
        """What a role of an entry says."""
        place = role - _FIRST
        if not index.isValid() or not 0 <= place < len(_ROLES):
            return None
        entry = self._entries[index.row()]
        chosen = not entry.is_folder and entry.name == self._file_name
        return (entry.entry_id, shown(entry.name), entry.is_folder, chosen)[place]

    def roleNames(self) -> dict[int, QByteArray]:
        """Names of the roles in QML."""
        return {_FIRST + place: QByteArray(name.encode()) for place, name in enumerate(_ROLES)}

    title = Property(str, lambda self: _TITLES[self._purpose], notify=changed)
    text = Property(str, _text, notify=changed)
    saving = Property(bool, lambda self: self._purpose == SAVE, notify=changed)
    path = Property(str, lambda self: shown(self._path), notify=changed)
    fileName = Property(str, lambda self: shown(self._file_name), notify=changed)
    canGoUp = Property(bool, lambda self: self._path != self._path.parent, notify=changed)
    canConfirm = Property(bool, _can_confirm, notify=changed)
    confirmText = Property(str, _confirm_text, notify=changed)
    loading = Property(bool, lambda self: self._loading, notify=changed)
    problem = Property(str, lambda self: self._problem, notify=changed)


def _home() -> Path:
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - of a user nobody knows pathlib would raise
