"""The buttons that run scans, for QML: one row at once, a batch after a question, what failed once more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.batch.again import UNDONE, undone
from tomobatch.batch.job import Job, JobRow
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.desktop.breathing import BREATH, breathe, in_breaths
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.cor_editing import few
from tomobatch.desktop.notices import INFO, WARNING
from tomobatch.desktop.question import Keep, Plan, Wish, lines_of, listed, plan_run, title_of
from tomobatch.desktop.queue import Queue
from tomobatch.desktop.run_again import RunAgain
from tomobatch.desktop.run_options import WIDTH, RunOptions
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.selection import Selection
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.engines import EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import Value
from tomobatch.station.retrying import smaller_again
from tomobatch.workspace import ScanRow, identity_of

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1


@dataclass(frozen=True)
class Around:
    """A search for one Try alone; the row's COR and what people have set stay as they are.

    Parameters
    ----------
    cor_px
        Its middle, in unbinned full-frame pixels.
    width_px
        How far it reaches to either side.
    """

    cor_px: float
    width_px: float

    @property
    def options(self) -> dict[str, Value]:
        """Options of the engine."""
        return {WIDTH: self.width_px}

    def row(self, row: ScanRow) -> ScanRow:
        """The scan with this COR."""
        cor = CorEntry.made(self.cor_px, CorSource.AUTOMATIC, time.time(), identity_of(row.scan))
        return replace(row, cor=cor)

    @property
    def words(self) -> str:
        """What a question says of it."""
        return f"Search around COR {self.cor_px:.2f}, {self.width_px:g} px to either side."


@dataclass(frozen=True)
class _Asked:
    """What a question is about: it may be asked anew when something else was chosen meanwhile."""

    kind: Kind
    ids: Sequence[int]
    hidden: int = 0
    around: Around | None = None


@QmlElement
@QmlUncreatable("made by the program")
class Runs(QObject):
    """See the module's text.

    Parameters
    ----------
    queue
        Has the target machine, and takes the jobs.
    options
        What people have set for a Try or a Full.
    say
        Shows a sentence: kind and text.
    fresh_cors
        Returns when the rows have the CORs that are on disk: a command line may have set one.
    """

    questionChanged = Signal()
    questionReady = Signal()
    retryChanged = Signal()

    def __init__(
        self,
        queue: Queue,
        bridge: Bridge,
        scans: ScanModel,
        selection: Selection,
        options: RunOptions,
        tasks: Tasks,
        say: Callable[[str, str], None],
        fresh_cors: Callable[[], Awaitable[None]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._queue, self._bridge, self._scans, self._selection = queue, bridge, scans, selection
        self._options, self._tasks, self._say, self._fresh_cors = options, tasks, say, fresh_cors
        # What a question is being prepared about, and what the one is about that is shown.
        self._wanted = self._asked = _Asked(Kind.TRY, ())
        self._again = RunAgain(queue, scans)
        self._plan = Plan(Kind.TRY)
        self._lines: list[str] = []
        self._undone: list[JobRow] = []
        self._met: set[str] = set()
        self._queueing: set[asyncio.Task[None]] = set()

    # -- what is being queued ----------------------------------------------------------------

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self._tasks.start(work, name)
        self._queueing.add(task)
        task.add_done_callback(self._queueing.discard)

    @property
    def queueing(self) -> bool:
        """Whether something that was asked for is not in the queue yet."""
        return bool(self._queueing)

    async def queued(self, most_s: float) -> None:
        """Return when all that was asked for is queued or refused, or after `most_s`: a disk may hang."""
        if self._queueing:
            await asyncio.wait(self._queueing, timeout=most_s)

    # -- one row ---------------------------------------------------------------------------

    @Slot(str, int)
    def run(self, kind: str, scan_id: int) -> None:
        """Queue the Try or the Full of one row; asked first where a result would be replaced."""
        self._begin(self._run_one(_Asked(Kind(kind), (scan_id,)), self._wanted), "queueing a job")

    def run_around(self, scan_id: int, around: Around) -> None:
        """Queue a Try of one row with a search of its own; asked first where a Try would be replaced."""
        asked = _Asked(Kind.TRY, (scan_id,), around=around)
        self._begin(self._run_one(asked, self._wanted), "queueing a job")

    async def _run_one(self, asked: _Asked, before: _Asked) -> None:
        stops = self._queue.stops
        await self._fresh_cors()
        scans = await self._rows(asked.ids)
        if not scans:
            return
        plan = await self._plan_for(asked.kind, scans, asked.around)
        if plan.is_to_be_asked:
            await self._ask_of_row(asked, before, plan, scans)
            return
        for sentence in plan.refused:
            self._say(WARNING, sentence)
        await self._run(plan, stops)

    async def _ask_of_row(self, asked: _Asked, before: _Asked, plan: Plan, scans: Sequence[ScanRow]) -> None:
        """Ask, unless something else than `before`, what was wanted at the press, is wanted by now."""
        if self._wanted is before:
            self._wanted = asked
            if await self._show(asked, plan, scans):
                self.questionReady.emit()
                return
        # Who presses twice is asked once.
        if self._wanted != asked:
            of = f"{asked.kind.word} of {shown(scans[0].scan.file.name)}"
            self._say(WARNING, f"The {of} was not run: something else was asked for meanwhile.")

    @Slot(int)
    def cancel(self, scan_id: int) -> None:
        """Stop what runs or waits of one row."""
        known = self._scans.known(scan_id)
        if known is not None:
            self._queue.stop_jobs(known.jobs)

    async def _rows(self, ids: Sequence[int]) -> list[ScanRow]:
        return [row for row in await in_breaths(ids, self._row) if row is not None]

    def _row(self, scan_id: int) -> ScanRow | None:
        known = self._scans.known(scan_id)
        return known.row if known is not None else None

    def _row_now(self, scan: ScanRow) -> ScanRow | None:
        known = self._scans.at(scan.scan.file.path)
        return known.row if known is not None else None

    # -- the question ----------------------------------------------------------------------

    @Slot(str)
    def ask(self, kind: str) -> None:
        """Prepare the question before a batch of the selected rows; `questionReady` when it is."""
        hidden: Any = self._selection.hiddenCount
        self._wanted = _Asked(Kind(kind), self._selection.ids(), hidden)
        self._tasks.start(self._ask(self._wanted), "preparing a batch")

    @Slot()
    def askAgain(self) -> None:
        """Prepare the same question with the options as they are now; one that was left stays away."""
        self._wanted = replace(self._asked)
        self._tasks.start(self._ask(self._wanted, anew=True), "preparing a batch")

    @Slot()
    def useCpuEngine(self) -> None:
        """Take the embedded engine on this machine from now on, and prepare the same question."""
        self._tasks.start(self._use_cpu_engine(), "choosing the CPU engine")

    async def _use_cpu_engine(self) -> None:
        self._wanted = asked = replace(self._asked)
        await self._queue.target.choose_engine(EngineKind.CPU)
        await self._ask(asked, anew=True)

    async def _ask(self, asked: _Asked, anew: bool = False) -> None:
        if await self._prepare(asked) and not anew:
            self.questionReady.emit()

    async def _prepare(self, asked: _Asked) -> bool:
        """Prepare a question; False where another one is wanted by now."""
        await self._fresh_cors()
        scans = await self._rows(asked.ids)
        plan = await self._plan_for(asked.kind, scans, asked.around)
        if not_looked_at := len(asked.ids) - len(scans):
            plan.refused.append(f"{not_looked_at} selected scans have not been looked at yet: wait a moment.")
        return await self._show(asked, plan, scans)

    async def _show(self, asked: _Asked, plan: Plan, scans: Sequence[ScanRow]) -> bool:
        free = await self._queue.space.free(Path(scans[0].scan.file.path).parent) if scans else None
        if asked is not self._wanted:
            return False
        self._asked, self._plan = asked, plan
        around = [asked.around.words] if asked.around else []
        said = [*self._options.words(plan.kind), *around]
        where = [self._queue.target.where, *said, *self._queue.why_nothing_starts]
        self._lines = lines_of(plan, where, asked.hidden, free) if plan.ready else []
        self.questionChanged.emit()
        return True

    async def _plan_for(self, kind: Kind, scans: Sequence[ScanRow], around: Around | None = None) -> Plan:
        options, keep = self._options.of(kind), self._options.keeps
        if around is not None:
            options, scans = {**options, **around.options}, [around.row(scan) for scan in scans]
        return await self._plan_with(kind, scans, lambda _: options, lambda _: keep)

    async def _plan_with(self, kind: Kind, scans: Sequence[ScanRow], wish: Wish, keep: Keep) -> Plan:
        try:
            engine = self._queue.require_engine()
        except TomoBatchError as error:
            return Plan(kind, refused=[error.sentence], cpu_instead=self._queue.target.cpu_would_help)
        busy = self._queue.busy_scans()
        return await plan_run(kind, scans, self._queue.target.name, engine, busy, wish, keep)

    @Slot()
    def confirm(self) -> None:
        """Run what the question was about, as it is now."""
        scans, around = [scan for scan, _ in self._plan.ready], self._asked.around
        self._begin(self._run_planned(self._plan.kind, scans, around), "queueing jobs")

    @Slot()
    def confirmTryInstead(self) -> None:
        """Run a Try of the scans whose Full was refused, since they have no COR."""
        self._begin(self._run_planned(Kind.TRY, self._plan.without_cor), "queueing jobs")

    async def _run_planned(self, kind: Kind, scans: Sequence[ScanRow], around: Around | None = None) -> None:
        stops = self._queue.stops
        # The question may have stood for an hour: every scan is taken as its row says now.
        await self._fresh_cors()
        fresh = [row for row in await in_breaths(scans, self._row_now) if row is not None]
        plan = await self._plan_for(kind, fresh, around)
        if gone := len(scans) - len(fresh):
            one = "1 scan is" if gone == 1 else f"{gone} scans are"
            plan.refused.append(f"{one} not in the open folder any more, and not run.")
        self._say_refused(plan.refused)
        await self._run(plan, stops)

    def _say_refused(self, refused: Sequence[str]) -> None:
        if refused:
            self._say(WARNING, few(refused))

    async def _run(self, plan: Plan, stops: int) -> None:
        """Queue what is planned, unless all was stopped since that was asked for, with `stops` before it."""
        marking = self._queue.require_station().marking
        jobs: list[Job] = [prepared.job for _, prepared in plan.ready]
        needs_bytes = {prepared.job.uid: prepared.disk_bytes for _, prepared in plan.ready}
        for start in range(0, len(jobs), BREATH):
            batch = jobs[start : start + BREATH]
            await marking.announce(batch)
            if self._queue.stops != stops:
                marking.repair()
                self._say_not_queued(len(jobs) - start)
                break
            # Not before the wait above: the last batch may end in it, and all that was noted goes with it.
            self._queue.space.note_needs({job.uid: needs_bytes[job.uid] for job in batch})
            self._queue.add(batch)
            await breathe()
        self._bridge.flush()

    def _say_not_queued(self, count: int) -> None:
        scans = "1 scan was" if count == 1 else f"{count} scans were"
        self._say(WARNING, f"{scans} not queued: all was stopped meanwhile.")

    # -- what failed, once more --------------------------------------------------------------

    def jobs_changed(self, changed: Sequence[JobRow]) -> None:
        """Look which jobs of the newest batch could be run again."""
        # A job that began at once is never seen to wait.
        fresh = {row.uid for row in changed} - self._met
        self._met |= fresh
        if not fresh and not any(row.state in UNDONE for row in changed):
            return
        failed = self._queue.counts.failed > 0
        found = undone(self._bridge.standing.rows.values()) if failed else []
        if found != self._undone:
            self._undone = found
            self.retryChanged.emit()

    @Slot()
    def retry(self) -> None:
        """Queue anew what failed or was interrupted in the newest batch."""
        self._begin(self._retry(self._undone, smaller=True), "queueing jobs again")

    def retry_job(self, row: JobRow) -> None:
        """Queue one job anew."""
        self._begin(self._retry([row]), "queueing a job again")

    @Slot(int)
    def retrySmaller(self, scan_id: int) -> None:
        """Queue anew what ran out of GPU memory of one row, with half of what it had there at a time."""
        known = self._scans.known(scan_id)
        if known is not None and (jobs := smaller_again(known.jobs)):
            self._begin(self._retry(jobs, smaller=True), "queueing a job again")

    async def _retry(self, jobs: Sequence[JobRow], smaller: bool = False) -> None:
        stops = self._queue.stops
        await self._fresh_cors()
        if smaller and (less := smaller_again(jobs)):
            jobs_text = "1 job" if len(less) == 1 else f"{len(less)} jobs"
            self._say(INFO, f"{jobs_text} that ran out of GPU memory: half of the chunk is tried.")
        plans = await self._again.plan(jobs, smaller)
        for plan in plans:
            await self._run(plan, stops)
        self._say_refused([sentence for plan in plans for sentence in plan.refused])

    askKind = Property(str, lambda self: self._plan.kind.value, notify=questionChanged)
    askTitle = Property(str, lambda self: title_of(self._plan), notify=questionChanged)
    askLines = Property(list, lambda self: self._lines, notify=questionChanged)
    askRefused = Property(list, lambda self: listed(self._plan.refused), notify=questionChanged)
    askCount = Property(int, lambda self: len(self._plan.ready), notify=questionChanged)
    askTryInstead = Property(int, lambda self: len(self._plan.without_cor), notify=questionChanged)
    askCpuInstead = Property(bool, lambda self: self._plan.cpu_instead, notify=questionChanged)
    retryCount = Property(int, lambda self: len(self._undone), notify=retryChanged)
