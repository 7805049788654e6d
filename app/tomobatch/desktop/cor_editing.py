"""Changes of CORs made in the window: shown at once, written in order, taken back where refused."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.cor.value import check_cor, parse_cor
from tomobatch.desktop.cor_book import CorBook, Entries, Loaded
from tomobatch.desktop.cor_paste import read_paste
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.station.words import cor_text

if TYPE_CHECKING:
    from tomobatch.desktop.scan_display import Known
    from tomobatch.desktop.scan_model import ScanModel

MOST_STEPS = 200
MOST_SENTENCES = 3
CLOSE_S = 10.0

Say = Callable[[str, str], None]
_Change = Mapping[str, CorEntry | None]


@dataclass(frozen=True, eq=False)
class Step:
    """A change that can be taken back: rows as they were and as they became; None where there was no COR."""

    before: _Change
    after: _Change


def few(sentences: Iterable[str]) -> str:
    """The first sentences, and how many more there are."""
    found = [shown(sentence) for sentence in sentences]
    more = len(found) - MOST_SENTENCES
    return " ".join([*found[:MOST_SENTENCES], *([f"… and {more} more."] if more > 0 else [])])


class CorEditing:
    """CORs of the open folder as the table shows them, and the way back.

    Parameters
    ----------
    model
        Shows them.
    say
        Takes kind and sentence of what a person should know of.
    undo_changed
        Called when there is more, or less, to take back.
    """

    def __init__(self, model: ScanModel, tasks: Tasks, say: Say, undo_changed: Callable[[], None]) -> None:
        self._model, self._tasks, self._say, self._undo_changed = model, tasks, say, undo_changed
        self._writer = _one_thread()
        self._book: CorBook | None = None
        self._cors: Entries = {}
        self._done: deque[Step] = deque(maxlen=MOST_STEPS)
        self._undone: deque[Step] = deque(maxlen=MOST_STEPS)
        self._under_way: set[asyncio.Task[None]] = set()
        self._of_before: set[asyncio.Task[None]] = set()
        self._writing: set[Future[Any]] = set()

    # -- the folder -------------------------------------------------------------------------

    def open(self, book: CorBook) -> None:
        """Turn to another folder; what was changed in the one before is still written."""
        if self._book is not None and self._book.folder != book.folder:
            # A disk that hangs holds the thread of its folder, and no other.
            self._writer.shutdown(wait=False)
            self._writer = _one_thread()
            self._of_before |= self._under_way
            self._under_way = set()
        self._book, self._cors = book, {}
        self._done.clear()
        self._undone.clear()
        self._undo_changed()

    def load_by_itself(self) -> None:
        """Take over the folder's CSV as far as it overrules nobody."""
        if self._book is not None:
            self._hand_over(self._book, self._book.load_by_itself, self._warn)

    def reload(self) -> asyncio.Task[None] | None:
        """Take what other programs, and engines, wrote into the table; the task ends when it is taken."""
        return self._hand_over(self._book, self._book.reload) if self._book is not None else None

    def load_csv(self) -> None:
        """Take over the folder's CSV, whatever the table says; can be undone."""
        if self._book is not None:
            self._hand_over(self._book, self._book.load_csv, self._loaded)

    def save_csv(self) -> None:
        """Write all CORs to the folder's CSV."""
        if self._book is not None:
            self._hand_over(self._book, self._book.save_csv, self._saved)

    async def close(self) -> None:
        """Write what was not written yet, but wait for no disk that hangs."""
        self._book = None
        self._writer.shutdown(wait=False)
        # The writing itself: the tasks that wait for it may have been cancelled already.
        writing = {asyncio.wrap_future(future) for future in tuple(self._writing)}
        if left := writing | self._of_before | self._under_way:
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

    def type(self, known: Known, text: str) -> str:
        """Set the COR a person typed; gives a sentence when it is refused."""
        if not text.strip():
            self.clear(known)
            return ""
        try:
            cor_px = parse_cor(text, known.columns)
        except TomoBatchError as error:
            return error.sentence
        # Enter in a field that was not changed makes nobody the author of its value.
        if known.cor is None or cor_text(known.cor.value_px) != cor_text(cor_px):
            self._change({known.name: cor_px}, CorSource.TYPED)
        return ""

    def pick(self, known: Known, cor_px: float) -> str:
        """Set a COR that was picked in the viewer; gives a sentence when it is refused."""
        try:
            check_cor(cor_px, known.columns)
        except TomoBatchError as error:
            return error.sentence
        self._change({known.name: cor_px}, CorSource.PICKED)
        return ""

    def paste(self, rows: Sequence[Known], text: str) -> str:
        """Set a pasted column from the first row downwards; gives a sentence about what was not used."""
        pasted = read_paste(rows, text, self._model.find)
        if pasted.cors_px:
            self._change(pasted.cors_px, CorSource.TYPED)
        return few(pasted.bad_lines)

    def clear(self, known: Known) -> None:
        """Take a COR away."""
        if known.cor is not None:
            self._do(Step({known.name: known.cor}, {known.name: None}))

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

    def _change(self, cors_px: Mapping[str, float], source: CorSource) -> None:
        now_s = time.time()
        after = {name: CorEntry(cor_px, source, now_s) for name, cor_px in cors_px.items()}
        self._do(Step({name: self._cors.get(name) for name in after}, after))

    def _do(self, step: Step) -> None:
        self._remember(step)
        self._write(step, step)

    def _remember(self, step: Step) -> None:
        self._done.append(step)
        self._undone.clear()

    # -- writing ----------------------------------------------------------------------------

    def _write(self, move: Step, step: Step) -> None:
        """Show what a step, or its way back, makes of the rows, and have it written."""
        self._show({**self._cors, **move.after})
        self._undo_changed()
        if self._book is not None:
            book = self._book
            self._hand_over(book, lambda: book.write(move.after), failed=lambda: self._revert(move, step))

    def _show(self, cors: _Change) -> None:
        self._cors = {name: entry for name, entry in cors.items() if entry is not None}
        self._model.set_cors(self._cors)

    def _revert(self, move: Step, step: Step) -> None:
        """Nothing was written: what was not changed again meanwhile is as before, and no step."""
        mine = {name: old for name, old in move.before.items() if self._cors.get(name) == move.after[name]}
        for steps in (self._done, self._undone):
            if step in steps:
                steps.remove(step)
        self._show({**self._cors, **mine})
        self._undo_changed()

    def _hand_over(
        self,
        book: CorBook,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[], None] | None = None,
    ) -> asyncio.Task[None]:
        # Handed over now and not in the task, so that the thread takes changes in the order they were made.
        future = self._writer.submit(work)
        self._writing.add(future)
        future.add_done_callback(self._writing.discard)
        task = self._tasks.start(self._settle(book, future, done, failed), "keeping CORs")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        task.add_done_callback(self._of_before.discard)
        return task

    async def _settle(
        self,
        book: CorBook,
        future: Future[Any],
        done: Callable[[Any], None] | None,
        failed: Callable[[], None] | None,
    ) -> None:
        try:
            # Shielded: at the end of the program the thread still writes it.
            answer = await asyncio.shield(asyncio.wrap_future(future))
        except TomoBatchError as error:
            self._say("error", error.sentence)
            if failed is not None and book is self._book:
                failed()
            return
        if book is not self._book:
            return
        if done is not None:
            done(answer)
        # Not while a later change waits to be written: the rows would jump back and forth.
        if len(self._under_way) <= 1:
            self._show(book.entries)

    # -- what was loaded and saved ------------------------------------------------------------

    def _warn(self, notes: Sequence[str]) -> None:
        if notes:
            self._say("warning", few(notes))

    def _loaded(self, loaded: Loaded) -> None:
        before, names, problems = loaded
        after = self._book.entries if self._book else {}
        changed = [name for name in names if _value(before.get(name)) != _value(after.get(name))]
        if changed:
            self._remember(
                Step(
                    {name: before.get(name) for name in changed}, {name: after.get(name) for name in changed}
                )
            )
            self._undo_changed()
        strangers = [
            f"{name} is no scan of this folder; its COR is kept for later."
            for name in names
            if self._model.find(name) is None
        ]
        notes = few(f"{problem.rstrip('.')}." for problem in (*problems, *strangers))
        self._say(
            "warning" if notes else "info", f"{_cors(len(names))} loaded from {CSV_NAME}. {notes}".strip()
        )

    def _saved(self, count: int) -> None:
        self._say("info", f"{_cors(count)} saved to {CSV_NAME}.")


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="cors")


def _value(entry: CorEntry | None) -> tuple[float, CorSource] | None:
    return None if entry is None else (entry.value_px, entry.source)


def _cors(count: int) -> str:
    return "1 COR" if count == 1 else f"{count} CORs"
