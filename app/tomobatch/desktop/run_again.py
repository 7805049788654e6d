"""What failed, planned once more: each job for the machine it was queued for, with its own options."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from tomobatch.batch.job import JobRow
from tomobatch.desktop.question import Plan, plan_run
from tomobatch.desktop.queue import Queue
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import Engine
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import Value
from tomobatch.station.retrying import ScansNow, options_again, options_with_half, scans_now
from tomobatch.workspace import ScanRow


class RunAgain:
    """See the module's text.

    Parameters
    ----------
    queue
        Has the machines and their engines.
    scans
        Those of the open folder; others are looked at.
    """

    def __init__(self, queue: Queue, scans: ScanModel) -> None:
        self._queue, self._scans = queue, scans

    async def plan(self, jobs: Sequence[JobRow], smaller: bool) -> list[Plan]:
        """Plan jobs, of their scans as they are now, in the order of the queue for each machine.

        Parameters
        ----------
        smaller
            Whether what ran out of GPU memory is to have half of what it had there at a time.
        """
        now = await self._scans_of(jobs)
        plans = [Plan(Kind.TRY, refused=now.missing(jobs))]
        groups: defaultdict[tuple[Kind, str], list[JobRow]] = defaultdict(list)
        for row in jobs:
            if Path(row.job.path) in now.scans:
                groups[row.job.kind, row.queued_for or row.job.machine].append(row)
        for (kind, machine), rows in sorted(groups.items(), key=lambda group: list(Kind).index(group[0][0])):
            plans.append(await self._plan(kind, machine, rows, now.scans, smaller))
        return plans

    async def _plan(
        self, kind: Kind, machine: str, jobs: Sequence[JobRow], now: Mapping[Path, ScanRow], smaller: bool
    ) -> Plan:
        try:
            engine = await self._queue.target.engine_on(machine)
        except TomoBatchError as error:
            return Plan(kind, refused=[error.sentence])
        by_path = {Path(row.job.path): row for row in jobs}

        def as_before(scan: ScanRow) -> Mapping[str, Value]:
            return self._options(by_path[scan.scan.file.path], engine[0], smaller)

        def keeps(scan: ScanRow) -> bool:
            return bool(by_path[scan.scan.file.path].job.request.get("keep"))

        scans, busy = [now[path] for path in by_path], self._queue.busy_scans()
        return await plan_run(kind, scans, machine, engine, busy, as_before, keeps)

    def _options(self, row: JobRow, engine: Engine, smaller: bool) -> Mapping[str, Value]:
        if not smaller:
            return options_again(row, engine)
        return options_with_half(row, engine, self._queue.require_station().chunks)

    async def _scans_of(self, jobs: Sequence[JobRow]) -> ScansNow:
        """Scans of jobs as they are now; those of other folders are looked at, and those not read yet."""
        known = {Path(row.job.path): self._scans.at(Path(row.job.path)) for row in jobs}
        here = {path: one.row for path, one in known.items() if one is not None and one.row is not None}
        others = known.keys() - here.keys()
        if not others:
            return ScansNow(here)
        now = await scans_now(self._queue.require_station().looking, others)
        return ScansNow({**here, **now.scans}, now.problems)
