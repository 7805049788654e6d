"""Memory and use of the GPUs of the machines that are looked at, asked for every few seconds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any

from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Machine
from tomobatch.machines.gpus import Gpu

log = logging.getLogger(__name__)

EVERY_S = 3.0
MOST_MISSED = 4

Tell = Callable[[str, Sequence[Gpu]], None]
Start = Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[None]"]


class GpuWatch:
    """Asks the machines that are looked at for their GPUs, each in a task of its own.

    Parameters
    ----------
    machine_of
        A machine by its name; TomoBatchError where there is none.
    start
        Starts a task and sees to its end.
    tell
        Called with a machine's name and its GPUs as they are now: none once that is not known any more.
    every_s
        Between two rounds.
    most_missed
        After so many rounds without an answer the figures are forgotten: nobody may take them for new ones.
    """

    def __init__(
        self,
        machine_of: Callable[[str], Machine],
        start: Start,
        tell: Tell,
        every_s: float = EVERY_S,
        most_missed: int = MOST_MISSED,
    ) -> None:
        self._machine_of, self._start, self.tell = machine_of, start, tell
        self.every_s, self.most_missed = every_s, most_missed
        self._looks: dict[str, asyncio.Task[None]] = {}

    def look_at(self, names: Collection[str]) -> None:
        """Watch these machines from now on, and no others."""
        for name in self._looks.keys() - set(names):
            self._looks.pop(name).cancel()
            self.tell(name, ())
        for name in set(names) - self._looks.keys():
            try:
                machine = self._machine_of(name)
            except TomoBatchError as error:
                log.info("the GPUs of %s are not watched: %s", name, error.sentence)
                continue
            look = _Look(self, machine).run()
            self._looks[name] = self._start(look, f"watching the GPUs of {name}")


class _Look:
    """The look at one machine; one that is slow to answer is not asked again before it has."""

    def __init__(self, watch: GpuWatch, machine: Machine) -> None:
        self._watch, self._machine = watch, machine
        self._missed = 0

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            asking = asyncio.create_task(self._machine.gpus())
            try:
                while not (await asyncio.wait({asking}, timeout=self._watch.every_s))[0]:
                    self._take(())
            finally:
                asking.cancel()
                await asyncio.wait({asking})
            self._take(self._answer(asking))
            await asyncio.sleep(self._watch.every_s)

    def _answer(self, asking: asyncio.Task[list[Gpu]]) -> list[Gpu]:
        try:
            return asking.result()
        except TomoBatchError as error:
            log.debug("the GPUs of %s are not known just now: %s", self._machine.name, error.sentence)
            return []

    def _take(self, found: Sequence[Gpu]) -> None:
        self._missed = 0 if found else self._missed + 1
        if found or self._missed == self._watch.most_missed:
            self._watch.tell(self._machine.name, found)
