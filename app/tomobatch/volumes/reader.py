"""Reading ahead: what is looked at first, then what comes next on the way, in threads of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

from tomobatch.errors import TomoBatchError
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.frame import Failure, Frame, Grown, View, paint, read_slice
from tomobatch.volumes.source import LeftError, Source

CACHE_BYTES = 768 << 20
THREADS = 2
MOST_AHEAD = 8
# More would only be fresh memory to fill, which costs more than reading again from the page cache.
MOST_HELD = 18

Told = Callable[[Source | Frame | Failure | Grown], None]
Result = Frame | Failure
Task = tuple[int, View | None, bool]

log = logging.getLogger(__name__)
# In place of a slice to read: look whether there are more.
_GROW: Task = (-1, None, False)


class Reader:
    """Opens a source and reads it.

    Parameters
    ----------
    open_source
        Gives the source, or raises TomoBatchError; called in a thread.
    told
        Called in a thread with the source once it is open, with each frame (or failure) that was wanted when
        it was begun or is when it is ready, with a Failure of index -1 where there is nothing to open, and
        with Grown after `grow`.
    cache_bytes
        Most memory for slices, those being read included; the slice that is looked at is held in any case.
    """

    def __init__(self, open_source: Callable[[], Source], told: Told, cache_bytes: int = CACHE_BYTES) -> None:
        self._open_source, self._told, self._cache_bytes = open_source, told, cache_bytes
        self._changed = threading.Condition()
        self._buffers = Buffers()
        self._source: Source | None = None
        self._made: dict[int, Result] = {}
        self._busy: set[int] = set()
        self._wanted, self._step = -1, 1
        self._ahead = self._most_ahead = 0
        self._view: View | None = None
        self._closed = self._growing = False
        self._working = 1
        # Daemons: a disk that never answers must not keep the program from ending.
        threading.Thread(target=self._begin, name="volume-0", daemon=True).start()

    def look(self, index: int, view: View, *, ahead: bool = True) -> Result | None:
        """Want a slice; gives it when it is ready, else `told` is called later. Never waits for a disk.

        Without `ahead` its neighbours are left alone: for views that will change again in a moment.
        """
        with self._changed:
            if index != self._wanted:
                self._step = 1 if index > self._wanted else -1
                self._forget_failure(index)
            self._wanted, self._view = index, view
            self._ahead = self._most_ahead if ahead else 0
            self._changed.notify_all()
            made = self._made.get(index)
            return made if _serves(made, view) else None

    def grow(self) -> None:
        """Look whether the source has more by now; `told` is called with Grown where it has."""
        with self._changed:
            self._growing = True
            self._changed.notify_all()

    def hold_at_most(self, cache_bytes: int) -> None:
        """Take so much memory from now on; see `cache_bytes`."""
        with self._changed:
            self._cache_bytes = cache_bytes
            if self._source is not None and not self._closed:
                self._most_ahead = self._how_far_ahead(self._source)
                self._ahead = min(self._ahead, self._most_ahead)
                self._make_room()

    def close(self) -> None:
        """Stop after what is being read now; `told` is not called any more. Does not wait."""
        with self._changed:
            self._closed = True
            self._made.clear()
            self._changed.notify_all()

    @property
    def held_bytes(self) -> int:
        """Memory of the slices that are held."""
        with self._changed:
            return self._held_bytes()

    def _forget_failure(self, index: int) -> None:
        """Who comes back to a slice that could not be read wants another try."""
        if isinstance(self._made.get(index), Failure):
            del self._made[index]

    def _begin(self) -> None:
        try:
            source = self._open_source()
        except TomoBatchError as error:
            self._tell(Failure(-1, error))
            return
        with self._changed:
            self._source, self._working = source, THREADS
            self._ahead = self._most_ahead = self._how_far_ahead(source)
        self._tell(source)
        for number in range(1, THREADS):
            threading.Thread(target=self._work, name=f"volume-{number}", daemon=True).start()
        self._work()

    def _how_far_ahead(self, source: Source) -> int:
        # Room for what is looked at, one behind it, those being read, and memory that waits for its next use.
        fits = self._cache_bytes // max(1, self._slice_bytes(source)) - 2 - 2 * THREADS
        return max(0, min(MOST_AHEAD, fits))

    @staticmethod
    def _slice_bytes(source: Source) -> int:
        # Four bytes a pixel, and what is painted of them.
        return 5 * source.shape[0] * source.shape[1]

    def _tell(self, what: Source | Frame | Failure | Grown) -> None:
        with self._changed:
            if self._closed:
                return
        self._told(what)

    def _work(self) -> None:
        while (task := self._next_task()) is not None:
            if task is _GROW:
                self._grow_now()
                continue
            index, view, wanted = task
            assert view is not None  # noqa: S101 - but for `_GROW`
            made = self._make(index, view)
            if made is None:
                self._give_up(index)
            elif self._keep(index, made) or wanted:
                self._tell(made)
        self._leave()

    def _grow_now(self) -> None:
        assert self._source is not None  # noqa: S101 - nothing is asked for before it is open
        try:
            changed = self._source.grow()
        except TomoBatchError as error:
            log.warning("what is being made could not be looked at: %s", error.sentence)
            return
        if changed:
            self._tell(Grown())

    def _give_up(self, index: int) -> None:
        with self._changed:
            self._busy.discard(index)
            # It may be wanted again by now.
            self._changed.notify_all()

    def _is_left(self, index: int) -> bool:
        with self._changed:
            return self._closed or index not in self._order()

    def _leave(self) -> None:
        with self._changed:
            self._working -= 1
            last = self._working == 0
        # Closed by the last who might still be reading from it.
        if last and self._source is not None:
            self._source.close()

    def _next_task(self) -> Task | None:
        """What is most wanted and not being made yet; waits for it. None when closed.

        Index, view, and whether it is what somebody looks at right now; or `_GROW`.
        """
        with self._changed:
            while not self._closed:
                if self._growing and self._source is not None:
                    self._growing = False
                    return _GROW
                view = self._view
                for index in self._order():
                    if view and index not in self._busy and not _serves(self._made.get(index), view):
                        self._busy.add(index)
                        return index, view, index == self._wanted
                self._changed.wait()
            return None

    def _order(self) -> list[int]:
        if self._source is None or self._wanted < 0:
            return []
        way = [self._wanted + self._step * distance for distance in range(self._ahead + 1)]
        around = [*way, self._wanted - self._step] if self._ahead else way
        return [index for index in around if 0 <= index < self._source.count]

    def _make(self, index: int, view: View) -> Result | None:
        """A frame or a failure; None where it was given up."""
        assert self._source is not None  # noqa: S101 - nothing is asked for before it is open
        with self._changed:
            before = self._made.get(index)
        try:
            if isinstance(before, Frame):
                return paint(before.slice, view, self._buffers)
            found = read_slice(self._source, index, self._buffers, partial(self._is_left, index))
            return paint(found, view, self._buffers)
        except LeftError:
            return None
        except TomoBatchError as error:
            return Failure(index, error)
        except MemoryError:
            return Failure(index, _too_large(self._source.label(index)))

    def _keep(self, index: int, made: Result) -> bool:
        """Hold what was made, within bounds; whether it is what somebody looks at."""
        with self._changed:
            self._busy.discard(index)
            if self._closed:
                return False
            self._made[index] = made
            self._make_room()
            self._changed.notify_all()
            return index == self._wanted

    def _make_room(self) -> None:
        """Let go of the farthest slices, those behind first."""
        assert self._source is not None  # noqa: S101 - nothing is held before it is open
        # One more a thread is being read, and as many again may wait for being used once more.
        bound = self._cache_bytes - (2 * THREADS - 1) * self._slice_bytes(self._source)
        far = sorted(self._made, key=self._distance)
        while len(far) > MOST_HELD or (len(far) > 1 and self._held_bytes() > bound):
            del self._made[far.pop()]

    def _distance(self, index: int) -> float:
        ahead = (index - self._wanted) * self._step
        return ahead if ahead >= 0 else -2 * ahead

    def _held_bytes(self) -> int:
        return sum(made.nbytes for made in self._made.values() if isinstance(made, Frame))


def _too_large(label: str) -> TomoBatchError:
    return TomoBatchError("too-large", f"There is not enough memory for {label}.")


def _serves(made: Result | None, view: View) -> bool:
    return isinstance(made, Failure) or (made is not None and made.view == view)
