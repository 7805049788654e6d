"""How a batch stands: ``Completed X/Y | Running: A | Queue: B``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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
    return counts_of(Counter(row.state for row in rows))


def counts_of(states: Mapping[JobState, int]) -> BatchCounts:
    """Counts of a batch with so many jobs in each state."""

    def of(wanted: Iterable[JobState]) -> int:
        return sum(states.get(state, 0) for state in wanted)

    completed, running = of(state for state in states if state.ended), of(_RUNNING)
    failed, cancelled = of((JobState.FAILED, JobState.INTERRUPTED)), of((JobState.CANCELLED,))
    return BatchCounts(completed, running, sum(states.values()) - completed - running, failed, cancelled)
