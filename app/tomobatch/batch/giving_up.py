"""Jobs of a machine that may never answer again end here; what is left there is ended should it come back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from tomobatch.batch.away import away_text
from tomobatch.batch.ending import Ending, not_ended
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

    One whose machine answers is not given up but stopped, since `wish` asks for that, too; one whose end is
    being settled here ends as it does.
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
        while wish.settling or machine.standing.reach is not Reach.LOST:
            changed.clear()
            await changed.wait()
    finally:
        machine.watchers.remove(changed.set)


def given_up_ending(machine: Machine, checked: bool, partial: str) -> Ending:
    """How a job ends that was given up.

    Parameters
    ----------
    checked
        Whether its output was being checked over there, where it is put in place as well.
    partial
        The folder of its output until then.
    """
    why = f"It was given up ({away_text(machine.name, machine.standing)})"
    if checked:
        note = f"{why} while it was being checked there: it is in its place by now, or in {partial}."
    else:
        note = f"{why}: whether it still runs there is not known. What it makes is kept in {partial}."
    return Ending(JobState.INTERRUPTED, GIVEN_UP, f"{note} Run it again.")


class Leftovers:
    """Ends what still runs of jobs that were given up, once their machine answers again.

    A GPU would else stay taken by a result that nobody waits for.

    Parameters
    ----------
    wake
        Called when a machine was seen to: more may have been given up there meanwhile.
    """

    def __init__(self, services: Services, wake: Callable[[], None]) -> None:
        self._services, self._wake = services, wake
        self._looked: set[str] = set()
        self._clearing: dict[str, asyncio.Task[None]] = {}

    def lost(self, machine: str) -> None:
        """It does not answer: once it does, it is looked at again."""
        self._looked.discard(machine)

    def look(self, machines: Iterable[str]) -> None:
        """See to machines that answer, each once."""
        for name in machines:
            if name in self._looked or name in self._clearing:
                continue
            self._looked.add(name)
            if rows := self._services.journal.ended_with(GIVEN_UP, name):
                self._begin(name, rows)

    def _begin(self, name: str, rows: Iterable[JobRow]) -> None:
        task = asyncio.create_task(self._clear(rows), name=f"what is left on {name}")
        self._clearing[name] = task
        task.add_done_callback(lambda _: self._cleared(name))

    def _cleared(self, name: str) -> None:
        del self._clearing[name]
        self._wake()

    async def close(self) -> None:
        """See to nothing any more."""
        tasks = tuple(self._clearing.values())
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
        # Without its watcher it has ended as far as anybody can tell, and may run on all the same.
        left = finding.outcome is None or finding.outcome.left
        running = finding.handle if left else None
        outcome = await machine.stop(running) if running is not None else finding.outcome
        seen = _seen(finding, running is not None, outcome)
        note = f"It was given up. {machine.name} answers again: {seen}"
        if finding.state is not State.NEVER_STARTED:
            note += _where(outcome, ReconRequest.from_dict(row.job.request).partial)
        told = self._services.journal.note(row.uid, note, "lost")
        self._services.tell(EventKind.MESSAGE, told, f"{row.job.file_name}: {note}")


def _seen(finding: Finding, ran: bool, outcome: Outcome | None) -> str:
    """What was found of it when the machine answered again."""
    if ran:
        left = not_ended(outcome) if outcome is not None else ""
        return f"it still ran there, and was stopped{f'; {left}' if left else ''}."
    if finding.state is State.NEVER_STARTED:
        return "it had never begun there."
    how = "" if outcome is None or outcome.exit_status is None else f" with status {outcome.exit_status}"
    return f"it had ended there{how}."


def _where(outcome: Outcome | None, partial: str) -> str:
    if outcome is not None and outcome.exit_status == 0:
        # It may have been given up while it was being checked.
        return f" What it made lies in {partial}, or in its place if it was checked."
    return f" What it made is kept in {partial}."
