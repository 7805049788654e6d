"""What happens to the output of a run that has ended: checked and put in place, or removed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from tomobatch.batch.ending import Ending
from tomobatch.batch.events import EventKind
from tomobatch.batch.job import JobRow
from tomobatch.batch.looks import growing
from tomobatch.batch.services import Services
from tomobatch.batch.states import JobState
from tomobatch.batch.wish import StoppedInTimeError, StopWish
from tomobatch.config.machines import LOCAL
from tomobatch.errors import TomoBatchError, UnreachableError
from tomobatch.machines.base import Outcome
from tomobatch.machines.far_worker import CannotServeError
from tomobatch.machines.slots import Slot
from tomobatch.recon.command import build_command
from tomobatch.recon.progress import Progress
from tomobatch.recon.receipt import RunFacts
from tomobatch.recon.request import ReconRequest

FINISH = "tomobatch.recon.finish:finish"
DISCARD = "tomobatch.recon.finish:discard"

# What a host may see wrongly for a while of files that another one wrote.
_NOT_ALL_SEEN = frozenset({"no-output", "incomplete", "wrong-size", "unreadable"})

_T = TypeVar("_T")
Arguments = tuple[object, ...]


@dataclass(frozen=True)
class Run:
    """A run that has ended, with all that is known of it.

    Attributes
    ----------
    folder
        The attempt's own folder, on the machine that ran it.
    progress
        What its output told.
    tail
        The last of its output.
    wish
        Tells when nobody wants to wait for it any more.
    """

    row: JobRow
    request: ReconRequest
    slot: Slot
    folder: str
    outcome: Outcome
    progress: Progress
    tail: bytes
    wish: StopWish

    @property
    def kept(self) -> str:
        """Where its output lies while it is not in place."""
        return f"What the run made is kept in {self.request.partial}."

    def facts(self, as_run: ReconRequest) -> RunFacts:
        """What its receipt says of the run; ``as_run`` has the paths of the host that ran it."""
        started_s = self.outcome.started_s or self.row.started_s or time.time()
        return RunFacts(
            command=tuple(build_command(as_run, self.folder, self.slot.chunk)),
            machine=self.row.job.machine,
            slot=self.slot.word + (f" ({self.slot.uuid})" if self.slot.uuid else ""),
            started=started_s,
            ended=started_s + (self.outcome.duration_s or 0.0),
            found_cor_px=self.progress.found_cor_px,
        )


def request_at(services: Services, row: JobRow) -> ReconRequest:
    """What a job asks for, with the paths of the machine that runs it."""
    return ReconRequest.from_dict(row.job.request).at(lambda path: services.there(row.job.machine, path))


async def settle_run(services: Services, run: Run, ending: Ending) -> Ending:
    """Judge what is to be judged, and remove what is of no use.

    While the machine that ran it is away this waits for it: nothing is wrong with the result. Once a stop is
    asked its result stays where it is, unchecked. What is of no use stays as well where the job is given up.

    Raises
    ------
    TomoBatchError
        When it cannot be checked just now (a disk that hangs); the output is left as it is.
    """
    if ending.state is JobState.JUDGING:
        try:
            ending = await _until_reached(services, run, judge_run)
        except StoppedInTimeError as error:
            # Perhaps it was, and the answer was lost on the way.
            note = f"It is not waited for any more while it is checked: {error}"
            where = f"It is in its place by now, or in {run.request.partial}."
            return Ending(JobState.INTERRUPTED, "lost", f"{note} {where}")
    run.wish.settling = True
    if ending.discard:
        try:
            await _until_reached(services, run, discard_run)
        except StoppedInTimeError:
            return replace(ending, note=f"{ending.note} {run.kept}")
    return ending


async def _until_reached(services: Services, run: Run, work: Callable[[Services, Run], Awaitable[_T]]) -> _T:
    pauses_s = growing(services.timing.link_s)
    told = ""
    while True:
        try:
            return await work(services, run)
        except UnreachableError as error:
            if error.sentence != told:
                told = error.sentence
                _tell_waiting(services, run, error)
            # What is of no use is removed once the machine is back, though a stop was asked; but nobody waits
            # for a machine that is given up.
            enough = run.wish.event if work is judge_run else run.wish.given_up
            if enough.is_set():
                raise StoppedInTimeError(error.sentence) from error
        await run.wish.pause(next(pauses_s))


def _tell_waiting(services: Services, run: Run, error: UnreachableError) -> None:
    note = f"{error.sentence} What the run made is seen to once it is back."
    services.tell(EventKind.MESSAGE, services.journal.note(run.row.uid, note, error.code), note)


async def judge_run(services: Services, run: Run) -> Ending:
    """Check the output where it was made, put it in place, keep a COR that was found."""
    as_run = request_at(services, run.row)
    facts = asdict(run.facts(as_run))
    asked = run.request.to_dict()
    there, here = (as_run.to_dict(), facts, asked), (asked, facts)
    verdict, why = await _asked(services, run, FINISH, there=there, here=here)
    ending = Ending.of_verdict(verdict["code"], verdict["sentence"], run.kept, run.tail)
    if why:
        ending = replace(ending, note=f"{ending.note} Checked from {LOCAL}: {why}.")
    if ending.state is JobState.COMPLETE and run.progress.found_cor_px is not None:
        return await _with_found_cor(services, run, ending, run.progress.found_cor_px)
    return ending


async def _with_found_cor(services: Services, run: Run, ending: Ending, cor_px: float) -> Ending:
    """Keep a COR the engine is sure of; an unsure one is for a person to judge."""
    if run.progress.cor_doubt:
        doubt = f"but it is unsure ({run.progress.cor_doubt}): look at this Try and set the COR."
        return replace(ending, note=f"COR {cor_px:g} was found, {doubt}")
    try:
        await asyncio.to_thread(services.keep_cor, run.row, cor_px)
    except TomoBatchError as error:
        return replace(ending, note=f"COR {cor_px:g} was found, but not kept: {error.sentence}")
    return replace(ending, note=f"COR {cor_px:g} was found. {ending.note}")


async def discard_run(services: Services, run: Run) -> None:
    """Remove what a run left in its own folder; that it could not be removed is told, no more."""
    there = request_at(services, run.row).to_dict()
    verdict, _ = await _asked(services, run, DISCARD, there=(there,), here=(run.request.to_dict(),))
    if verdict["code"] != "good":
        services.tell(EventKind.MESSAGE, run.row, verdict["sentence"])


async def _asked(
    services: Services, run: Run, function: str, *, there: Arguments, here: Arguments
) -> tuple[dict[str, Any], str]:
    """Verdict of the host that ran it, or of this one and why that had to do."""
    timeout_s, about = services.timing.judge_s, run.row.job.file_name
    try:
        verdict = await services.judges.ask(run.row, function, there, timeout_s=timeout_s, about=about)
    except CannotServeError as error:
        verdict, why = None, error.sentence
    else:
        why = ""
    # Said, or about to be said here: whatever its machine does now, it has an end.
    run.wish.settling = True
    if verdict is None:
        verdict = await services.judging.call(function, *here, timeout_s=timeout_s, about=about)
    if why and verdict["code"] in _NOT_ALL_SEEN:
        await asyncio.sleep(services.timing.share_s)
        verdict = await services.judging.call(function, *here, timeout_s=timeout_s, about=about)
    return verdict, why
