"""The target machine: its engine, its slots, and what is said about them."""

from __future__ import annotations

from tomobatch.desktop.question import engine_text
from tomobatch.errors import TomoBatchError
from tomobatch.machines.slots import MOST_SLOTS, Slot
from tomobatch.recon.engines import AUTO, ENGINE_CHOICES, Engine, EngineKind, Offer
from tomobatch.station.engines import choose_engine
from tomobatch.station.slot_book import CPU, GPU, slot_kind
from tomobatch.station.station import Station


class MachineChoice:
    """One machine, as the window shows it.

    Parameters
    ----------
    wanted_engine
        One of `ENGINE_CHOICES`; anything else counts as ``auto``.

    Attributes
    ----------
    engine
        None until it was found.
    problem
        Why there is none, a sentence; else empty.
    """

    def __init__(self, station: Station, name: str, wanted_engine: str = AUTO) -> None:
        self._station = station
        self.name = name
        self.wanted_engine = wanted_engine if wanted_engine in ENGINE_CHOICES else AUTO
        self.engine: tuple[Engine, Offer] | None = None
        self.problem = ""

    async def look(self) -> None:
        """Find the engine and the GPUs."""
        try:
            machine = self._station.machine(self.name)
            engine = await choose_engine(machine, self.wanted_engine)
            if engine[0].uses_gpu:
                await self._station.look_for_gpus(self.name)
        except TomoBatchError as error:
            self.problem = error.sentence
            return
        self.problem, self.engine = "", engine

    @property
    def cpu_would_help(self) -> bool:
        """Whether there is no engine, and the embedded one could be taken instead."""
        return bool(self.problem) and self.wanted_engine != EngineKind.CPU

    def require_engine(self) -> tuple[Engine, Offer]:
        """The engine; TomoBatchError ``engine-missing`` while there is none."""
        if self.engine is None:
            raise TomoBatchError("engine-missing", self.problem or "The engine is still being looked for.")
        return self.engine

    @property
    def kind(self) -> str:
        """``GPU`` or ``CPU``."""
        return slot_kind(self.engine[0]) if self.engine else CPU

    @property
    def slots(self) -> list[Slot]:
        """Slots that take jobs."""
        return self._station.slots.slots(self.name, self.kind)

    @property
    def wanted(self) -> int:
        """*GPUs per machine*: what the user said, else what was found, else what the machine list says."""
        return self._station.slots.wanted(self.name, self.kind)

    def want(self, count: int) -> None:
        """Set *GPUs per machine*."""
        self._station.journal.set_slot_count(self.name, self.kind, min(MOST_SLOTS, max(1, count)))
        self._station.wake()

    @property
    def engine_text(self) -> str:
        """The engine in words."""
        if self.engine is None:
            return self.problem or "Looking for the engine …"
        return engine_text(self.engine[0])

    @property
    def note(self) -> str:
        """What was found, and where that differs from what the user said."""
        if self.engine is None:
            return self.engine_text
        found = self._station.slots.count_found(self.name)
        if self.kind == CPU:
            return f"{self.engine_text}, no GPU needed"
        if not found:
            return f"{self.engine_text} · no GPU was found here"
        used = f", {len(self.slots)} used" if self.wanted != found else ""
        return f"{self.engine_text} · {found} {GPU if found == 1 else 'GPUs'} found{used}"

    def where(self) -> str:
        """Machine, engine and slots, for the question before a batch."""
        count = len(self.slots)
        at_a_time = "one at a time" if count == 1 else f"{count} at a time"
        return f"On {self.name}, {at_a_time}, by {self._by}."

    @property
    def _by(self) -> str:
        if self.kind != CPU:
            return self.engine_text
        return "the CPU engine" + (", as you chose" if self.wanted_engine == EngineKind.CPU else "")
