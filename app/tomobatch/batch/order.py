"""The places of waiting jobs in the queue, as people count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from tomobatch.batch.ground import Pool
from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY
from tomobatch.machines.slots import ANY_KIND


class _Waiting(NamedTuple):
    """What decides when a job starts; in the order of starting."""

    turn: int
    place: int
    pool: Pool


class QueueOrder:
    """Follows the queue; the places of all jobs are counted only when one is asked for after a change.

    Parameters
    ----------
    takes_any
        Whether a machine (by name) takes what any machine may run: that comes before its own jobs, too.
    """

    def __init__(self, takes_any: Callable[[str], bool] = lambda _: False) -> None:
        self.takes_any = takes_any
        self._waiting: dict[str, _Waiting] = {}
        self._places: dict[str, int] | None = {}

    def take(self, rows: Iterable[JobRow]) -> bool:
        """Take jobs as they are now; whether any place may have changed."""
        changed = False
        for row in rows:
            before, now = self._waiting.get(row.uid), _waiting(row)
            if before == now:
                continue
            changed = True
            if now is None:
                del self._waiting[row.uid]
            else:
                self._waiting[row.uid] = now
        if changed:
            self._places = None
        return changed

    def place_of(self, uid: str) -> int:
        """1 for the job that is the next to start on its machine; 0 for one that does not wait."""
        if self._places is None:
            self._places = self._count()
        return self._places.get(uid, 0)

    def _count(self) -> dict[str, int]:
        counted, places = Counter[Pool](), {}
        for uid, waiting in sorted(self._waiting.items(), key=lambda item: item[1]):
            counted[waiting.pool] += 1
            machine = waiting.pool[0]
            # Each of any's may turn out to take this machine's slot.
            before = counted[ANY, ANY_KIND] if machine != ANY and self.takes_any(machine) else 0
            places[uid] = counted[waiting.pool] + before
        return places


def _waiting(row: JobRow) -> _Waiting | None:
    if row.state is not JobState.QUEUED:
        return None
    return _Waiting(row.turn, row.place, (row.job.machine, row.job.slot_kind))
