"""Machines that do not answer while jobs are there: it is said, and what waits there can be moved."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.machine_watch import MachineWatch
from tomobatch.desktop.notices import INFO, WARNING, Notices
from tomobatch.machines.base import Reach
from tomobatch.station.machine_words import lost_text

AFTER_S = 5.0
WAIT, MOVE = "Wait", f"Move to {ANY}"


class LostMachines(QObject):
    """See the module's text.

    Parameters
    ----------
    move
        Moves what waits for a machine to *Any machine*.
    after_s
        A machine that comes back sooner was hardly away: nothing is said.
    """

    def __init__(
        self,
        watch: MachineWatch,
        bridge: Bridge,
        notices: Notices,
        move: Callable[[str], None],
        after_s: float = AFTER_S,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._watch, self._bridge, self._notices, self._move = watch, bridge, notices, move
        self._after_s = after_s
        self._said: set[str] = set()
        self._waited: set[str] = set()
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
        elif name not in self._waited:
            self._say(name)

    def _look_later(self, name: str, in_s: float) -> None:
        def look() -> None:
            self._later.discard(name)
            self._look(name)

        if name not in self._later:
            self._later.add(name)
            QTimer.singleShot(round(1000 * in_s) + 1, self, look)

    def _counts(self, name: str) -> tuple[int, int, int]:
        """Jobs that run there, that wait, as the bar counts them, and that can still go elsewhere."""
        there = [row.state for row in self._bridge.standing.active.values() if row.job.machine == name]
        movable = there.count(JobState.QUEUED)
        waiting = movable + there.count(JobState.WAITING)
        return len(there) - waiting, waiting, movable

    def _say(self, name: str) -> None:
        running, waiting, movable = self._counts(name)
        if not running and not waiting:
            self._notices.withdraw(_key(name))
            return
        standing = self._watch.standing_of(name)
        sentence = lost_text(name, standing, running, waiting, time.time())
        actions = {WAIT: lambda: self._waited.add(name)}
        if movable:
            actions[MOVE] = lambda: self._move_off(name)
        self._said.add(name)
        self._notices.ask(_key(name), WARNING, sentence, actions)

    def _move_off(self, name: str) -> None:
        self._waited.add(name)
        self._move(name)

    def _is_back(self, name: str) -> None:
        self._waited.discard(name)
        if name in self._said:
            self._said.discard(name)
            self._notices.withdraw(_key(name))
            self._notices.say(INFO, f"{name} answers again.")


def _key(name: str) -> str:
    return f"lost {name}"
