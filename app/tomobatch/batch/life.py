"""The life of one job: from a slot, through the engine, to a result that was checked."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict, replace
from pathlib import PurePath
from typing import Any

from tomobatch.batch.away import MACHINE_LOST, Away
from tomobatch.batch.ending import Ending, ending_of
from tomobatch.batch.events import EventKind
from tomobatch.batch.giving_up import given_up_ending
from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.journal import Changes
from tomobatch.batch.judging import Run, request_at, settle_run
from tomobatch.batch.row_words import mark
from tomobatch.batch.services import Services
from tomobatch.batch.silence import SILENT, Silence, seen_before, silence_text
from tomobatch.batch.space import HoldQueueError
from tomobatch.batch.states import JobState
from tomobatch.batch.way_there import Berth, NotReachedError, berth_on
from tomobatch.batch.wish import STOPPED_IN_TIME, StoppedInTimeError, StopWish
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import (
    ANOTHER_HOST,
    Command,
    Finding,
    Handle,
    Outcome,
    OutcomeKind,
    Output,
    Reach,
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
CUT_OFF, UNREACHABLE = "cut-off", "unreachable"


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
    job
        The job as its machine runs it, where any machine might have taken it; else None.

    Raises
    ------
    TomoBatchError
        ``request-unreadable``: it was queued by another version of the program.
    """

    def __init__(
        self,
        services: Services,
        row: JobRow,
        slot: Slot,
        wish: StopWish,
        on_free: Callable[[], None],
        job: Job | None = None,
    ) -> None:
        self._services, self._row, self._slot, self._wish = services, row, slot, wish
        self._on_free = on_free
        self._job = job or row.job
        self._machine = services.machines[self._job.machine]
        self._request = ReconRequest.from_dict(self._job.request)
        self._folder: PurePath = services.attempt_folder(row.uid, row.attempt)
        timing = services.timing
        self._silence = Silence(timing.silent_s, timing.silent_again_s, self._is_lost, self._say_silence)
        self.away = Away(self._machine, self._say_away, row.note if row.code == MACHINE_LOST else "")
        self._parser = ProgressParser(bar_count(self._request, slot.chunk))
        self._tail = b""
        self._progress_due_s = 0.0
        wish.begin(row.stop_asked)

    async def run(self, started: Callable[[], None]) -> None:
        """Start the job and see it through.

        When this is cancelled the job itself goes on; `adopt` takes it up again. `started` is called as
        soon as the job has been started, or could not be: `PausedError`, `HoldQueueError`, `MovedError` or
        `NotReachedError` where it waits.
        """
        try:
            handle = await self._start()
        except HoldQueueError:
            raise
        except StoppedInTimeError:
            self._on_free()
            self._finish(Ending(JobState.CANCELLED, "stopped", STOPPED_IN_TIME))
            return
        except TomoBatchError as error:
            if error.code == UNREACHABLE:
                # Whether it runs is not known.
                raise
            self._on_free()
            self._finish(Ending(JobState.FAILED, error.code, error.sentence))
            return
        finally:
            started()
        await self._end(await self._follow(handle))

    async def adopt(self) -> None:
        """See a job through that an earlier scheduler left behind in whatever state."""
        self._services.claims.count_in(self._row.uid, self._needed_bytes)
        finding = await self._find()
        if finding is None:
            return
        if finding.state is State.NEVER_STARTED:
            self._take_back()
        elif finding.handle is not None:
            if self._row.state is JobState.RUNNING:
                await self._listen_on()
            await self._end(await self._follow(finding.handle))
        else:
            lost = Outcome(OutcomeKind.LOST, "The record of its start is damaged.")
            await self._end(finding.outcome or lost)

    def give_up(self) -> None:
        """End it here, whatever becomes of it there; one that has not begun is cancelled by the queue."""
        self._on_free()
        if self._row.state is not JobState.QUEUED:
            checked = self._row.state is JobState.JUDGING
            self._finish(given_up_ending(self._machine, checked, self._request.partial))

    async def _find(self) -> Finding | None:
        """Where the job stands; None where another host has the name now, and nobody wants to wait."""
        try:
            self._folder = await self._folder_there(self._row.attempt)
            finding = await self._machine.find(self._folder, self._row.host)
        except TomoBatchError as error:
            if error.code != ANOTHER_HOST or not self._wish.event.is_set():
                raise
            self._on_free()
            self._finish(
                Ending(JobState.INTERRUPTED, "lost", f"It is not waited for any more. {error.sentence}")
            )
            return None
        if self._row.code == ANOTHER_HOST:
            self._row = self._services.journal.note(self._row.uid, "", "")
        return finding

    def _take_back(self) -> None:
        self._services.claims.settle(self._row.uid)
        if self._row.state is JobState.STARTING:
            self._back_to_queue()
        else:
            # It ran once: whoever removed its folder removed all that was known of it.
            note = "The record of its run is gone: look at its results, or run it again."
            self._finish(Ending(JobState.INTERRUPTED, "lost", note))
        self._on_free()

    def _back_to_queue(self) -> None:
        self._enter(JobState.QUEUED, note="its start was cut off before it began", slot=None)

    async def _folder_there(self, attempt: int) -> PurePath:
        return await self._machine.attempt_folder(self._services.jobs_folder, self._row.uid, attempt)

    @property
    def _about(self) -> str:
        return f"{self._row.job.kind.word} of {self._row.job.file_name}"

    @property
    def _needed_bytes(self) -> int:
        return self._request.expected(self._request.cor_px).disk_bytes

    # -- start ------------------------------------------------------------------------------

    async def _start(self) -> Handle:
        attempt = self._row.attempt + 1
        # Nothing of it runs before this is over: a stop need not wait for a disk, nor for a machine.
        disk, berth = await self._wish.unless_asked(self._look_ahead(attempt))
        self._folder = berth.folder
        if self._services.machines.get(self._job.machine) is not self._machine:
            # Meanwhile a person gave the name to another one.
            raise NotReachedError
        if self._services.pause.look():
            raise PausedError
        self._services.claims.claim(self._row.uid, self._about, self._needed_bytes, disk)
        self._slot = self._services.fitted(self._row, self._request, self._slot)
        self._parser = ProgressParser(bar_count(self._request, self._slot.chunk))
        # On disk before anything runs: whatever happens from here on, the next start finds this attempt.
        self._enter(JobState.STARTING, slot=self._slot, attempt=attempt, job=self._job, host=berth.host)
        try:
            return await self._machine.start(self._command(), self._folder, berth.host)
        except TomoBatchError as error:
            if error.code != CUT_OFF:
                raise
        # Nothing ran, and nothing will in that folder: the next attempt has another one.
        self._services.claims.settle(self._row.uid)
        self._back_to_queue()
        raise NotReachedError

    async def _look_ahead(self, attempt: int) -> tuple[dict[str, Any], Berth]:
        """The disk, and where the attempt is to run."""
        # One call for both looks: every millisecond here is one that the slot stands still.
        disk = await self._services.looking.call(
            CHECK_START,
            asdict(self._request.scan),
            self._request.final,
            timeout_s=self._services.timing.check_s,
            about=self._about,
        )
        try:
            return disk, await berth_on(
                self._services, self._machine, self._job, attempt, disk.get("folder", "")
            )
        except NotReachedError as error:
            if error.reason is not None:
                self._say_not_reached(error.reason)
            raise

    def _say_not_reached(self, error: TomoBatchError) -> None:
        """That a machine is lost is told of all that wait for it; here is what only this job met."""
        log.info("job %s waits: %s", self._row.uid, error.sentence)
        if not self._is_lost() and error.code != UNREACHABLE and error.sentence != self._row.note:
            self._row = self._services.journal.note(self._row.uid, error.sentence, error.code)
            self._services.tell(EventKind.MESSAGE, self._row, f"{self._row.job.file_name}: {error.sentence}")

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
            self._silence.end()
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
                self._silence.heard(len(data))
                self._take_output(data)
            case Waiting(holder) if before_it_runs and self._waits_otherwise(holder):
                self._enter(JobState.WAITING, note=holder)
            case Running():
                if before_it_runs:
                    self._enter(JobState.RUNNING, started_s=time.time())
                self._silence.begin()

    def _waits_otherwise(self, holder: str) -> bool:
        # Who holds the lock may not say so.
        return self._row.state is JobState.STARTING or holder != self._row.note

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

    # -- silence ----------------------------------------------------------------------------

    async def _listen_on(self) -> None:
        log_file = self._services.attempt_folder(self._row.uid, self._row.attempt) / "log"
        old_bytes, quiet_s = await asyncio.to_thread(seen_before, log_file)
        self._silence.take_up(old_bytes, quiet_s, self._row.code == SILENT)

    def _is_lost(self) -> bool:
        return self._machine.standing.reach is Reach.LOST

    def _say_silence(self, quiet_s: float | None) -> None:
        if quiet_s is None:
            self._row = mark(self._services, self._row)
        else:
            what = "It goes on; look at its log, or stop it."
            self._row = mark(self._services, self._row, silence_text(quiet_s), SILENT, what)

    def _say_away(self, text: str) -> None:
        # One that waits says for whom, one that is checked says so itself.
        if self._row.state in (JobState.STARTING, JobState.RUNNING):
            code = MACHINE_LOST if text else ""
            self._row = mark(self._services, self._row, text, code, "What runs there goes on.")

    # -- progress ---------------------------------------------------------------------------

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
        ran = (self._row, self._request, self._slot, str(self._folder))
        run = Run(*ran, outcome, progress, self._tail, self._wish)
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
