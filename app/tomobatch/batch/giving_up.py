"""Jobs of a machine that may never answer again end here; what is left there is ended should it come back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from tomobatch.batch.ending import Ending
from tomobatch.batch.events import EventKind
from tomobatch.batch.job import JobRow
from tomobatch.batch.services import Services
from tomobatch.batch.states import JobState
from tomobatch.batch.wish import StopWish, either
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Finding, Machine, Outcome, Reach, State
from tomobatch.recon.request import ReconRequest

log = logging.getLogger(__name__)

GIVEN_UP = "given-up"
"""Code of a job that was given up, until what is left of it there was seen to."""
_T = TypeVar("_T")


class GivenUpError(Exception):
    """A job was given up, and its machine does not answer."""


async def unless_given_up(wish: StopWish, machine: Machine, work: Coroutine[Any, Any, _T]) -> _T:
    """What some work gives; `GivenUpError` as soon as the job is given up and its machine is lost.

    One whose machine answers is not given up but stopped, since `wish` asks for that, too.
    """
    doing, hopeless = await either(work, _hopeless(wish, machine))
    if doing.cancelled() and not hopeless.cancelled():
        raise GivenUpError
    return doing.result()


async def _hopeless(wish: StopWish, machine: Machine) -> None:
    await wish.given_up.wait()
    changed = asyncio.Event()
    machine.watchers.append(changed.set)
    try:
        while machine.standing.reach is not Reach.LOST:
            changed.clear()
            await changed.wait()
    finally:
        machine.watchers.remove(changed.set)


def given_up_ending(machine: str, partial: str) -> Ending:
    """How a job ends that was given up; ``partial`` is the folder of its output."""
    note = f"{machine} does not answer and was given up: whether this still runs there is not known."
    return Ending(JobState.INTERRUPTED, GIVEN_UP, f"{note} What it makes is kept in {partial}. Run it again.")


class Leftovers:
    """Ends what still runs of jobs that were given up, once their machine answers again.

    A GPU would else stay taken by a result that nobody waits for.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._looked: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def lost(self, machine: str) -> None:
        """It does not answer: once it does, it is looked at again."""
        self._looked.discard(machine)

    def look(self, machines: Iterable[str]) -> None:
        """See to machines that answer, each once."""
        for name in machines:
            if name in self._looked:
                continue
            self._looked.add(name)
            if rows := self._services.journal.ended_with(GIVEN_UP, name):
                task = asyncio.create_task(self._clear(rows), name=f"what is left on {name}")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """See to nothing any more."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _clear(self, rows: Iterable[JobRow]) -> None:
        for row in rows:
            try:
                await self._end(row)
            except TomoBatchError as error:
                # It is tried again when the machine has been lost and is back, or at the next start.
                log.info("what is left of job %s: %s", row.uid, error.sentence)
            except Exception:
                # A mistake of ours, or a full disk under the journal: the watch over others must not end.
                log.exception("what is left of job %s could not be ended", row.uid)

    async def _end(self, row: JobRow) -> None:
        machine = self._services.machines.get(row.job.machine)
        if machine is None:
            return
        folder = await machine.attempt_folder(self._services.jobs_folder, row.uid, row.attempt)
        finding = await machine.find(folder, row.host)
        running = finding.handle if finding.state in (State.WAITING, State.RUNNING) else None
        outcome = await machine.stop(running) if running is not None else finding.outcome
        note = f"It was given up. {_seen(machine.name, finding, outcome)}"
        if finding.state is not State.NEVER_STARTED:
            note += f" What it made is kept in {ReconRequest.from_dict(row.job.request).partial}."
        told = self._services.journal.note(row.uid, note, "lost")
        self._services.tell(EventKind.MESSAGE, told, f"{row.job.file_name}: {note}")


def _seen(name: str, finding: Finding, outcome: Outcome | None) -> str:
    """What was found of it when the machine answered again."""
    if finding.state is State.NEVER_STARTED:
        return f"{name} answers again: it had never begun there."
    if finding.state is State.ENDED:
        how = "" if outcome is None or outcome.exit_status is None else f" with status {outcome.exit_status}"
        return f"{name} answers again: it had ended there{how}."
    left = outcome.left if outcome is not None else ()
    could = f"; these processes could not be ended: {', '.join(map(str, left))}" if left else ""
    return f"{name} answers again: it still ran there, and was stopped{could}."
