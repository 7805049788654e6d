"""Machines that do not answer while jobs are there: that is said, and what can be done about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.machine_watch import MachineWatch
from tomobatch.desktop.notices import INFO, WARNING, Notices
from tomobatch.machines.base import Reach
from tomobatch.station.machine_words import give_up_text, given_up_words, lost_text

AFTER_S = 5.0
WAIT, MOVE, GIVE_UP = "Wait", f"Move to {ANY}", "Give up"


class LostMachines(QObject):
    """See the module's text.

    Parameters
    ----------
    move
        Moves what waits for a machine to *Any machine*.
    give_up
        Gives up these jobs, which have begun; whether that could be written down.
    after_s
        A machine that comes back sooner was hardly away: nothing is said.
    """

    def __init__(
        self,
        watch: MachineWatch,
        bridge: Bridge,
        notices: Notices,
        move: Callable[[str], None],
        give_up: Callable[[Sequence[JobRow]], bool],
        after_s: float = AFTER_S,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._watch, self._bridge, self._notices = watch, bridge, notices
        self._move, self._give_up = move, give_up
        self._after_s = after_s
        self._said: set[str] = set()
        # Those that a person waits for, and how many of their jobs were to be stopped then.
        self._waited: dict[str, int] = {}
        self._given_up: set[str] = set()
        self._later: set[str] = set()
        watch.standingChanged.connect(self._look)

    def jobs_changed(self, _: object) -> None:
        """Count anew what a lost machine has to do."""
        for name in tuple(self._said):
            self._look(name)

    def _look(self, name: str) -> None:
        standing = self._watch.standing_of(name)
        if standing.reach is not Reach.LOST:
            self._is_back(name)
            return
        age_s = time.time() - standing.since_s
        if 0 <= age_s < self._after_s:
            self._look_later(name, self._after_s - age_s)
        elif self._stopping(name) > self._waited.get(name, -1):
            self._say(name)

    def _look_later(self, name: str, in_s: float) -> None:
        def look() -> None:
            self._later.discard(name)
            self._look(name)

        if name not in self._later:
            self._later.add(name)
            QTimer.singleShot(round(1000 * in_s) + 1, self, look)

    def _begun(self, name: str) -> list[JobRow]:
        return [row for row in self._bridge.standing.begun() if row.job.machine == name]

    def _stopping(self, name: str) -> int:
        return sum(row.stop_asked for row in self._begun(name))

    def _counts(self, name: str) -> tuple[int, int, int]:
        """Jobs that run there, that wait, as the bar counts them, and that can still go elsewhere."""
        there = [row.state for row in self._bridge.standing.active.values() if row.job.machine == name]
        movable = there.count(JobState.QUEUED)
        waiting = movable + there.count(JobState.WAITING)
        return len(there) - waiting, waiting, movable

    def _say(self, name: str) -> None:
        running, waiting, movable = self._counts(name)
        begun = self._begun(name)
        if not begun:
            self._given_up.discard(name)
        if not (running or waiting) or name in self._given_up:
            self._withdraw(name)
            return
        standing = self._watch.standing_of(name)
        sentence = lost_text(name, standing, running, waiting, time.time(), self._stopping(name))
        actions = {WAIT: lambda: self._wait(name)}
        if movable:
            actions[MOVE] = lambda: self._move_off(name)
        # Also those that only wait for a GPU there: nobody else can end them.
        if begun:
            actions[GIVE_UP] = lambda: self._ask(name)
        self._said.add(name)
        self._notices.ask(_key(name), WARNING, sentence, actions)

    def _wait(self, name: str) -> None:
        self._waited[name] = self._stopping(name)

    def _move_off(self, name: str) -> None:
        self._wait(name)
        self._move(name)

    def _ask(self, name: str) -> None:
        """A slip gives up nothing: where the button was that asked, the harmless one is now."""
        count = len(self._begun(name))
        if count:
            self._wait(name)
            actions = {given_up_words(count): lambda: self._let_go(name), WAIT: lambda: None}
            self._notices.ask(_question(name), WARNING, give_up_text(name, count), actions)

    def _let_go(self, name: str) -> None:
        rows = self._begun(name)
        if rows and self._watch.standing_of(name).reach is Reach.LOST:
            self._waited.pop(name, None)
            if self._give_up(rows):
                self._given_up.add(name)
            else:
                # Else nobody could press it once more.
                self._say(name)

    def _withdraw(self, name: str) -> None:
        self._notices.withdraw(_key(name))
        self._notices.withdraw(_question(name))

    def _is_back(self, name: str) -> None:
        self._waited.pop(name, None)
        self._given_up.discard(name)
        if name in self._said:
            self._said.discard(name)
            self._withdraw(name)
            self._notices.say(INFO, f"{name} answers again.")


def _key(name: str) -> str:
    return f"lost {name}"


def _question(name: str) -> str:
    return f"give up {name}"
