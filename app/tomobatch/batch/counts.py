"""How a batch stands: ``Completed X/Y | Running: A | Queue: B``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState

_RUNNING = (JobState.STARTING, JobState.RUNNING, JobState.JUDGING)


@dataclass(frozen=True)
class BatchCounts:
    """Numbers of one batch at one moment; completed + running + queued = total, always.

    `completed` counts all jobs that have ended, those that failed or were cancelled too; a job
    that waits for a GPU somebody else holds counts as queued.
    """

    completed: int
    running: int
    queued: int
    failed: int
    cancelled: int

    @property
    def trouble(self) -> str:
        """What is said beside the status line: ``2 failed, 1 cancelled``, or nothing."""
        parts = ((self.failed, "failed"), (self.cancelled, "cancelled"))
        return ", ".join(f"{number} {word}" for number, word in parts if number)

    @property
    def total(self) -> int:
        """Number of jobs in the batch."""
        return self.completed + self.running + self.queued

    @property
    def text(self) -> str:
        """The status line, word for word."""
        return f"Completed {self.completed}/{self.total} | Running: {self.running} | Queue: {self.queued}"


def count(rows: Iterable[JobRow]) -> BatchCounts:
    """Count the jobs of one batch."""
    states = [row.state for row in rows]
    completed = sum(state.ended for state in states)
    running = sum(state in _RUNNING for state in states)
    failed = sum(state in (JobState.FAILED, JobState.INTERRUPTED) for state in states)
    cancelled = sum(state is JobState.CANCELLED for state in states)
    return BatchCounts(completed, running, len(states) - completed - running, failed, cancelled)
