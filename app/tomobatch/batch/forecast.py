"""How long jobs will still take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState

SURE_OF_REST = 0.05
"""Below this part of a job nothing is said about the time it still needs."""


@dataclass
class Pile:
    """Jobs of one kind that wait for the same slots, and how long those took that are done.

    Attributes
    ----------
    waiting
        How many have not begun.
    begun
        Those that have begun and not ended, by name.
    took_s
        How long each took that is complete, by name.
    """

    waiting: int = 0
    begun: dict[str, JobRow] = field(default_factory=dict)
    took_s: dict[str, float] = field(default_factory=dict)

    def add(self, row: JobRow) -> None:
        """Count a job in."""
        if row.state is JobState.QUEUED:
            self.waiting += 1
        elif not row.state.ended:
            self.begun[row.uid] = row
        elif row.state is JobState.COMPLETE and row.ended_s is not None and row.started_s is not None:
            self.took_s[row.uid] = row.ended_s - row.started_s

    def drop(self, row: JobRow) -> None:
        """Count a job out, as it was counted in."""
        if row.state is JobState.QUEUED:
            self.waiting -= 1
        self.begun.pop(row.uid, None)
        self.took_s.pop(row.uid, None)

    def duration_s(self, now_s: float) -> float | None:
        """How long one of them lasts; None where nothing is known yet."""
        if self.took_s:
            # One that was only judged after a restart must not count for hours.
            # A clock may have been set back meanwhile.
            return max(0.0, median(self.took_s.values()))
        under_way = [
            max(0.0, now_s - row.started_s) / row.progress
            for row in self.begun.values()
            if row.state is JobState.RUNNING and row.started_s is not None and row.progress > SURE_OF_REST
        ]
        return sum(under_way) / len(under_way) if under_way else None


def together(piles: Iterable[Pile]) -> Pile:
    """Jobs of one kind that wait for different slots, as if they were one pile."""
    one = Pile()
    for pile in piles:
        one.waiting += pile.waiting
        one.begun |= pile.begun
        one.took_s |= pile.took_s
    return one


def seconds_left(piles: Iterable[Pile], slots: int, now_s: float) -> float | None:
    """Time until the last of these jobs has ended, in seconds; None where nothing is known yet.

    Parameters
    ----------
    slots
        How many jobs run at a time; 0 where nobody knows when one will.
    now_s
        Seconds since 1970.

    Jobs of one kind are taken to last alike; a kind of which none has ended yet is judged by those that run.
    """
    total_s = longest_s = 0.0
    for pile in piles:
        if not pile.waiting and not pile.begun:
            continue
        duration_s = pile.duration_s(now_s)
        if duration_s is None or (pile.waiting and not slots):
            return None
        left_s = [duration_s * (1.0 - row.progress) for row in pile.begun.values()]
        total_s += duration_s * pile.waiting + sum(left_s)
        longest_s = max([longest_s, *left_s, *([duration_s] if pile.waiting else [])])
    # No job ends sooner than its own time, however many slots there are.
    return max(total_s / max(1, slots), longest_s)
