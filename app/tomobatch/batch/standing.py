"""How the newest batch stands, kept up to date job by job: with ten thousand of them nobody counts anew."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from tomobatch.batch.counts import BatchCounts, counts_of
from tomobatch.batch.forecast import Pile, seconds_left, together
from tomobatch.batch.ground import Pool
from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY
from tomobatch.machines.slots import ANY_KIND
from tomobatch.recon.kinds import Kind


@dataclass
class Standing:
    """See the module's text.

    Attributes
    ----------
    rows
        All jobs of the batch, by name.
    active
        Those that have not ended.
    """

    rows: dict[str, JobRow] = field(default_factory=dict)
    active: dict[str, JobRow] = field(default_factory=dict)
    _batch: int = 0
    _states: Counter[JobState] = field(default_factory=Counter)
    _piles: defaultdict[Pool, dict[Kind, Pile]] = field(
        default_factory=lambda: defaultdict(lambda: {kind: Pile() for kind in Kind})
    )

    def take(self, changed: Iterable[JobRow]) -> None:
        """Take jobs as they are now; the first one of a later batch begins that one."""
        for row in changed:
            if row.batch > self._batch:
                self._begin(row.batch)
            if row.batch == self._batch:
                self._replace(self.rows.get(row.uid), row)

    def _begin(self, batch: int) -> None:
        self._batch = batch
        for kept in (self.rows, self.active, self._states, self._piles):
            kept.clear()

    def _replace(self, before: JobRow | None, row: JobRow) -> None:
        if before is not None:
            self._states[before.state] -= 1
            self._pile(before).drop(before)
        self.rows[row.uid] = row
        self._states[row.state] += 1
        self._pile(row).add(row)
        if row.state.ended:
            self.active.pop(row.uid, None)
        else:
            self.active[row.uid] = row

    def _pile(self, row: JobRow) -> Pile:
        return self._piles[row.job.machine, row.job.slot_kind][row.job.kind]

    @property
    def counts(self) -> BatchCounts:
        """Completed, running, queued, failed and cancelled ones."""
        return counts_of(self._states)

    @property
    def progress(self) -> float:
        """Part of the batch that is done, 0 to 1."""
        if not self.rows:
            return 0.0
        done = sum(row.progress for row in self.begun())
        return (len(self.rows) - len(self.active) + done) / len(self.rows)

    def begun(self) -> Iterator[JobRow]:
        """Jobs that have begun and not ended."""
        for piles in self._piles.values():
            for pile in piles.values():
                yield from pile.begun.values()

    def seconds_left(
        self, slots_of: Callable[[str, str], int], now_s: float, for_any: Collection[Pool] = ()
    ) -> float | None:
        """Time until its last job has ended, in seconds; None where nothing is known yet.

        Parameters
        ----------
        slots_of
            How many jobs run at a time on a machine, by its name and the kind of slot; 0 while it is lost.
        now_s
            Seconds since 1970.
        for_any
            Machines, and their kinds of slots, that take what any machine may run.
        """
        pools = [pool for pool in self._piles if pool != (ANY, ANY_KIND)]
        left_s = [seconds_left(self._piles[pool].values(), slots_of(*pool), now_s) for pool in pools]
        if any(pile.waiting for pile in self._waiting_for_any()):
            # They share the slots with what these machines have to do anyway.
            slots = sum(slots_of(*pool) for pool in for_any)
            left_s.append(seconds_left(self._all_of(for_any), slots, now_s))
        known_s = [one_s for one_s in left_s if one_s is not None]
        return max(known_s, default=0.0) if len(known_s) == len(left_s) else None

    def _waiting_for_any(self) -> Iterable[Pile]:
        return self._piles[ANY, ANY_KIND].values() if (ANY, ANY_KIND) in self._piles else ()

    def _all_of(self, pools: Collection[Pool]) -> list[Pile]:
        """Piles of these slots and of what any machine may run, one for each kind of job."""
        piles = [self._piles[pool] for pool in ((ANY, ANY_KIND), *pools) if pool in self._piles]
        return [together(of_pool[kind] for of_pool in piles) for kind in Kind]
