"""The life of one job: from a slot, through the engine, to a result that was checked."""

from __future__ import annotations

import asyncio
import getpass
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict, replace

from tomobatch.batch.ending import Ending, ending_of
from tomobatch.batch.events import EventKind
from tomobatch.batch.job import JobRow
from tomobatch.batch.journal import Changes
from tomobatch.batch.services import Services
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
from tomobatch.recon.command import build_command
from tomobatch.recon.progress import ProgressParser, bar_count
from tomobatch.recon.receipt import RunFacts
from tomobatch.recon.request import ReconRequest

# Enough of a log for a traceback and what led to it.
TAIL_BYTES = 65536
FINISH = "tomobatch.recon.finish:finish"
DISCARD = "tomobatch.recon.finish:discard"
CHECK_SCAN = "tomobatch.batch.scan_check:check_scan"


class JobLife:
    """One job on one slot.

    Parameters
    ----------
    row
        The job as the journal has it.
    slot
        The slot it takes.
    on_free
        Called once, when the engine has ended and the slot may take the next job; checking goes on after it.
    """

    def __init__(self, services: Services, row: JobRow, slot: Slot, on_free: Callable[[], None]) -> None:
        self._services, self._row, self._slot, self._on_free = services, row, slot, on_free
        self._started = services.starts.begin()
        self._machine = services.machines[row.job.machine]
        self._request = ReconRequest.from_dict(row.job.request)
        self._parser = ProgressParser(bar_count(self._request))
        self._tail = b""
        self._stop = asyncio.Event()
        self._progress_due_s = 0.0
        if row.stop_asked:
            self._stop.set()

    def ask_stop(self) -> None:
        """Stop the job as soon as it can be stopped."""
        self._row = self._services.journal.row(self._row.uid)
        self._stop.set()

    async def run(self) -> None:
        """Start the job and see it through.

        When this is cancelled the job itself goes on; `adopt` takes it up again.
        """
        try:
            try:
                handle = await self._start()
            finally:
                self._started()
            outcome = await self._follow(handle)
        except TomoBatchError as error:
            self._on_free()
            self._finish(Ending(JobState.FAILED, error.code, error.sentence))
        else:
            await self._end(outcome)

    async def adopt(self) -> None:
        """See a job through that an earlier scheduler left behind in whatever state."""
        self._started()
        folder = self._services.attempt_folder(self._row.uid, self._row.attempt)
        finding = await self._machine.find(folder)
        if finding.state is State.NEVER_STARTED:
            self._enter(JobState.QUEUED, note="its start was cut off before it began", slot=None)
            self._on_free()
            return
        if finding.handle is not None:
            outcome = await self._follow(finding.handle)
        else:
            outcome = finding.outcome or Outcome(OutcomeKind.LOST, "The record of its start is damaged.")
        await self._end(outcome)

    # -- start ------------------------------------------------------------------------------

    async def _start(self) -> Handle:
        attempt = self._row.attempt + 1
        folder = self._services.attempt_folder(self._row.uid, attempt)
        await self._services.looking.call(
            CHECK_SCAN, asdict(self._request.scan), timeout_s=self._services.timing.check_s, about=self._about
        )
        command = self._command(str(folder))
        # On disk before anything runs: whatever happens from here on, the next start finds this attempt.
        self._enter(JobState.STARTING, slot=self._slot, attempt=attempt)
        return await self._machine.start(command, folder)

    def _command(self, folder: str) -> Command:
        return Command(
            argv=tuple(build_command(self._request, folder)),
            env=self._services.share(self._row, self._slot),
            lock_key=self._slot.lock_key,
            holder=f"{getpass.getuser()}: {self._about}",
        )

    @property
    def _about(self) -> str:
        return f"{self._row.job.kind.word} of {self._row.job.file_name}"

    def _enter(self, state: JobState, **changes: object) -> None:
        self._row = self._services.journal.transition(self._row.uid, state, **changes)  # type: ignore[arg-type]
        self._services.tell(EventKind.STATE, self._row, self._row.note)

    # -- while it runs ----------------------------------------------------------------------

    async def _follow(self, handle: Handle) -> Outcome:
        stopping = asyncio.create_task(self._stop_when_asked(handle))
        try:
            async with aclosing(self._machine.follow(handle)) as updates:  # type: ignore[type-var]
                async for update in updates:
                    if isinstance(update, Outcome):
                        return update
                    self._take(update)
        finally:
            stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
        return Outcome(OutcomeKind.LOST, "Its end was not seen.")

    async def _stop_when_asked(self, handle: Handle) -> None:
        await self._stop.wait()
        try:
            await self._machine.stop(handle)
        except TomoBatchError as error:
            self._services.tell(EventKind.MESSAGE, self._row, error.sentence)

    def _take(self, update: Update) -> None:
        match update:
            case Output(data):
                self._take_output(data)
            case Waiting(holder) if self._row.state in (JobState.STARTING, JobState.WAITING):
                if self._row.state is JobState.STARTING:
                    self._enter(JobState.WAITING, note=holder)
            case Running() if self._row.state in (JobState.STARTING, JobState.WAITING):
                self._enter(JobState.RUNNING, started_s=time.time())

    def _take_output(self, data: bytes) -> None:
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        before = self._parser.progress
        after = self._parser.feed(data)
        if after.alarms and not before.alarms:
            # The engine may still end by itself, with a status worth having.
            grace_s = self._services.timing.alarm_grace_s
            asyncio.get_running_loop().call_later(grace_s, self._stop.set)
        if after.fraction > before.fraction:
            self._note_progress(after.fraction)

    def _note_progress(self, fraction: float) -> None:
        now_s = time.monotonic()
        if now_s >= self._progress_due_s:
            self._progress_due_s = now_s + self._services.timing.progress_s
            self._services.journal.set_progress(self._row.uid, fraction)
        self._row = self._row.with_progress(fraction)
        self._services.tell(EventKind.PROGRESS, self._row)

    # -- the end ----------------------------------------------------------------------------

    async def _end(self, outcome: Outcome) -> None:
        self._on_free()
        progress = self._parser.finish()
        self._row = self._services.journal.row(self._row.uid)
        ending = ending_of(self._request, outcome, self._row.stop_asked, progress.alarms, self._tail)
        try:
            if ending.state is JobState.JUDGING:
                ending = await self._judge(outcome)
            if ending.discard:
                await self._discard()
        except TomoBatchError as error:
            ending = Ending(JobState.FAILED, error.code, f"{error.sentence} {self._kept()}")
        if ending.state is JobState.COMPLETE and progress.found_cor_px is not None:
            ending = self._with_found_cor(ending, progress.found_cor_px, progress.cor_doubt)
        self._finish(ending)

    def _with_found_cor(self, ending: Ending, cor_px: float, doubt: str) -> Ending:
        """Keep a COR the engine is sure of; an unsure one is for a person to judge."""
        if doubt:
            note = f"COR {cor_px:g} was found, but it is unsure ({doubt}): look at this Try and set the COR."
            return replace(ending, note=note)
        self._services.keep_cor(self._row, cor_px)
        return replace(ending, note=f"COR {cor_px:g} was found. {ending.note}")

    async def _judge(self, outcome: Outcome) -> Ending:
        if self._row.state is not JobState.JUDGING:
            self._enter(JobState.JUDGING)
        await self._services.starts.settled(self._services.timing.refill_s)
        started_s = outcome.started_s or self._row.started_s or time.time()
        facts = RunFacts(
            command=tuple(build_command(self._request, str(self._folder()))),
            machine=self._row.job.machine,
            slot=self._slot.word + (f" ({self._slot.uuid})" if self._slot.uuid else ""),
            started=started_s,
            ended=started_s + (outcome.duration_s or 0.0),
            found_cor_px=self._parser.progress.found_cor_px,
        )
        verdict = await self._services.judging.call(
            FINISH, self._request.to_dict(), asdict(facts),
            timeout_s=self._services.timing.judge_s, about=self._about,
        )  # fmt: skip
        return Ending.of_verdict(verdict["code"], verdict["sentence"], self._kept(), self._tail)

    def _folder(self) -> object:
        return self._services.attempt_folder(self._row.uid, self._row.attempt)

    def _kept(self) -> str:
        return f"What the run made is kept in {self._request.partial}."

    async def _discard(self) -> None:
        verdict = await self._services.judging.call(
            DISCARD, self._request.to_dict(), timeout_s=self._services.timing.judge_s, about=self._about
        )
        if verdict["code"] != "good":
            self._services.tell(EventKind.MESSAGE, self._row, verdict["sentence"])

    def _finish(self, ending: Ending) -> None:
        changes = Changes(note=ending.note, code=ending.code)
        if ending.state is JobState.COMPLETE:
            changes["progress"] = 1.0
        self._enter(ending.state, **changes)
