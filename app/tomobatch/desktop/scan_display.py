"""What a row of the table shows, derived from what is known of its scan; knows no Qt."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import BEGUN
from tomobatch.cor.table import CorEntry, Identity
from tomobatch.machines.base import Standing
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ScanFile as RequestFile
from tomobatch.recon.results import Result, ResultState
from tomobatch.scans.scan import Scan, ScanFile, ScanState
from tomobatch.station.on_disk import other_cor
from tomobatch.station.retrying import retry_text, smaller_again
from tomobatch.station.status import StatusKind, no_place, no_standing, status_of
from tomobatch.station.words import cor_text, size_text, without_name
from tomobatch.workspace import ScanRow, doubt_of, identity_of

_NUMBER_AT_END = re.compile(r"[0-9]+$")
_DAY_S = 24 * 3600
LOST = "lost"
"""Drawn in place of the state while the job's machine does not answer."""


@dataclass(slots=True)
class Known:
    """All that is known of one scan.

    Attributes
    ----------
    name
        The file's name as it is; may hold surrogates.
    series, tint
        Number of its series, counted as they were met; and the colour that marks it.
    scan, results
        None until it was looked at; both come together.
    jobs
        Those of its path, in the order of the queue.
    """

    scan_id: int
    name: str
    file: ScanFile
    series: int
    scan: Scan | None = None
    results: tuple[Result, ...] | None = None
    cor: CorEntry | None = None
    jobs: tuple[JobRow, ...] = ()
    tint: int = 0

    @property
    def row(self) -> ScanRow | None:
        """The same as the rest of the program knows it; None until it was looked at."""
        if self.scan is None or self.results is None:
            return None
        return ScanRow(self.scan, self.cor, self.results)

    @property
    def identity(self) -> Identity | None:
        """Which file it is; None until it was looked at, and while it is being written."""
        return identity_of(self.scan) if self.scan is not None else None

    @property
    def cor_in_use(self) -> CorEntry | None:
        """Its COR as far as that is believed."""
        return None if self.doubt else self.cor

    @property
    def doubt(self) -> str:
        """Why its COR is not believed; see `ScanRow.doubt`."""
        if self.cor is None or self.scan is None:
            return ""
        doubt = doubt_of(self.cor, self.scan)
        return doubt.why if doubt is not None else ""

    @property
    def has_full(self) -> bool:
        """Whether a complete Full lies on disk."""
        found = self.results or ()
        return any(one.kind is Kind.FULL and one.state is ResultState.COMPLETE for one in found)

    def can_view(self, kind: Kind) -> bool:
        """Whether there is something to be seen of its Try or Full, or will be in a moment."""
        if any(job.job.kind is kind and job.state in BEGUN for job in self.jobs):
            return True
        found = self.results or ()
        return any(one.kind is kind and one.state is not ResultState.INCOMPLETE for one in found)

    @property
    def is_ready(self) -> bool:
        """Whether a Try of it can run."""
        if self.scan is None or self.results is None:
            return False
        return self.scan.state is ScanState.READY

    @property
    def columns(self) -> int | None:
        """Width of its detector, None where that is not known."""
        return self.scan.layout.columns if self.scan and self.scan.layout else None


class Display(NamedTuple):
    """A row as it is shown; see the roles of `ScanModel`."""

    name: str
    details: str
    cor_text: str
    cor_source: str
    cor_warning: str
    cor_doubted: bool
    status: str
    status_kind: str
    note: str
    note_bad: bool
    progress: float
    can_cancel: bool
    can_view_try: bool
    can_view_full: bool
    can_try: bool
    can_full: bool
    series: int
    smaller: str


def display_of(
    known: Known,
    now_s: float | None = None,
    place_of: Callable[[str], int] = no_place,
    since_s: float = math.inf,
    standing_of: Callable[[str], Standing] = no_standing,
) -> Display:
    """Derive a row; `now_s` in seconds since 1970, the clock's when not given. See `status_of`."""
    now_s = time.time() if now_s is None else now_s
    row = known.row
    status = status_of(row, known.jobs, now_s, place_of, since_s, standing_of)
    busy = {job.job.kind for job in known.jobs if not job.state.ended}
    ready = known.is_ready
    return Display(
        name=known.file.shown_name,
        details=details_of(known, now_s),
        cor_text=cor_text(known.cor.value_px) if known.cor else "",
        cor_source=known.cor.source.value if known.cor else "",
        cor_warning=(row.doubt_mark or other_cor(row)) if row else "",
        cor_doubted=row is not None and bool(row.doubt),
        status=status.words,
        status_kind=LOST if status.lost else status.kind.value,
        note=without_name(status.note, known.file.shown_name),
        note_bad=status.bad,
        progress=status.progress,
        can_cancel=bool(busy),
        can_view_try=known.can_view(Kind.TRY),
        can_view_full=known.can_view(Kind.FULL),
        can_try=ready and Kind.TRY not in busy,
        can_full=ready and Kind.FULL not in busy and known.cor is not None,
        series=known.tint,
        smaller=_smaller(known.jobs) if status.kind is StatusKind.FAILED and not busy else "",
    )


def _smaller(jobs: Sequence[JobRow]) -> str:
    """What a button says that runs again what ran out of GPU memory; empty where that is no help."""
    found = smaller_again(jobs)
    return retry_text(found[-1]) if found else ""


def details_of(known: Known, now_s: float) -> str:
    """``1500 × 2048 × 2448 · 15.0 GB · 14:02``: shape, size, and when the file was written."""
    layout = known.scan.layout if known.scan else None
    shape = f"{layout.angles} × {layout.rows} × {layout.columns}" if layout else ""
    parts = (shape, size_text(known.file.size_bytes), _when(known.file.mtime_ns / 1e9, now_s))
    return " · ".join(filter(None, parts)) if known.file.mtime_ns else ""


def _when(then_s: float, now_s: float) -> str:
    recent = 0 <= now_s - then_s < _DAY_S
    return time.strftime("%H:%M" if recent else "%Y-%m-%d %H:%M", time.localtime(then_s))


def series_of(name: str) -> str:
    """What the names of one series have in common: the name up to its trailing number."""
    return _NUMBER_AT_END.sub("", name.rpartition(".")[0]).casefold()


def with_result_of(known: Known, job: JobRow) -> tuple[Result, ...] | None:
    """Results once a job has ended well, until somebody has looked: what was there before is replaced."""
    if known.results is None:
        return None
    cor_px, final = job.job.request.get("cor_px"), job.job.request.get("final", "")
    then = job.job.request.get("scan")
    made = Result(
        job.job.kind,
        final,
        ResultState.COMPLETE,
        0,
        cor_px=cor_px,
        job_id=job.uid,
        scan=RequestFile(**then) if then else None,
    ).as_of(known.file.size_bytes, known.file.mtime_ns)
    others = tuple(result for result in known.results if result.kind is not job.job.kind)
    return (*others, made)
