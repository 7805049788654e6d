"""The target machine: its engine, its slots, and what is said about them."""

from __future__ import annotations

from tomobatch.config.machines import ANY, MachineEntry
from tomobatch.desktop.question import engine_text
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import KEY_UNKNOWN
from tomobatch.machines.slots import Slot
from tomobatch.recon.engines import AUTO, ENGINE_CHOICES, Engine, EngineKind, Offer
from tomobatch.station.engines import MISSING, choose_engine
from tomobatch.station.slot_book import CPU, GPU, slot_kind
from tomobatch.station.station import Station
from tomobatch.station.words import gpus_text

ENGINE_WORDS = {AUTO: "Automatic", EngineKind.TOMOCUPY.value: "tomocupy", EngineKind.CPU.value: "CPU engine"}


class MachineChoice:
    """One machine, as the window shows it.

    Parameters
    ----------
    wanted_engine
        One of `choices`; anything else counts as the engine of the machine's entry.

    Attributes
    ----------
    choices
        Engines it can be asked for: ``auto``, ``tomocupy``, ``cpu``, and the path of its own program, if any.
    engine
        None until it was found.
    problem
        Why there is none, a sentence; else empty.
    has_no_engine
        Whether the machine answers, but has no engine.
    is_asked_about
        Whether a person is asked about the problem anyway: whether to trust the machine's key.
    """

    def __init__(self, station: Station, entry: MachineEntry, wanted_engine: str = "") -> None:
        self._station = station
        self.name = entry.name
        self.choices = list(dict.fromkeys((*ENGINE_CHOICES, entry.engine)))
        self.wanted_engine = wanted_engine if wanted_engine in self.choices else entry.engine
        self.engine: tuple[Engine, Offer] | None = None
        self.problem = ""
        self.has_no_engine = self.is_asked_about = False

    async def look(self) -> None:
        """Find the engine and the GPUs."""
        try:
            machine = self._station.machine(self.name)
            engine = await choose_engine(machine, self.wanted_engine)
            if engine[0].uses_gpu:
                await self._station.look_for_gpus(self.name)
        except TomoBatchError as error:
            self.problem, self.has_no_engine = error.sentence, error.code in MISSING
            self.is_asked_about = error.code == KEY_UNKNOWN
            return
        self.problem, self.engine = "", engine

    @property
    def words(self) -> list[str]:
        """What the `choices` are called; a program by its file's name."""
        return [ENGINE_WORDS.get(choice, choice.rpartition("/")[2]) for choice in self.choices]

    @property
    def cpu_would_help(self) -> bool:
        """Whether there is no engine, and the embedded one could be taken instead."""
        return bool(self.problem) and self.has_no_engine and self.wanted_engine != EngineKind.CPU

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
    def pools(self) -> list[tuple[str, list[Slot]]]:
        """Machines and their slots that are shown as tiles; of an engine that is not known yet, what runs."""
        return [(self.name, self.slots if self.engine else [])]

    @property
    def why_no_slots(self) -> str:
        """What stands in the place of the tiles while there are none."""
        if self.has_no_engine:
            return "no engine"
        return "cannot be reached" if self.problem else "is being asked …"

    @property
    def wanted(self) -> int:
        """*GPUs per machine*: what the user said, else what was found, else what the machine list says."""
        return self._station.slots.wanted(self.name, self.kind)

    def want(self, count: int) -> None:
        """Set *GPUs per machine*."""
        self._station.slots.want(self.name, self.kind, count)
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
        if self.kind == CPU:
            return f"{self.engine_text}, no GPU needed"
        return f"{self.engine_text} · {gpus_text(self._station.slots.count_found(self.name), self.wanted)}"

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


class AnyChoice(MachineChoice):
    """All the machines that are ticked for it: the first slot that is free takes a job."""

    def __init__(self, station: Station) -> None:
        super().__init__(station, MachineEntry(ANY))
        self.choices = [AUTO]

    async def look(self) -> None:
        """Nothing is looked for: each machine has its own engine."""
        self.engine = await self._station.engine(ANY)

    @property
    def words(self) -> list[str]:
        """There is nothing to choose."""
        return ["Each its own"]

    @property
    def slots(self) -> list[Slot]:
        """Of all of them, as far as they are known."""
        return [slot for _, slots in self.pools for slot in slots]

    @property
    def pools(self) -> list[tuple[str, list[Slot]]]:
        """Those of which something is known so far."""
        kinds = ((name, self._kind_of(name)) for name in self._station.facts.any_machines())
        return [(name, self._station.slots.slots(name, kind)) for name, kind in kinds if kind]

    def _kind_of(self, name: str) -> str:
        known = self._station.facts.kind_for_any(name)
        return known or (GPU if self._station.slots.count_found(name) else "")

    @property
    def why_no_slots(self) -> str:
        """What stands in the place of the tiles while there are none."""
        return "its machines are asked once something is to be run"

    @property
    def wanted(self) -> int:
        """How many jobs run at a time, as far as that is known."""
        return len(self.slots)

    def want(self, count: int) -> None:
        """Each machine has its own number."""

    @property
    def engine_text(self) -> str:
        """The engine in words."""
        return "each machine by its own engine"

    @property
    def note(self) -> str:
        """Which machines take part."""
        return f"first free of {', '.join(self._station.facts.any_machines())}"

    def where(self) -> str:
        """Machines and engine, for the question before a batch."""
        names = ", ".join(self._station.facts.any_machines())
        return f"On the first free GPU of {names}, each by its own engine."
