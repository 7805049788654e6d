"""Reading ahead: what is looked at first, then what comes next on the way, in threads of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.contrast import sample_of
from tomobatch.volumes.frame import Failure, Frame, Grown, Sampled, View, paint, read_slice
from tomobatch.volumes.source import LeftError, Source, abandoned

CACHE_BYTES = 768 << 20
THREADS = 2
SPARES = 2
"""Threads that read what is looked at, once all others have been busy with other slices for a while."""
STUCK_S = 0.1
MOST_AHEAD = 3
# More would only be fresh memory to fill, which costs more than reading again from the page cache.
MOST_HELD = 6

Told = Callable[[Source | Frame | Failure | Grown | Sampled], None]
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
        it was begun or is when it is ready, with a Failure of index -1 where there is nothing to open, with
        Grown after `grow`, and with a Sampled for each slice of a `survey`.
    cache_bytes
        Most memory for slices, those being read included; the slice that is looked at is held in any case.
    buffers
        Memory for them; None takes some of its own.
    """

    def __init__(
        self,
        open_source: Callable[[], Source],
        told: Told,
        cache_bytes: int = CACHE_BYTES,
        buffers: Buffers | None = None,
    ) -> None:
        self._open_source, self._told, self._cache_bytes = open_source, told, cache_bytes
        self._changed = threading.Condition()
        self._buffers = buffers or Buffers()
        self._source: Source | None = None
        self._made: dict[int, Result] = {}
        self._busy: set[int] = set()
        # When each thread that does something began it, a survey or growth included.
        self._at_work: dict[int, float] = {}
        self._outdated: set[int] = set()
        self._wanted, self._step = -1, 1
        self._ahead = self._most_ahead = 0
        self._view: View | None = None
        self._survey: list[int] = []
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

    def survey(self, indices: list[int]) -> None:
        """Look into slices while nobody waits for one; `told` is called with a Sampled for each."""
        with self._changed:
            self._survey = list(indices)
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
        abandoned.set(lambda: self._closed)
        try:
            source = self._open_source()
        except TomoBatchError as error:
            self._tell(Failure(-1, error))
            return
        except LeftError:
            return
        except Exception as error:  # noqa: BLE001 - see `unforeseen`
            self._tell(Failure(-1, unforeseen(error)))
            return
        with self._changed:
            regular = min(THREADS, max(1, self._cache_bytes // max(1, self._slice_bytes(source))))
            threads = regular + self._spares(source)
            self._source, self._working = source, threads
            self._ahead = self._most_ahead = self._how_far_ahead(source)
        self._tell(source)
        for number in range(1, threads):
            is_spare = (number >= THREADS,)
            threading.Thread(target=self._work, args=is_spare, name=f"volume-{number}", daemon=True).start()
        self._work()

    def _spares(self, source: Source) -> int:
        """None where slices take so much memory that a few more of them could be too many."""
        fits = self._cache_bytes // max(1, self._slice_bytes(source)) - 2 * THREADS
        return max(0, min(SPARES, fits))

    def _how_far_ahead(self, source: Source) -> int:
        # Room for what is looked at, one behind it, those being read, and memory that waits for its next use.
        fits = self._cache_bytes // max(1, self._slice_bytes(source)) - 2 - 2 * THREADS
        return max(0, min(MOST_AHEAD, fits))

    @staticmethod
    def _slice_bytes(source: Source) -> int:
        # Four bytes a pixel, and what is painted of them.
        return 5 * source.shape[0] * source.shape[1]

    def _tell(self, what: Source | Frame | Failure | Grown | Sampled) -> None:
        with self._changed:
            if self._closed:
                return
        self._told(what)

    def _work(self, spare: bool = False) -> None:
        while (task := self._next_task(spare)) is not None:
            if task is _GROW:
                self._grow_now()
                continue
            index, view, wanted = task
            if view is None:
                self._look_into(index)
                continue
            made = self._make(index, view)
            if made is None:
                self._give_up(index)
            elif self._keep(index, made) or wanted:
                self._tell(made)
        self._leave()

    def _grow_now(self) -> None:
        assert self._source is not None  # noqa: S101 - nothing is asked for before it is open
        abandoned.set(lambda: self._closed)
        try:
            changed = self._source.grow()
        except TomoBatchError as error:
            log.warning("what is being made could not be looked at: %s", error.sentence)
            return
        except Exception as error:  # noqa: BLE001 - see `unforeseen`
            unforeseen(error)
            return
        if changed:
            self._forget_what_was_not_there()
            self._tell(Grown())

    def _forget_what_was_not_there(self) -> None:
        """It may be there by now, and a slice may turn out larger than it was thought to be, or longer."""
        assert self._source is not None  # noqa: S101 - it has grown
        with self._changed:
            self._made = {index: made for index, made in self._made.items() if self._lasts(made)}
            # What is being made may have been read before.
            self._outdated.update(self._busy)
            self._ahead = self._most_ahead = self._how_far_ahead(self._source)

    def _lasts(self, made: Result) -> bool:
        """Whether it stays as it is though the source has grown."""
        assert self._source is not None  # noqa: S101 - nothing is made before it is open
        return self._source.lasting and isinstance(made, Frame) and not made.slice.blank

    def _give_up(self, index: int) -> None:
        with self._changed:
            self._busy.discard(index)
            self._outdated.discard(index)
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

    def _next_task(self, spare: bool) -> Task | None:
        """What is most wanted and not being made yet; waits for it. None when closed.

        Index, view, and whether it is what somebody looks at right now; or `_GROW`.
        """
        thread = threading.get_ident()
        with self._changed:
            self._at_work.pop(thread, None)
            while not self._closed:
                index = self._most_wanted()
                waits_s = self._waits_s(index, spare)
                task = self._task(index if waits_s == 0 else None, spare)
                if task is not None:
                    self._at_work[thread] = time.monotonic()
                    return task
                self._changed.wait(waits_s)
            return None

    def _task(self, index: int | None, spare: bool) -> Task | None:
        """Growth, a slice, or one of a survey; the spare threads are there for slices alone."""
        if self._growing and not spare:
            self._growing = False
            return _GROW
        if index is not None:
            self._busy.add(index)
            return index, self._view, index == self._wanted
        # Not before somebody looks: the first picture comes first.
        while self._survey and self._source is not None and self._wanted >= 0 and not spare:
            # It may have been meant for what was looked at before.
            if (sample := self._survey.pop(0)) < self._source.count:
                return sample, None, False
        return None

    def _most_wanted(self) -> int | None:
        """The first on the way that is not there and that nobody makes."""
        view = self._view
        for index in self._order():
            if view and index not in self._busy and not _serves(self._made.get(index), view):
                return index
        return None

    def _waits_s(self, index: int | None, spare: bool) -> float | None:
        """How long a thread still waits for its turn to make a slice; None: until something changes."""
        if not spare:
            return None if index is None else 0.0
        if index != self._wanted or len(self._at_work) < THREADS:
            return None
        return max(0.0, max(self._at_work.values()) + STUCK_S - time.monotonic())

    def _look_into(self, index: int) -> None:
        """Take a sample of a slice, unless somebody wants to look at another one: later then."""
        assert self._source is not None  # noqa: S101 - nothing is asked for before it is open
        with self._changed:
            made = self._made.get(index)
        values = np.empty(0, np.float32)
        try:
            if isinstance(made, Frame):
                values = made.slice.sample
            else:
                values = sample_of(self._source.read(index, self._buffers, self._is_waited_for))
        except LeftError:
            with self._changed:
                self._survey.insert(0, index)
            return
        except (TomoBatchError, MemoryError) as error:
            log.info("slice %d does not count for the contrast: %s", index, error)
        except Exception as error:  # noqa: BLE001 - see `unforeseen`
            unforeseen(error)
        self._tell(Sampled(index, values))

    def _is_waited_for(self) -> bool:
        """Whether somebody looks at a slice that no thread makes yet."""
        with self._changed:
            if self._closed:
                return True
            wanted, view = self._wanted, self._view
            if view is None or wanted < 0 or wanted in self._busy:
                return False
            return not _serves(self._made.get(wanted), view)

    def _order(self) -> list[int]:
        if self._source is None or self._wanted < 0:
            return []
        # The first picture comes soonest while nothing else is read.
        ahead = self._ahead if self._made else 0
        way = [self._wanted + self._step * distance for distance in range(ahead + 1)]
        around = [*way, self._wanted - self._step] if ahead else way
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
        except Exception as error:  # noqa: BLE001 - see `unforeseen`
            return Failure(index, unforeseen(error))

    def _keep(self, index: int, made: Result) -> bool:
        """Hold what was made, within bounds; whether it is what somebody looks at."""
        with self._changed:
            self._busy.discard(index)
            if self._closed:
                return False
            if index not in self._outdated or self._lasts(made):
                self._made[index] = made
                self._make_room()
            self._outdated.discard(index)
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


def unforeseen(error: Exception) -> TomoBatchError:
    """For a person what nobody thought of: a thread that ends by it would leave others waiting for ever."""
    log.error("a slice could not be read", exc_info=error)
    return TomoBatchError("unforeseen", f"Something unforeseen went wrong ({type(error).__name__}: {error}).")


def _too_large(label: str) -> TomoBatchError:
    return TomoBatchError("too-large", f"There is not enough memory for {label}.")


def _serves(made: Result | None, view: View) -> bool:
    return isinstance(made, Failure) or (made is not None and made.view == view)
