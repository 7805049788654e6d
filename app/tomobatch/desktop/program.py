"""What QML sees of the program: one object, and the parts below it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable
from PySide6.QtWidgets import QApplication

from tomobatch.batch.events import JobEvent
from tomobatch.batch.job import JobRow
from tomobatch.batch.journal import Journal
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.browser import Browser
from tomobatch.desktop.closing import close_text, leave_to_queue
from tomobatch.desktop.cors import Cors
from tomobatch.desktop.folder import Folder
from tomobatch.desktop.log_lines import JobOutput, about, describe
from tomobatch.desktop.log_model import LogModel
from tomobatch.desktop.machines import Machines
from tomobatch.desktop.notices import ERROR, INFO, Notices
from tomobatch.desktop.queue import Queue
from tomobatch.desktop.removal import Removal
from tomobatch.desktop.row_note import RowNote
from tomobatch.desktop.run_options import RunOptions
from tomobatch.desktop.runs import Runs
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.scan_roles import COLUMNS
from tomobatch.desktop.selection import Selection
from tomobatch.desktop.settings import Settings
from tomobatch.desktop.tally import Tally
from tomobatch.desktop.target import Target
from tomobatch.desktop.tasks import Tasks
from tomobatch.desktop.tiles import TileModel
from tomobatch.desktop.viewing.pair import Pair
from tomobatch.desktop.viewing.picking import Picking
from tomobatch.desktop.viewing.plot_view import PlotView
from tomobatch.desktop.viewing.score_view import ScoreView
from tomobatch.desktop.viewing.slice_view import SliceView
from tomobatch.desktop.viewing.viewer import Viewer
from tomobatch.desktop.viewing.viewers import Viewers
from tomobatch.desktop.viewing.wall import WallPicture
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Machine
from tomobatch.names import shown
from tomobatch.station.gpu_watch import GpuWatch
from tomobatch.station.service import Service
from tomobatch.station.station import Station

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

# QML makes these itself.
ELEMENTS = (SliceView, PlotView, ScoreView, WallPicture)

QUEUED_S = 10.0
"""Who closes the window waits no longer than this for what is still being queued."""

REMOVE_KEPT = "tomobatch.recon.keeping:remove_kept"
REMOVE_S = 600.0

log = logging.getLogger(__name__)


@QmlElement
@QmlUncreatable("made by the program")
class Program(QObject):
    """The program, as QML sees it. Made after the first frame; `open` brings the queue and the folder."""

    readyChanged = Signal()
    closingChanged = Signal()
    closeQuestion = Signal()
    raised = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.closed = asyncio.Event()
        self._ready = self._closing = False
        self._station: Station | None = None
        self._service: Service | None = None
        self._serving: asyncio.Task[None] | None = None
        self._notices = Notices(self)
        self._tasks = Tasks(self.say_error)
        self._settings = settings
        self._log = LogModel(self._output_of, self._tasks, self)
        self._notices.said.connect(self._log.add)
        self._scans = ScanModel(self)
        self._sort_as_before()
        self._selection = Selection(self._scans, self)
        self._tally = Tally(self._scans, self)
        self._cors = Cors(self._scans, self._tasks, self._notices.say, self)
        editing, say = self._cors.editing, self._notices.say
        self._folder = Folder(self._scans, editing, self._settings, self._tasks, say, self)
        self._removal = Removal(
            self._scans, self._selection, self._folder, editing, self._tasks, say, self._log.add, self
        )
        self._browser = Browser(self._folder, self._tasks, self)
        self._bridge = Bridge(self._log_event, self)
        self._tiles = TileModel(self)
        self.gpu_watch = GpuWatch(self._machine_of, self._tasks.start, self._tiles.show_gpus)
        self._seen = True
        fresh = self._folder.fresh_cors
        tasks, settings = self._tasks, self._settings
        order = self._scans.order_changed
        self._queue = Queue(self._bridge, self._tiles, settings, tasks, say, order, self)
        self._scans.follow_order(self._queue.order.place_of)
        target, bridge, notices = self._queue.target, self._bridge, self._notices
        self._machines = Machines(target, bridge, notices, tasks, lambda: self._folder.place, parent=self)
        self._machines.show_in(self._scans, self._tiles)
        self._run_options = RunOptions(settings, say, self)
        self._runs = Runs(
            self._queue,
            self._bridge,
            self._scans,
            self._selection,
            self._run_options,
            tasks,
            say,
            fresh,
            self,
        )
        show_output = self._log.jobOutput
        self._row_note = RowNote(self._scans, self._selection, self._queue, self._runs, show_output, self)
        self._tiles.machinesChanged.connect(self._watch_gpus)
        self._queue.target.changed.connect(self._watch_gpus)
        self._queue.batchEnded.connect(self._sound)
        self._queue.figuresChanged.connect(self.closingChanged)
        self._viewers = Viewers(
            self._scans, self._runs, settings, tasks, say, self._cors.pick, self._remove_version, self
        )
        self._folder.opened.connect(self._viewers.forget)
        told = (self._folder, self._queue, self._machines, self._runs, self._viewers)
        self._bridge.to_tell += [one.jobs_changed for one in told]

    def _sort_as_before(self) -> None:
        """Sort the table as it was left, and keep how it is sorted from now on."""
        scans, kept = self._scans, self._settings.kept
        if kept.sort_column in COLUMNS:
            scans.sort_as(COLUMNS.index(kept.sort_column), kept.sort_descending)
        scans.sortChanged.connect(lambda: self._settings.remember_sorting(*scans.sorting()))

    # -- opening ---------------------------------------------------------------------------

    async def open(self, folder: Path | None) -> None:
        """Open the queue, then the folder: the one that was asked for, or the last one."""
        self._settings.attach(self._tasks, self._notices.say)
        self._log.open()
        await self._open_station()
        last = self._settings.recent_folders[:1]
        if self._folder.path:
            return  # another start has named one meanwhile
        if folder is not None:
            self._folder.openPath(str(folder))
        elif last:
            self._folder.openPath(last[0])

    async def _open_station(self) -> None:
        try:
            await self._machines.read()
            station = Station(make=self._machines.make)
            rows, change = await asyncio.to_thread(_read_journal, station.journal.folder)
        except (TomoBatchError, sqlite3.Error) as error:
            log.exception("the queue could not be opened")
            sentence = error.sentence if isinstance(error, TomoBatchError) else str(error)
            self._notices.say(ERROR, sentence)
            self._queue.refuse(sentence)
            return
        self._station = station
        self._bridge.take(rows)
        self._bridge.flush()
        station.listeners.append(self._bridge.event_told)
        self._machines.attach(station)
        self._queue.attach(station)
        station.pause.listeners.append(self._log_pause)
        self._removal.attach(station)
        self._service = Service(station, self.say_error, self._queue.held_by, change)
        self._serve()
        self._ready = True
        self.readyChanged.emit()

    def _serve(self) -> None:
        if self._service is not None:
            self._serving = self._tasks.start(self._service.run(), "the queue")

    def say_error(self, sentence: str) -> None:
        """Show a sentence about something that went wrong."""
        self._notices.say(ERROR, sentence)

    def _log_event(self, event: JobEvent) -> None:
        line = describe(event)
        if line is not None:
            self._log.add(*line, event.row.uid, about(event.row), event.row.job.file_name)

    def _log_pause(self, reason: str) -> None:
        self._log.add(INFO, reason or "The queue goes on.")

    def _output_of(self, uid: str) -> JobOutput:
        if self._station is None:
            raise TomoBatchError("no-log", "The queue is not open.")
        try:
            row = self._station.journal.row(uid)
        except sqlite3.Error as error:
            raise TomoBatchError("no-log", f"The job journal cannot be read just now ({error}).") from error
        title = f"{row.job.kind.word} of {shown(row.job.file_name)}: {shown(row.status)}"
        return JobOutput(title, self._station.log_path(row), row.state.ended)

    def _sound(self) -> None:
        """Be heard across the room, if that is wanted."""
        if self._settings.kept.sound:
            QApplication.beep()

    def note_seen(self, seen: bool) -> None:
        """Note whether the window can be seen; what only the eye needs is not asked for otherwise."""
        self._seen = seen
        self._watch_gpus()

    def _watch_gpus(self) -> None:
        """Watch the GPUs that have tiles, where any were found."""
        station = self._station
        shown_now = self._tiles.machines if self._seen and station is not None else set()
        self.gpu_watch.look_at({name for name in shown_now if station and station.slots.count_found(name)})

    def _machine_of(self, name: str) -> Machine:
        return self._queue.require_station().machine(name)

    def _remove_version(self, scan_path: str, kind: str, name: str) -> None:
        self._tasks.start(self._removed_version(scan_path, kind, name), "removing an earlier result")

    async def _removed_version(self, scan_path: str, kind: str, name: str) -> None:
        if self._station is None:
            return
        asked = (scan_path, kind, name)
        done = await self._station.looking.call(REMOVE_KEPT, *asked, timeout_s=REMOVE_S, about=shown(name))
        self._log.add(INFO, f"The earlier result {shown(done['removed'])} was removed.")
        self._viewers.look_for_versions()

    def call(self, folder: str | None) -> bool:
        """Come to the front: the program was started once more. False while it closes."""
        if self._closing:
            return False
        self.raised.emit()
        if folder:
            self._folder.openPath(folder)
        return True

    # -- closing ---------------------------------------------------------------------------

    def askToClose(self) -> None:
        """Close, or ask first (`closeQuestion`) where jobs run or wait and nobody else sees to them."""
        if self._closing:
            return
        if self._runs.queueing:
            # What was confirmed a moment ago counts, and must not be lost.
            self._tasks.start(self._ask_when_queued(), "closing")
        else:
            self._ask_or_leave()

    async def _ask_when_queued(self) -> None:
        await self._runs.queued(QUEUED_S)
        if not self._closing:
            self._ask_or_leave()

    def _ask_or_leave(self) -> None:
        if self._queue.active and not self._queue.elsewhere:
            self.closingChanged.emit()
            self.closeQuestion.emit()
        else:
            self._leave()

    def _leave(self) -> None:
        self._closing = True
        self.closingChanged.emit()
        self.closed.set()

    @Slot()
    def closeLetFinish(self) -> None:
        """Close; what runs is seen through without a window, what waits stays for the next start."""
        if self._queue.counts.running and not self._queue.elsewhere:
            self._hand_over_and_leave(starts=False)
        else:
            self._leave()

    @Slot()
    def closeGoOn(self) -> None:
        """Close once a scheduler without a window has taken the queue over."""
        self._hand_over_and_leave(starts=True)

    def _hand_over_and_leave(self, starts: bool) -> None:
        if not self._closing:
            self._closing = True
            self.closingChanged.emit()
            self._tasks.start(self._hand_over(starts), "handing the queue over")

    async def _hand_over(self, starts: bool) -> None:
        if self._station is None:
            return
        await self._stop_serving()
        try:
            await leave_to_queue(self._station, starts)
        except (TomoBatchError, sqlite3.Error) as error:
            if not starts:
                # The engines run on all the same, and the next start finds what they made.
                log.warning("nobody sees to what runs: %s", error)
                self._leave()
                return
            self._notices.say(ERROR, error.sentence if isinstance(error, TomoBatchError) else str(error))
            self._serve()
            self._closing = False
            self.closingChanged.emit()
            return
        self._leave()

    async def _stop_serving(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            # Should it have failed, that was said; the rest is closed all the same.
            await asyncio.wait([self._serving])

    @Slot()
    def closeCancel(self) -> None:
        """Stay."""

    async def close(self) -> None:
        """End everything but the jobs."""
        await self._stop_serving()
        await self._browser.close()
        await self._removal.close()
        await self._folder.close()
        await self._viewers.close()
        await self._settings.close()
        await self._tasks.close()
        self._machines.close()
        if self._station is not None:
            await self._station.__aexit__(None, None, None)
        self._log.close()

    ready = Property(bool, lambda self: self._ready, notify=readyChanged)
    closing = Property(bool, lambda self: self._closing, notify=closingChanged)
    closeText = Property(str, lambda self: close_text(self._queue.counts), notify=closingChanged)
    waitingWhenClosed = Property(bool, lambda self: self._queue.counts.queued > 0, notify=closingChanged)
    notices = Property(Notices, lambda self: self._notices, constant=True)
    folder = Property(Folder, lambda self: self._folder, constant=True)
    browser = Property(Browser, lambda self: self._browser, constant=True)
    scans = Property(ScanModel, lambda self: self._scans, constant=True)
    selection = Property(Selection, lambda self: self._selection, constant=True)
    tally = Property(Tally, lambda self: self._tally, constant=True)
    cors = Property(Cors, lambda self: self._cors, constant=True)
    queue = Property(Queue, lambda self: self._queue, constant=True)
    machines = Property(Machines, lambda self: self._machines, constant=True)
    target = Property(Target, lambda self: self._queue.target, constant=True)
    runs = Property(Runs, lambda self: self._runs, constant=True)
    runOptions = Property(RunOptions, lambda self: self._run_options, constant=True)
    rowNote = Property(RowNote, lambda self: self._row_note, constant=True)
    removal = Property(Removal, lambda self: self._removal, constant=True)
    tiles = Property(TileModel, lambda self: self._tiles, constant=True)
    log = Property(LogModel, lambda self: self._log, constant=True)
    picking = Property(Picking, lambda self: self._viewers.picking, constant=True)
    viewer = Property(Viewer, lambda self: self._viewers.first, constant=True)
    pair = Property(Pair, lambda self: self._viewers.pair, constant=True)


def _read_journal(folder: Path) -> tuple[list[JobRow], int]:
    """All jobs there are, by a connection of this thread: thousands of them take their time."""
    journal = Journal(folder)
    try:
        return journal.changed_since(0)
    finally:
        journal.close()
