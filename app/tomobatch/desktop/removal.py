"""Removing scans, for QML: off the list, where they can be put back, or from disk, for good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.config.places import worker_program
from tomobatch.desktop.cor_editing import CorEditing
from tomobatch.desktop.folder import Folder
from tomobatch.desktop.notices import ERROR, INFO, WARNING
from tomobatch.desktop.removal_rows import RemovalRows
from tomobatch.desktop.removal_words import (
    Asked,
    cors_text,
    counted,
    deleted_text,
    lines_of,
    rows_of,
    taken_off_text,
    title_of,
    warnings_of,
)
from tomobatch.desktop.scan_display import Known
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.selection import Selection
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.scans.hidden import HiddenScans, Identity
from tomobatch.scans.scan import ScanFile
from tomobatch.station.removing import Check, Remover
from tomobatch.station.station import Station
from tomobatch.station.words import size_text
from tomobatch.worker.client import Worker
from tomobatch.workspace import Workspace

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

OPENING = "Nothing can be deleted before the queue is open: it tells which scans are in use."
SHOW_AFTER_MS = 300
CLOSE_S = 5.0

CHECKING, READY, DELETING = "checking", "ready", "deleting"


@QmlElement
@QmlUncreatable("made by the program")
class Removal(QObject):
    """See the module's text.

    Parameters
    ----------
    say
        Shows a sentence: kind and text.
    log
        Takes level, text, job, details and file name of a line of the log.
    """

    changed = Signal()
    asked = Signal()
    done = Signal()

    def __init__(
        self,
        scans: ScanModel,
        selection: Selection,
        folder: Folder,
        cors: CorEditing,
        tasks: Tasks,
        say: Callable[[str, str], None],
        log: Callable[[str, str, str, str, str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._scans, self._selection, self._folder, self._cors = scans, selection, folder, cors
        self._tasks, self._say, self._log = tasks, say, log
        self._worker = Worker(worker_program())
        self._remover: Remover | None = None
        self._asked: list[Asked] = []
        self._by_filter = 0
        self._check: Check | None = None
        self._phase, self._problem, self._progress = READY, "", ""
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._rows = RemovalRows(self)
        self._lines: list[str] = []
        self._warnings: list[str] = []
        # What is shown as hidden, and what the disk last said; they differ while a change is being kept.
        self._hidden: Mapping[str, Identity] = {}
        self._kept: Mapping[str, Identity] = {}
        self._keeping: dict[Path, asyncio.Lock] = {}
        self._hiding: set[asyncio.Task[None]] = set()
        self._wish = 0
        self._timer = QTimer(self, interval=SHOW_AFTER_MS, singleShot=True)
        self._timer.timeout.connect(self.changed)
        folder.opened.connect(self._read_hidden)

    def attach(self, station: Station) -> None:
        """Take the station, once it is open."""
        self._remover = Remover(self._worker, station.journal, station.marking.station)

    async def close(self) -> None:
        """End after the file that is under way, and when what is hidden was kept."""
        self._stop.set()
        if self._hiding:
            await asyncio.wait(self._hiding, timeout=CLOSE_S)
        if self._task is not None and self._phase == DELETING:
            await asyncio.wait([self._task], timeout=CLOSE_S)
        await self._worker.close()

    # -- the question -----------------------------------------------------------------------

    @Slot()
    def ask(self) -> None:
        """Ask what is to become of the selected rows; what cannot be deleted is found out meanwhile."""
        known = [one for one in map(self._scans.known, self._selection.ids()) if one is not None]
        place = self._folder.place
        if not known or place is None or self._phase != READY:
            return
        by_filter: Any = self._selection.hiddenCount
        self._by_filter = by_filter
        self._phase = CHECKING
        self._check, self._problem, self._progress = None, "" if self._remover else OPENING, ""
        self._task = self._tasks.start(self._ask(known, place), "looking at files to delete")

    async def _ask(self, known: Sequence[Known], place: Path) -> None:
        try:
            await self._find_out(known, place)
        finally:
            # Not where the question was put away, and perhaps asked again, meanwhile.
            if self._task is asyncio.current_task():
                self._phase = READY
                self.changed.emit()

    async def _find_out(self, known: Sequence[Known], place: Path) -> None:
        self._asked = await asyncio.to_thread(lambda: [Asked.of(one) for one in known])
        await self._show_rows()
        self.asked.emit()
        if self._remover is not None:
            try:
                targets = [one.target for one in self._asked]
                self._check = await self._remover.check(place, targets, self._searched)
            except TomoBatchError as error:
                self._problem = error.sentence
        await self._show_rows()

    def _searched(self, number: int, total: int) -> None:
        self._progress = f"Searching for links to them: {number} of {total} files"
        self._show_soon()

    def _show_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    async def _show_rows(self) -> None:
        asked, check = self._asked, self._check
        # Beside the window: there may be thousands.
        rows = await asyncio.to_thread(rows_of, asked, check.refused if check else {})
        self._lines, self._warnings = lines_of(asked, self._by_filter, check), warnings_of(asked, check)
        self._rows.show(rows)
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Leave all as it is; what is being deleted goes on."""
        if self._phase == CHECKING and self._task is not None:
            self._task.cancel()
            self._task, self._phase = None, READY

    # -- off the list -----------------------------------------------------------------------

    @Slot()
    def takeOff(self) -> None:
        """Take the scans of the question off the list."""
        self.cancel()
        asked = [one for one in self._asked if self._scans.at(one.file.path) is not None]
        self._change({one.file.name: (one.file.size_bytes, one.file.mtime_ns) for one in asked}, ())
        if asked:
            self._say(INFO, taken_off_text(asked))

    @Slot(int)
    def putBack(self, scan_id: int) -> None:
        """Put a row back on the list."""
        known = self._scans.known(scan_id)
        if known is not None:
            self._change({}, [known.name])

    @Slot()
    def putAllBack(self) -> None:
        """Put all rows that were taken off back on the list."""
        self._change({}, [known.name for known in self._scans.off()])

    def _change(self, hide: Mapping[str, Identity], show: Collection[str]) -> None:
        place = self._folder.place
        if place is None:
            return
        self._show_hidden({name: kept for name, kept in {**self._hidden, **hide}.items() if name not in show})
        hidden = HiddenScans(place)
        self._take_hidden(place, lambda: hidden.change(hide, show), "keeping hidden scans")

    def _read_hidden(self) -> None:
        self._kept = {}
        self._show_hidden({})
        self._scans.set_show_off(False)
        place = self._folder.wanted
        if place is not None:
            self._take_hidden(place, HiddenScans(place).read, "reading hidden scans")

    def _take_hidden(self, place: Path, work: Callable[[], dict[str, Identity]], name: str) -> None:
        self._wish += 1
        task = self._tasks.start(self._taken_hidden(place, work, self._wish), name)
        self._hiding.add(task)
        task.add_done_callback(self._hiding.discard)

    async def _taken_hidden(self, place: Path, work: Callable[[], dict[str, Identity]], wish: int) -> None:
        """Show what is hidden after `work`, unless more was wished meanwhile: the rows would jump."""
        # In the order of the wishes, or an earlier one might be the last on disk.
        async with self._keeping.setdefault(place, asyncio.Lock()):
            try:
                kept = await asyncio.to_thread(work)
            except TomoBatchError as error:
                self._say(ERROR, error.sentence)
                kept = None
        if place == self._folder.wanted:
            self._kept = self._kept if kept is None else kept
            if wish == self._wish:
                self._show_hidden(self._kept)

    def _show_hidden(self, hidden: Mapping[str, Identity]) -> None:
        if hidden != self._hidden:
            self._hidden = hidden
            self._scans.set_hidden(hidden)
            if not self._scans.off():
                self._scans.set_show_off(False)
            self.changed.emit()

    # -- from disk --------------------------------------------------------------------------

    @Slot()
    def confirmDelete(self) -> None:
        """Delete what the question offered; the button was held for two seconds."""
        if self._phase == READY and self._check is not None and self._check.files and self._remover:
            self._phase, self._progress = DELETING, ""
            self._stop.clear()
            self._task = self._tasks.start(self._delete(self._remover, self._check), "deleting files")
            self.changed.emit()

    @Slot()
    def stop(self) -> None:
        """Delete no more after the file that is under way."""
        self._stop.set()

    async def _delete(self, remover: Remover, check: Check) -> None:
        files, deleted, refused = dict(check.files), list[ScanFile](), list[str]()

        def told(name: str, error: TomoBatchError | None) -> None:
            if error is None:
                deleted.append(files[name])
                self._log(INFO, f"{shown(name)}: deleted from disk.", "", shown(check.folder), name)
            else:
                refused.append(error.sentence)
                self._log(WARNING, error.sentence, "", shown(check.folder), name)
            self._progress = f"Deleting: {len(deleted) + len(refused)} of {len(files)} files"
            self._show_soon()

        try:
            await remover.delete(check, told, self._stop)
        finally:
            self._phase = READY
            self._forget(check.folder, deleted)
            left = len(files) - len(deleted) - len(refused)
            text = deleted_text(deleted, refused, left, _freed(check, deleted))
            self._say(WARNING if refused or left else INFO, text)
            self.changed.emit()
            self.done.emit()

    def _forget(self, folder: Path, deleted: Collection[ScanFile]) -> None:
        """The rows of deleted scans go, and their CORs."""
        names = {file.name for file in deleted}
        if not names:
            return
        if folder == self._folder.wanted:
            self._scans.forget(names)
            self._cors.forget(names)
        else:
            self._tasks.start(self._forget_cors(folder, names), "keeping CORs")

    async def _forget_cors(self, folder: Path, names: Collection[str]) -> None:
        worker = self._worker
        await asyncio.to_thread(lambda: Workspace(folder, worker).forget_cors(names))

    # -- properties -------------------------------------------------------------------------

    @property
    def _deletable(self) -> int:
        return len(self._check.files) if self._check is not None else 0

    def _delete_text(self) -> str:
        count = len(self._asked) if self._check is None and not self._problem else self._deletable
        return f"Delete {counted(count, 'file')} from disk"

    def _hold_text(self) -> str:
        if not self._deletable or self._check is None:
            return "Hold it for two seconds"
        return f"Hold it for two seconds · frees {size_text(_freed(self._check, self._check.files.values()))}"

    title = Property(str, lambda self: title_of(self._asked), notify=changed)
    lines = Property(list, lambda self: self._lines, notify=changed)
    warnings = Property(list, lambda self: self._warnings, notify=changed)
    problem = Property(str, lambda self: self._problem, notify=changed)
    deleteText = Property(str, _delete_text, notify=changed)
    holdText = Property(str, _hold_text, notify=changed)
    consequence = Property(str, lambda _: cors_text(), constant=True)
    canDelete = Property(bool, lambda self: self._phase == READY and self._deletable > 0, notify=changed)
    checking = Property(bool, lambda self: self._phase == CHECKING, notify=changed)
    deleting = Property(bool, lambda self: self._phase == DELETING, notify=changed)
    progress = Property(str, lambda self: self._progress, notify=changed)
    rows = Property(RemovalRows, lambda self: self._rows, constant=True)


def _freed(check: Check, files: Iterable[ScanFile]) -> int:
    """Bytes on disk; a link holds none."""
    return sum(file.size_bytes for file in files if file.name not in check.links)
