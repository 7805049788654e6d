"""The open data folder: named, read beside the window, watched."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Property, QObject, QUrl, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.config.places import worker_program
from tomobatch.cor.table import tables_folder
from tomobatch.desktop.breathing import keep
from tomobatch.desktop.cor_book import CorBook
from tomobatch.desktop.cor_editing import CorEditing
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.scan_reading import Found, Gatherer, by_path, demo_folder, look_at, to_look_at
from tomobatch.desktop.scan_watch import ACQUIRING_S, POLL_S, changes_in
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.scans.catalogue import Catalogue
from tomobatch.scans.scan import ScanState
from tomobatch.worker.client import Worker
from tomobatch.worker.crew import Crew
from tomobatch.workspace import results_of

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

MAKE_DEMO = "tomobatch.scans.demo:make_demo_folder"
DEMO_TIMEOUT_S = 600.0
FRESH_S = 3.0


class FolderSettings(Protocol):
    """What of the settings is about folders."""

    @property
    def recent_folders(self) -> list[str]:
        """The last one first."""

    def remember_folder(self, folder: str) -> None:
        """Put a folder first."""


@QmlElement
@QmlUncreatable("made by the program")
class Folder(QObject):
    """The open folder.

    Parameters
    ----------
    say
        Takes kind and sentence of what a person should know of.
    worker
        Looks at files, so that a hung disk cannot hold the window; one of its own when not given.
    """

    changed = Signal()
    opened = Signal()
    """Another folder is being opened: what was known of the one before is gone."""

    def __init__(
        self,
        model: ScanModel,
        cors: CorEditing,
        settings: FolderSettings,
        tasks: Tasks,
        say: Callable[[str, str], None],
        parent: QObject | None = None,
        worker: Worker | None = None,
    ) -> None:
        super().__init__(parent)
        self._model, self._settings, self._tasks, self._say = model, settings, tasks, say
        self._worker = worker or Worker(worker_program())
        self._crew = Crew(self._worker, lambda: Worker(worker_program()))
        self._cors = cors
        self._gather = Gatherer(self._take)
        self._catalogue: Catalogue | None = None
        self._reading: asyncio.Task[None] | None = None
        self._following: asyncio.Task[None] | None = None
        self._path: Path | None = None
        self._is_open = self._loading = self._demo = False
        self._found = self._inspected = 0
        self._problem = ""
        self._born_s = time.time()
        self._ended: set[str] = set()

    # -- opening ----------------------------------------------------------------------------

    @Slot(str)
    def openPath(self, path: str) -> None:
        """Open a folder by its path."""
        if path.strip():
            # Of a user nobody knows the name stays as it is; pathlib would raise.
            self.open(Path(os.path.expanduser(path)))  # noqa: PTH111

    @Slot(QUrl)
    def openUrl(self, url: QUrl) -> None:
        """Open a folder that a dialog, or a drop, gave."""
        if url.isLocalFile():
            self.openPath(url.toLocalFile())
        else:
            self._show(problem=f"{shown(url.toString())} is no folder of this computer; choose another.")

    @Slot()
    def makeDemo(self) -> None:
        """Make a folder of demo scans, if it is not there yet, and open it."""
        self.open(demo_folder(), demo=True)

    @Slot()
    def refresh(self) -> None:
        """Read the folder again: new files, changed ones, results, and the CSV."""
        if self._catalogue is not None:
            self._read(self._catalogue, self._demo)

    def open(self, folder: Path, demo: bool = False) -> None:
        """Open a folder; with `demo` it is filled with demo scans if it is not there yet."""
        folder = Path(os.path.abspath(folder))  # noqa: PTH100 - takes dots out and looks at no disk
        self._gather.drop()
        self._path, self._is_open, self._demo = folder, False, demo
        self._catalogue = Catalogue(folder, self._worker)
        self._model.clear()
        self.opened.emit()
        self._cors.open(CorBook(folder, self._worker))
        if self._following is None:
            self._following = self._tasks.start(self._follow_cors(), "following the CORs")
        self._read(self._catalogue, demo)

    @property
    def place(self) -> Path | None:
        """The folder that is open; None while none is."""
        return self._path if self._is_open else None

    @property
    def wanted(self) -> Path | None:
        """The folder that is open, or is being opened."""
        return self._path

    def _read(self, catalogue: Catalogue, demo: bool) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._show(loading=True, found=0, inspected=0, problem="")
        self._reading = self._tasks.start(self._stay(catalogue, demo), "reading the folder")

    # -- reading ----------------------------------------------------------------------------

    async def _stay(self, catalogue: Catalogue, demo: bool) -> None:
        """Read a folder, then follow it until another one is opened, or it is read again."""
        try:
            if demo:
                folder = str(catalogue.folder)
                await self._worker.call(MAKE_DEMO, folder, timeout_s=DEMO_TIMEOUT_S, about="the demo scans")
            await self._read_all(catalogue)
        except TomoBatchError as error:
            self._fail(error)
            return
        self._show(loading=False)
        while True:
            async with aclosing(changes_in(catalogue.folder, self._look_within_s)) as turns:
                async for _ in turns:
                    await self._read_changes(catalogue)
                    if self._problem:
                        break
            # When it comes back it may be another folder of this name, which has to be watched anew.
            await asyncio.sleep(POLL_S)

    async def _read_all(self, catalogue: Catalogue) -> None:
        files = await catalogue.files()
        # What was known before this look, so that growth in between is seen.
        earlier = await asyncio.to_thread(by_path, self._model.scans())
        self._model.set_files(files)
        keep()
        self._settings.remember_folder(str(catalogue.folder))
        self._is_open = True
        self._show(found=len(files))
        self._cors.load_by_itself()
        await look_at(catalogue, self._crew.members(len(files)), earlier, files, self._gather)

    async def _read_changes(self, catalogue: Catalogue) -> None:
        try:
            files = await catalogue.files()
            changed, earlier = await asyncio.to_thread(to_look_at, files, self._model.scans())
            self._model.set_files(files)
            self._show(found=len(files), problem="")
            await look_at(catalogue, self._crew.members(len(changed)), earlier, changed, self._gather)
        except TomoBatchError as error:
            self._fail(error)

    def _take(self, found: Sequence[Found]) -> None:
        self._model.set_scans(found)
        self._show(inspected=min(self._found, self._inspected + len(found)))

    def _look_within_s(self) -> float | None:
        acquiring = any(scan.state is ScanState.ACQUIRING for scan in self._model.scans())
        return ACQUIRING_S if acquiring else None

    def _fail(self, error: TomoBatchError) -> None:
        if error.code != "worker-closed":
            self._show(loading=False, problem=error.sentence)

    # -- CORs that others set --------------------------------------------------------------------

    async def fresh_cors(self) -> None:
        """Return when the table's CORs are those on disk; a disk that hangs is not waited for."""
        self._cors.reload()
        await self._cors.quiet(FRESH_S)

    async def _follow_cors(self) -> None:
        """Show what a command line, or another window's host, writes into the table."""
        place = await asyncio.to_thread(tables_folder)
        async with aclosing(changes_in(place, lambda: None)) as turns:
            async for _ in turns:
                self._cors.reload()

    # -- jobs -------------------------------------------------------------------------------

    def jobs_changed(self, rows: Sequence[JobRow]) -> None:
        """Show jobs as they are now, and look again at the scans whose jobs have just ended."""
        self._model.jobs_changed(rows)
        ended = [row for row in rows if self._has_just_ended(row)]
        self._ended.update(row.uid for row in ended)
        if any(row.state is JobState.COMPLETE for row in ended):
            self._cors.reload()
        paths = {Path(row.job.path) for row in ended}
        if mine := [path for path in paths if path.parent == self._path]:
            self._tasks.start(self._look_again(mine), "looking at results")

    def _has_just_ended(self, row: JobRow) -> bool:
        return row.uid not in self._ended and row.ended_s is not None and row.ended_s >= self._born_s

    async def _look_again(self, paths: Sequence[Path]) -> None:
        for path in paths:
            known = self._model.find(path.name)
            if known is None:
                continue
            try:
                results = await results_of(self._worker, known.file)
            except TomoBatchError as error:
                self._fail(error)
                return
            # An older look may still wait to be passed on.
            self._gather.flush()
            # Another folder may have been opened meanwhile.
            if self._model.find(path.name) is known:
                self._model.set_results({path.name: results})

    # -- the end ----------------------------------------------------------------------------

    async def close(self) -> None:
        """Write what was not written yet, and end the worker."""
        self._gather.drop()
        for task in (self._reading, self._following):
            if task is not None:
                task.cancel()
        await asyncio.gather(self._cors.close(), self._crew.close())

    # -- properties -------------------------------------------------------------------------

    def _show(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self, f"_{name}", value)
        self.changed.emit()

    path = Property(str, lambda self: shown(self._path) if self._path else "", notify=changed)
    isOpen = Property(bool, lambda self: self._is_open, notify=changed)
    loading = Property(bool, lambda self: self._loading, notify=changed)
    found = Property(int, lambda self: self._found, notify=changed)
    inspected = Property(int, lambda self: self._inspected, notify=changed)
    problem = Property(str, lambda self: self._problem, notify=changed)
    recent = Property(list, lambda self: self._settings.recent_folders, notify=changed)
