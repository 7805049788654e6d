"""The station: queue, machines, journal and workers of one user, joined."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from tomobatch.batch.chunks import Chunks
from tomobatch.batch.events import EventKind, Listener
from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.journal import Journal
from tomobatch.batch.lease import Lease
from tomobatch.batch.lost import LOST_JOBS
from tomobatch.batch.pause import Pause
from tomobatch.batch.scheduler import Scheduler
from tomobatch.batch.services import Services, Timing
from tomobatch.config.machines import ANY, MOVE, WAIT, MachineEntry
from tomobatch.config.places import host_state_folder, state_folder, worker_program
from tomobatch.cor.known_scans import identity_on_disk
from tomobatch.cor.table import CorSource, CorTable, Identity
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Machine
from tomobatch.names import shown
from tomobatch.recon.engines import Engine, Offer
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import Value
from tomobatch.station import registry
from tomobatch.station.machine_facts import Found, MachineFacts
from tomobatch.station.marking import Marking
from tomobatch.station.moving import FOR_ANY, Moved, move_jobs, refuse_hopeless
from tomobatch.station.preparing import prepare, refuse_busy
from tomobatch.station.registry import Make, Registry
from tomobatch.station.slot_book import SlotBook
from tomobatch.worker.client import Worker
from tomobatch.workspace import ScanRow

log = logging.getLogger(__name__)

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
        By name, and no others; those of the list when not given.
    timing
        How long things may take.
    entries
        The machine list; the file's when not given.
    make
        Makes a machine of its entry.
    """

    def __init__(
        self,
        machines: Mapping[str, Machine] | None = None,
        timing: Timing | None = None,
        entries: Sequence[MachineEntry] | None = None,
        make: Make | None = None,
    ) -> None:
        state = host_state_folder()
        self.machines = _registry(machines, entries, make or registry.maker(state / "jobs"))
        self.journal = Journal(state / "journal")
        self.lease = Lease(state / "journal")
        self.slots = SlotBook(self.journal, self.machines.known)
        self.facts = MachineFacts(self.machines, self.slots, self._move_to_any)
        self.marking = Marking(self.journal.folder)
        # GPUs of one make are alike on every host.
        self.chunks = Chunks(state_folder())
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
            there=self.machines.there,
            timing=timing or Timing(),
            chunks=self.chunks,
        )
        self.listeners.append(self.marking.event)

    async def __aenter__(self) -> Station:
        """Make it usable."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers and give the lease back; jobs run on."""
        # The judges of a machine end by their sessions on it.
        await asyncio.gather(self.judging.close(), self.looking.close(), self._services.judges.close())
        await asyncio.gather(*(machine.close() for machine in self.machines.made))
        self.lease.release()
        self.marking.close()
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
        self._require_known(name)
        return self.machines[name]

    def _require_known(self, name: str) -> None:
        if name not in self.machines:
            known = ", ".join(self.machines)
            raise TomoBatchError("machine-unknown", f"There is no machine {name}; there is: {known}.")

    async def set_machines(self, entries: Sequence[MachineEntry]) -> None:
        """Take another machine list, while all goes on.

        Machines that are reached as before are kept as they are; the others are closed, and nothing is known
        of them any more.

        Raises
        ------
        TomoBatchError
            ``machine-busy``: one that has jobs would be taken away, or reached in another way.
        """
        registry.refuse_busy(self.journal, self.machines, entries)
        changed = self.machines.changed(entries)
        for name in changed:
            self.facts.forget(name)
        gone = self.machines.set(entries)
        self.wake()
        await asyncio.gather(*(self._services.judges.forget(name) for name in changed))
        await asyncio.gather(*(machine.close() for machine in gone))

    async def engine(self, machine: str) -> Found:
        """The engine that the list names for a machine; of *Any machine* each has its own.

        Raises
        ------
        TomoBatchError
            ``machine-unknown``; ``engine-missing``, ``engine-help``; the machine does not answer.
        """
        if machine == ANY:
            return FOR_ANY
        self._require_known(machine)
        return await self.facts.engine(machine)

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
        busy = self.journal.active_scans()
        for scan in scans:
            try:
                refuse_busy(kind, scan, busy)
                prepared = prepare(kind, scan, machine, engine, options)
                refuse_hopeless(self.facts, prepared.job)
            except TomoBatchError as error:
                submission.refused.append(error.sentence)
                continue
            jobs.append(prepared.job)
            submission.notes += prepared.notes
        if jobs:
            self.marking.write(jobs)
            submission.rows = self.add(jobs)
        return submission

    def add(self, jobs: Sequence[Job]) -> list[JobRow]:
        """Queue jobs that were prepared; gives those that were, none twice."""
        rows = self.journal.add(jobs)
        self.marking.queued(rows)
        if len(rows) < len(jobs):
            self.marking.repair()
        self.wake()
        return rows

    # -- scheduling -------------------------------------------------------------------------

    async def look_for_gpus(self, machine: str) -> int:
        """Ask a machine for its GPUs; gives their number."""
        self._require_known(machine)
        return await self.facts.look_for_gpus(machine)

    def takes_any(self, machine: str) -> bool:
        """Whether a machine takes what any machine may run."""
        entry = self.machines.known(machine)
        return entry is not None and entry.in_any

    def jobs_at_a_time(self, machine: str, kind: str) -> int:
        """How many jobs run at a time on slots of a kind; 0 while the machine is lost."""
        return 0 if self.machines.is_lost(machine) else len(self.slots.slots(machine, kind))

    async def schedule(self, stop_only: bool = False, starts: bool = True) -> Collection[str]:
        """Schedule as the holder of the lease until nothing runs or waits.

        With `stop_only` jobs are stopped that were asked to, and nothing is started; without `starts` what
        runs is seen through. Gives the jobs whose watch could not be kept up; they are as they are, and may
        be taken up again later.
        """
        if not self.lease.held:
            raise RuntimeError("only the holder of the lease schedules")
        self._scheduler = Scheduler(self._services, self.facts)
        try:
            if stop_only:
                return await self._scheduler.stop_only()
            self._prune()
            self.marking.repair()
            return await self._scheduler.serve(starts)
        finally:
            self._scheduler = None

    def ask_stop(self, uids: Collection[str], give_up: bool = False) -> None:
        """Ask for jobs to be stopped, by this station or by the one that holds the lease.

        With `give_up` those end here whose machine does not answer; what is left of them there is ended
        should it answer again.
        """
        if self._scheduler is not None:
            # First, since the journal's disk may be full.
            self._scheduler.stop(uids, give_up)
        self.journal.ask_stop(uids, give_up)
        self.wake()

    @property
    def pause(self) -> Pause:
        """Whether the queue is paused, and who is told."""
        return self._services.pause

    def set_pause(self, reason: str | None) -> None:
        """Let nothing new start, here or in another program that schedules; None lets the queue go on."""
        self.journal.set_pause(reason)
        self.pause.look()
        self.wake()

    def move_to_front(self, uids: Collection[str]) -> list[JobRow]:
        """Let queued jobs start before all others; gives them as they are now."""
        self.journal.move_to_front(uids)
        self.wake()
        return [self.journal.row(uid) for uid in uids]

    # -- to other machines ------------------------------------------------------------------

    async def move_waiting(self, from_machine: str, to_machine: str) -> Moved:
        """Give the jobs that wait for a machine to another one, or to *Any machine*; what runs stays.

        Their engine is chosen anew; what it cannot run stays, and is told with the reason.

        Raises
        ------
        TomoBatchError
            ``machine-unknown``; or the other machine does not answer, or has no engine.
        """
        for name in {from_machine, to_machine} - {ANY}:
            self._require_known(name)
        return await self._move(self.journal.queued_on(from_machine), from_machine, to_machine)

    async def _move_to_any(self, machine: str, jobs: Sequence[JobRow]) -> None:
        moved = await self._move(jobs, machine, ANY)
        for row in moved.rows[:1]:
            sentence = f"{machine} is lost: {len(moved.rows)} of its waiting jobs go to {ANY}."
            self._services.tell(EventKind.MESSAGE, row, sentence)

    async def _move(self, jobs: Sequence[JobRow], from_machine: str, to_machine: str) -> Moved:
        moved = await move_jobs(self.journal, self.facts, jobs, from_machine, to_machine)
        for row in moved.rows:
            self._services.tell(EventKind.PROGRESS, row)
        await self.marking.announce([row.job for row in moved.rows])
        self.wake()
        return moved

    @property
    def moves_lost_jobs(self) -> bool:
        """Whether the jobs that wait for a lost machine go to others after a while."""
        return self.journal.choice(LOST_JOBS) == MOVE

    def set_moves_lost_jobs(self, moves: bool) -> None:
        """Decide it, for every program of this user and host that schedules."""
        self.journal.set_choice(LOST_JOBS, MOVE if moves else WAIT)
        self.wake()

    def wake(self) -> None:
        """Have the scheduler of this process look again at what waits, and at the slots there are."""
        if self._scheduler is not None:
            self._scheduler.wake()

    def _prune(self) -> None:
        """Forget old jobs with their logs. What cannot be removed is only litter, and is said in the log."""
        for uid in self.journal.prune(KEEP_JOBS_S):
            try:
                shutil.rmtree(self._services.jobs_folder / uid)
            except FileNotFoundError:
                continue
            except OSError as error:
                log.warning("the folder of job %s could not be removed: %s", uid, error)


def _registry(
    machines: Mapping[str, Machine] | None, entries: Sequence[MachineEntry] | None, make: Make
) -> Registry:
    if machines is not None:
        given = [replace(registry.entry_of(machine), name=name) for name, machine in machines.items()]
        return Registry(entries or given, make, machines)
    if entries is not None:
        return Registry(entries, make)
    return Registry(registry.listed(), make, ask_list=registry.listed)


def keep_found_cor(row: JobRow, cor_px: float) -> None:
    """Put a COR that an engine found into the table of its folder, unless a person set one meanwhile.

    TomoBatchError ``scan-replaced`` where the scan it was found in is not there any more.
    """
    path, scan = Path(row.job.path), row.job.request.get("scan") or {}
    files = {path.name: Identity(scan["size_bytes"], scan["mtime_ns"])} if scan else {}
    if files and identity_on_disk(path.parent, path.name) not in (None, files[path.name]):
        # The table may hold a COR of the new scan already.
        raise TomoBatchError("scan-replaced", f"{shown(path.name)} has changed since. Run a Try again.")
    CorTable(path.parent).offer({path.name: cor_px}, CorSource.AUTOMATIC, files)
