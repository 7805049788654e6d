"""Changes of CORs made in the window: typed, picked and pasted ones, and those that files bring."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.cor.csv_sync import NO_ANSWERS, Answers, Question, Saved
from tomobatch.cor.merge import Conflict
from tomobatch.cor.other_files import read_center_txt, read_rot_cen
from tomobatch.cor.table import CorEntry, CorSource, Identity
from tomobatch.cor.value import check_cor, parse_cor
from tomobatch.desktop.cor_book import Loaded
from tomobatch.desktop.cor_keeping import CorKeeping, Say, Step
from tomobatch.desktop.cor_paste import read_paste
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.station.words import cor_text

if TYPE_CHECKING:
    from tomobatch.desktop.scan_display import Known
    from tomobatch.desktop.scan_model import ScanModel

MOST_SENTENCES = 3

Ask = Callable[[Question], None]


def few(sentences: Iterable[str]) -> str:
    """The first sentences, and how many more there are."""
    found = list(sentences)
    more = len(found) - MOST_SENTENCES
    return " ".join([*map(shown, found[:MOST_SENTENCES]), *([f"… and {more} more."] if more > 0 else [])])


class CorEditing(CorKeeping):
    """CORs of the open folder as the table shows them, and the way back.

    Parameters
    ----------
    ask
        Called with what must be decided before the CSV is written.
    not_saved
        Called with a sentence when a file of CORs could not be written.
    """

    def __init__(
        self,
        model: ScanModel,
        tasks: Tasks,
        say: Say,
        changed: Callable[[], None],
        ask: Ask,
        not_saved: Callable[[str], None],
    ) -> None:
        super().__init__(model, tasks, say, changed)
        self._ask, self._not_saved = ask, not_saved

    # -- by a person ------------------------------------------------------------------------

    def type(self, known: Known, text: str) -> str:
        """Set the COR a person typed; gives a sentence when it is refused."""
        if not text.strip():
            self.clear(known)
            return ""
        try:
            cor_px = parse_cor(text, known.columns)
        except TomoBatchError as error:
            return error.sentence
        # Enter in a field that was not changed makes nobody the author of its value, unless it is doubted.
        cor = known.cor_in_use
        if cor is None or cor_text(cor.value_px) != cor_text(cor_px):
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

    def _change(self, cors_px: Mapping[str, float], source: CorSource) -> None:
        now_s = time.time()
        after = {
            name: CorEntry.made(cor_px, source, now_s, self._identity(name))
            for name, cor_px in cors_px.items()
        }
        self._do(Step({name: self._cors.get(name) for name in after}, after))

    def _identity(self, name: str) -> Identity | None:
        known = self._model.find(name)
        return known.identity if known is not None else None

    # -- by files ---------------------------------------------------------------------------

    def load_by_itself(self) -> None:
        """Take over the folder's CSV as far as it overrules nobody."""
        if self._book is not None:
            book, scans = self._book, self._model.scans()
            self._hand_over(book, lambda: book.load_by_itself(scans), self._warn)

    def load_csv(self, path: Path | None = None) -> None:
        """Take over a CSV, the folder's where none is named, whatever the table says; can be undone."""
        if self._book is not None:
            book, scans = self._book, self._model.scans()
            name = CSV_NAME if path is None else str(path)
            self._hand_over(
                book, lambda: book.load_csv(scans, path), lambda loaded: self._loaded(loaded, name)
            )

    def load_rot_cen(self, path: Path) -> None:
        """Take over TomoGUI's ``rot_cen.json``, whatever the table says; can be undone."""
        if self._book is not None:
            book, scans = self._book, self._model.scans()
            self._hand_over(
                book,
                lambda: book.take_over(scans, lambda: read_rot_cen(path, book.folder)),
                lambda loaded: self._loaded(loaded, str(path)),
            )

    def load_center_txt(self, path: Path, chosen: str | None) -> None:
        """Take over a ``center_of_rotation.txt``; a number alone is the one scan's that is chosen."""
        if self._book is not None:
            book, scans = self._book, self._model.scans()
            names = [scan.file.name for scan in scans]
            self._hand_over(
                book,
                lambda: book.take_over(scans, lambda: read_center_txt(path, book.folder, names, chosen)),
                lambda loaded: self._loaded(loaded, str(path)),
            )

    def save_csv(self, answers: Answers = NO_ANSWERS) -> None:
        """Write all CORs to the folder's CSV, joined with what others wrote into it."""
        if self._book is not None:
            book, scans = self._book, self._model.scans()
            self._hand_over(
                book, lambda: book.save_csv(answers, scans), self._saved_or_asked, self._offer_place
            )

    def save_copy(self, path: Path) -> None:
        """Write all CORs to another place."""
        if self._book is not None:
            book = self._book
            self._hand_over(
                book,
                lambda: book.save_copy(path),
                lambda count: self._say("info", f"{_cors(count)} saved to {shown(path)}."),
                self._offer_place,
            )

    def settle(self, take: Mapping[Conflict, bool]) -> None:
        """Take what the CSV says, or keep what the table says, row by row; can be undone."""
        if self._book is not None:
            book, scans = self._book, self._model.scans()
            self._hand_over(book, lambda: book.settle(take, scans), self._settled)

    def _offer_place(self, error: Exception) -> None:
        if isinstance(error, TomoBatchError) and error.code in ("csv-not-written", "csv-unreadable"):
            self._not_saved(error.sentence)

    # -- what was loaded and saved ------------------------------------------------------------

    def _warn(self, notes: Sequence[str]) -> None:
        if notes:
            self._say("warning", few(f"{note.rstrip('.')}." for note in notes))

    def _loaded(self, loaded: Loaded, place: str) -> None:
        self._bring(Step(loaded.before, loaded.after))
        strangers = [
            f"{name} is no scan of this folder; its COR is kept for later."
            for name in loaded.names
            if self._model.find(name) is None
        ]
        notes = few(f"{problem.rstrip('.')}." for problem in (*loaded.problems, *strangers))
        said = f"{_cors(len(loaded.names))} loaded from {shown(place)}. {notes}".strip()
        self._say("warning" if notes else "info", said)

    def _saved_or_asked(self, answer: Saved | Question) -> None:
        if isinstance(answer, Question):
            self._ask(answer)
            return
        self._bring(Step(answer.before, answer.after))
        taken = f" {_cors(len(answer.after))} in it came from another program." if answer.after else ""
        notes = few(answer.notes)
        said = f"{_cors(answer.count)} saved to {CSV_NAME}.{taken} {notes}".strip()
        self._say("warning" if notes else "info", said)

    def _settled(self, saved: Saved) -> None:
        self._bring(Step(saved.before, saved.after))


def _cors(count: int) -> str:
    return "1 COR" if count == 1 else f"{count} CORs"
