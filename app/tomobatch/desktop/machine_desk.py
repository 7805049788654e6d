"""What the machines window asks of the rest of the program, and what becomes of what it saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tomobatch.config.machines import ANY, MachineEntry
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.machine_watch import Load
from tomobatch.recon.engines import EngineKind
from tomobatch.station.registry import refuse_busy
from tomobatch.station.slot_book import CPU, GPU
from tomobatch.station.station import Station


@dataclass(frozen=True)
class Saved:
    """What a person has saved, or somebody else has.

    Attributes
    ----------
    gpus
        Numbers of GPUs that were set, by the machine's name.
    moves_lost
        Whether what waits for a lost machine is to go to any other; None where that stays as it is.
    """

    entries: Sequence[MachineEntry]
    gpus: Mapping[str, int] = field(default_factory=dict)
    moves_lost: bool | None = None


class MachineDesk:
    """See the module's text; before the station is open nothing is known."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self.station: Station | None = None

    # -- asked ---------------------------------------------------------------------------------

    def load_of(self, name: str) -> Load:
        """Whether all slots of a machine are taken, and how many it has."""
        if self.station is None or name == ANY:
            return Load()
        slots = self.station.slots
        taken: dict[str, int] = {}
        for row in self._bridge.standing.begun():
            if row.job.machine == name:
                taken[row.job.slot_kind] = taken.get(row.job.slot_kind, 0) + 1
        full = any(count >= len(slots.slots(name, kind)) for kind, count in taken.items())
        found = slots.count_found(name)
        return Load(full, "" if not found else "1 GPU" if found == 1 else f"{found} GPUs")

    def jobs_on(self, name: str) -> int:
        """How many jobs wait or run on a machine."""
        return sum(row.job.machine == name for row in self._bridge.standing.active.values())

    def gpus_found(self, name: str) -> int | None:
        """How many GPUs were found on a machine; None where nobody has looked."""
        if self.station is None or not self.station.slots.knows(name):
            return None
        return self.station.slots.count_found(name)

    def gpus_set(self, name: str) -> int | None:
        """The number of GPUs that somebody has set for a machine; None where nobody has."""
        return None if self.station is None else self.station.slots.said(name, GPU)

    def needs_gpus(self, entry: MachineEntry) -> bool:
        """Whether its engine uses GPUs, as far as that is known."""
        kind = None if self.station is None else self.station.facts.kind_for_any(entry.name)
        return entry.engine != EngineKind.CPU and kind != CPU

    @property
    def moves_lost(self) -> bool:
        """Whether what waits for a lost machine goes to any other."""
        return self.station is not None and self.station.moves_lost_jobs

    # -- done ----------------------------------------------------------------------------------

    def refuse(self, entries: Sequence[MachineEntry]) -> None:
        """TomoBatchError where this list cannot be taken now."""
        if self.station is not None:
            refuse_busy(self.station.journal, self.station.machines, entries)

    async def take(self, saved: Saved) -> None:
        """Take a list; TomoBatchError where that cannot be done now, sqlite3.Error where the disk is full."""
        if self.station is None:
            return
        await self.station.set_machines(saved.entries)
        for name, count in saved.gpus.items():
            self.station.slots.want(name, GPU, count)
        if saved.moves_lost is not None and saved.moves_lost != self.moves_lost:
            self.station.set_moves_lost_jobs(saved.moves_lost)
