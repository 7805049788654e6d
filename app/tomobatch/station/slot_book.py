"""How many slots each machine offers, and what a job on a slot may use of the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from tomobatch.batch.job import JobRow
from tomobatch.batch.journal import Journal
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.slots import Slot
from tomobatch.recon.command import environment
from tomobatch.recon.engines import Engine
from tomobatch.recon.request import ReconRequest

GPU, CPU = "GPU", "CPU"
# Half of the memory for reconstruction, as the engine itself would take it; the rest caches files.
_MOST_MEMORY_MB = 8000


def slot_kind(engine: Engine) -> str:
    """Which kind of slot an engine needs."""
    return GPU if engine.uses_gpu else CPU


class SlotBook:
    """Slots of all machines.

    The user's number counts (*GPUs per machine*), but never beyond the GPUs that were found: an index
    that does not exist would hide all GPUs from the engine. Without either there is one slot.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._gpus: dict[str, Sequence[Gpu]] = {}

    def found(self, machine: str, gpus: Sequence[Gpu]) -> None:
        """Note the GPUs that were found on a machine."""
        self._gpus[machine] = gpus

    def knows(self, machine: str) -> bool:
        """Whether the machine was asked for its GPUs."""
        return machine in self._gpus

    def count_found(self, machine: str) -> int:
        """Number of GPUs that were found on a machine; 0 where it was not asked."""
        return len(self._gpus.get(machine, ()))

    def slots(self, machine: str, kind: str) -> list[Slot]:
        """Slots of a machine that may be used now."""
        gpus = self._gpus.get(machine, ()) if kind == GPU else ()
        wanted = self._journal.slot_count(machine, kind)
        if gpus:
            return [Slot(kind, gpu.index, gpu.uuid, gpu.name) for gpu in gpus[:wanted]]
        return [Slot(kind, str(index)) for index in range(wanted or 1)]

    def share(self, row: JobRow, slot: Slot) -> Mapping[str, str]:
        """Environment of a job on a slot: its GPU, or its part of the cores and the memory."""
        engine = ReconRequest.from_dict(row.job.request).engine
        if slot.kind == GPU:
            return environment(engine, gpu=slot.uuid or slot.index)
        count = len(self.slots(row.job.machine, slot.kind))
        cores = len(os.sched_getaffinity(0))
        memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2_000_000
        return environment(
            engine, threads=max(1, cores // count), memory_mb=min(_MOST_MEMORY_MB, memory_mb) // count
        )
