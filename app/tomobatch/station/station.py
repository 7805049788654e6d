"""The station: queue, machines, journal and workers of one user, joined."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tomobatch.batch.events import EventKind, Listener
from tomobatch.batch.job import Job, JobRow, new_uid
from tomobatch.batch.journal import Journal
from tomobatch.batch.lease import Lease
from tomobatch.batch.scheduler import Scheduler
from tomobatch.batch.services import Services, Timing
from tomobatch.config.places import host_state_folder, worker_program
from tomobatch.cor.table import CorSource, CorTable
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Machine
from tomobatch.machines.local import Local
from tomobatch.recon.engines import Engine, Offer
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import Value
from tomobatch.recon.request import ScanFile, make_request
from tomobatch.scans.scan import ScanState
from tomobatch.station.slot_book import CPU, GPU, SlotBook
from tomobatch.worker.client import Worker
from tomobatch.workspace import ScanRow

log = logging.getLogger(__name__)

AUTO_COR = "rotation-axis-auto"
KEEP_JOBS_S = 30 * 24 * 3600.0


@dataclass
class Submission:
    """What became of a wish to run scans.

    Attributes
    ----------
    rows
        The jobs that were queued.
    refused
        Sentences, one for each scan that was not queued; the scan is named.
    notes
        Sentences about jobs that were queued.
    """

    rows: list[JobRow] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Station:
    """Everything that is one per user; an asynchronous context, so that all workers end with it.

    Parameters
    ----------
    machines
        By name; this machine alone when not given.
    timing
        How long things may take.
    """

    def __init__(
        self,
        machines: Mapping[str, Machine] | None = None,
        timing: Timing | None = None,
    ) -> None:
        state = host_state_folder()
        self.machines: Mapping[str, Machine] = machines or {"Local": Local()}
        self.journal = Journal(state / "journal")
        self.lease = Lease(state / "journal")
        self.slots = SlotBook(self.journal)
        self.judging = Worker(worker_program())
        self.looking = Worker(worker_program())
        self._scheduler: Scheduler | None = None
        self._services = Services(
            journal=self.journal,
            machines=self.machines,
            judging=self.judging,
            looking=self.looking,
            jobs_folder=state / "jobs",
            share=self.slots.share,
            keep_cor=keep_found_cor,
            timing=timing or Timing(),
        )

    async def __aenter__(self) -> Station:
        """Make it usable."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers and give the lease back; jobs run on."""
        machines = (machine.close() for machine in self.machines.values())
        await asyncio.gather(self.judging.close(), self.looking.close(), *machines)
        self.lease.release()
        self.journal.close()

    @property
    def listeners(self) -> list[Listener]:
        """Who is told about jobs while this station schedules."""
        return self._services.listeners

    def tell(self, kind: EventKind, row: JobRow) -> None:
        """Tell the listeners what another process has written into the journal."""
        self._services.tell(kind, row, row.note)

    def machine(self, name: str) -> Machine:
        """A machine by its name; TomoBatchError ``machine-unknown`` with the names there are."""
        if name not in self.machines:
            known = ", ".join(self.machines)
            raise TomoBatchError("machine-unknown", f"There is no machine {name}; there is: {known}.")
        return self.machines[name]

    def log_path(self, row: JobRow) -> Path:
        """File with all that the engine of a job has printed."""
        return self._services.attempt_folder(row.uid, row.attempt) / "log"

    # -- queueing ---------------------------------------------------------------------------

    def submit(
        self,
        kind: Kind,
        scans: Sequence[ScanRow],
        machine: str,
        engine: tuple[Engine, Offer],
        options: Mapping[str, Value],
    ) -> Submission:
        """Queue a Try or a Full of scans: each as a snapshot, or refused with a reason."""
        submission, jobs = Submission(), []
        busy = {(row.job.path, row.job.kind) for row in self.journal.rows(active_only=True)}
        for scan in scans:
            try:
                self._refuse_busy(kind, scan, busy)
                jobs.append(_job(kind, scan, machine, engine, options, submission.notes))
            except TomoBatchError as error:
                submission.refused.append(error.sentence)
        if jobs:
            submission.rows = self.journal.add(jobs)
        return submission

    def _refuse_busy(self, kind: Kind, scan: ScanRow, busy: set[tuple[str, Kind]]) -> None:
        if (str(scan.scan.file.path), kind) in busy:
            sentence = (
                f"{scan.scan.file.shown_name} is not queued again: its {kind.word} waits or runs already."
            )
            raise TomoBatchError("already-queued", sentence)

    # -- scheduling -------------------------------------------------------------------------

    async def look_for_gpus(self, machine: str) -> int:
        """Ask a machine for its GPUs; gives their number."""
        found = await self.machine(machine).gpus()
        self.slots.found(machine, found)
        return len(found)

    async def _look(self, machine: str, kind: str) -> None:
        if kind == GPU and not self.slots.knows(machine):
            await self.look_for_gpus(machine)

    async def schedule(self, stop_only: bool = False) -> Collection[str]:
        """Schedule as the holder of the lease until nothing runs or waits.

        With `stop_only` jobs are stopped that were asked to, and nothing is started. Gives the jobs
        whose watch could not be kept up; they are as they are, and may be taken up again later.
        """
        if not self.lease.held:
            raise RuntimeError("only the holder of the lease schedules")
        self._scheduler = Scheduler(self._services, self.slots.slots, self._look)
        try:
            if stop_only:
                return await self._scheduler.stop_only()
            self._prune()
            return await self._scheduler.serve()
        finally:
            self._scheduler = None

    def ask_stop(self, uids: Collection[str]) -> None:
        """Ask for jobs to be stopped, by this station or by the one that holds the lease."""
        if self._scheduler is not None:
            # First, since the journal's disk may be full.
            self._scheduler.stop(uids)
        self.journal.ask_stop(uids)
        if self._scheduler is not None:
            self._scheduler.stop(())

    def _prune(self) -> None:
        """Forget old jobs with their logs. What cannot be removed is only litter, and is said in the log."""
        for uid in self.journal.prune(KEEP_JOBS_S):
            try:
                shutil.rmtree(self._services.jobs_folder / uid)
            except FileNotFoundError:
                continue
            except OSError as error:
                log.warning("the folder of job %s could not be removed: %s", uid, error)


def _job(
    kind: Kind,
    row: ScanRow,
    machine: str,
    engine: tuple[Engine, Offer],
    options: Mapping[str, Value],
    notes: list[str],
) -> Job:
    scan = row.scan
    if scan.state is not ScanState.READY or scan.layout is None:
        raise TomoBatchError("not-ready", f"{scan.file.shown_name} is {scan.state.value}: {scan.reason}")
    wanted = dict(options)
    cor_px = row.cor.value_px if row.cor else None
    if row.cor and row.cor.source is not CorSource.AUTOMATIC and wanted.pop(AUTO_COR, None):
        notes.append(f"{scan.file.shown_name}: its COR {row.cor.value_px:g} ({row.cor.source}) is used.")
    elif kind is Kind.TRY and cor_px is None and wanted.get(AUTO_COR) != "auto":
        notes.append(f"{scan.file.shown_name} has no COR: its Try starts from the middle.")
    uid = new_uid()
    request = make_request(
        job_id=uid,
        scan=ScanFile(str(scan.file.path), scan.file.size_bytes, scan.file.mtime_ns, scan.file.inode),
        layout=scan.layout.kind,
        kind=kind,
        cor_px=cor_px,
        cor_source=row.cor.source.value if row.cor else "middle",
        shape=(scan.layout.angles, scan.layout.rows, scan.layout.columns),
        options=wanted,
        engine=engine[0],
        offer=engine[1],
    )
    slot_kind = GPU if engine[0].uses_gpu else CPU
    return Job(uid, kind, str(scan.file.path), machine, slot_kind, request.to_dict(), time.time())


def keep_found_cor(row: JobRow, cor_px: float) -> None:
    """Put a COR that an engine found into the table of its folder, unless a person set one meanwhile."""
    path = Path(row.job.path)
    CorTable(path.parent).offer({path.name: cor_px}, CorSource.AUTOMATIC)
