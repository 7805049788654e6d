"""The life of one job: from a slot, through the engine, to a result that was checked."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict, replace
from pathlib import Path

from tomobatch.batch.ending import Ending, ending_of
from tomobatch.batch.events import EventKind
from tomobatch.batch.job import JobRow
from tomobatch.batch.journal import Changes
from tomobatch.batch.judging import Run, request_at, settle_run
from tomobatch.batch.services import Services
from tomobatch.batch.space import HoldQueueError
from tomobatch.batch.states import JobState
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import (
    Command,
    Handle,
    Outcome,
    OutcomeKind,
    Output,
    Running,
    State,
    Update,
    Waiting,
)
from tomobatch.machines.slots import Slot
from tomobatch.recon.chunk import smaller_chunk
from tomobatch.recon.command import build_command
from tomobatch.recon.diagnosis import Place
from tomobatch.recon.progress import ProgressParser, bar_count
from tomobatch.recon.request import ReconRequest

log = logging.getLogger(__name__)

# Enough of a log for a traceback and what led to it.
TAIL_BYTES = 65536
CHECK_START = "tomobatch.batch.scan_check:check_start"


class StopWish:
    """Whether a job is to be stopped; made before the job's life begins, and known to its scheduler."""

    def __init__(self) -> None:
        self.by_user = False
        self.event = asyncio.Event()

    def ask(self) -> None:
        """Stop it because the user wants it."""
        self.by_user = True
        self.event.set()


class PausedError(Exception):
    """Somebody paused the queue while a job was looked at: it waits as before."""


class JobLife:
    """One job on one slot.

    Parameters
    ----------
    row
        The job as the journal has it.
    slot
        The slot it takes.
    wish
        Tells when it is to be stopped.
    on_free
        Called once, when the engine has ended and the slot may take the next job; checking goes on after it.

    Raises
    ------
    TomoBatchError
        ``request-unreadable``: it was queued by another version of the program.
    """

    def __init__(
        self, services: Services, row: JobRow, slot: Slot, wish: StopWish, on_free: Callable[[], None]
    ) -> None:
        self._services, self._row, self._slot, self._wish = services, row, slot, wish
        self._on_free = on_free
        self._machine = services.machines[row.job.machine]
        self._request = ReconRequest.from_dict(row.job.request)
        self._parser = ProgressParser(bar_count(self._request, slot.chunk))
        self._tail = b""
        self._progress_due_s = 0.0
        if row.stop_asked:
            wish.ask()

    async def run(self, started: Callable[[], None]) -> None:
        """Start the job and see it through.

        When this is cancelled the job itself goes on; `adopt` takes it up again. `started` is called as
        soon as the job has been started, or could not be: `PausedError` or `HoldQueueError` where it waits.
        """
        try:
            handle = await self._start()
        except HoldQueueError:
            raise
        except TomoBatchError as error:
            self._on_free()
            self._finish(Ending(JobState.FAILED, error.code, error.sentence))
            return
        finally:
            started()
        await self._end(await self._follow(handle))

    async def adopt(self) -> None:
        """See a job through that an earlier scheduler left behind in whatever state."""
        self._services.claims.count_in(self._row.uid, self._needed_bytes)
        finding = await self._machine.find(self._folder)
        if finding.state is State.NEVER_STARTED:
            self._take_back()
        elif finding.handle is not None:
            await self._end(await self._follow(finding.handle))
        else:
            lost = Outcome(OutcomeKind.LOST, "The record of its start is damaged.")
            await self._end(finding.outcome or lost)

    def _take_back(self) -> None:
        self._services.claims.settle(self._row.uid)
        if self._row.state is JobState.STARTING:
            self._enter(JobState.QUEUED, note="its start was cut off before it began", slot=None)
        else:
            # It ran once: whoever removed its folder removed all that was known of it.
            note = "The record of its run is gone: look at its results, or run it again."
            self._finish(Ending(JobState.INTERRUPTED, "lost", note))
        self._on_free()

    @property
    def _folder(self) -> Path:
        return self._services.attempt_folder(self._row.uid, self._row.attempt)

    @property
    def _about(self) -> str:
        return f"{self._row.job.kind.word} of {self._row.job.file_name}"

    @property
    def _needed_bytes(self) -> int:
        return self._request.expected(self._request.cor_px).disk_bytes

    # -- start ------------------------------------------------------------------------------

    async def _start(self) -> Handle:
        # One call for both looks: every millisecond here is one that the slot stands still.
        disk = await self._services.looking.call(
            CHECK_START,
            asdict(self._request.scan),
            self._request.final,
            timeout_s=self._services.timing.check_s,
            about=self._about,
        )
        if self._services.pause.look():
            raise PausedError
        self._services.claims.claim(self._row.uid, self._about, self._needed_bytes, disk)
        self._slot = self._services.fitted(self._row, self._request, self._slot)
        self._parser = ProgressParser(bar_count(self._request, self._slot.chunk))
        # On disk before anything runs: whatever happens from here on, the next start finds this attempt.
        self._enter(JobState.STARTING, slot=self._slot, attempt=self._row.attempt + 1)
        return await self._machine.start(self._command(), self._folder)

    def _command(self) -> Command:
        return Command(
            argv=tuple(build_command(self._there, str(self._folder), self._slot.chunk)),
            env=self._services.share(self._row, self._slot),
            lock_key=self._slot.lock_key,
            holder=f"{self._services.user}: {self._about}",
        )

    @property
    def _place(self) -> Place:
        here, there = self._request.scan.path, self._there.scan.path
        least = not smaller_chunk(self._request, self._slot.chunk)
        return Place(self._row.job.machine, self._machine.far, here, there, least)

    @property
    def _there(self) -> ReconRequest:
        return request_at(self._services, self._row)

    def _enter(self, state: JobState, **changes: object) -> None:
        self._row = self._services.journal.transition(self._row.uid, state, **changes)  # type: ignore[arg-type]
        self._services.tell(EventKind.STATE, self._row, self._row.note)

    # -- while it runs ----------------------------------------------------------------------

    async def _follow(self, handle: Handle) -> Outcome:
        stopping = asyncio.create_task(self._stop_when_asked(handle))
        try:
            outcome = await self._last_update(handle)
            if self._wish.event.is_set():
                # It may still be ending what its watcher left behind.
                await stopping
        finally:
            stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
        if outcome.kind is OutcomeKind.LOST and outcome.left:
            # Without its watcher it no longer holds the lock: the next job would run beside it.
            outcome = replace(await self._machine.stop(handle), kind=OutcomeKind.LOST)
        return outcome

    async def _last_update(self, handle: Handle) -> Outcome:
        async with aclosing(self._machine.follow(handle)) as updates:  # type: ignore[type-var]
            async for update in updates:
                if isinstance(update, Outcome):
                    return update
                self._take(update)
        return Outcome(OutcomeKind.LOST, "Its end was not seen.")

    async def _stop_when_asked(self, handle: Handle) -> None:
        await self._wish.event.wait()
        try:
            await self._machine.stop(handle)
        except TomoBatchError as error:
            self._services.tell(EventKind.MESSAGE, self._row, error.sentence)

    def _take(self, update: Update) -> None:
        before_it_runs = self._row.state in (JobState.STARTING, JobState.WAITING)
        match update:
            case Output(data):
                self._take_output(data)
            case Waiting(holder) if before_it_runs and holder != self._row.note:
                self._enter(JobState.WAITING, note=holder)
            case Running() if before_it_runs:
                self._enter(JobState.RUNNING, started_s=time.time())

    def _take_output(self, data: bytes) -> None:
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        before = self._parser.progress
        after = self._parser.feed(data)
        if after.alarms and not before.alarms:
            # The engine may still end by itself, with a status worth having.
            grace_s = self._services.timing.alarm_grace_s
            asyncio.get_running_loop().call_later(grace_s, self._wish.event.set)
        # One that is taken up again is read from its beginning: its bar must not go back.
        if after.fraction > max(before.fraction, self._row.progress):
            self._note_progress(after.fraction)

    def _note_progress(self, fraction: float) -> None:
        now_s = time.monotonic()
        if now_s >= self._progress_due_s:
            self._progress_due_s = now_s + self._services.timing.progress_s
            try:
                self._services.journal.set_progress(self._row.uid, fraction)
            except sqlite3.OperationalError as error:
                # Nobody loses a job for a bar that did not move.
                log.warning("progress of job %s was not written: %s", self._row.uid, error)
        self._row = replace(self._row, progress=fraction)
        self._services.tell(EventKind.PROGRESS, self._row)

    # -- the end ----------------------------------------------------------------------------

    async def _end(self, outcome: Outcome) -> None:
        self._on_free()
        progress = self._parser.finish()
        stop_asked = self._wish.by_user or self._services.journal.row(self._row.uid).stop_asked
        ending = ending_of(self._request, outcome, stop_asked, progress.alarms, self._tail, self._place)
        run = Run(self._row, self._request, self._slot, str(self._folder), outcome, progress, self._tail)
        try:
            if ending.state is JobState.JUDGING:
                if self._row.state is not JobState.JUDGING:
                    note = "its output is being checked"
                    fraction = max(progress.fraction, self._row.progress)
                    self._enter(JobState.JUDGING, note=note, progress=fraction)
                await self._services.starts.settled(self._services.timing.refill_s)
            ending = await settle_run(self._services, run, ending)
        except TomoBatchError as error:
            ending = Ending(JobState.FAILED, error.code, f"{error.sentence} {run.kept}")
        self._finish(ending)

    def _finish(self, ending: Ending) -> None:
        self._services.claims.settle(self._row.uid)
        changes = Changes(note=ending.note, code=ending.code)
        if ending.state is JobState.COMPLETE:
            changes["progress"] = 1.0
        self._enter(ending.state, **changes)
