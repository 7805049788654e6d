"""How far a batch is, and how long it will still take."""

from __future__ import annotations

from collections.abc import Collection
from statistics import median

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.recon.kinds import Kind


def progress_of(rows: Collection[JobRow]) -> float:
    """Part of a batch that is done, 0 to 1: ended jobs, and of those that run what they have done."""
    if not rows:
        return 0.0
    return sum(1.0 if row.state.ended else row.progress for row in rows) / len(rows)


def seconds_left(rows: Collection[JobRow], slots: int, now_s: float) -> float | None:
    """Time until the last job of a batch has ended, in seconds; None where nothing is known yet.

    Parameters
    ----------
    slots
        How many jobs run at a time.
    now_s
        Seconds since 1970.

    Jobs of one kind are taken to last alike; a kind of which none has ended yet is judged by those that run.
    """
    known = {kind: _duration_s([row for row in rows if row.job.kind is kind], now_s) for kind in Kind}
    left_s = []
    for row in rows:
        if row.state.ended:
            continue
        duration_s = known[row.job.kind]
        if duration_s is None:
            return None
        left_s.append(duration_s * (1.0 - row.progress))
    if not left_s:
        return 0.0
    # No job ends sooner than its own time, however many slots there are.
    return max(sum(left_s) / max(1, slots), *left_s)


def _duration_s(rows: Collection[JobRow], now_s: float) -> float | None:
    ended = [
        row.ended_s - row.started_s
        for row in rows
        if row.state is JobState.COMPLETE and row.ended_s is not None and row.started_s is not None
    ]
    if ended:
        # One that was only judged after a restart must not count for hours.
        return median(ended)
    under_way = [
        (now_s - row.started_s) / row.progress
        for row in rows
        if row.state is JobState.RUNNING and row.started_s is not None and row.progress > 0.05
    ]
    return sum(under_way) / len(under_way) if under_way else None
