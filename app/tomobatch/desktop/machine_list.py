"""The list of machines as another program, or a person by hand, changes it while the window is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from tomobatch.config.machine_file import MachineFile
from tomobatch.config.machines import MachineEntry
from tomobatch.desktop.notices import WARNING
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError

LOOK_MS = 2000


class MachineList(QObject):
    """Looks at the file every few seconds: watching it would not notice another host's change.

    Parameters
    ----------
    edited
        Whether something was typed here that is not saved: then it is saving that tells of the difference.
    refuse
        Raises TomoBatchError where a list cannot be taken now.
    take
        Takes a list.
    """

    def __init__(
        self,
        file: MachineFile,
        tasks: Tasks,
        say: Callable[[str, str], None],
        edited: Callable[[], bool],
        refuse: Callable[[Sequence[MachineEntry]], None],
        take: Callable[[Sequence[MachineEntry]], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._file, self._tasks, self._say = file, tasks, say
        self._edited, self._refuse, self._take = edited, refuse, take
        self._looking: asyncio.Task[None] | None = None
        self._said = ""
        self.timer = QTimer(self, interval=LOOK_MS)
        self.timer.timeout.connect(self.look)

    def look(self) -> None:
        """Look at the file, unless the last look is not over: its disk may hang."""
        if self._looking is None and not self._edited():
            self._looking = self._tasks.start(self._look(), "looking at the list of machines")
            self._looking.add_done_callback(self._looked)

    def _looked(self, _: object) -> None:
        self._looking = None

    async def _look(self) -> None:
        try:
            fresh = await asyncio.to_thread(self._file.fresh)
            if fresh is None or self._edited():
                return
            self._refuse(fresh.entries)
        except (TomoBatchError, OSError, ValueError) as error:
            why = error.sentence if isinstance(error, TomoBatchError) else f"{error}."
            self._say_once(f"{self._file.path} was changed, but the machines stay as they were: {why}")
            return
        self._file.take(fresh)
        self._say_once(fresh.problem)
        self._take(fresh.entries)

    def _say_once(self, sentence: str) -> None:
        if sentence and sentence != self._said:
            self._say(WARNING, sentence)
        self._said = sentence
