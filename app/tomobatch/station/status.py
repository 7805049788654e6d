"""What a scan's row says: its jobs first, then what lies on disk."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.recon.engines import EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.scans.scan import ScanState
from tomobatch.station.words import cor_text, duration_text
from tomobatch.workspace import ScanRow

SURE_OF_REST = 0.05
"""Below this part of a job nothing is said about the time it still needs."""
_SURE_AFTER_S = 3.0


class StatusKind(StrEnum):
    """What a status is drawn as: its glyph and colour."""

    UNKNOWN = ""
    """Nobody has looked at the scan yet."""
    READY = "ready"
    QUEUED = "queued"
    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    ACQUIRING = "acquiring"
    UNREADABLE = "unreadable"


_KINDS = {
    JobState.STARTING: StatusKind.RUNNING,
    JobState.JUDGING: StatusKind.RUNNING,
    **{state: StatusKind(state.value) for state in JobState if state.value in set(StatusKind)},
}
_SCAN_KINDS = {
    ScanState.READY: StatusKind.READY,
    ScanState.ACQUIRING: StatusKind.ACQUIRING,
    ScanState.UNREADABLE: StatusKind.UNREADABLE,
}
_SLOT_TAKEN = (JobState.STARTING, JobState.WAITING, JobState.RUNNING, JobState.JUDGING)


@dataclass(frozen=True)
class Status:
    """Words of a row, and what stands below them.

    Attributes
    ----------
    words
        Empty where nobody has looked at the scan yet.
    progress
        0 to 1 of the job that runs; -1 where none does.
    """

    words: str
    note: str = ""
    kind: StatusKind = StatusKind.READY
    progress: float = -1.0

    @property
    def bad(self) -> bool:
        """Whether the note tells of something that went wrong."""
        return self.kind in (StatusKind.FAILED, StatusKind.UNREADABLE)


def status_of(scan: ScanRow | None, jobs: Iterable[JobRow], now_s: float | None = None) -> Status:
    """Status of a scan.

    Parameters
    ----------
    scan
        None where nobody has looked at it yet.
    jobs
        The jobs of this scan's path, in the order of the queue.
    now_s
        Seconds since 1970; the clock's when not given.

    A job that runs or waits comes first, running ones before waiting ones; then the newest one if it
    did not end well; then the better of what is complete on disk, Full before Try.
    """
    mine = list(jobs)
    active = [row for row in mine if not row.state.ended]
    if active:
        return _of_active(active, time.time() if now_s is None else now_s)
    if mine and mine[-1].state is not JobState.COMPLETE:
        return _of_ended(mine[-1], scan.status if scan else "")
    if scan is None:
        return Status("", "…", StatusKind.UNKNOWN)
    return _of_disk(scan, mine)


def _of_active(active: Sequence[JobRow], now_s: float) -> Status:
    first, *others = sorted(active, key=lambda row: row.state is JobState.QUEUED)
    parts = [first.job.machine, *_how_far(first, now_s)]
    parts += [other.status for other in others]
    progress = first.progress if first.state in _SLOT_TAKEN else -1.0
    return Status(first.status, " · ".join(parts), _KINDS[first.state], progress)


def _how_far(row: JobRow, now_s: float) -> list[str]:
    if row.stop_asked:
        return ["is being stopped"]
    if row.state in (JobState.JUDGING, JobState.QUEUED):
        return [row.note] if row.note else []
    if row.state is not JobState.RUNNING:
        return []
    # Rounded down: a job that still runs is never at 100 %.
    percent = [f"{int(row.progress * 100)} %"]
    since_s = now_s - row.started_s if row.started_s else 0.0
    if row.progress < SURE_OF_REST or since_s < _SURE_AFTER_S:
        return percent
    return [*percent, f"{duration_text(since_s / row.progress - since_s)} left"]


def _of_ended(row: JobRow, on_disk: str) -> Status:
    before = f" {on_disk} lies on disk." if on_disk.endswith("Complete") else ""
    return Status(row.status, (row.note + before).strip(), _KINDS[row.state])


def _of_disk(scan: ScanRow, jobs: Sequence[JobRow]) -> Status:
    if scan.scan.state is ScanState.READY and scan.status != scan.scan.state.value:
        parts = filter(None, (_made_by(scan, jobs), scan.scan.reason))
        return Status(scan.status, " · ".join(parts), StatusKind.COMPLETE)
    return Status(scan.status, scan.scan.reason, _SCAN_KINDS[scan.scan.state])


def _made_by(scan: ScanRow, jobs: Sequence[JobRow]) -> str:
    """Machine, engine and time of the result that the status tells of, where its job is still known."""
    result = scan.result(Kind.FULL if scan.status.startswith(Kind.FULL.word) else Kind.TRY)
    row = next((row for row in jobs if result is not None and row.uid == result.job_id), None)
    if row is None:
        return ""
    parts = [row.job.machine, engine_word(row)]
    if row.started_s and row.ended_s:
        parts.append(duration_text(row.ended_s - row.started_s))
    return " · ".join(filter(None, parts))


def engine_word(row: JobRow) -> str:
    """The engine of a job as people call it; empty where the job was written by another version."""
    kind = row.job.request.get("engine", {}).get("kind", "")
    return {EngineKind.CPU.value: "CPU engine", EngineKind.TOMOCUPY.value: "tomocupy"}.get(kind, "")


def other_cor(scan: ScanRow) -> str:
    """A mark where the Full on disk was made with another COR than the table's, else empty."""
    full = scan.result(Kind.FULL)
    if full is None or full.cor_px is None or scan.cor is None or full.cor_px == scan.cor.value_px:
        return ""
    return f"Full at {cor_text(full.cor_px)}"
