"""The machines as the window shows them, for QML: a dot for each, and how old is what is known of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from PySide6.QtCore import (
    Property,
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.config.machines import ANY, LOCAL
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Machine, Reach, Standing
from tomobatch.station.far import FarMachine, is_far
from tomobatch.station.machine_words import Mark, mark_of, standing_text
from tomobatch.station.status import no_standing

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

TICK_MS = 1000
SILENT_TICK_MS = 15_000
ASK_S = 30.0
EDIT = "edit"
"""What the last line is: the way to the machines window."""
_ROLES = ("name", "mark", "words", "kind")
_FIRST = Qt.ItemDataRole.UserRole + 1


class Load(NamedTuple):
    """What a machine has to do: whether all its slots are taken, and how many there are, in words."""

    full: bool = False
    slots: str = ""


@QmlElement
@QmlUncreatable("made by the program")
class MachineWatch(QAbstractListModel):
    """The machines, *Any machine* where there are several, and last the way to the machines window.

    Parameters
    ----------
    load_of
        What a machine has to do, by its name.
    ask_s
        How often the target machine is asked whether it is still there.
    """

    changed = Signal()
    """The target's dot or words."""
    standingChanged = Signal(str)
    """A machine stands otherwise, or has been silent for longer: its name."""
    keyUnknown = Signal(str)
    """A machine has a key that nobody has trusted yet: its name."""

    def __init__(
        self,
        tasks: Tasks,
        load_of: Callable[[str], Load] = lambda _: Load(),
        ask_s: float = ASK_S,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._load_of = tasks, load_of
        self._machines: dict[str, Machine] = {}
        self._watchers: dict[str, Callable[[], None]] = {}
        self._lines: list[tuple[str, str]] = [(LOCAL, "machine")]
        self._marks: list[Mark] = [Mark.REACHABLE]
        self._ticked: Sequence[str] = ()
        self._heard: dict[str, Standing] = {}
        self.target = LOCAL
        self._watched = False
        self._asking: set[str] = set()
        self._ages = QTimer(self, interval=TICK_MS)
        self._ages.timeout.connect(self._tell_words)
        self._silence = QTimer(self, interval=SILENT_TICK_MS)
        self._silence.timeout.connect(self._tell_silent)
        self._again = QTimer(self, interval=round(1000 * ask_s))
        self._again.timeout.connect(self._ask_target)

    # -- what the rest of the program tells ----------------------------------------------------

    def take(self, names: Sequence[str], ticked: Sequence[str]) -> None:
        """Take the list of machines as it is now; `ticked` are those that *Any machine* may use."""
        for name in self._machines.keys() - set(names):
            self._leave(name)
        self._heard.clear()
        self._ticked = tuple(ticked)
        self.beginResetModel()
        several = [(ANY, "any")] if len(ticked) > 1 else []
        self._lines = [*((name, "machine") for name in names), *several, ("Machines…", EDIT)]
        self._marks = self._marks_now()
        self.endResetModel()
        self.changed.emit()

    def follow(self, machine: Machine) -> None:
        """Be told how a machine stands that was made just now, perhaps in place of another of its name."""
        name = machine.name
        self._leave(name)
        self._heard.pop(name, None)
        self._machines[name] = machine
        self._watchers[name] = partial(self._stands_otherwise, name)
        machine.watchers.append(self._watchers[name])
        self._stands_otherwise(name)
        if name == self.target:
            self._ask_target()

    def _leave(self, name: str) -> None:
        machine = self._machines.pop(name, None)
        if machine is not None:
            machine.watchers.remove(self._watchers.pop(name))

    def close(self) -> None:
        """Be told nothing any more."""
        for name in tuple(self._machines):
            self._leave(name)

    def show(self, name: str) -> None:
        """Take this machine for the target: it is asked now and then whether it is still there."""
        self.target = name
        self._ask_target()
        self._again.start()
        self.changed.emit()

    def hear(self, name: str, standing: Standing) -> None:
        """Take what a test of the connection found, of a machine that nobody else has asked yet."""
        self._heard[name] = standing
        self._stands_otherwise(name)
        self._ask(name)

    def load_changed(self) -> None:
        """Slots were taken or have become free."""
        marks = self._marks_now()
        if marks != self._marks:
            self._marks = marks
            self._tell_rows()

    # -- what the rest of the program asks -----------------------------------------------------

    def standing_of(self, name: str) -> Standing:
        """How a machine stands; of one that is not in the list nothing is known."""
        machine = self._machines.get(name)
        if machine is not None:
            return machine.standing
        if name == LOCAL:
            return Standing(Reach.REACHABLE)
        return self._heard.get(name) or no_standing(name)

    def machine(self, name: str) -> Machine | None:
        """The machine itself; None while nobody has needed it."""
        return self._machines.get(name)

    def mark(self, name: str) -> Mark:
        """A machine's dot; of *Any machine* that of the best of them."""
        if name != ANY:
            return mark_of(self.standing_of(name), self._load_of(name).full)
        marks = {self.mark(known) for known in self._ticked}
        order = (Mark.REACHABLE, Mark.BUSY, Mark.UNKNOWN, Mark.LOST)
        return next((mark for mark in order if mark in marks), Mark.UNKNOWN)

    def words(self, name: str) -> str:
        """What is known of a machine, and how old that is."""
        if name == ANY:
            return "the first GPU that is free"
        slots, standing = self._load_of(name).slots, self.standing_of(name)
        return standing_text(standing, self.mark(name), slots, time.time(), name != LOCAL)

    # -- asking --------------------------------------------------------------------------------

    def _ask_target(self) -> None:
        self._ask(self.target)

    def _ask(self, name: str) -> None:
        machine = self._machines.get(name)
        if machine is not None and is_far(machine) and name not in self._asking:
            self._asking.add(name)
            self._tasks.start(self._call(name, machine), f"asking {name}")

    async def _call(self, name: str, machine: FarMachine) -> None:
        try:
            # What went wrong is told by how it stands then.
            with suppress(TomoBatchError):
                await machine.call()
        finally:
            self._asking.discard(name)

    # -- telling -------------------------------------------------------------------------------

    def _stands_otherwise(self, name: str) -> None:
        machine = self._machines.get(name)
        self._marks = self._marks_now()
        self._tell_rows()
        self.standingChanged.emit(name)
        if machine is not None and is_far(machine) and machine.unknown_key is not None:
            self.keyUnknown.emit(name)
        if self._lost():
            self._silence.start()
        else:
            self._silence.stop()

    def _lost(self) -> list[str]:
        return [name for name, known in self._machines.items() if known.standing.reach is Reach.LOST]

    def _tell_silent(self) -> None:
        for name in self._lost():
            self.standingChanged.emit(name)

    def _marks_now(self) -> list[Mark]:
        return [Mark.UNKNOWN if kind == EDIT else self.mark(name) for name, kind in self._lines]

    def _tell_rows(self) -> None:
        self.dataChanged.emit(self.index(0), self.index(len(self._lines) - 1))
        self.changed.emit()

    def _tell_words(self) -> None:
        role = _FIRST + _ROLES.index("words")
        self.dataChanged.emit(self.index(0), self.index(len(self._lines) - 1), [role])
        self.changed.emit()

    def _set_watched(self, watched: bool) -> None:
        """Let ages tick while somebody reads them, and only then."""
        self._watched = watched
        if watched:
            self._tell_words()
            self._ages.start()
        else:
            self._ages.stop()

    # -- for QML -------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Number of lines."""
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's
        """What a role of a line says."""
        if not index.isValid():
            return None
        name, kind = self._lines[index.row()]
        match role - _FIRST:
            case 0:
                return name
            case 1:
                return "" if kind == EDIT else self._marks[index.row()].value
            case 2:
                return "" if kind == EDIT else self.words(name)
            case 3:
                return kind
        return name if role == Qt.ItemDataRole.DisplayRole else None

    def roleNames(self) -> dict[int, QByteArray]:
        """Names of the roles in QML."""
        return {_FIRST + place: QByteArray(name.encode()) for place, name in enumerate(_ROLES)}

    @Slot(str, result=int)
    def rowOf(self, name: str) -> int:
        """Line of a machine; -1 where there is none."""
        return next((row for row, (known, _) in enumerate(self._lines) if known == name), -1)

    @Slot(int, result=str)
    def nameAt(self, row: int) -> str:
        """Name of the machine of a line; empty for the way to the machines window."""
        name, kind = self._lines[row] if 0 <= row < len(self._lines) else ("", EDIT)
        return "" if kind == EDIT else name

    targetMark = Property(str, lambda self: self.mark(self.target).value, notify=changed)
    targetWords = Property(str, lambda self: self.words(self.target), notify=changed)
    watched = Property(bool, lambda self: self._watched, _set_watched, notify=changed)
