"""The scheduler: keeps every slot busy with exactly one job, in the order of the queue."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from tomobatch.batch.choosing import Choice, Place
from tomobatch.batch.events import EventKind
from tomobatch.batch.giving_up import GIVEN_UP, GivenUpError, Leftovers, unless_given_up
from tomobatch.batch.ground import Ground, Pool
from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.journal_file import LOOK_AGAIN_S
from tomobatch.batch.life import UNREACHABLE, JobLife, PausedError
from tomobatch.batch.looks import Looks, growing
from tomobatch.batch.lost import BREATH, Lost
from tomobatch.batch.memory import MEMORY_FULL, whole_scan_bytes
from tomobatch.batch.services import Services
from tomobatch.batch.space import NEARLY_FULL, HoldQueueError
from tomobatch.batch.states import JobState, MovedError
from tomobatch.batch.way_there import NotReachedError
from tomobatch.batch.wish import STOPPED_IN_TIME
from tomobatch.config.machines import ANY
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import ANOTHER_HOST
from tomobatch.machines.slots import ANY_KIND, Slot
from tomobatch.machines.watching import Watcher

log = logging.getLogger(__name__)

_NO_MACHINE = "It was given up: its machine is not known here, nor whether it still runs there."
_NOTHING_IS_KNOWN = (UNREACHABLE, ANOTHER_HOST)


class Scheduler:
    """Sees all jobs of a journal through. Only the holder of the lease may have one.

    Parameters
    ----------
    ground
        The machines, and what is known of them.
    """

    def __init__(self, services: Services, ground: Ground) -> None:
        self._services, self._ground = services, ground
        self._journal = services.journal
        self._looks = Looks(ground.look, self._answers, self.wake, services.timing.link_s)
        self._lost = Lost(services, ground, self.wake, self._looks.troubles)
        self._leftovers = Leftovers(services, self.wake)
        self._places: dict[str, Place] = {}
        self._dropped: set[str] = set()
        self._starts = True
        self._held = False
        # Whether a waiting job's row says that there is no room.
        self._holds = True
        self._wake = asyncio.Event()
        self._seen = -1
        self._watched: set[str] = set()

    async def stop_only(self) -> Collection[str]:
        """Stop the jobs that somebody asked to stop, and nothing else: what waits goes on waiting."""
        return await self._serve(self._journal.to_be_stopped, starts=False)

    async def serve(self, starts: bool = True) -> Collection[str]:
        """Schedule until nothing runs or waits any more; gives the jobs whose watch could not be kept up.

        Without `starts` only what runs is seen through, and what waits goes on waiting.

        Cancelled, it lets go: the jobs themselves run on, and the next scheduler finds them.
        """
        return await self._serve(self._journal.begun, starts)

    async def _serve(self, begun: Callable[[], Sequence[JobRow]], starts: bool) -> Collection[str]:
        self._starts = starts
        async with asyncio.TaskGroup() as group:
            self._adopt(group, begun())
            listening = group.create_task(self._listen_to_others())
            try:
                while True:
                    self._wake.clear()
                    if not starts:
                        # Whoever asked for one more meanwhile waits for the lease that this one has.
                        self._adopt(group, begun())
                    await self._pass_on_stops()
                    if starts:
                        await self._look_at_machines()
                        self._fill(group)
                    if not self._places and not (starts and self._anything_left()):
                        return self._dropped
                    await self._wake.wait()
            finally:
                listening.cancel()
                await self._looks.close()
                await self._leftovers.close()
                await self._lost.close(self._watched)

    def _anything_left(self) -> bool:
        return self._journal.any_active(besides=self._dropped)

    def stop(self, uids: Iterable[str], give_up: bool = False) -> None:
        """Stop jobs now; what does not run yet is stopped by the journal's word.

        With `give_up` those are not waited for whose machine does not answer.
        """
        for uid in uids:
            if uid in self._places:
                wish = self._places[uid].wish
                wish.give_up() if give_up else wish.ask()

    def wake(self) -> None:
        """Look again at what waits: this process has written into the journal, or the slots have changed."""
        self._wake.set()

    async def _listen_to_others(self) -> None:
        """Wake up when another process has written into the journal; our own writing is no news."""
        watcher = Watcher(gather_s=0.02, poll_s=1.0, again_s=LOOK_AGAIN_S)
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

    # -- taking jobs ------------------------------------------------------------------------

    def _adopt(self, group: asyncio.TaskGroup, rows: Sequence[JobRow]) -> None:
        for row in rows:
            if row.uid in self._places or row.uid in self._dropped:
                continue
            if row.slot is None or row.job.machine not in self._services.machines:
                # It may well run on a machine we do not know here: leave it as it is.
                self._drop(row, f"{row.job.file_name} was left as it is: its machine is not known here.")
                continue
            self._take(group, row, row.job, row.slot)

    async def _look_at_machines(self) -> None:
        """Have the machines asked that jobs wait for, and the rows say which of them do not answer."""
        pools = self._journal.queued_pools()
        wanted = [pool for pool in pools if pool[0] in self._services.machines]
        if any(name == ANY for name, _ in pools):
            wanted += [(name, ANY_KIND) for name in self._ground.any_machines()]
        names = {name for name, _ in wanted}
        self._watched |= names
        self._lost.watch(names)
        # Also those for which nothing waits: what was known of them is old when they come back.
        for name in self._watched & self._services.machines.keys():
            if self._lost.is_lost(name):
                self._looks.forget(name)
                self._leftovers.lost(name)
        self._looks.want(wanted)
        self._leftovers.look({pool[0] for pool in wanted if self._usable(pool)})
        await self._lost.tell(sorted({name for name, _ in pools}))

    def _answers(self, machine: str) -> bool:
        return machine in self._services.machines and not self._lost.is_lost(machine)

    def _usable(self, pool: Pool) -> bool:
        return self._looks.known(pool) and self._answers(pool[0])

    def _fill(self, group: asyncio.TaskGroup) -> None:
        if self._services.pause.look() or self._held:
            return
        self._close_unknown()
        choice = Choice(self._services, self._ground, self._places, self._dropped, self._usable)
        for pick in choice.picks():
            self._take(group, pick.row, pick.job, pick.slot)
        for row, why in choice.hopeless.values():
            self._close(row, JobState.FAILED, "no-machine", why)
            # The next one of its kind is found in another round.
            self._wake.set()
        for row, why in choice.held.values():
            self._note_held(row, why)

    def _close_unknown(self) -> None:
        """End what waits for a machine that is not there, or that none of any can run."""
        left_out = (*self._places, *self._dropped)
        for machine, kind in self._journal.queued_pools():
            while machine != ANY and machine not in self._services.machines:
                row = self._journal.first_queued(machine, kind, left_out)
                if row is None:
                    break
                message = f"There is no machine {machine} any more: choose another and run it again."
                self._close(row, JobState.FAILED, "machine-unknown", message)
        row = self._journal.first_queued(ANY, ANY_KIND, left_out)
        if row is not None and (why := self._ground.nobody_takes(row.job)):
            self._close(row, JobState.FAILED, "no-machine", why)
            self._wake.set()

    def _note_held(self, row: JobRow, why: str) -> None:
        if row.note == why:
            return
        try:
            row = self._journal.note(row.uid, why, MEMORY_FULL)
        except sqlite3.Error as error:
            log.warning("why job %s waits was not written: %s", row.uid, error)
            return
        self._services.tell(EventKind.MESSAGE, row, f"{row.job.file_name} {why}.")

    def _take(self, group: asyncio.TaskGroup, row: JobRow, job: Job, slot: Slot) -> None:
        started = self._services.starts.begin()
        self._places[row.uid] = Place(job, slot, started, whole_scan_bytes(job.request))
        task = group.create_task(self._see_through(group, row), name=f"job {row.uid}")
        task.add_done_callback(lambda _: self._forget(row.uid))

    # -- seeing them through ----------------------------------------------------------------

    async def _see_through(self, group: asyncio.TaskGroup, row: JobRow) -> None:
        """See a job through; a fault in it is told and tried again, and never ends the watch over others."""
        pauses_s, link_s = iter(self._services.timing.retry_s), growing(self._services.timing.link_s)
        while True:
            try:
                await self._live(group, self._journal.row(row.uid))
            except (PausedError, MovedError):
                return
            except NotReachedError:
                self._looks.doubt(self._places[row.uid].machine)
                return
            except HoldQueueError as error:
                self._hold(row, error.sentence)
                return
            except TomoBatchError as error:
                if error.code in _NOTHING_IS_KNOWN:
                    # Its row stays as it is until somebody knows more.
                    await self._places[row.uid].wish.pause(next(link_s))
                    continue
                message = error.sentence
            except Exception as error:
                # Unforeseen: a full disk under the journal, or a mistake of ours.
                log.exception("the watch over job %s broke off", row.uid)
                message = f"the watch over it broke off ({error})"
            else:
                return
            pause_s = next(pauses_s, None)
            if pause_s is None:
                self._drop(row, f"{row.job.file_name}: {message} Nothing more is done for it now.")
                return
            self._services.tell(EventKind.MESSAGE, row, f"{row.job.file_name}: {message} It is tried again.")
            await asyncio.sleep(pause_s)

    async def _adopted(self, life: JobLife, uid: str) -> None:
        try:
            await life.adopt()
        except TomoBatchError as error:
            if error.code == ANOTHER_HOST:
                self._say_unknown(uid, error.sentence)
            raise

    def _say_unknown(self, uid: str, sentence: str) -> None:
        """That nothing is known of a job; who holds its lock is written where this would be."""
        row = self._journal.row(uid)
        if row.note == sentence or row.state is JobState.WAITING:
            return
        row = self._journal.note(uid, sentence, ANOTHER_HOST)
        self._services.tell(EventKind.MESSAGE, row, f"{row.job.file_name}: {sentence}")

    async def _live(self, group: asyncio.TaskGroup, row: JobRow) -> None:
        if row.state.ended:
            return
        place = self._places[row.uid]
        if row.state is JobState.QUEUED and place.machine not in self._services.machines:
            # Taken off the list since it was chosen.
            raise NotReachedError
        on_free = self._freer(group, row.uid)
        try:
            life = JobLife(self._services, row, place.slot, place.wish, on_free, place.job)
        except TomoBatchError as error:
            place.started()
            if row.state is not JobState.QUEUED:
                raise
            self._close(row, JobState.FAILED, error.code, error.sentence)
            return
        with life.away:
            queued = row.state is JobState.QUEUED
            work = life.run(lambda: self._started(row.uid)) if queued else self._adopted(life, row.uid)
            if not queued:
                place.started()
            try:
                await unless_given_up(place.wish, self._services.machines[place.machine], work)
            except GivenUpError:
                life.give_up()
                self._leftovers.lost(place.machine)

    def _started(self, uid: str) -> None:
        self._places[uid].started()
        if self._holds and not self._held and self._journal.row(uid).state is not JobState.QUEUED:
            # There is room again: no row may go on saying otherwise.
            self._holds = False
            for row in self._journal.forget_notes(NEARLY_FULL):
                self._services.tell(EventKind.PROGRESS, row)

    def _hold(self, row: JobRow, reason: str) -> None:
        """Start nothing for a while: all that wait would fail for the same reason, one after the other."""
        self._held = True
        asyncio.get_running_loop().call_later(self._services.timing.hold_s, self._let_go)
        self._holds = True
        try:
            held = self._journal.note(row.uid, reason, NEARLY_FULL)
        except sqlite3.Error as error:
            # The same full disk: what runs is not to lose its watch over that.
            log.warning("why job %s waits was not written: %s", row.uid, error)
            held = replace(row, note=reason, code=NEARLY_FULL)
        if row.note != reason:
            self._services.tell(EventKind.MESSAGE, held, reason)

    def _let_go(self) -> None:
        # By the timer alone, never by a clock beside it: Qt's timers may come a twentieth early.
        self._held = False
        self._wake.set()

    def _freer(self, group: asyncio.TaskGroup, uid: str) -> Callable[[], None]:
        def free() -> None:
            self._places[uid].taken = False
            # At once, before the job that has ended is judged.
            if self._starts:
                self._fill(group)

        return free

    def _forget(self, uid: str) -> None:
        self._places.pop(uid).started()
        self._wake.set()

    def _drop(self, row: JobRow, message: str) -> None:
        self._dropped.add(row.uid)
        self._services.tell(EventKind.MESSAGE, row, message)

    async def _pass_on_stops(self) -> None:
        self.stop(self._journal.asked_to_stop(self._places))
        for row in self._journal.given_up():
            self.stop((row.uid,), give_up=True)
            if row.uid not in self._places and row.job.machine not in self._services.machines:
                self._close(row, JobState.INTERRUPTED, GIVEN_UP, _NO_MACHINE)
                self._dropped.discard(row.uid)
        while cancelled := self._journal.cancel_asked(BREATH, STOPPED_IN_TIME, besides=self._places):
            for row in cancelled:
                self._services.tell(EventKind.STATE, row, row.note)
            # Thousands may leave the queue at once, and a window wants to be drawn meanwhile.
            await asyncio.sleep(0)

    def _close(self, row: JobRow, state: JobState, code: str, note: str) -> None:
        closed = self._journal.transition(row.uid, state, code=code, note=note)
        self._services.tell(EventKind.STATE, closed, note)
