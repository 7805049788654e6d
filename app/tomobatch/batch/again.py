"""Which jobs may be run again by one tap."""

from __future__ import annotations

from collections.abc import Iterable

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.recon.kinds import Kind

UNDONE = frozenset({JobState.FAILED, JobState.INTERRUPTED})


def undone(rows: Iterable[JobRow]) -> list[JobRow]:
    """Jobs that failed or were interrupted, but for those whose scan was queued for the same once more.

    Those that a person cancelled are not among them.
    """
    newest: dict[tuple[str, Kind], JobRow] = {}
    for row in rows:
        what = (row.job.path, row.job.kind)
        if what not in newest or newest[what].place < row.place:
            newest[what] = row
    return sorted((row for row in newest.values() if row.state in UNDONE), key=lambda row: row.place)
