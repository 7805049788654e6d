"""The scans of the open folder by id, and which of them are shown in which order; knows no Qt."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.cor.table import CorEntry
from tomobatch.desktop.scan_display import Display, Known, display_of, series_of, with_result_of
from tomobatch.recon.results import Result
from tomobatch.scans.scan import Scan, ScanFile
from tomobatch.station.status import StatusKind, status_of
from tomobatch.station.words import size_text

STATE_WORD = "state:"
# What a person has to look after comes first.
_KIND_ORDER = {
    kind: place
    for place, kind in enumerate(
        (
            StatusKind.RUNNING,
            StatusKind.WAITING,
            StatusKind.QUEUED,
            StatusKind.FAILED,
            StatusKind.INTERRUPTED,
            StatusKind.CANCELLED,
            StatusKind.UNREADABLE,
            StatusKind.ACQUIRING,
            StatusKind.READY,
            StatusKind.COMPLETE,
            StatusKind.UNKNOWN,
        )
    )
}


@dataclass(frozen=True)
class Filter:
    """Which rows are shown: those whose name has all words, and whose state is one of those asked for."""

    words: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Filter:
        """Read ``tooth state:failed``; a state may be cut short."""
        parts = text.casefold().split()
        states = tuple(part.removeprefix(STATE_WORD) for part in parts if part.startswith(STATE_WORD))
        return cls(tuple(part for part in parts if not part.startswith(STATE_WORD)), states)

    def takes(self, known: Known, kind_of: Callable[[Known], StatusKind]) -> bool:
        """Whether a row is shown."""
        name = known.name.casefold()
        if not all(word in name for word in self.words):
            return False
        return not self.states or kind_of(known).value.startswith(self.states)


@dataclass
class ScanStore:
    """All rows of the open folder.

    Attributes
    ----------
    known
        By id, in the natural order of names. A path keeps its id while the folder is open, also when it
        goes and comes back.
    """

    known: dict[int, Known] = field(default_factory=dict)
    _ids: dict[str, int] = field(default_factory=dict)
    _series: dict[str, int] = field(default_factory=dict)
    _cors: Mapping[str, CorEntry] = field(default_factory=dict)
    # Of all folders: a job of another one may be asked for when that is opened.
    _jobs: dict[str, dict[str, JobRow]] = field(default_factory=dict)
    _displays: dict[int, Display] = field(default_factory=dict)
    _kinds: dict[int, StatusKind] = field(default_factory=dict)
    _gone: dict[int, Known] = field(default_factory=dict)
    _next_id: Callable[[], int] = field(default_factory=lambda: count().__next__)

    # -- reading ----------------------------------------------------------------------------

    def display(self, scan_id: int) -> Display:
        """What a row shows; derived once."""
        found = self._displays.get(scan_id)
        if found is None:
            known = self.known.get(scan_id) or self._gone[scan_id]
            found = self._displays[scan_id] = display_of(known)
        return found

    def kind(self, known: Known) -> StatusKind:
        """Kind of a row's status; derived once."""
        found = self._kinds.get(known.scan_id)
        if found is None:
            found = self._kinds[known.scan_id] = status_of(known.row, known.jobs, 0.0).kind
        return found

    def renew(self, scan_id: int) -> frozenset[int]:
        """Derive a row anew; gives the places in `Display` that changed, none where nobody has seen it."""
        old, known = self.drop(scan_id), self.known.get(scan_id)
        if known is None:
            return frozenset()
        # Now, a few at a time: a filter or a sorting asks for all of them at once.
        self.kind(known)
        if old is None:
            return frozenset()
        new = self.display(scan_id)
        return frozenset(place for place, value in enumerate(old) if value != new[place])

    def drop(self, scan_id: int) -> Display | None:
        """Have a row derived anew by whoever asks next; gives it as it was, None where nobody has seen it."""
        return self._displays.pop(scan_id, None)

    def forget_gone(self) -> None:
        """No view asks for rows any more that went with the last `set_files`."""
        for scan_id in self._gone:
            self.drop(scan_id)
            self._kinds.pop(scan_id, None)
        self._gone.clear()

    def find(self, name: str) -> Known | None:
        """The row of a file name."""
        return self.known.get(self._ids.get(name, -1))

    def arranged(self, wanted: Filter, column: int, descending: bool, selected: set[int]) -> list[int]:
        """Ids that are shown, in order; what is alike stays in the natural order of names."""
        rows = [known for known in self.known.values() if wanted.takes(known, self.kind)]
        key = self._key(column, selected)
        if key is not None:
            rows.sort(key=key, reverse=descending)
        elif descending:
            rows.reverse()
        return [known.scan_id for known in rows]

    def _key(self, column: int, selected: set[int]) -> Callable[[Known], Any] | None:
        keys: dict[int, Callable[[Known], Any]] = {
            0: lambda known: known.scan_id not in selected,
            2: lambda known: (known.cor is None, known.cor.value_px if known.cor else 0.0),
            3: lambda known: _KIND_ORDER[self.kind(known)],
            4: lambda known: not self.display(known.scan_id).can_view_try,
            5: lambda known: not self.display(known.scan_id).can_view_full,
            6: lambda known: not self.display(known.scan_id).can_try,
        }
        return keys.get(column)

    # -- changing: each gives the ids it touched ----------------------------------------------

    def clear(self) -> None:
        """Forget the folder; ids are not used again."""
        for kept in (self.known, self._ids, self._series, self._displays, self._kinds):
            kept.clear()
        self._cors = {}

    def set_files(self, files: Sequence[ScanFile]) -> list[int]:
        """Take the files that are there now, in natural order; the others are gone, see `forget_gone`."""
        touched, here = [], {}
        for file in files:
            name = file.path.name
            known = self.known.get(self._ids.get(name, -1))
            if known is None:
                known = self._new(name, file)
            elif _differs(known.file, file):
                touched.append(known.scan_id)
            known.file = file
            here[known.scan_id] = known
        # While rows are taken out one range after the other, views ask for the rest.
        self._gone = {scan_id: known for scan_id, known in self.known.items() if scan_id not in here}
        self.known = here
        return touched

    def _new(self, name: str, file: ScanFile) -> Known:
        scan_id = self._ids.get(name)
        if scan_id is None:
            scan_id = self._ids[name] = self._next_id()
        series = self._series.setdefault(series_of(name), len(self._series))
        known = Known(scan_id, name, file, series, cor=self._cors.get(name))
        known.jobs = self._jobs_of(str(file.path))
        return known

    def set_scan(self, scan: Scan, results: tuple[Result, ...]) -> list[int]:
        """Take what an inspection found."""
        known = self.find(scan.file.name)
        if known is None:
            return []
        known.scan, known.results, known.file = scan, results, scan.file
        return self._another_kind(known)

    def set_results(self, name: str, results: tuple[Result, ...]) -> list[int]:
        """Take what lies on disk for a scan now."""
        known = self.find(name)
        if known is None:
            return []
        known.results = results
        return self._another_kind(known)

    def set_cors(self, cors: Mapping[str, CorEntry]) -> list[int]:
        """Take all CORs of the folder."""
        self._cors, touched = cors, []
        for known in self.known.values():
            cor = cors.get(known.name)
            if cor is not known.cor and cor != known.cor:
                known.cor = cor
                touched.append(known.scan_id)
        return touched

    def set_jobs(self, rows: Iterable[JobRow]) -> list[int]:
        """Take jobs as they are now."""
        ended_well: dict[str, list[JobRow]] = {}
        for row in rows:
            of_path = self._jobs.setdefault(row.job.path, {})
            before, of_path[row.uid] = of_path.get(row.uid), row
            just_now = before is not None and not before.state.ended and row.state is JobState.COMPLETE
            ended_well.setdefault(row.job.path, []).extend([row] if just_now else [])
        return [scan_id for path, good in ended_well.items() for scan_id in self._take_jobs(path, good)]

    def _take_jobs(self, path: str, ended_well: Iterable[JobRow]) -> list[int]:
        known = self.find(path.rpartition("/")[2])
        if known is None or str(known.file.path) != path:
            return []
        known.jobs = self._jobs_of(path)
        for row in ended_well:
            known.results = with_result_of(known, row)
        return self._another_kind(known)

    def _another_kind(self, known: Known) -> list[int]:
        self._kinds.pop(known.scan_id, None)
        return [known.scan_id]

    def _jobs_of(self, path: str) -> tuple[JobRow, ...]:
        return tuple(sorted(self._jobs.get(path, {}).values(), key=lambda row: row.place))


def summary_of(known: Mapping[int, Known], shown: int, selected: Collection[int]) -> str:
    """``20 files · 6 selected · 62 GB``: the size of what is selected, or of all where nothing is."""
    counted = [known[scan_id] for scan_id in selected] if selected else known.values()
    size = size_text(sum(one.file.size_bytes for one in counted))
    files = "1 file" if len(known) == 1 else f"{len(known)} files"
    parts = [files if shown == len(known) else f"{shown} of {files}"]
    return " · ".join([*parts, *([f"{len(selected)} selected"] if selected else []), size])


def _differs(old: ScanFile, new: ScanFile) -> bool:
    # `ScanFile.same_as` without its tuples: this runs for each of 10,000 files at each refresh.
    return (
        old.size_bytes != new.size_bytes
        or old.mtime_ns != new.mtime_ns
        or old.inode != new.inode
        or old.problem != new.problem
    )
