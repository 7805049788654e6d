"""How many slots each machine offers, and what a job on a slot may use of the machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from tomobatch.batch.job import JobRow
from tomobatch.batch.journal import Journal
from tomobatch.config.machines import MachineEntry, MachineKind, usual_gpus
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.slots import ANY_KIND, MOST_SLOTS, Slot
from tomobatch.recon.command import environment
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.request import ReconRequest

EntryOf = Callable[[str], MachineEntry | None]
GPU, CPU = "GPU", "CPU"
# Half of the memory for reconstruction, as the engine itself would take it; the rest caches files.
_MOST_MEMORY_MB = 8000


def _listed_then(machine: str) -> str:
    """Under this name the journal keeps what the list said when a person set another number."""
    return f"gpus listed {machine}"


def slot_kind(engine: Engine) -> str:
    """Which kind of slot an engine needs."""
    if engine.kind is EngineKind.ANY:
        return ANY_KIND
    return GPU if engine.uses_gpu else CPU


class SlotBook:
    """Slots of all machines.

    A machine has one number (*GPUs per machine*), and what was said last counts: in the bar, in the machines
    window, on the command line, or by a change of the list's file. It never goes beyond the GPUs that were
    found: an index that does not exist would hide all GPUs from the engine. Where nobody has said any, all
    that were found count; where a machine has no ``nvidia-smi``, the usual number. A machine that is far
    offers none before it was asked.

    Parameters
    ----------
    entry_of
        What the list says of a machine; None where it has none of that name.
    """

    def __init__(self, journal: Journal, entry_of: EntryOf = lambda _: None) -> None:
        self._journal, self._entry_of = journal, entry_of
        self._gpus: dict[str, Sequence[Gpu]] = {}
        self._cores: dict[str, int] = {}

    def found(self, machine: str, gpus: Sequence[Gpu]) -> None:
        """Note the GPUs that were found on a machine."""
        self._gpus[machine] = gpus

    def found_cores(self, machine: str, count: int) -> None:
        """Note how many cores a machine that is far has."""
        self._cores[machine] = count

    def forget(self, machine: str) -> None:
        """Nothing is known of a machine any more."""
        self._gpus.pop(machine, None)
        self._cores.pop(machine, None)

    def knows(self, machine: str) -> bool:
        """Whether the machine was asked for its GPUs."""
        return machine in self._gpus

    def count_found(self, machine: str) -> int:
        """Number of GPUs that were found on a machine; 0 where it was not asked."""
        return len(self._gpus.get(machine, ()))

    def wanted(self, machine: str, kind: str) -> int:
        """*GPUs per machine*: what the user said, else what was found, else what the list says."""
        said = self.said(machine, kind)
        if said or kind != GPU:
            return said or 1
        entry = self._entry_of(machine)
        return min(MOST_SLOTS, self.count_found(machine)) or (entry.gpus if entry is not None else 1)

    def want(self, machine: str, kind: str, count: int) -> None:
        """Set *GPUs per machine*."""
        self._journal.set_slot_count(machine, kind, min(MOST_SLOTS, max(1, count)))
        entry = self._entry_of(machine)
        if kind == GPU and entry is not None:
            self._journal.set_choice(_listed_then(machine), str(entry.gpus))

    def said(self, machine: str, kind: str) -> int | None:
        """The number that was said last; None where nobody has said any."""
        said, entry = self._journal.slot_count(machine, kind), self._entry_of(machine)
        if kind != GPU or entry is None:
            return said
        then = self._journal.choice(_listed_then(machine)) or str(usual_gpus(entry.kind))
        # The list has been changed since: that is the newer word.
        return said if then == str(entry.gpus) else entry.gpus

    def slots(self, machine: str, kind: str) -> list[Slot]:
        """Slots of a machine that may be used now."""
        gpus = self._gpus.get(machine, ()) if kind == GPU else ()
        if gpus:
            said = self.said(machine, kind)
            return [Slot(kind, gpu.index, gpu.uuid, gpu.name) for gpu in gpus[:said]]
        if kind == GPU and self._is_far(machine) and not self.knows(machine):
            return []
        return [Slot(kind, str(index)) for index in range(self.wanted(machine, kind))]

    def _is_far(self, machine: str) -> bool:
        entry = self._entry_of(machine)
        return entry is not None and entry.kind is not MachineKind.LOCAL

    def share(self, row: JobRow, slot: Slot) -> Mapping[str, str]:
        """Environment of a job on a slot: its GPU, or its part of the cores and the memory."""
        engine = ReconRequest.from_dict(row.job.request).engine
        if slot.kind == GPU:
            return environment(engine, gpu=slot.uuid or slot.index)
        machine = row.job.machine
        count = len(self.slots(machine, slot.kind))
        if self._is_far(machine):
            # This host's cores and memory say nothing of that one's; its engine looks at its own memory.
            cores = self._cores.get(machine)
            return environment(engine, threads=None if cores is None else max(1, cores // count))
        cores = len(os.sched_getaffinity(0))
        memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2_000_000
        return environment(
            engine, threads=max(1, cores // count), memory_mb=min(_MOST_MEMORY_MB, memory_mb) // count
        )
