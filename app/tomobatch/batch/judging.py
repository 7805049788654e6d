"""What happens to the output of a run that has ended: checked and put in place, or removed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass, replace

from tomobatch.batch.ending import Ending
from tomobatch.batch.events import EventKind
from tomobatch.batch.job import JobRow
from tomobatch.batch.services import Services
from tomobatch.batch.states import JobState
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Outcome
from tomobatch.machines.slots import Slot
from tomobatch.recon.command import build_command
from tomobatch.recon.progress import Progress
from tomobatch.recon.receipt import RunFacts
from tomobatch.recon.request import ReconRequest

FINISH = "tomobatch.recon.finish:finish"
DISCARD = "tomobatch.recon.finish:discard"


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
    """

    row: JobRow
    request: ReconRequest
    slot: Slot
    folder: str
    outcome: Outcome
    progress: Progress
    tail: bytes

    @property
    def kept(self) -> str:
        """Where its output lies while it is not in place."""
        return f"What the run made is kept in {self.request.partial}."

    @property
    def facts(self) -> RunFacts:
        """What its receipt says."""
        started_s = self.outcome.started_s or self.row.started_s or time.time()
        return RunFacts(
            command=tuple(build_command(self.request, self.folder, self.slot.chunk)),
            machine=self.row.job.machine,
            slot=self.slot.word + (f" ({self.slot.uuid})" if self.slot.uuid else ""),
            started=started_s,
            ended=started_s + (self.outcome.duration_s or 0.0),
            found_cor_px=self.progress.found_cor_px,
        )


async def judge_run(services: Services, run: Run) -> Ending:
    """Check the output, put it in place, keep a COR that was found.

    Raises
    ------
    TomoBatchError
        When it cannot be checked just now (a disk that hangs); the output is left as it is.
    """
    verdict = await services.judging.call(
        FINISH,
        run.request.to_dict(),
        asdict(run.facts),
        timeout_s=services.timing.judge_s,
        about=run.row.job.file_name,
    )
    ending = Ending.of_verdict(verdict["code"], verdict["sentence"], run.kept, run.tail)
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
    verdict = await services.judging.call(
        DISCARD, run.request.to_dict(), timeout_s=services.timing.judge_s, about=run.row.job.file_name
    )
    if verdict["code"] != "good":
        services.tell(EventKind.MESSAGE, run.row, verdict["sentence"])
