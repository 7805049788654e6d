"""The queue, for QML: its figures, the target machine, and the buttons that run, cancel and stop."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.batch.counts import BatchCounts, count
from tomobatch.batch.forecast import progress_of, seconds_left
from tomobatch.batch.job import Job, JobRow
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.cor_editing import few
from tomobatch.desktop.machine_choice import MachineChoice
from tomobatch.desktop.notices import ERROR, INFO, WARNING
from tomobatch.desktop.question import BREATH, Plan, lines_of, listed, plan_run, title_of
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.selection import Selection
from tomobatch.desktop.settings import Settings
from tomobatch.desktop.space import Space
from tomobatch.desktop.tasks import Tasks
from tomobatch.desktop.tiles import TileModel, tiles_of
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.kinds import Kind
from tomobatch.station.station import Station
from tomobatch.station.words import duration_text
from tomobatch.workspace import ScanRow

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

log = logging.getLogger(__name__)

LOCAL = "Local"
OPENING = "The queue is still being opened: try again in a moment."


@QmlElement
@QmlUncreatable("made by the program")
class Queue(QObject):
    """See the module's text. It is made before the station is open, and `attach`-ed to it later.

    Parameters
    ----------
    bridge
        Knows the newest state of every job.
    say
        Shows a sentence: kind and text.
    fresh_cors
        Returns when the rows have the CORs that are on disk: a command line may have set one.
    """

    figuresChanged = Signal()
    spaceChanged = Signal()
    machineChanged = Signal()
    elsewhereChanged = Signal()
    questionChanged = Signal()
    questionReady = Signal()
    batchEnded = Signal()

    def __init__(
        self,
        bridge: Bridge,
        scans: ScanModel,
        selection: Selection,
        tiles: TileModel,
        settings: Settings,
        tasks: Tasks,
        say: Callable[[str, str], None],
        fresh_cors: Callable[[], Awaitable[None]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._fresh_cors = fresh_cors
        self._bridge, self._scans, self._tiles = bridge, scans, tiles
        self._selection = selection
        self._settings, self._tasks, self._say = settings, tasks, say
        self._station: Station | None = None
        self._machine: MachineChoice | None = None
        self._counts: BatchCounts = count([])
        self._progress = 0.0
        self._time_left = ""
        self._elsewhere = ""
        self._problem = ""
        self._space = Space(tasks, self.spaceChanged.emit)
        self._plan = Plan(Kind.TRY)
        self._lines: list[str] = []

    # -- the station -----------------------------------------------------------------------

    def attach(self, station: Station) -> None:
        """Take the station, once it is open."""
        self._station = station
        wanted = self._settings.kept.machine
        self._show_machine(wanted if wanted in station.machines else LOCAL)

    def refuse(self, problem: str) -> None:
        """Take note that there will be no station, and why: whoever wants to run something is told."""
        self._problem = problem
        self.figuresChanged.emit()

    def _show_machine(self, name: str) -> None:
        if self._station is None:
            return
        self._machine = MachineChoice(self._station, name)
        self._tasks.start(self._look(self._machine), f"looking at {name}")
        self._tell_machine()

    async def _look(self, machine: MachineChoice) -> None:
        await machine.look()
        if machine.problem:
            self._say(ERROR, machine.problem)
        self._tell_machine()

    def _tell_machine(self) -> None:
        self.machineChanged.emit()
        self._show_tiles()

    def _show_tiles(self) -> None:
        if self._machine is not None and self._machine.engine is not None:
            jobs = self._bridge.newest_batch()
            self._tiles.show(tiles_of(self._machine.name, self._machine.slots, jobs))

    def held_by(self, pid: int | None) -> None:
        """Note which other process schedules."""
        text = "" if pid is None else f"Another TomoBatch (process {pid}) runs the queue."
        if text != self._elsewhere:
            self._elsewhere = text
            self.elsewhereChanged.emit()

    @property
    def counts(self) -> BatchCounts:
        """How the batch stands."""
        return self._counts

    # -- figures ---------------------------------------------------------------------------

    def jobs_changed(self, _: Sequence[JobRow]) -> None:
        """Count anew."""
        rows = self._bridge.newest_batch()
        before, self._counts = self._counts, count(rows)
        self._progress = progress_of(rows)
        self._time_left = self._time_left_of(rows)
        self._space.follow(rows)
        self.figuresChanged.emit()
        self._show_tiles()
        if _busy(before) and not _busy(self._counts):
            self._tell_end()

    def _time_left_of(self, rows: list[JobRow]) -> str:
        slots = len(self._machine.slots) if self._machine is not None else 1
        now_s = time.time()
        left_s = seconds_left(rows, slots, now_s)
        if not left_s:
            return ""
        end = time.strftime("%H:%M", time.localtime(now_s + left_s))
        return f"about {duration_text(left_s if left_s < 60 else 60 * round(left_s / 60))} left, {end}"

    def _tell_end(self) -> None:
        counts = self._counts
        trouble = f": {counts.trouble}" if counts.trouble else ""
        said = f"All {counts.total} jobs have ended{trouble}."
        if counts.total == 1:
            (row,) = self._bridge.newest_batch()
            said = f"{shown(row.job.file_name)}: {row.status}."
        self._say(WARNING if counts.failed else INFO, said)
        self.batchEnded.emit()

    # -- runs ------------------------------------------------------------------------------

    @Slot(str, int)
    def run(self, kind: str, scan_id: int) -> None:
        """Queue the Try or the Full of one row."""
        self._tasks.start(self._run_one(Kind(kind), scan_id), "queueing a job")

    def _row(self, scan_id: int) -> ScanRow | None:
        known = self._scans.known(scan_id)
        return known.row if known is not None else None

    async def _run_one(self, kind: Kind, scan_id: int) -> None:
        await self._fresh_cors()
        scan = self._row(scan_id)
        if scan is None:
            return
        plan = await self._plan_for(kind, [scan])
        for sentence in plan.refused:
            self._say(WARNING, sentence)
        await self._queue(plan)

    @Slot(str)
    def ask(self, kind: str) -> None:
        """Prepare the question before a batch of the selected rows; `questionReady` when it is."""
        self._tasks.start(self._ask(Kind(kind), self._selection.ids()), "preparing a batch")

    async def _ask(self, kind: Kind, ids: Sequence[int]) -> None:
        await self._fresh_cors()
        scans = [row for row in map(self._row, ids) if row is not None]
        plan = await self._plan_for(kind, scans)
        if not_looked_at := len(ids) - len(scans):
            plan.refused.append(f"{not_looked_at} selected scans have not been looked at yet: wait a moment.")
        free = await self._space.free(Path(scans[0].scan.file.path).parent) if scans else None
        self._plan = plan
        where = self._machine.where() if self._machine is not None else ""
        hidden: Any = self._selection.hiddenCount
        self._lines = lines_of(plan, where, hidden, free) if plan.ready else []
        self.questionChanged.emit()
        self.questionReady.emit()

    async def _plan_for(self, kind: Kind, scans: Sequence[ScanRow]) -> Plan:
        if self._station is None or self._machine is None:
            return Plan(kind, refused=[self._problem or OPENING])
        try:
            engine = self._machine.require_engine()
        except TomoBatchError as error:
            return Plan(kind, refused=[error.sentence])
        return await plan_run(kind, scans, self._machine.name, engine, self._station.journal.active_scans())

    @Slot()
    def confirm(self) -> None:
        """Run what the question was about, as it is now."""
        scans = [scan for scan, _ in self._plan.ready]
        self._tasks.start(self._run_planned(self._plan.kind, scans), "queueing jobs")

    @Slot()
    def confirmTryInstead(self) -> None:
        """Run a Try of the scans whose Full was refused, since they have no COR."""
        self._tasks.start(self._run_planned(Kind.TRY, self._plan.without_cor), "queueing jobs")

    async def _run_planned(self, kind: Kind, scans: Sequence[ScanRow]) -> None:
        # The question may have stood for an hour: every scan is taken as its row says now.
        await self._fresh_cors()
        known = [self._scans.at(scan.scan.file.path) for scan in scans]
        fresh = [one.row for one in known if one is not None and one.row is not None]
        plan = await self._plan_for(kind, fresh)
        if gone := len(scans) - len(fresh):
            one = "1 scan is" if gone == 1 else f"{gone} scans are"
            plan.refused.append(f"{one} not in the open folder any more, and not run.")
        if plan.refused:
            self._say(WARNING, few(plan.refused))
        await self._queue(plan)

    async def _queue(self, plan: Plan) -> None:
        if self._station is None:
            return
        jobs: list[Job] = [prepared.job for _, prepared in plan.ready]
        self._space.note_needs({prepared.job.uid: prepared.disk_bytes for _, prepared in plan.ready})
        for start in range(0, len(jobs), BREATH):
            with self._writing("not all of it is queued"):
                self._bridge.take(self._station.add(jobs[start : start + BREATH]))
            await asyncio.sleep(0)
        self._bridge.flush()

    @Slot(int)
    def cancel(self, scan_id: int) -> None:
        """Stop what runs or waits of one row."""
        known = self._scans.known(scan_id)
        if known is not None:
            self._stop([job.uid for job in known.jobs if not job.state.ended])

    @Slot()
    def stop(self) -> None:
        """Stop all that runs or waits."""
        self._stop([row.uid for row in self._bridge.jobs.values() if not row.state.ended])

    def _stop(self, uids: Sequence[str]) -> None:
        if self._station is not None and uids:
            with self._writing("what this program did not start may run on"):
                self._station.ask_stop(uids)

    @contextmanager
    def _writing(self, so: str) -> Iterator[None]:
        """Write into the journal, or say that it cannot be done just now."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            log.warning("the journal cannot be written", exc_info=error)
            sentence = (
                f"The job journal cannot be written just now ({error}): {so}. Make room, then try again."
            )
            self._say(ERROR, sentence)

    # -- the target machine -----------------------------------------------------------------

    def _set_machine(self, name: str) -> None:
        if self._machine is not None and name != self._machine.name:
            self._settings.kept.machine = name
            self._settings.touch()
            self._show_machine(name)

    def _set_slot_count(self, number: int) -> None:
        if self._machine is not None and number != self._machine.wanted:
            with self._writing("the number of slots stays as it was"):
                self._machine.want(number)
            self._tell_machine()

    machine = Property(
        str,
        lambda self: self._machine.name if self._machine else LOCAL,
        lambda self, name: self._set_machine(name),
        notify=machineChanged,
    )
    machines = Property(
        list,
        lambda self: list(self._station.machines) if self._station else [LOCAL],
        notify=machineChanged,
    )
    slotCount = Property(
        int,
        lambda self: self._machine.wanted if self._machine else 1,
        lambda self, number: self._set_slot_count(number),
        notify=machineChanged,
    )
    slotsNote = Property(str, lambda self: self._machine.note if self._machine else "", notify=machineChanged)
    engineText = Property(
        str, lambda self: self._machine.engine_text if self._machine else "", notify=machineChanged
    )
    elsewhere = Property(str, lambda self: self._elsewhere, notify=elsewhereChanged)

    statusText = Property(
        str,
        lambda self: "The queue could not be opened" if self._problem else self._counts.text,
        notify=figuresChanged,
    )
    trouble = Property(str, lambda self: self._counts.trouble, notify=figuresChanged)
    queueText = Property(str, lambda self: _waiting_text(self._counts.queued), notify=figuresChanged)
    spaceText = Property(str, lambda self: self._space.text, notify=spaceChanged)
    progress = Property(float, lambda self: self._progress, notify=figuresChanged)
    timeLeft = Property(str, lambda self: self._time_left, notify=figuresChanged)
    running = Property(int, lambda self: self._counts.running, notify=figuresChanged)
    waiting = Property(int, lambda self: self._counts.queued, notify=figuresChanged)
    active = Property(bool, lambda self: _busy(self._counts), notify=figuresChanged)

    askKind = Property(str, lambda self: self._plan.kind.value, notify=questionChanged)
    askTitle = Property(str, lambda self: title_of(self._plan), notify=questionChanged)
    askLines = Property(list, lambda self: self._lines, notify=questionChanged)
    askRefused = Property(list, lambda self: listed(self._plan.refused), notify=questionChanged)
    askCount = Property(int, lambda self: len(self._plan.ready), notify=questionChanged)
    askTryInstead = Property(int, lambda self: len(self._plan.without_cor), notify=questionChanged)


def _busy(counts: BatchCounts) -> bool:
    return counts.completed < counts.total


def _waiting_text(number: int) -> str:
    return "1 job waiting" if number == 1 else f"{number} jobs waiting"
