"""What the scheduler asks of the machines that there are; the station knows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tomobatch.batch.job import Job, JobRow
from tomobatch.machines.slots import Slot

Pool = tuple[str, str]
"""Name of a machine, and a kind of slot."""


class Ground(Protocol):
    """Machines, their slots, and what their engines can do, as far as it is known now."""

    def slots(self, machine: str, kind: str) -> Sequence[Slot]:
        """Slots that may be used now; none while nothing is known of them."""

    async def look(self, machine: str, kind: str) -> None:
        """Ask a machine what must be known before a job starts on such a slot.

        For the kind ``ANY`` that is its engine, too. TomoBatchError where it does not answer.
        """

    def any_machines(self) -> Sequence[str]:
        """Machines that may take what any machine may run, in the order of the list."""

    def kind_for_any(self, machine: str) -> str | None:
        """Kind of slot that a machine's own engine takes; None where there is none, or it is not known."""

    def job_on(self, job: Job, machine: str) -> Job:
        """A job that any machine may run as this one runs it; TomoBatchError where its engine cannot."""

    def nobody_takes(self, job: Job) -> str:
        """Why no machine can run what any may run, a sentence; empty while one can, or may turn out to."""

    def memory_bytes(self, machine: str) -> int | None:
        """Memory of a machine; None where that is not known."""

    async def evacuate(self, machine: str, jobs: Sequence[JobRow]) -> None:
        """Give jobs that wait for a lost machine to others."""
