"""CORs as the table shows them: changed at once, written in their order, taken back where that is refused."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tomobatch.cor.csv_sync import differences
from tomobatch.cor.merge import Conflict
from tomobatch.cor.table import CorEntry
from tomobatch.desktop.cor_book import CorBook, Entries
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError

if TYPE_CHECKING:
    from tomobatch.desktop.scan_model import ScanModel

MOST_STEPS = 200
CLOSE_S = 10.0

Say = Callable[[str, str], None]
Failed = Callable[[Exception], None]
Change = Mapping[str, CorEntry | None]


@dataclass(frozen=True, eq=False)
class Step:
    """A change that can be taken back: rows as they were and as they became; None where there was no COR."""

    before: Change
    after: Change

    def without(self, names: Collection[str]) -> Step:
        """The same change of all other rows."""
        before, after = (
            {name: row for name, row in rows.items() if name not in names}
            for rows in (self.before, self.after)
        )
        return Step(before, after)


class Move(NamedTuple):
    """What is made of rows, and the step that does it, or is taken back by it; a deletion is no step."""

    after: Change
    step: Step | None


class CorKeeping:
    """Rows, the way back from each change, and the thread that writes them.

    Parameters
    ----------
    model
        Shows them.
    say
        Takes kind and sentence of what a person should know of.
    changed
        Called when there is more, or less, to take back, or when the CSV says something else.
    """

    def __init__(self, model: ScanModel, tasks: Tasks, say: Say, changed: Callable[[], None]) -> None:
        self._model, self._tasks, self._say, self._changed = model, tasks, say, changed
        self._writer = _one_thread()
        self._book: CorBook | None = None
        self._cors: Entries = {}
        self._differ = 0
        self._done: deque[Step] = deque(maxlen=MOST_STEPS)
        self._undone: deque[Step] = deque(maxlen=MOST_STEPS)
        # In the order they were handed over; with what a person makes of rows, which no file can overrule.
        self._under_way: dict[asyncio.Task[None], Move | None] = {}
        self._of_before: set[asyncio.Task[None]] = set()
        self._writing: set[Future[Any]] = set()
        self.closing: list[Callable[[], Awaitable[None]]] = []
        """What ends together with this."""

    # -- the folder -------------------------------------------------------------------------

    def open(self, book: CorBook) -> None:
        """Turn to another folder; what was changed in the one before is still written."""
        if self._book is not None and self._book.folder != book.folder:
            # A disk that hangs holds the thread of its folder, and no other.
            self._writer.shutdown(wait=False)
            self._writer = _one_thread()
            self._of_before.update(self._under_way)
            self._under_way = {}
        self._book, self._cors, self._differ = book, {}, 0
        self._done.clear()
        self._undone.clear()
        self._changed()

    @property
    def folder(self) -> Path | None:
        """The folder these CORs are of; None before any was opened."""
        return self._book.folder if self._book is not None else None

    @property
    def entries(self) -> Entries:
        """Rows as they are shown, by file name."""
        return self._cors

    def reload(self) -> None:
        """Take what other programs, and engines, wrote into the table."""
        if self._book is not None:
            self._hand_over(self._book, self._book.reload)

    async def quiet(self, timeout_s: float) -> None:
        """Return when nothing is under way, so that rows are those on disk, or when it takes too long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                # One task alone says little: rows are shown by whichever ends last.
                while self._under_way:
                    await asyncio.wait(self._under_way)

    async def close(self) -> None:
        """Write what was not written yet, but wait for no disk that hangs."""
        self._book = None
        self._writer.shutdown(wait=False)
        await asyncio.gather(*(close() for close in self.closing))
        # The writing itself: the tasks that wait for it may have been cancelled already.
        writing = {asyncio.wrap_future(future) for future in tuple(self._writing)}
        if left := {*writing, *self._of_before, *self._under_way}:
            await asyncio.wait(left, timeout=CLOSE_S)

    # -- changes ----------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether a change was taken back."""
        return bool(self._undone)

    @property
    def differ(self) -> int:
        """How many CORs that others wrote into the CSV are others than the table's."""
        return self._differ

    def differences(self) -> list[Conflict]:
        """The rows of which `differ` is the number."""
        return differences(self._cors, self._book.news) if self._book is not None else []

    def forget(self, names: Collection[str]) -> None:
        """Take away the CORs of scans that were deleted; like those, for good."""
        for steps in (self._done, self._undone):
            left = [step.without(names) for step in steps]
            steps.clear()
            steps.extend(step for step in left if step.after)
        self._show({name: entry for name, entry in self._cors.items() if name not in names})
        self._changed()
        if self._book is not None:
            book, gone = self._book, tuple(names)
            self._hand_over(book, lambda: book.forget(gone), move=Move(dict.fromkeys(gone), None))

    def undo(self) -> None:
        """Take the last change back."""
        if self._done:
            step = self._done.pop()
            self._undone.append(step)
            self._write(Step(step.after, step.before), step)

    def redo(self) -> None:
        """Make the last change that was taken back again."""
        if self._undone:
            step = self._undone.pop()
            self._done.append(step)
            self._write(step, step)

    def _do(self, step: Step) -> None:
        self._remember(step)
        self._write(step, step)

    def _remember(self, step: Step) -> None:
        self._done.append(step)
        self._undone.clear()

    def _bring(self, brought: Step) -> None:
        """Remember what a file has brought as if it had come when it was asked for.

        What Undo takes back must not depend on how long the disk took: first what a person changed
        meanwhile, then the rest of the file. Rows that were changed meanwhile are written after the file's
        and stay, so they are no part of its step.
        """
        # The thread works in turn: what is still under way was handed over later.
        later = [move for move in self._under_way.values() if move is not None]
        step = brought.without({name for move in later for name in move.after})
        if not step.after:
            return
        newer: deque[Step] = deque()
        while self._done and any(self._done[-1] is move.step for move in later):
            newer.appendleft(self._done.pop())
        self._remember(step)
        self._done.extend(newer)
        self._changed()

    # -- writing ----------------------------------------------------------------------------

    def _write(self, move: Step, step: Step) -> None:
        """Show what a step, or its way back, makes of the rows, and have it written."""
        self._show({**self._cors, **move.after})
        self._changed()
        if self._book is not None:
            book = self._book
            self._hand_over(
                book,
                lambda: book.write(move.after),
                failed=lambda _: self._revert(move, step),
                move=Move(move.after, step),
            )

    def _show(self, cors: Change) -> None:
        self._cors = {name: entry for name, entry in cors.items() if entry is not None}
        self._model.set_cors(self._cors)
        differ = len(self.differences())
        if differ != self._differ:
            self._differ = differ
            self._changed()

    def _revert(self, move: Step, step: Step) -> None:
        """Nothing was written: what was not changed again meanwhile is as before, and no step."""
        mine = {name: old for name, old in move.before.items() if self._cors.get(name) == move.after[name]}
        for steps in (self._done, self._undone):
            if step in steps:
                steps.remove(step)
        self._show({**self._cors, **mine})
        self._changed()

    def _hand_over(
        self,
        book: CorBook,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        failed: Failed | None = None,
        move: Move | None = None,
    ) -> None:
        # Handed over now and not in the task, so that the thread takes changes in the order they were made.
        future = self._writer.submit(work)
        self._writing.add(future)
        future.add_done_callback(self._writing.discard)
        task = self._tasks.start(self._settle(book, future, done, failed), "keeping CORs")
        self._under_way[task] = move
        task.add_done_callback(self._is_over)
        task.add_done_callback(self._of_before.discard)

    async def _settle(
        self,
        book: CorBook,
        future: Future[Any],
        done: Callable[[Any], None] | None,
        failed: Failed | None,
    ) -> None:
        answer, error = None, None
        try:
            # Shielded: at the end of the program the thread still writes it.
            answer = await asyncio.shield(asyncio.wrap_future(future))
        except Exception as raised:  # noqa: BLE001 - told below, or raised again
            error = raised
        try:
            if error is not None:
                self._refused(book, error, failed)
            elif done is not None and book is self._book:
                done(answer)
        finally:
            # Now and not when the task has ended: two that end in one turn would each wait for the other.
            self._is_over(asyncio.current_task())
            # Not while a later change waits to be written: the rows would jump back and forth.
            if book is self._book and not self._under_way:
                self._show(book.entries)

    def _refused(self, book: CorBook, error: Exception, failed: Failed | None) -> None:
        if isinstance(error, TomoBatchError):
            self._say("error", error.sentence)
        if failed is not None and book is self._book:
            failed(error)
        if not isinstance(error, TomoBatchError):
            # Whoever owns the task logs it, and tells the person.
            raise error

    def _is_over(self, task: asyncio.Task[None] | None) -> None:
        if task is not None:
            self._under_way.pop(task, None)


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="cors")
