"""A folder's CSV and its table: taken over, compared, and joined row by row when it is saved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tomobatch.cor.csv_base import CsvBase
from tomobatch.cor.csv_file import CsvCors, read_csv, write_csv
from tomobatch.cor.known_scans import KnownScans
from tomobatch.cor.merge import Conflict, Merged, merge
from tomobatch.cor.table import CorEntry, CorSource, CorTable
from tomobatch.names import natural_key, shown

_Rows = Mapping[str, CorEntry | None]


@dataclass(frozen=True)
class Answers:
    """What a person decided before a CSV is written.

    Parameters
    ----------
    take
        By conflict whether theirs is taken; the same row with other values is another conflict.
    accepted
        Sentences about what is lost that were read and agreed to.
    """

    take: Mapping[Conflict, bool] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()


NO_ANSWERS = Answers()


@dataclass(frozen=True)
class Question:
    """What must be decided before a CSV is written: rows both have changed, and what would be lost."""

    conflicts: tuple[Conflict, ...]
    losses: tuple[str, ...]


@dataclass(frozen=True)
class Saved:
    """What saving a CSV did.

    Parameters
    ----------
    count
        CORs in the CSV now.
    before, after
        Rows of the table that were taken from the CSV, as they were and as they became.
    notes
        Sentences a person should know of.
    """

    count: int
    before: _Rows = field(default_factory=dict)
    after: _Rows = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class CsvSync:
    """The CSV of one folder.

    Parameters
    ----------
    folder
        The data folder; `path` is its CSV.
    """

    def __init__(self, folder: Path, path: Path, table: CorTable) -> None:
        self.path, self._folder, self._table = path, folder, table
        self._base = CsvBase(folder)
        self.news: Mapping[str, float] = {}
        """Rows of the CSV that others wrote and the table has not taken, when it was looked at last."""

    # -- taking over --------------------------------------------------------------------------

    def load_by_itself(self, known: KnownScans) -> list[str]:
        """Take over what overrules nobody; gives sentences about the rest."""
        # Without its table the memory of what was removed from it means nothing.
        base = {} if self._table.problem else self._base.read()
        if not self.path.is_file():
            self.news = {}
            return []
        found = read_csv(self.path)
        theirs, outside = known.inside(found.cors_px)
        notes = [*bad_lines(self.path, found), *outside.values()]
        before = dict(self._table.entries)
        news = {name: cor_px for name, cor_px in theirs.items() if base.get(name) != cor_px}
        # News alone: what was taken away here, or is of another scan, stays so although the CSV has it.
        stayed = self._table.offer(news, CorSource.CSV, known.looked_up(self._folder, news))
        notes += self._stayed(stayed, news) + self._replaced(before, theirs)
        self._agree(base, theirs)
        return notes

    def _stayed(self, stayed: Mapping[str, CorEntry], news: Mapping[str, float]) -> list[str]:
        return [
            f"{shown(name)}: the COR {mine.value_px:g} ({mine.source}) is kept; "
            f"{self.path.name} says {news[name]:g}."
            for name, mine in stayed.items()
        ]

    def _replaced(self, before: Mapping[str, CorEntry], theirs: Mapping[str, float]) -> list[str]:
        now = self._table.entries
        return [
            f"{shown(name)}: the COR {old.value_px:g}{_of(old, now[name])} was replaced by {cor_px:g} of "
            f"{self.path.name}."
            for name, cor_px in theirs.items()
            if (old := before.get(name)) and old.value_px != cor_px and now[name].value_px == cor_px
        ]

    def _agree(self, base: dict[str, float], theirs: Mapping[str, float]) -> None:
        """Remember the rows in which both say the same: there, what differs later is a change."""
        ours = self._table.entries
        same = {name: px for name, px in theirs.items() if (mine := ours.get(name)) and mine.value_px == px}
        gone = {name for name in base if name not in ours and name not in theirs}
        after = {name: cor_px for name, cor_px in base.items() if name not in gone} | same
        self.news = {name: cor_px for name, cor_px in theirs.items() if after.get(name) != cor_px}
        if after != base:
            self._base.write(after)

    def load(self, known: KnownScans) -> tuple[Collection[str], list[str]]:
        """Take over all of it, whatever the table says; gives names, and sentences about the rest."""
        found = read_csv(self.path)
        theirs, outside = known.inside(found.cors_px)
        self._table.set_cors(theirs, CorSource.CSV, known.looked_up(self._folder, theirs))
        self._agree({}, theirs)
        return theirs.keys(), [
            *bad_lines(self.path, found),
            *outside.values(),
            *without_cor(self.path, found),
        ]

    # -- saving -------------------------------------------------------------------------------

    def save(self, answers: Answers, known: KnownScans) -> Saved | Question:
        """Write the table's CORs joined with what others wrote meanwhile, or say what is to be decided first.

        TomoBatchError ``csv-unreadable``, ``csv-not-written``; then neither CSV nor table has changed.
        """
        entries = self._table.entries
        ours = {name: entry.value_px for name, entry in entries.items()}
        found = read_csv(self.path) if self.path.exists() else CsvCors()
        theirs, outside = known.inside(found.cors_px)
        merged = self._merge(ours, theirs, found, outside)
        losses = tuple(self._losses(found, outside))
        undecided = [one for one in merged.conflicts if one not in answers.take]
        if undecided or not answers.accepted.issuperset(losses):
            conflicts = sorted(merged.conflicts, key=lambda one: natural_key(one.name))
            return Question(tuple(conflicts), losses)
        taken = merged.taken | {one.name: one.theirs_px for one in merged.conflicts if answers.take[one]}
        joined = {name: px for name, px in {**ours, **taken}.items() if px is not None}
        write_csv(self.path, joined)
        return self._take(taken, joined, known)

    def _merge(
        self, ours: Mapping[str, float], theirs: Mapping[str, float], found: CsvCors, outside: Iterable[str]
    ) -> Merged:
        base = self._base.read()
        damaged = {*outside, *(bad.name for bad in found.bad_lines if bad.name)}
        # An emptied file, or a line nobody can read, says not that rows were taken out.
        unsure = not theirs or any(not bad.name for bad in found.bad_lines)
        missing = {name for name in base if name not in theirs and (unsure or name in damaged)}
        return merge(base, ours, {**theirs, **{name: base[name] for name in missing}})

    def _losses(self, found: CsvCors, outside: Mapping[str, str]) -> Iterable[str]:
        """What saving drops from their file."""
        yield from bad_lines(self.path, found)
        yield from outside.values()
        if found.more_columns:
            titles = ", ".join(shown(title) for title in found.more_columns)
            yield f"{self.path.name} has more columns ({titles}): only Filename and COR are kept."

    def _take(
        self, taken: Mapping[str, float | None], joined: Mapping[str, float], known: KnownScans
    ) -> Saved:
        before = {name: self._table.entries.get(name) for name in taken}
        cors_px = {name: cor_px for name, cor_px in taken.items() if cor_px is not None}
        self._table.set_cors(cors_px, CorSource.CSV, known.looked_up(self._folder, cors_px))
        self._table.remove(taken.keys() - cors_px.keys())
        after = {name: self._table.entries.get(name) for name in taken}
        self.news = {}
        self._base.write(joined)
        return Saved(len(joined), before, after)

    # -- deciding without saving ----------------------------------------------------------------

    def settle(self, take: Mapping[Conflict, bool], known: KnownScans) -> Saved:
        """Take theirs, or keep ours knowing theirs, where the CSV and the table still say what they said."""
        still = [one for one in differences(self._table.entries, self.news) if one in take]
        cors_px = {one.name: one.theirs_px for one in still if take[one] and one.theirs_px is not None}
        before = {name: self._table.entries.get(name) for name in cors_px}
        self._table.set_cors(cors_px, CorSource.CSV, known.looked_up(self._folder, cors_px))
        after = {name: self._table.entries.get(name) for name in cors_px}
        seen = {one.name: one.theirs_px for one in still if one.theirs_px is not None}
        self._base.write({**self._base.read(), **seen})
        self.news = {name: cor_px for name, cor_px in self.news.items() if name not in seen}
        return Saved(len(cors_px), before, after)

    def forget(self, names: Collection[str]) -> None:
        """Know nothing any more of rows that were taken out of the CSV, too."""
        base = self._base.read()
        self._base.write({name: cor_px for name, cor_px in base.items() if name not in names})
        self.news = {name: cor_px for name, cor_px in self.news.items() if name not in names}


def differences(ours: Mapping[str, CorEntry], news: Mapping[str, float]) -> list[Conflict]:
    """Rows that others wrote into a CSV, and that say another COR than the table."""
    rows = ((name, ours.get(name), cor_px) for name, cor_px in news.items())
    return [
        Conflict(name, mine.value_px if mine else None, cor_px)
        for name, mine, cor_px in rows
        if mine is None or mine.value_px != cor_px
    ]


def _of(old: CorEntry, new: CorEntry) -> str:
    return "" if old.is_of(new.file) else " of another scan"


def bad_lines(path: Path, found: CsvCors) -> list[str]:
    """A sentence for each line that could not be read."""
    return [f"{path.name}, line {bad.number}: {bad.reason}" for bad in found.bad_lines]


def without_cor(path: Path, found: CsvCors) -> list[str]:
    """A sentence for each name without a COR."""
    return [f"{path.name}: {shown(name)} has no COR" for name in found.without_cor]
