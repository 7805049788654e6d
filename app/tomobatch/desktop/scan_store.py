"""The scans of the open folder by id, and which of them are shown in which order; knows no Qt."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any, NamedTuple

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.cor.table import CorEntry
from tomobatch.desktop.scan_display import Display, Known, display_of, series_of, with_result_of
from tomobatch.desktop.scan_filter import STATE_TEXTS, Filter, State
from tomobatch.desktop.scan_roles import ACTIONS, COR, SELECT, STATUS, VIEW_FULL, VIEW_TRY
from tomobatch.desktop.scan_tints import give_tints
from tomobatch.machines.base import Standing
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import Result
from tomobatch.scans.hidden import Hidden
from tomobatch.scans.scan import Scan, ScanFile
from tomobatch.station.status import UNWELL, StatusKind, no_place, no_standing, status_of
from tomobatch.station.words import size_text

UNKNOWN = State(StatusKind.UNKNOWN, "", "")
_STATE_ORDER = {"": len(STATE_TEXTS)} | {key: place for place, key in enumerate(STATE_TEXTS)}


class Facts(NamedTuple):
    """What of a row is counted.

    Attributes
    ----------
    state
        Key of its state, see `STATE_TEXTS`.
    """

    state: str
    failed: bool
    without_cor: bool
    without_full: bool


@dataclass
class ScanStore:
    """All rows of the open folder.

    Attributes
    ----------
    known
        By id, in the natural order of names. A path keeps its id while the folder is open, also when it
        goes and comes back.
    place_of
        Place of a waiting job in the queue; see `status_of`.
    standing_of
        How a machine stands; see `status_of`.
    since_s
        Of results made since then (seconds since 1970) rows tell of the newest.
    off, show_off
        Rows that were taken off the list, and whether they are shown all the same.
    """

    known: dict[int, Known] = field(default_factory=dict)
    place_of: Callable[[str], int] = no_place
    standing_of: Callable[[str], Standing] = no_standing
    since_s: float = field(default_factory=time.time)
    off: set[int] = field(default_factory=set)
    show_off: bool = False
    _hidden: Hidden = field(default_factory=dict)
    _ids: dict[str, int] = field(default_factory=dict)
    _series: dict[str, int] = field(default_factory=dict)
    _tints: dict[int, int] = field(default_factory=dict)
    _cors: Mapping[str, CorEntry] = field(default_factory=dict)
    # Of all folders: a job of another one may be asked for when that is opened.
    _jobs: dict[str, dict[str, JobRow]] = field(default_factory=dict)
    _displays: dict[int, Display] = field(default_factory=dict)
    _states: dict[int, State] = field(default_factory=dict)
    _facts: dict[int, Facts] = field(default_factory=dict)
    _gone: dict[int, Known] = field(default_factory=dict)
    _next_id: Callable[[], int] = field(default_factory=lambda: count().__next__)

    # -- reading ----------------------------------------------------------------------------

    def display(self, scan_id: int) -> Display:
        """What a row shows; derived once."""
        found = self._displays.get(scan_id)
        if found is None:
            known = self.known.get(scan_id) or self._gone[scan_id]
            found = self._displays[scan_id] = display_of(
                known, place_of=self.place_of, since_s=self.since_s, standing_of=self.standing_of
            )
        return found

    def state(self, known: Known) -> State:
        """What a row's status is; derived once."""
        found = self._states.get(known.scan_id)
        if found is None and known.scan is None and not known.jobs:
            return UNKNOWN
        if found is None:
            status = status_of(known.row, known.jobs, 0.0, since_s=self.since_s)
            found = self._states[known.scan_id] = State.of(status)
        return found

    def facts(self, known: Known) -> Facts:
        """What of a row is counted; derived once."""
        found = self._facts.get(known.scan_id)
        if found is None:
            state = self.state(known)
            failed = state.kind in UNWELL
            found = Facts(state.key, failed, known.cor_in_use is None, not known.has_full)
            self._facts[known.scan_id] = found
        return found

    def derive_facts(self, most: int) -> bool:
        """Derive the facts of so many rows that have none yet; whether there are more of them."""
        missing = self.known.keys() - self._facts.keys()
        for scan_id in islice(missing, most):
            self.facts(self.known[scan_id])
        return len(missing) > most

    def count_facts(self, scan_ids: Iterable[int]) -> Counter[Facts]:
        """How many rows there are of each kind."""
        self.derive_facts(len(self.known))
        return Counter(map(self._facts.__getitem__, scan_ids))

    def named(self, wanted: Filter) -> list[int]:
        """Ids of the rows that would be shown whatever their state."""
        out = set() if self.show_off else self.off
        if not wanted.words:
            return list(self.known.keys() - out) if out else list(self.known)
        return [i for i, known in self.known.items() if i not in out and wanted.takes_name(known)]

    def renew(self, scan_id: int) -> frozenset[int]:
        """Derive a row anew; gives the places in `Display` that changed, none where nobody has seen it."""
        old, known = self.drop(scan_id), self.known.get(scan_id)
        if known is None:
            return frozenset()
        # Now, a few at a time: a filter or a sorting asks for all of them at once.
        self.state(known)
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
            self._forget(scan_id)
        self._gone.clear()

    def waiting(self) -> list[int]:
        """Rows that somebody has seen and that say where in the queue they stand."""
        return self._seen_with(lambda job: job.state is JobState.QUEUED)

    def on_machine(self, name: str) -> list[int]:
        """Rows that somebody has seen and that have a job there which has not ended."""
        return self._seen_with(lambda job: job.job.machine == name and not job.state.ended)

    def _seen_with(self, takes: Callable[[JobRow], bool]) -> list[int]:
        seen = (self.known.get(scan_id) for scan_id in self._displays)
        return [known.scan_id for known in seen if known is not None and any(map(takes, known.jobs))]

    def find(self, name: str) -> Known | None:
        """The row of a file name."""
        return self.known.get(self._ids.get(name, -1))

    def arranged(self, wanted: Filter, column: int, descending: bool, selected: set[int]) -> list[int]:
        """Ids that are shown, in order; what is alike stays in the natural order of names."""
        out = set() if self.show_off else self.off
        rows = [known for i, known in self.known.items() if i not in out and wanted.takes(known, self.state)]
        key = self._key(column, selected)
        if key is not None:
            rows.sort(key=key, reverse=descending)
        elif descending:
            rows.reverse()
        if column == COR:
            # Last, whichever way round: nobody looks for what is not there.
            rows.sort(key=lambda known: known.cor is None)
        return [known.scan_id for known in rows]

    def _key(self, column: int, selected: set[int]) -> Callable[[Known], Any] | None:
        keys: dict[int, Callable[[Known], Any]] = {
            SELECT: lambda known: known.scan_id not in selected,
            COR: lambda known: known.cor.value_px if known.cor else 0.0,
            STATUS: lambda known: _STATE_ORDER[self.state(known).key],
            VIEW_TRY: lambda known: not known.can_view(Kind.TRY),
            VIEW_FULL: lambda known: not known.can_view(Kind.FULL),
            ACTIONS: lambda known: not known.is_ready,
        }
        return keys.get(column)

    # -- changing: each gives the ids it touched ----------------------------------------------

    def clear(self) -> None:
        """Forget the folder; ids are not used again."""
        for kept in (self.known, self._ids, self._series, self._tints, self._displays):
            kept.clear()
        self._states.clear()
        self._facts.clear()
        self._cors = {}
        self.off, self._hidden = set(), {}

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
                self._replace(known, file)
            known.file = file
            here[known.scan_id] = known
        # While rows are taken out one range after the other, views ask for the rest.
        self._gone = {scan_id: known for scan_id, known in self.known.items() if scan_id not in here}
        self.known = here
        self._find_off()
        return [*touched, *self._tint()]

    def _replace(self, known: Known, file: ScanFile) -> None:
        """Believe no result of another file, before anybody has looked into this one."""
        if known.results:
            known.results = tuple(one.as_of(file.size_bytes, file.mtime_ns) for one in known.results)
            self._forget(known.scan_id)

    def _tint(self) -> list[int]:
        rows, tints = self.known.values(), self._tints
        give_tints((known.series for known in rows), tints)
        touched = [known for known in rows if known.tint != tints[known.series]]
        for known in touched:
            known.tint = tints[known.series]
        return [known.scan_id for known in touched]

    def set_hidden(self, hidden: Hidden) -> list[int]:
        """Take what was taken off the list, by file name."""
        before, self._hidden = self.off, hidden
        self._find_off()
        return list(before ^ self.off)

    def _find_off(self) -> None:
        rows = [known for name in self._hidden if (known := self.find(name)) is not None]
        self.off = {known.scan_id for known in rows if self._is_off(known)}

    def _is_off(self, known: Known) -> bool:
        # Another scan of this name is not meant.
        return self._hidden.get(known.name) == (known.file.size_bytes, known.file.mtime_ns)

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
        return self._changed(known)

    def set_results(self, name: str, results: tuple[Result, ...]) -> list[int]:
        """Take what lies on disk for a scan now."""
        known = self.find(name)
        if known is None:
            return []
        known.results = results
        return self._changed(known)

    def set_cors(self, cors: Mapping[str, CorEntry]) -> list[int]:
        """Take all CORs of the folder."""
        self._cors, touched = cors, []
        for known in self.known.values():
            cor = cors.get(known.name)
            if cor is not known.cor and cor != known.cor:
                known.cor = cor
                self._facts.pop(known.scan_id, None)
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
        return self._changed(known)

    def _changed(self, known: Known) -> list[int]:
        self._forget(known.scan_id)
        return [known.scan_id]

    def _forget(self, scan_id: int) -> None:
        self._states.pop(scan_id, None)
        self._facts.pop(scan_id, None)

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
