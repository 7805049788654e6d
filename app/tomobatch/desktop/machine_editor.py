"""The machines window, for QML: a list of machines, the fields of one of them, and what is saved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.config.machine_checks import ENGINE_WORDS, MOST_GPUS
from tomobatch.config.machine_file import MachineFile
from tomobatch.config.machines import usual_gpus
from tomobatch.desktop.machine_choice import ENGINE_WORDS as ENGINE_NAMES
from tomobatch.desktop.machine_desk import MachineDesk, Saved
from tomobatch.desktop.machine_drafts import Drafts
from tomobatch.desktop.machine_test import MachineTest
from tomobatch.desktop.machine_watch import MachineWatch
from tomobatch.desktop.notices import WARNING
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.station.words import gpus_text

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

OWN_PROGRAM = "A program there…"
_TEXTS = ("name", "host", "environment", "engine")


@QmlElement
@QmlUncreatable("made by the program")
class MachineEditor(QObject):
    """See the module's text.

    Parameters
    ----------
    desk
        What it asks of the rest of the program.
    apply
        Takes what was saved.
    """

    changed = Signal()
    opened = Signal()
    done = Signal()
    currentChanged = Signal()

    def __init__(
        self,
        file: MachineFile,
        watch: MachineWatch,
        test: MachineTest,
        tasks: Tasks,
        say: Callable[[str, str], None],
        desk: MachineDesk,
        apply: Callable[[Saved], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._file, self._watch, self._test, self._tasks = file, watch, test, tasks
        self._say, self._desk, self._apply = say, desk, apply
        self._drafts = Drafts(desk.jobs_on)
        self._drafts.take(file.entries)
        self._problem, self._conflict, self._asking = "", False, False
        self._saving = False
        self._shown_wrong = False
        test.changed.connect(self.changed)
        watch.dataChanged.connect(self.changed)
        watch.modelReset.connect(self.changed)

    # -- opening and closing -------------------------------------------------------------------

    @Slot()
    def open(self) -> None:
        """Open the window on the list as it is on disk now; what was not saved before is still there."""
        if self._drafts.changed:
            self.opened.emit()
        else:
            self._tasks.start(self._open(), "reading the machines")

    async def _open(self) -> None:
        if problem := await asyncio.to_thread(self._file.read):
            self._say(WARNING, problem)
        self._take(self._watch.target)
        self.opened.emit()

    def _take(self, wanted: str = "") -> None:
        self._drafts.take(self._file.entries, wanted, self._desk.moves_lost)
        self._problem, self._conflict, self._asking, self._shown_wrong = "", False, False, False
        self._test.clear()
        self.changed.emit()

    @Slot()
    def leave(self) -> None:
        """Close the window, or ask first where something was typed."""
        if self._saving:
            return
        if self._drafts.changed and not self._asking:
            self._asking = True
            self.changed.emit()
        elif not self._drafts.changed:
            self.discard()

    @Slot()
    def stay(self) -> None:
        """Go on editing."""
        self._asking = self._conflict = False
        self._problem = ""
        self.changed.emit()

    @Slot()
    def discard(self) -> None:
        """Throw away what was typed, and close."""
        self._take()
        self.done.emit()

    # -- saving --------------------------------------------------------------------------------

    @Slot()
    def save(self) -> None:
        """Save all machines, unless one of them cannot be saved so: then that one is shown."""
        self._start_saving(anyway=False)

    @Slot()
    def saveAnyway(self) -> None:
        """Save over what another program has written; that is kept beside it."""
        self._start_saving(anyway=True)

    @Slot()
    def readAgain(self) -> None:
        """Take what another program has written, and throw away what was typed here."""
        self._tasks.start(self._open(), "reading the machines")

    def _start_saving(self, anyway: bool) -> None:
        self._asking = False
        wrong = self._drafts.wrong()
        if wrong >= 0:
            self._drafts.current, self._shown_wrong = wrong, True
            self._problem = f"Not saved: {next(iter(self._drafts.problems(wrong).values()))}"
        elif not self._saving:
            self._saving = True
            saved = Saved(self._drafts.entries, self._drafts.gpus, self._drafts.moves_lost)
            self._tasks.start(self._save(saved, anyway), "saving the machines")
        self.changed.emit()

    async def _save(self, saved: Saved, anyway: bool) -> None:
        try:
            self._desk.refuse(saved.entries)
            await asyncio.to_thread(self._file.write, saved.entries, anyway)
        except TomoBatchError as error:
            self._problem, self._conflict = error.sentence, error.code == "machines-changed"
            return
        except OSError as error:
            self._problem = f"The machines cannot be saved in {self._file.path} ({error.strerror})."
            return
        finally:
            self._saving = False
            self.changed.emit()
        self._apply(saved)
        self._take()
        self.done.emit()

    @property
    def busy(self) -> bool:
        """Whether something is typed or saved here, so that another list must wait."""
        return self._saving or self._drafts.changed

    def take_list(self) -> None:
        """Take the list as somebody else has written it; nothing is typed here just now."""
        self._take()

    # -- the list ------------------------------------------------------------------------------

    @Slot(int)
    def select(self, row: int) -> None:
        """Show a machine's fields; what was typed into others is kept."""
        if 0 <= row < len(self._drafts.rows) and row != self._drafts.current:
            self._drafts.current = row
            self._test.clear()
            self._told()
            self.currentChanged.emit()

    @Slot()
    def add(self) -> None:
        """Add a machine."""
        self._drafts.add()
        self._test.clear()
        self._told()

    @Slot()
    def remove(self) -> None:
        """Take the machine that is shown off the list, or say why it stays."""
        self._problem = self._drafts.kept_because()
        if not self._problem:
            self._drafts.remove()
            self._test.clear()
        self.changed.emit()

    def _lines(self) -> list[dict[str, Any]]:
        return [self._line(row) for row in range(len(self._drafts.rows))]

    def _line(self, row: int) -> dict[str, Any]:
        draft = self._drafts.rows[row]
        known = draft.was.name if draft.was else ""
        return {
            "name": draft.entry.name or "?",
            "host": "this machine" if draft.entry.is_local else draft.entry.host,
            "mark": self._watch.mark(known).value,
            "words": self._watch.words(known) if known else "not saved yet",
            "changed": draft.changed,
            "wrong": bool(self._drafts.problems(row)),
        }

    # -- the fields ----------------------------------------------------------------------------

    def _told(self) -> None:
        self._problem, self._asking = "", False
        self.changed.emit()

    @Slot(str, str)
    def set(self, field: str, text: str) -> None:
        """Take what was typed into a field of text."""
        if field in _TEXTS and text != getattr(self._drafts.entry, field):
            self._drafts.set(**{field: text})
            self._told()

    @Slot(int)
    def setGpus(self, count: int) -> None:
        """Take another number of GPUs."""
        self._drafts.set_gpus(max(1, min(MOST_GPUS, count)), self._gpus_anyway())
        self._told()

    @Slot(bool)
    def setMovesLost(self, moves: bool) -> None:
        """Let what waits for a lost machine go to any other, or wait."""
        self._drafts.moves_lost = moves
        self._told()

    @Slot(bool)
    def setInAny(self, ticked: bool) -> None:
        """Let *Any machine* use it, or not."""
        self._drafts.set(in_any=ticked)
        self._told()

    @Slot(int)
    def chooseEngine(self, choice: int) -> None:
        """Choose an engine; behind the words stands a program of its own."""
        self._drafts.choose_engine(choice)
        self._told()

    @Slot()
    def addPair(self) -> None:
        """Add a pair of folders."""
        self._drafts.add_pair()
        self._told()

    @Slot(int)
    def removePair(self, place: int) -> None:
        """Take a pair of folders away."""
        self._drafts.remove_pair(place)
        self._told()

    @Slot(int, str, str)
    def setPair(self, place: int, side: str, path: str) -> None:
        """Take what was typed into a field of a pair: ``here`` or ``there``."""
        if getattr(self._drafts.entry.paths[place], side) != path:
            self._drafts.set_pair(place, **{side: path})
            self._told()

    @Slot()
    def test(self) -> None:
        """Test the machine as it is in the fields."""
        problems = self._drafts.problems(self._drafts.current)
        if wrong := [
            problems[field] for field in ("host", "engine", "environment", "paths") if field in problems
        ]:
            self._problem, self._shown_wrong = wrong[0], True
            self.changed.emit()
        else:
            self._test.start(self._drafts.cleaned)

    @Slot()
    def stopTest(self) -> None:
        """Leave the test."""
        self._test.clear()

    def _found(self) -> int | None:
        """How many GPUs are known: by the test that is shown, else the program, else an earlier test."""
        was, tested = self._drafts.draft.was, self._test.gpus_of(self._drafts.cleaned)
        known = self._desk.gpus_found(was.name) if was is not None else None
        return known if tested is None or (known is not None and not self._test.lines) else tested

    def _gpus_anyway(self) -> int:
        """The number that counts where nobody sets another one here."""
        was = self._drafts.draft.was
        listed = was.gpus if was is not None else usual_gpus(self._drafts.entry.kind)
        said = self._desk.gpus_set(was.name) if was is not None else None
        return said or min(MOST_GPUS, self._found() or 0) or listed

    def _gpus(self) -> int:
        return self._drafts.entry.gpus if self._drafts.draft.gpus_set else self._gpus_anyway()

    def _gpus_note(self) -> str:
        if not self._desk.needs_gpus(self._drafts.entry):
            return "the CPU engine needs none"
        return gpus_text(self._found(), self._gpus())

    def _problem_of(self, field: str) -> str:
        draft = self._drafts.draft
        # What is still being typed is not called wrong before somebody wants to save it.
        if draft.was is None and not self._shown_wrong:
            return ""
        return self._drafts.problems(self._drafts.current).get(field, "")

    def _is_stale(self) -> bool:
        """Whether the fields have changed since the test."""
        return bool(self._test.lines) and not self._test.is_of(self._drafts.cleaned)

    def _pairs(self) -> list[dict[str, str]]:
        return [{"here": pair.here, "there": pair.there} for pair in self._drafts.entry.paths]

    lines = Property(list, _lines, notify=changed)
    count = Property(int, lambda self: len(self._drafts.rows), notify=changed)
    current = Property(int, lambda self: self._drafts.current, notify=changed)
    isLocal = Property(bool, lambda self: self._drafts.entry.is_local, notify=changed)
    name = Property(str, lambda self: self._drafts.entry.name, notify=changed)
    host = Property(str, lambda self: self._drafts.entry.host, notify=changed)
    gpus = Property(int, lambda self: self._gpus(), notify=changed)
    needsGpus = Property(bool, lambda self: self._desk.needs_gpus(self._drafts.entry), notify=changed)
    movesLost = Property(bool, lambda self: self._drafts.moves_lost, notify=changed)
    gpusNote = Property(str, _gpus_note, notify=changed)
    environment = Property(str, lambda self: self._drafts.entry.environment, notify=changed)
    engines = Property(
        list, lambda _: [*(ENGINE_NAMES[word] for word in ENGINE_WORDS), OWN_PROGRAM], constant=True
    )
    engineChoice = Property(int, lambda self: self._drafts.engine_choice, notify=changed)
    ownProgram = Property(bool, lambda self: self._drafts.engine_choice == len(ENGINE_WORDS), notify=changed)
    program = Property(str, lambda self: self._drafts.entry.engine, notify=changed)
    pairs = Property(list, _pairs, notify=changed)
    pairCount = Property(int, lambda self: len(self._drafts.entry.paths), notify=changed)
    inAny = Property(bool, lambda self: self._drafts.entry.in_any, notify=changed)
    nameProblem = Property(str, lambda self: self._problem_of("name"), notify=changed)
    hostProblem = Property(str, lambda self: self._problem_of("host"), notify=changed)
    environmentProblem = Property(str, lambda self: self._problem_of("environment"), notify=changed)
    engineProblem = Property(str, lambda self: self._problem_of("engine"), notify=changed)
    pathsProblem = Property(str, lambda self: self._problem_of("paths"), notify=changed)
    problem = Property(str, lambda self: self._problem, notify=changed)
    conflict = Property(bool, lambda self: self._conflict, notify=changed)
    asking = Property(bool, lambda self: self._asking, notify=changed)
    unsaved = Property(bool, lambda self: self._drafts.changed, notify=changed)
    saving = Property(bool, lambda self: self._saving, notify=changed)
    canRemove = Property(bool, lambda self: not self._drafts.entry.is_local, notify=changed)
    tested = Property(list, lambda self: self._test.lines, notify=changed)
    testing = Property(bool, lambda self: self._test.running, notify=changed)
    stale = Property(bool, lambda self: self._is_stale(), notify=changed)
