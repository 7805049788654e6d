"""Jobs that wait for one machine are given to another, or to any."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.journal import Journal
from tomobatch.config.machines import ANY
from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import UNDECIDED, Offer
from tomobatch.station.machine_facts import Found, MachineFacts, job_by

BREATH = 20
FOR_ANY: Found = (UNDECIDED, Offer(frozenset()))
"""The engine of what any machine may run: each has its own."""


@dataclass
class Moved:
    """What became of a wish to move jobs.

    Attributes
    ----------
    rows
        Those that were moved, as they are now.
    refused
        A sentence for each that stays where it was, and why.
    """

    rows: list[JobRow] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


async def move_jobs(
    journal: Journal, facts: MachineFacts, jobs: Sequence[JobRow], from_machine: str, to_machine: str
) -> Moved:
    """Move jobs that wait; one that has begun meanwhile, or was moved by another program, is left alone.

    Raises
    ------
    TomoBatchError
        The other machine does not answer, or has no engine.
    """
    found = FOR_ANY if to_machine == ANY else await facts.engine(to_machine)
    moved = Moved()
    for start in range(0, len(jobs), BREATH):
        for row in jobs[start : start + BREATH]:
            _move(journal, facts, row, from_machine, (to_machine, found), moved)
        # Thousands may wait, and a window wants to be drawn meanwhile.
        await asyncio.sleep(0)
    return moved


def _move(
    journal: Journal,
    facts: MachineFacts,
    row: JobRow,
    from_machine: str,
    to: tuple[str, Found],
    moved: Moved,
) -> None:
    try:
        job = job_by(row.job, *to)
        refuse_hopeless(facts, job)
    except TomoBatchError as error:
        moved.refused.append(f"{row.job.file_name} stays with {from_machine}: {error.sentence}")
        return
    now = journal.move(job, from_machine)
    if now is not None:
        moved.rows.append(now)


def refuse_hopeless(facts: MachineFacts, job: Job) -> None:
    """TomoBatchError ``no-machine`` for what any machine may run, where it is known that none can."""
    if job.machine == ANY and (why := facts.nobody_takes(job)):
        raise TomoBatchError("no-machine", why)
