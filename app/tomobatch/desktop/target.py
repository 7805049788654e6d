"""The target machine, for QML: which one it is, its engine, and how many jobs it takes at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.config.machines import ANY, DEFAULT_MACHINES, LOCAL, MachineEntry
from tomobatch.desktop.machine_choice import ENGINE_WORDS, AnyChoice, MachineChoice
from tomobatch.desktop.notices import ERROR
from tomobatch.desktop.settings import Settings
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import AUTO, Engine, Offer
from tomobatch.station.station import Station

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

OPENING = "The queue is still being opened: try again in a moment."


@QmlElement
@QmlUncreatable("made by the program")
class Target(QObject):
    """See the module's text.

    Parameters
    ----------
    writing
        Writes into the journal, or says that it cannot be done just now, and what then stays as it was.

    Attributes
    ----------
    choice
        None before the station is open.
    """

    changed = Signal()
    moved = Signal(str)
    """Another machine is the target: its name."""

    def __init__(
        self,
        settings: Settings,
        tasks: Tasks,
        say: Callable[[str, str], None],
        writing: Callable[[str], AbstractContextManager[None]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings, self._tasks, self._say, self._writing = settings, tasks, say, writing
        self._station: Station | None = None
        self._entries: dict[str, MachineEntry] = {entry.name: entry for entry in DEFAULT_MACHINES}
        self.choice: MachineChoice | None = None

    # -- what the rest of the program tells ----------------------------------------------------

    def attach(self, station: Station) -> None:
        """Take the station, once it is open."""
        self._station = station
        self._show(self._settings.kept.machine)

    def take(self, entries: Sequence[MachineEntry]) -> None:
        """Take the list of machines as it is now; an engine that was set there counts from now on."""
        old, self._entries = self._entries, {entry.name: entry for entry in entries}
        for entry in entries:
            if entry.name in old and old[entry.name].engine != entry.engine:
                self._settings.kept.engines.pop(entry.name, None)
                self._settings.touch()
        if self._station is not None:
            self._show(self.name)

    # -- what the rest of the program asks -----------------------------------------------------

    @property
    def name(self) -> str:
        """The target machine."""
        return self.choice.name if self.choice else LOCAL

    @property
    def where(self) -> str:
        """Machine, engine and slots, for the question before a batch."""
        return self.choice.where() if self.choice is not None else ""

    @property
    def cpu_would_help(self) -> bool:
        """Whether the machine has no engine, and the embedded one could be taken instead."""
        return self.choice is not None and self.choice.cpu_would_help

    def require_engine(self) -> tuple[Engine, Offer]:
        """The machine's engine; TomoBatchError with the reason while there is none."""
        if self.choice is None:
            raise TomoBatchError("not-open", OPENING)
        return self.choice.require_engine()

    async def engine_on(self, machine: str) -> tuple[Engine, Offer]:
        """The engine of any machine, as it was chosen there; TomoBatchError where there is none just now."""
        if machine == self.name:
            return self.require_engine()
        choice = self._choice(machine, self._settings.kept.engines.get(machine, ""))
        await choice.look()
        return choice.require_engine()

    async def choose_engine(self, wanted: str) -> None:
        """Take this engine on the target machine from now on; returns when it was looked for."""
        if self._station is None or self.choice is None or wanted == self.choice.wanted_engine:
            return
        self._settings.kept.engines[self.name] = str(wanted)
        self._settings.touch()
        self.choice = self._choice(self.name, wanted)
        self.changed.emit()
        await self._look(self.choice)

    # -- choosing ------------------------------------------------------------------------------

    def _choice(self, name: str, engine: str) -> MachineChoice:
        station = self.require_station()
        if name == ANY:
            return AnyChoice(station)
        return MachineChoice(station, self._entries.get(name) or MachineEntry(name), engine)

    def require_station(self) -> Station:
        """The station; TomoBatchError ``not-open`` while there is none."""
        if self._station is None:
            raise TomoBatchError("not-open", OPENING)
        return self._station

    def _show(self, wanted: str) -> None:
        known = wanted == ANY or wanted in self.require_station().machines
        name = wanted if known else LOCAL
        self.choice = self._choice(name, self._settings.kept.engines.get(name, ""))
        self._tasks.start(self._look(self.choice), f"looking at {name}")
        self.changed.emit()
        self.moved.emit(name)

    async def _look(self, machine: MachineChoice) -> None:
        await machine.look()
        if machine is not self.choice:
            return
        if machine.cpu_would_help:
            self._say(ERROR, f"{machine.problem} Or choose another engine, beside the target machine.")
        elif machine.problem and not machine.is_asked_about:
            self._say(ERROR, machine.problem)
        self.changed.emit()

    def look_again(self) -> None:
        """Look at the machine anew if no engine was found there: it answers now."""
        if self.choice is not None and self.choice.engine is None and self.choice.problem:
            self._tasks.start(self._look(self.choice), f"looking at {self.name} again")

    def _set_machine(self, name: str) -> None:
        if self.choice is not None and name != self.choice.name:
            self._settings.kept.machine = name
            self._settings.touch()
            self._show(name)

    def _set_slot_count(self, number: int) -> None:
        if self.choice is not None and number != self.choice.wanted:
            with self._writing("the number of slots stays as it was"):
                self.choice.want(number)
            self.changed.emit()

    def _set_engine(self, index: int) -> None:
        if self.choice is not None:
            self._tasks.start(self.choose_engine(self.choice.choices[index]), "choosing an engine")

    machine = Property(str, lambda self: self.name, _set_machine, notify=changed)
    slotCount = Property(
        int,
        lambda self: self.choice.wanted if self.choice and self.choice.engine else 0,
        _set_slot_count,
        notify=changed,
    )
    slotsNote = Property(str, lambda self: self.choice.note if self.choice else "", notify=changed)
    engineText = Property(str, lambda self: self.choice.engine_text if self.choice else "", notify=changed)
    engines = Property(
        list, lambda self: self.choice.words if self.choice else [ENGINE_WORDS[AUTO]], notify=changed
    )
    engineChoice = Property(
        int,
        lambda self: self.choice.choices.index(self.choice.wanted_engine) if self.choice else 0,
        _set_engine,
        notify=changed,
    )
    canCount = Property(
        bool,
        lambda self: bool(self.choice and self.choice.engine) and self.name != ANY,
        notify=changed,
    )
    isAny = Property(bool, lambda self: self.name == ANY, notify=changed)
    engineMissing = Property(
        bool, lambda self: bool(self.choice and self.choice.has_no_engine), notify=changed
    )
