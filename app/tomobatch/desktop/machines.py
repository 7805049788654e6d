"""All about machines, for QML: how they stand, the window that edits them, and the question about a key."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Property, QObject
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.batch.job import JobRow
from tomobatch.config.machine_file import MachineFile
from tomobatch.config.machines import ANY, MachineEntry, machines_path
from tomobatch.config.places import host_state_folder
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.host_key import HostKey
from tomobatch.desktop.lost_machines import LostMachines
from tomobatch.desktop.machine_desk import MachineDesk, Saved
from tomobatch.desktop.machine_editor import MachineEditor
from tomobatch.desktop.machine_list import MachineList
from tomobatch.desktop.machine_test import MachineTest, asked_of
from tomobatch.desktop.machine_watch import MachineWatch
from tomobatch.desktop.notices import ERROR, INFO, WARNING, Notices
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.target import Target
from tomobatch.desktop.tasks import Tasks
from tomobatch.desktop.tiles import TileModel
from tomobatch.machines.base import Machine, Reach, Standing
from tomobatch.station.far import is_far
from tomobatch.station.registry import Make, maker
from tomobatch.station.station import Station

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

log = logging.getLogger(__name__)


@QmlElement
@QmlUncreatable("made by the program")
class Machines(QObject):
    """See the module's text.

    Parameters
    ----------
    folder
        The open data folder; None where none is.
    make
        Makes a machine of its entry.
    """

    def __init__(
        self,
        target: Target,
        bridge: Bridge,
        notices: Notices,
        tasks: Tasks,
        folder: Callable[[], Path | None],
        make: Make | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._target, self._bridge, self._notices, self._tasks = target, bridge, notices, tasks
        self._make_one = make
        self._file = MachineFile(machines_path())
        self._desk = MachineDesk(bridge)
        self._watch = MachineWatch(tasks, self._desk.load_of, parent=self)
        self._host_key = HostKey(notices.say, self)
        self._test = MachineTest(tasks, self._host_key, self._make, folder, self)
        self._editor = MachineEditor(
            self._file,
            self._watch,
            self._test,
            tasks,
            notices.say,
            self._desk,
            self._apply,
            self,
        )
        self._list = MachineList(
            self._file,
            tasks,
            notices.say,
            lambda: self._editor.busy,
            self._desk.refuse,
            self._take_list,
            self,
        )
        self._tested: dict[str, tuple[MachineEntry, Standing]] = {}
        self._test.heard.connect(self._hear)
        self._lost = LostMachines(self._watch, bridge, notices, self._move_off, self._give_up, parent=self)
        target.moved.connect(self._watch.show)
        self._watch.keyUnknown.connect(self._ask_about_key)
        self._watch.standingChanged.connect(self._look_again)

    # -- opening -------------------------------------------------------------------------------

    async def read(self) -> Sequence[MachineEntry]:
        """Read the list."""
        if problem := await asyncio.to_thread(self._file.read):
            self._notices.say(WARNING, problem)
        self._target.take(self._file.entries)
        self._watch.take(*_names(self._file.entries))
        self._list.timer.start()
        return self._file.entries

    def make(self, entry: MachineEntry) -> Machine:
        """Make a machine for the station; how it stands is shown from then on."""
        machine = self._make(entry)
        self._watch.follow(machine)
        return machine

    def _make(self, entry: MachineEntry) -> Machine:
        if self._make_one is None:
            self._make_one = maker(host_state_folder() / "jobs")
        return self._make_one(entry)

    def attach(self, station: Station) -> None:
        """Take the station, once it is open."""
        self._desk.station = station

    def close(self) -> None:
        """Be told nothing any more."""
        self._list.timer.stop()
        self._watch.close()

    # -- what is asked of the rest -------------------------------------------------------------

    def jobs_changed(self, rows: Sequence[object]) -> None:
        """Jobs have begun or ended."""
        self._watch.load_changed()
        self._lost.jobs_changed(rows)

    def show_in(self, scans: ScanModel, tiles: TileModel) -> None:
        """Have rows and tiles say how the machines of their jobs stand."""
        scans.follow_machines(self._watch.standing_of)
        self._watch.standingChanged.connect(scans.machine_changed)
        tiles.is_lost = lambda name: self._watch.standing_of(name).reach is Reach.LOST
        self._watch.standingChanged.connect(tiles.renew)

    # -- what follows from it ------------------------------------------------------------------

    def _apply(self, saved: Saved) -> None:
        self._tasks.start(self._set(saved), "taking the list of machines")

    async def _set(self, saved: Saved) -> None:
        try:
            await self._desk.take(saved)
        except (sqlite3.Error, OSError) as error:
            self._cannot_write(error, "set it once more")
        self._watch.take(*_names(saved.entries))
        self._tell_tested(saved.entries)
        self._target.take(saved.entries)

    def _hear(self, entry: MachineEntry, standing: Standing) -> None:
        self._tested[entry.name] = (entry, standing)
        self._tell_tested([one for one in self._file.entries if one.name == entry.name])

    def _tell_tested(self, entries: Sequence[MachineEntry]) -> None:
        """Have the dots of these machines say what a test found, where it was of just these."""
        for entry in entries:
            tested, standing = self._tested.get(entry.name, (None, None))
            if tested is not None and standing is not None and asked_of(tested) == asked_of(entry):
                self._watch.hear(entry.name, standing)

    def _take_list(self, entries: Sequence[MachineEntry]) -> None:
        """Somebody else has written it."""
        self._editor.take_list()
        self._apply(Saved(entries))

    def _ask_about_key(self, name: str) -> None:
        machine = self._watch.machine(name)
        if machine is not None and is_far(machine):
            self._tasks.start(self._host_key_asked(machine), f"asking about the key of {name}")

    async def _host_key_asked(self, machine: Machine) -> None:
        if is_far(machine):
            await self._host_key.ask(machine)

    def _look_again(self, name: str) -> None:
        if name == self._target.name and self._watch.standing_of(name).reach is Reach.REACHABLE:
            self._target.look_again()

    def _move_off(self, name: str) -> None:
        self._tasks.start(self._moved_off(name), f"moving what waits for {name}")

    async def _moved_off(self, name: str) -> None:
        if self._desk.station is None:
            return
        moved = await self._desk.station.move_waiting(name, ANY)
        self._bridge.take(moved.rows)
        count = len(moved.rows)
        jobs = "1 job goes" if count == 1 else f"{count} jobs go"
        self._notices.say(INFO, f"{jobs} to {ANY} instead of {name}.")
        for sentence in moved.refused[:1]:
            more = len(moved.refused) - 1
            self._notices.say(ERROR, sentence + (f" And {more} more." if more else ""))

    def _give_up(self, rows: Sequence[JobRow]) -> bool:
        if self._desk.station is None:
            return False
        uids = [row.uid for row in rows]
        try:
            self._desk.station.ask_stop(uids, give_up=True)
        except (sqlite3.Error, OSError) as error:
            self._cannot_write(error, "give them up once more")
            return False
        return True

    def _cannot_write(self, error: Exception, so: str) -> None:
        log.warning("the journal cannot be written", exc_info=error)
        self._notices.say(ERROR, f"The job journal cannot be written just now ({error}): {so}.")

    watch = Property(MachineWatch, lambda self: self._watch, constant=True)
    editor = Property(MachineEditor, lambda self: self._editor, constant=True)
    hostKey = Property(HostKey, lambda self: self._host_key, constant=True)


def _names(entries: Sequence[MachineEntry]) -> tuple[list[str], list[str]]:
    """All machines, and those that *Any machine* may use."""
    return [entry.name for entry in entries], [entry.name for entry in entries if entry.in_any]
