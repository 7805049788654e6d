"""The COR table and the CSV of one folder, for the one thread that reads and writes them; knows no Qt."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tomobatch.cor.csv_sync import Answers, Question, Saved
from tomobatch.cor.merge import Conflict
from tomobatch.cor.other_files import OtherCors
from tomobatch.cor.table import CorEntry
from tomobatch.scans.scan import Scan
from tomobatch.worker.client import Worker
from tomobatch.workspace import Workspace, doubts, known_scans

Entries = Mapping[str, CorEntry]


class Loaded(NamedTuple):
    """What a file brought: rows it changed, names it has a COR for, sentences about the rest."""

    before: Mapping[str, CorEntry | None]
    after: Mapping[str, CorEntry | None]
    names: list[str]
    problems: list[str]


class CorBook:
    """All but `entries` and `news` touches the disk: call it in the thread that writes.

    Parameters
    ----------
    folder
        Absolute.
    """

    def __init__(self, folder: Path, worker: Worker) -> None:
        self.folder, self._worker = folder, worker
        self._opened: Workspace | None = None
        self.entries: Entries = {}
        """Rows as they were read or written last; replaced whole, so that any thread may look."""
        self.news: Mapping[str, float] = {}
        """See `CsvSync.news`; replaced whole, too."""

    def _workspace(self) -> Workspace:
        # Here and not before: a state folder that hangs, or may not be written, is met in the thread.
        if self._opened is None:
            self._opened = Workspace(self.folder, self._worker)
        return self._opened

    def _note(self) -> None:
        self.entries = dict(self._workspace().cors.entries)
        self.news = self._workspace().csv.news

    def reload(self) -> None:
        """Read what others wrote."""
        self._workspace().cors.reload()
        self._note()

    def load_by_itself(self, scans: Iterable[Scan]) -> list[str]:
        """See `Workspace.load_csv_by_itself`."""
        self.reload()
        workspace = self._workspace()
        try:
            return workspace.load_csv_by_itself(known_scans(scans))
        finally:
            # Told once is enough.
            workspace.cors.problem = ""
            self._note()

    def load_csv(self, scans: Iterable[Scan], path: Path | None = None) -> Loaded:
        """See `Workspace.load_csv`."""
        return self._load(lambda workspace: workspace.load_csv(path, known_scans(scans)))

    def take_over(self, scans: Iterable[Scan], read: Callable[[], OtherCors]) -> Loaded:
        """Take over what a file of another program holds; see `Workspace.take_over`."""
        return self._load(lambda workspace: workspace.take_over(read(), known_scans(scans)))

    def _load(self, load: Callable[[Workspace], tuple[Collection[str], list[str]]]) -> Loaded:
        self.reload()
        before = self.entries
        names, problems = load(self._workspace())
        self._note()
        after = self.entries
        changed = [name for name in names if _is_another(before.get(name), after[name])]
        old, new = ({name: rows.get(name) for name in changed} for rows in (before, after))
        return Loaded(old, new, list(names), problems)

    def save_csv(self, answers: Answers, scans: Sequence[Scan]) -> Saved | Question:
        """See `Workspace.save_csv`."""
        self.reload()
        try:
            answer = self._workspace().save_csv(answers, known_scans(scans))
        finally:
            self._note()
        if isinstance(answer, Saved):
            return replace(answer, notes=tuple(doubts(self.entries, scans)))
        return answer

    def settle(self, take: Mapping[Conflict, bool], scans: Iterable[Scan]) -> Saved:
        """See `CsvSync.settle`."""
        self.reload()
        try:
            return self._workspace().csv.settle(take, known_scans(scans))
        finally:
            self._note()

    def save_copy(self, path: Path) -> int:
        """See `Workspace.save_copy`."""
        self.reload()
        return self._workspace().save_copy(path)

    def forget(self, names: Collection[str]) -> None:
        """See `Workspace.forget_cors`."""
        try:
            self._workspace().forget_cors(names)
        finally:
            self._note()

    def write(self, change: Mapping[str, CorEntry | None]) -> None:
        """Set rows as they are given, or take them out where there is None."""
        self._workspace().cors.put(change)
        self._note()


def _is_another(before: CorEntry | None, after: CorEntry) -> bool:
    if before is None or not before.is_of(after.file):
        return True
    return (before.value_px, before.source) != (after.value_px, after.source)
