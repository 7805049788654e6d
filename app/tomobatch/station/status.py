"""What a scan's row says: its jobs first, then what lies on disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.workspace import ScanRow


@dataclass(frozen=True)
class Status:
    """Words of a row, and what stands below them."""

    words: str
    note: str = ""


def status_of(scan: ScanRow, jobs: Iterable[JobRow]) -> Status:
    """Status of a scan.

    Parameters
    ----------
    jobs
        The jobs of this scan's path, in the order of the queue.

    A job that runs or waits comes first, running ones before waiting ones; then the newest one if it
    did not end well; then the better of what is complete on disk, Full before Try.
    """
    mine = list(jobs)
    active = sorted(
        (row for row in mine if not row.state.ended), key=lambda row: row.state is JobState.QUEUED
    )
    if active:
        return Status(active[0].status)
    if mine and mine[-1].state is not JobState.COMPLETE:
        before = f" {scan.status} lies on disk." if scan.status.endswith("Complete") else ""
        return Status(mine[-1].status, mine[-1].note + before)
    return Status(scan.status, scan.scan.reason)
