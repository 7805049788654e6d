"""*Test connection*, for QML: the lines as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.config.machines import MachineEntry
from tomobatch.desktop.host_key import HostKey
from tomobatch.desktop.tasks import Tasks
from tomobatch.machines.base import Machine
from tomobatch.names import shown
from tomobatch.station.connection_test import Line, Topic, probe_connection
from tomobatch.station.far import is_far

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

ASKING, NOT_YET = "asking", "not-yet"


def asked_of(entry: MachineEntry) -> MachineEntry:
    """What the answers hang on."""
    return replace(entry, name="", gpus=1, in_any=True)


@QmlElement
@QmlUncreatable("made by the program")
class MachineTest(QObject):
    """One test at a time, of a machine as it is in the fields.

    Parameters
    ----------
    make
        A machine of an entry, for this test alone; it is closed afterwards.
    folder
        The open data folder; None where none is.
    """

    changed = Signal()
    heard = Signal(object, object)
    """The machine that was tested, and how it stood in the end."""

    def __init__(
        self,
        tasks: Tasks,
        host_key: HostKey,
        make: Callable[[MachineEntry], Machine],
        folder: Callable[[], Path | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._host_key, self._make, self._folder = tasks, host_key, make, folder
        self._entry: MachineEntry | None = None
        self._lines: dict[Topic, Line] = {}
        self._gpus: dict[MachineEntry, int] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self, entry: MachineEntry) -> None:
        """Test this machine; another test is left."""
        self.clear()
        self._entry = entry
        self._task = self._tasks.start(self._run(entry), f"testing {entry.name}")
        self.changed.emit()

    @Slot()
    def clear(self) -> None:
        """Leave the test, and forget what it said."""
        if self._task is not None:
            self._task.cancel()
        self._task, self._entry = None, None
        self._lines = {}
        self.changed.emit()

    def is_of(self, entry: MachineEntry) -> bool:
        """Whether what is shown was said of just this machine, or is about to be."""
        return self._entry is not None and asked_of(entry) == asked_of(self._entry)

    def gpus_of(self, entry: MachineEntry) -> int | None:
        """How many GPUs a test found of just this machine; None where none has come so far."""
        return self._gpus.get(asked_of(entry))

    async def _run(self, entry: MachineEntry) -> None:
        mine = asyncio.current_task()
        try:
            await self._visit(entry)
        finally:
            if self._task is mine:
                self._task = None
                self.changed.emit()

    async def _visit(self, entry: MachineEntry) -> None:
        machine = self._make(entry)
        try:
            await self._ask(machine, entry)
            if is_far(machine) and await self._host_key.ask(machine, again=True):
                await self._ask(machine, entry)
            self.heard.emit(entry, machine.standing)
        finally:
            await machine.close()

    async def _ask(self, machine: Machine, entry: MachineEntry) -> None:
        self._lines = {}
        self.changed.emit()
        async for line in probe_connection(machine, entry, self._folder()):
            self._lines[line.topic] = line
            if line.gpus is not None:
                self._gpus[asked_of(entry)] = line.gpus
            self.changed.emit()

    def _shown(self) -> list[dict[str, Any]]:
        """A line each, also for what was not answered yet."""
        if self._entry is None:
            return []
        open_ = [topic for topic in Topic if topic not in self._lines]
        return [self._line(topic, open_[:1] == [topic]) for topic in Topic]

    def _line(self, topic: Topic, is_next: bool) -> dict[str, Any]:
        line = self._lines.get(topic)
        if line is not None:
            return {
                "topic": topic.value,
                "sign": line.sign.value,
                "words": shown(line.words),
                "remedy": shown(line.remedy),
            }
        asking = is_next and self._task is not None
        words = "…" if asking else ""
        return {"topic": topic.value, "sign": ASKING if asking else NOT_YET, "words": words, "remedy": ""}

    lines = Property(list, _shown, notify=changed)
    running = Property(bool, lambda self: self._task is not None, notify=changed)
