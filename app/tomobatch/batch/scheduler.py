"""The scheduler: keeps every slot busy with exactly one job, in the order of the queue."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass

from tomobatch.batch.events import EventKind
from tomobatch.batch.job import JobRow
from tomobatch.batch.life import JobLife
from tomobatch.batch.services import Services
from tomobatch.batch.states import JobState
from tomobatch.machines.slots import Slot
from tomobatch.machines.watching import Watcher

log = logging.getLogger(__name__)

SlotsOf = Callable[[str, str], Sequence[Slot]]


@dataclass
class _Place:
    """A job that is being seen through, and the slot it takes until its engine has ended."""

    life: JobLife
    slot: Slot
    machine: str
    taken: bool = True


class Scheduler:
    """Sees all jobs of a journal through. Only the holder of the lease may have one.

    Parameters
    ----------
    slots_of
        Slots of a machine (by name) and kind (``GPU`` or ``CPU``) that may be used now.
    """

    def __init__(self, services: Services, slots_of: SlotsOf) -> None:
        self._services = services
        self._journal = services.journal
        self._slots_of = slots_of
        self._places: dict[str, _Place] = {}
        self._dropped: set[str] = set()
        self._wake = asyncio.Event()
        self._seen = -1
        self._starts = True

    async def stop_only(self) -> None:
        """Stop the jobs that somebody asked to stop, and nothing else: what waits goes on waiting."""
        self._starts = False
        async with asyncio.TaskGroup() as group:
            asked = self._journal.to_be_stopped()
            self._pass_on_stops()
            self._adopt(group, [row for row in asked if row.state is not JobState.QUEUED])

    async def serve(self, forever: bool = False) -> None:
        """Schedule until nothing runs or waits any more, or for ever.

        Cancelled, it lets go: the jobs themselves run on, and the next scheduler finds them.
        """
        async with asyncio.TaskGroup() as group:
            self._adopt(
                group,
                [row for row in self._journal.rows(active_only=True) if row.state is not JobState.QUEUED],
            )
            listening = group.create_task(self._listen_to_others())
            try:
                while True:
                    self._wake.clear()
                    self._pass_on_stops()
                    self._fill(group)
                    if not forever and self._idle():
                        return
                    await self._wake.wait()
            finally:
                listening.cancel()

    def poke(self) -> None:
        """Look at the journal again: something was written by this process."""
        self._wake.set()

    async def _listen_to_others(self) -> None:
        """Wake up when another process has written into the journal; our own writing is no news."""
        watcher = Watcher(gather_s=0.02, poll_s=1.0)
        watch = watcher.watch(self._journal.folder)
        try:
            while True:
                counter = self._journal.change_counter()
                if counter != self._seen:
                    self._seen = counter
                    self._wake.set()
                await watch.changed()
        finally:
            watch.close()
            watcher.close()

    def _idle(self) -> bool:
        return not self._places and not (self._journal.active_uids() - self._dropped)

    # -- taking jobs ------------------------------------------------------------------------

    def _adopt(self, group: asyncio.TaskGroup, rows: Sequence[JobRow]) -> None:
        for row in rows:
            if row.slot is None or row.job.machine not in self._services.machines:
                # It may well run on a machine we do not know here: leave it as it is.
                self._drop(row, f"{row.job.file_name} was left as it is: its machine is not known here.")
                continue
            life = self._life(group, row, row.slot)
            self._watch_over(group, row, life.adopt())

    def _fill(self, group: asyncio.TaskGroup) -> None:
        for machine, kind in self._journal.queued_pools():
            while (row := self._journal.first_queued(machine, kind, tuple(self._places))) is not None:
                if machine not in self._services.machines:
                    message = f"There is no machine {machine} any more: choose another and run it again."
                    self._close(row, JobState.FAILED, "machine-unknown", message)
                    continue
                slot = self._free_slot(machine, kind)
                if slot is None:
                    break
                self._watch_over(group, row, self._life(group, row, slot).run())

    def _life(self, group: asyncio.TaskGroup, row: JobRow, slot: Slot) -> JobLife:
        life = JobLife(self._services, row, slot, on_free=lambda: self._free(group, row.uid))
        self._places[row.uid] = _Place(life, slot, row.job.machine)
        return life

    def _free_slot(self, machine: str, kind: str) -> Slot | None:
        places = self._places.values()
        taken = {place.slot for place in places if place.taken and place.machine == machine}
        return next((slot for slot in self._slots_of(machine, kind) if slot not in taken), None)

    # -- seeing them through ----------------------------------------------------------------

    def _watch_over(self, group: asyncio.TaskGroup, row: JobRow, life: Coroutine[None, None, None]) -> None:
        task = group.create_task(self._guarded(row, life), name=f"job {row.uid}")
        task.add_done_callback(lambda _: self._forget(row.uid))

    async def _guarded(self, row: JobRow, life: Coroutine[None, None, None]) -> None:
        """See a job through; an unforeseen fault in it must not end the watch over all the others."""
        try:
            await life
        except Exception:  # see above; it is logged and told, and the record stays
            log.exception("the watch over job %s broke off", row.uid)
            self._drop(row, f"An internal error broke off the watch over {row.job.file_name}; see the log.")

    def _drop(self, row: JobRow, message: str) -> None:
        self._dropped.add(row.uid)
        self._services.tell(EventKind.MESSAGE, row, message)

    def _free(self, group: asyncio.TaskGroup, uid: str) -> None:
        self._places[uid].taken = False
        # At once, before the job that has ended is judged.
        if self._starts:
            self._fill(group)

    def _forget(self, uid: str) -> None:
        self._places.pop(uid, None)
        self._wake.set()

    def _pass_on_stops(self) -> None:
        for row in self._journal.to_be_stopped():
            if row.uid in self._places:
                self._places[row.uid].life.ask_stop()
            elif row.state is JobState.QUEUED:
                self._close(row, JobState.CANCELLED, "stopped", "It was stopped before it began.")

    def _close(self, row: JobRow, state: JobState, code: str, note: str) -> None:
        closed = self._journal.transition(row.uid, state, code=code, note=note)
        self._services.tell(EventKind.STATE, closed, note)
