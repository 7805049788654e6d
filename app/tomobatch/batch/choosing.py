"""Which job starts on which slot: in the order of the queue, each machine for itself and all for any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from tomobatch.batch.ground import Ground, Pool
from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.memory import whole_scan_bytes, why_no_room
from tomobatch.batch.services import Services
from tomobatch.batch.wish import StopWish
from tomobatch.config.machines import ANY
from tomobatch.errors import TomoBatchError
from tomobatch.machines.slots import ANY_KIND, Slot


@dataclass
class Place:
    """A job that is being seen through, and the slot it takes until its engine has ended.

    Attributes
    ----------
    job
        As its machine runs it.
    memory_bytes
        What it takes of the host's memory where its engine holds the whole scan; else 0.
    started
        Called once its start is over, and harmless again.
    """

    job: Job
    slot: Slot
    started: Callable[[], None]
    memory_bytes: int = 0
    wish: StopWish = field(default_factory=StopWish)
    taken: bool = True

    @property
    def machine(self) -> str:
        """Where it runs."""
        return self.job.machine


@dataclass(frozen=True)
class Pick:
    """A job that starts now: as it was queued, as its machine runs it, and where."""

    row: JobRow
    job: Job
    slot: Slot


class Choice:
    """One round over all that waits.

    Parameters
    ----------
    places
        Jobs that are being seen through; whoever takes a pick puts it in before asking for the next.
    besides
        Jobs that are left alone.
    usable
        Whether a job may start on a pool's slots now.

    Attributes
    ----------
    held
        Jobs that wait for memory, by name, and why.
    hopeless
        Jobs that no machine can ever run, and why.
    """

    def __init__(
        self,
        services: Services,
        ground: Ground,
        places: Mapping[str, Place],
        besides: Collection[str],
        usable: Callable[[Pool], bool],
    ) -> None:
        self._services, self._journal, self._ground = services, services.journal, ground
        self._places, self._besides, self._usable = places, besides, usable
        # By the machine that was asked for and the one that has a slot.
        self._passed: defaultdict[Pool, set[str]] = defaultdict(set)
        self._full: set[str] = set()
        self.held: dict[str, tuple[JobRow, str]] = {}
        self.hopeless: dict[str, tuple[JobRow, str]] = {}

    def picks(self) -> Iterator[Pick]:
        """Jobs that start now, one by one.

        The machine with the most free slots comes first: its jobs share its disks, its memory and its way
        to the files. Among equals the order of the list counts.
        """
        taken = self._taken()
        free = {pool: self._free(pool, taken[pool[0]]) for pool in self._pools()}
        while any(free.values()):
            pool = max(free, key=lambda one: len(free[one]))
            pick = self._pick(pool, free[pool][0])
            if pick is None:
                del free[pool]
                continue
            del free[pool][0]
            self.held.pop(pick.row.uid, None)
            yield pick

    def _pools(self) -> list[Pool]:
        queued = set(self._journal.queued_pools())
        pools = {pool for pool in queued if pool[0] in self._services.machines and self._usable(pool)}
        if (ANY, ANY_KIND) in queued:
            pools |= set(self._for_any())
        order = {name: number for number, name in enumerate(self._services.machines)}
        return sorted(pools, key=lambda pool: (order[pool[0]], pool[1]))

    def _for_any(self) -> Iterator[Pool]:
        """Slots for what any machine may run."""
        for machine in self._ground.any_machines():
            kind = self._ground.kind_for_any(machine)
            if kind is not None and self._usable((machine, ANY_KIND)):
                yield machine, kind

    def _taken(self) -> defaultdict[str, set[str]]:
        """By machine. By name: the same GPU may have been taken before its UUID was known."""
        taken: defaultdict[str, set[str]] = defaultdict(set)
        for place in self._places.values():
            if place.taken:
                taken[place.machine].add(place.slot.word)
        return taken

    def _free(self, pool: Pool, taken: Collection[str]) -> list[Slot]:
        return [slot for slot in self._ground.slots(*pool) if slot.word not in taken]

    # -- the next job -----------------------------------------------------------------------

    def _pick(self, pool: Pool, slot: Slot) -> Pick | None:
        left_out: set[str] = set()
        while (row := self._first(pool, left_out)) is not None:
            job = self._as_run(row, pool)
            if job is not None and self._has_room(row, job):
                return Pick(row, job, slot)
            self._passed[row.job.machine, pool[0]].add(row.job.wish)
            # One that an earlier version queued is passed by alone: the journal does not know its wish.
            left_out.add(row.uid)
        return None

    def _first(self, pool: Pool, left_out: Collection[str]) -> JobRow | None:
        machine, kind = pool
        besides = (*self._places, *self._besides, *self.hopeless, *left_out)
        own = self._journal.first_queued(machine, kind, besides, self._passed[machine, machine])
        if self._ground.kind_for_any(machine) != kind or machine not in self._ground.any_machines():
            return own
        free = self._journal.first_queued(ANY, ANY_KIND, besides, self._passed[ANY, machine])
        rows = [row for row in (own, free) if row is not None]
        return min(rows, key=lambda row: (row.turn, row.place), default=None)

    def _as_run(self, row: JobRow, pool: Pool) -> Job | None:
        if row.job.machine != ANY:
            return row.job
        try:
            return self._ground.job_on(row.job, pool[0])
        except TomoBatchError:
            if why := self._ground.nobody_takes(row.job):
                self.hopeless[row.uid] = row, why
            return None

    def _has_room(self, row: JobRow, job: Job) -> bool:
        needed_bytes = whole_scan_bytes(job.request)
        if not needed_bytes:
            return True
        places = self._places.values()
        taken_bytes = sum(
            place.memory_bytes for place in places if place.taken and place.machine == job.machine
        )
        memory_bytes = self._ground.memory_bytes(job.machine)
        why = why_no_room(job.machine, memory_bytes, taken_bytes, needed_bytes)
        if not why and job.machine not in self._full:
            return True
        # A smaller one behind it must not take the room it waits for, or it would wait for ever.
        if job.machine not in self._full:
            self._full.add(job.machine)
            self.held[row.uid] = row, why
        return False
