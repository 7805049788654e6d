"""What was found out about the machines, and what the scheduler asks of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from tomobatch.batch.ground import Pool
from tomobatch.batch.job import Job, JobRow
from tomobatch.config.machines import ANY
from tomobatch.errors import TomoBatchError
from tomobatch.machines.slots import ANY_KIND, Slot
from tomobatch.recon.engines import Engine, Offer
from tomobatch.recon.request import ReconRequest
from tomobatch.station.engines import MISSING, choose_engine
from tomobatch.station.registry import Registry
from tomobatch.station.slot_book import CPU, GPU, SlotBook, slot_kind

Found = tuple[Engine, Offer]
Move = Callable[[str, Sequence[JobRow]], Awaitable[object]]
_CORES_TIMEOUT_S = 20.0


class MachineFacts:
    """Implements `tomobatch.batch.ground.Ground`.

    Parameters
    ----------
    move
        Gives jobs that wait for a machine to any other.
    """

    def __init__(self, registry: Registry, book: SlotBook, move: Move) -> None:
        self._registry, self._book, self._move = registry, book, move
        self._engines: dict[str, Found | TomoBatchError] = {}
        self._memory: dict[str, int | None] = {}

    # -- asked ------------------------------------------------------------------------------

    async def look(self, machine: str, kind: str) -> None:
        """See `Ground.look`."""
        if kind == ANY_KIND:
            kind = await self._look_for_engine(machine)
        one = self._registry[machine]
        if one.far:
            await one.call()
        if kind == GPU and (one.far or not self._book.knows(machine)):
            await self.look_for_gpus(machine)
        if kind == CPU and one.far:
            await self._look_for_cores(machine)
        if machine not in self._memory:
            self._memory[machine] = await one.memory_bytes()

    async def _look_for_engine(self, machine: str) -> str:
        """Kind of slot that its own engine takes; empty where it has none that works."""
        try:
            return slot_kind((await self.engine(machine))[0])
        except TomoBatchError as error:
            if error.code not in MISSING:
                raise
            return ""

    async def engine(self, machine: str) -> Found:
        """The engine that the list names for a machine, asked for what it offers; TomoBatchError if none."""
        try:
            found = await choose_engine(self._registry[machine], self._registry.entry(machine).engine)
        except TomoBatchError as error:
            if error.code in MISSING:
                self._engines[machine] = error
            raise
        self._engines[machine] = found
        return found

    async def look_for_gpus(self, machine: str) -> int:
        """Ask a machine for its GPUs; gives their number."""
        found = await self._registry[machine].gpus()
        self._book.found(machine, found)
        return len(found)

    async def _look_for_cores(self, machine: str) -> None:
        said = await self._registry[machine].run_short(["nproc"], _CORES_TIMEOUT_S)
        if said.exit_status == 0 and said.stdout.strip().isdigit():
            self._book.found_cores(machine, int(said.stdout))

    def forget(self, machine: str) -> None:
        """It is another machine now, under the same name."""
        self._engines.pop(machine, None)
        self._memory.pop(machine, None)
        self._book.forget(machine)

    # -- known ------------------------------------------------------------------------------

    def slots(self, machine: str, kind: str) -> Sequence[Slot]:
        """See `Ground.slots`."""
        return self._book.slots(machine, kind)

    def any_machines(self) -> list[str]:
        """See `Ground.any_machines`."""
        return [entry.name for entry in self._registry.entries if entry.in_any]

    def kind_for_any(self, machine: str) -> str | None:
        """See `Ground.kind_for_any`."""
        found = self._engines.get(machine)
        return slot_kind(found[0]) if isinstance(found, tuple) else None

    def for_any(self) -> list[Pool]:
        """Machines, and their kinds of slots, that take what any machine may run, as far as it is known."""
        kinds = ((name, self.kind_for_any(name)) for name in self.any_machines())
        return [(name, kind) for name, kind in kinds if kind is not None]

    def memory_bytes(self, machine: str) -> int | None:
        """See `Ground.memory_bytes`."""
        return self._memory.get(machine)

    def job_on(self, job: Job, machine: str) -> Job:
        """See `Ground.job_on`."""
        found = self._engines.get(machine)
        if isinstance(found, TomoBatchError):
            raise found
        if found is None:
            raise TomoBatchError("engine-missing", f"The engine of {machine} is not known yet.")
        return job_by(job, machine, found)

    def nobody_takes(self, job: Job) -> str:
        """See `Ground.nobody_takes`."""
        names = self.any_machines()
        if not names or any(name not in self._engines for name in names):
            return ""
        reasons = []
        for name in names:
            try:
                self.job_on(job, name)
            except TomoBatchError as error:
                reasons.append(f"{name}: {error.sentence}")
            else:
                return ""
        return f"No machine ticked for {ANY} can run {job.file_name}. {' '.join(reasons)}"

    async def evacuate(self, machine: str, jobs: Sequence[JobRow]) -> None:
        """See `Ground.evacuate`."""
        await self._move(machine, jobs)


def job_by(job: Job, machine: str, found: Found) -> Job:
    """The same job for another machine and its engine; TomoBatchError where that one cannot run it."""
    request = ReconRequest.from_dict(job.request).by(*found)
    return replace(job, machine=machine, slot_kind=slot_kind(found[0]), request=request.to_dict())
