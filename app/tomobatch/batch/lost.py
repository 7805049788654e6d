"""Machines that take no jobs just now: what the rows of those that wait say, and who takes them over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence

from tomobatch.batch.away import MACHINE_LOST, lost_text
from tomobatch.batch.events import EventKind
from tomobatch.batch.ground import Ground
from tomobatch.batch.job import JobRow
from tomobatch.batch.services import Services
from tomobatch.config.machines import ANY, MOVE
from tomobatch.machines.base import Machine, Reach

log = logging.getLogger(__name__)

LOST_JOBS = "lost-jobs"
"""What a person decided about the jobs that wait for a lost machine (`Journal.choice`): `WAIT` or `MOVE`."""
BREATH = 20


class Lost:
    """Follows which machines answer.

    Parameters
    ----------
    wake
        Called when a machine has come to answer or to be lost, and when one has been lost for long.
    troubles
        Why machines that answer are of no use just now, by their names.
    """

    def __init__(
        self,
        services: Services,
        ground: Ground,
        wake: Callable[[], None],
        troubles: Mapping[str, str],
    ) -> None:
        self._services, self._ground, self._wake = services, ground, wake
        self._journal, self._troubles = services.journal, troubles
        self._since_s: dict[str, float] = {}
        # Of these the rows say nothing any more.
        self._clean: set[str] = set()
        self._stay: set[str] = set()
        self._moving: dict[str, asyncio.Task[None]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def is_lost(self, name: str) -> bool:
        """Whether a machine does not answer; of one that nobody has asked yet that is not known."""
        return self._services.machines[name].standing.reach is Reach.LOST

    def watch(self, names: Collection[str]) -> None:
        """Be told when one of these machines stands otherwise."""
        for machine in self._machines(names):
            if self._wake not in machine.watchers:
                machine.watchers.append(self._wake)

    async def close(self, names: Collection[str]) -> None:
        """Be told no more."""
        for machine in self._machines(names):
            if self._wake in machine.watchers:
                machine.watchers.remove(self._wake)
        for timer in self._timers.values():
            timer.cancel()
        moving = tuple(self._moving.values())
        for task in moving:
            task.cancel()
        await asyncio.gather(*moving, return_exceptions=True)

    def _machines(self, names: Collection[str]) -> list[Machine]:
        return [self._services.machines[name] for name in names if name in self._services.machines]

    async def tell(self, names: Collection[str]) -> None:
        """Have the rows say whether they wait for one of these machines, or no more; move them on in time."""
        for name in names:
            why = self._why(name)
            if why:
                self._clean.discard(name)
                await self._note(name, why)
                self._move_in_time(name)
            elif name not in self._clean and self._is_sure(name):
                await self._forget(name)

    def _why(self, name: str) -> str:
        if name != ANY:
            text = self._trouble(name)
            return f"waits for {text}" if text else ""
        names = self._ground.any_machines()
        if not names:
            return f"waits: no machine is ticked for {ANY}"
        if not all(map(self._trouble, names)):
            return ""
        how = "answers" if all(map(self.is_lost, names)) else "can be used just now"
        return f"waits: none of {', '.join(names)} {how}"

    def _trouble(self, name: str) -> str:
        """What keeps a machine from taking jobs; empty where nothing is known to."""
        if name not in self._services.machines:
            return ""
        if self.is_lost(name):
            return lost_text(name, self._services.machines[name].standing)
        return f"{name}: {self._troubles[name].rstrip('.')}" if name in self._troubles else ""

    def _is_sure(self, name: str) -> bool:
        """One that nobody has asked since this program began may still be lost."""
        names = self._ground.any_machines() if name == ANY else [name]
        return any(machine.standing.reach is Reach.REACHABLE for machine in self._machines(names))

    async def _note(self, name: str, why: str) -> None:
        first = name not in self._since_s
        self._since_s.setdefault(name, asyncio.get_running_loop().time())
        while rows := self._journal.note_queued(name, why, MACHINE_LOST, BREATH):
            for row in rows:
                self._services.tell(EventKind.PROGRESS, row)
            if first:
                first = False
                self._services.tell(EventKind.MESSAGE, rows[0], f"{rows[0].job.file_name} {why}.")
            await asyncio.sleep(0)

    async def _forget(self, name: str) -> None:
        self._clean.add(name)
        self._since_s.pop(name, None)
        while rows := self._journal.forget_notes(MACHINE_LOST, name, BREATH):
            for row in rows:
                self._services.tell(EventKind.PROGRESS, row)
            await asyncio.sleep(0)

    # -- to other machines ------------------------------------------------------------------

    def _move_in_time(self, name: str) -> None:
        if name == ANY or name in self._moving or self._journal.choice(LOST_JOBS) != MOVE:
            return
        loop = asyncio.get_running_loop()
        left_s = self._since_s[name] + self._services.timing.move_lost_s - loop.time()
        if left_s > 0:
            self._look_again(name, left_s)
        elif jobs := [row for row in self._journal.queued_on(name) if row.uid not in self._stay]:
            self._moving[name] = asyncio.create_task(self._move(name, jobs), name=f"moving jobs off {name}")

    def _look_again(self, name: str, in_s: float) -> None:
        def look() -> None:
            del self._timers[name]
            self._wake()

        if name not in self._timers:
            self._timers[name] = asyncio.get_running_loop().call_later(in_s, look)

    async def _move(self, name: str, jobs: Sequence[JobRow]) -> None:
        # What no other machine takes stays, and is not tried at every turn.
        self._stay |= {row.uid for row in jobs}
        try:
            await self._ground.evacuate(name, jobs)
        except Exception:
            # The watch over what runs must not end over it.
            log.exception("the jobs that wait for %s could not be given to others", name)
        finally:
            del self._moving[name]
