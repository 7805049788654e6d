"""What a scan's row says: its jobs first, then what lies on disk."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tomobatch.batch.away import MACHINE_LOST
from tomobatch.batch.job import JobRow
from tomobatch.batch.silence import SILENT
from tomobatch.batch.states import JobState
from tomobatch.machines.base import ANOTHER_HOST, Reach, Standing
from tomobatch.recon.chunk import chunk_words
from tomobatch.scans.scan import ScanState
from tomobatch.station.machine_words import silence_text
from tomobatch.station.on_disk import made_by, oddities, shown_kind
from tomobatch.station.words import duration_text, ordinal
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
UNWELL = frozenset({StatusKind.FAILED, StatusKind.INTERRUPTED})
"""What *Select failed* selects and *Retry failed* runs again."""
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
    lost
        Whether its machine does not answer: then all else is as it was when it last did.
    """

    words: str
    note: str = ""
    kind: StatusKind = StatusKind.READY
    progress: float = -1.0
    lost: bool = False

    @property
    def bad(self) -> bool:
        """Whether the note tells of something that went wrong."""
        return self.kind in (StatusKind.FAILED, StatusKind.UNREADABLE)


def no_place(_: str) -> int:
    """Of no job it is known where in the queue it stands."""
    return 0


_UNKNOWN_STANDING = Standing()


def no_standing(_: str) -> Standing:
    """Of no machine it is known how it stands."""
    return _UNKNOWN_STANDING


def status_of(
    scan: ScanRow | None,
    jobs: Iterable[JobRow],
    now_s: float | None = None,
    place_of: Callable[[str], int] = no_place,
    since_s: float = math.inf,
    standing_of: Callable[[str], Standing] = no_standing,
) -> Status:
    """Status of a scan.

    Parameters
    ----------
    scan
        None where nobody has looked at it yet.
    jobs
        The jobs of this scan's path, in the order of the queue.
    now_s
        Seconds since 1970; the clock's when not given.
    place_of
        Place of a waiting job in the queue, counted from 1; 0 where that is not known.
    since_s
        Of results made since then (seconds since 1970) the newest is told of.
    standing_of
        How a machine stands, by its name.

    A job that runs or waits comes first, running ones before waiting ones; then the one that ended last if it
    did not end well; then the newest result made since `since_s`; then the better of what is complete on
    disk, Full before Try. What became of another file of this name is not told of.
    """
    mine = list(jobs)
    active = [row for row in mine if not row.state.ended]
    if active:
        return _of_active(active, time.time() if now_s is None else now_s, place_of, standing_of)
    ended = [row for row in mine if scan is None or _is_of(row, scan)]
    last = max(reversed(ended), key=lambda row: (row.ended_s or 0.0, row.place), default=None)
    if last is not None and last.state is not JobState.COMPLETE:
        return _of_ended(last, scan.status if scan else "")
    if scan is None:
        return Status("", "…", StatusKind.UNKNOWN)
    return _of_disk(scan, mine, since_s)


def _is_of(row: JobRow, scan: ScanRow) -> bool:
    """Whether a job was about the file that is there now, or failed since it was replaced."""
    then, file = row.job.request.get("scan"), scan.scan.file
    if then is None or row.code == "scan-replaced":
        return True
    return (then.get("size_bytes"), then.get("mtime_ns")) == (file.size_bytes, file.mtime_ns)


def _of_active(
    active: Sequence[JobRow],
    now_s: float,
    place_of: Callable[[str], int],
    standing_of: Callable[[str], Standing],
) -> Status:
    first, *others = sorted(active, key=lambda row: (row.state is JobState.QUEUED, row.turn, row.place))
    standing = standing_of(first.job.machine)
    # Of one that waits its note says so.
    lost = standing.reach is Reach.LOST and first.state is not JobState.QUEUED
    parts = [first.job.machine, *_how_far(first, now_s, lost)]
    if lost:
        # What is to become of it stands before that: the end of the line may be cut.
        parts.insert(2 if first.stop_asked else 1, silence_text(standing, now_s))
    if first.state is JobState.QUEUED and (place := place_of(first.uid)):
        parts.append(f"{ordinal(place)} in the queue")
    if first.slot is not None and first.slot.chunk:
        parts.append(f"{chunk_words(first.job.kind, first.slot.chunk)}, as remembered for this GPU")
    parts += [other.status for other in others]
    progress = first.progress if first.state in _SLOT_TAKEN else -1.0
    return Status(first.status, " · ".join(parts), _KINDS[first.state], progress, lost)


def _how_far(row: JobRow, now_s: float, lost: bool) -> list[str]:
    if row.stop_asked:
        return ["to be stopped" if lost else "is being stopped"]
    if row.state in (JobState.JUDGING, JobState.QUEUED):
        # The machine's name stands before it.
        return [row.note.removeprefix(f"waits for {row.job.machine}, which ")] if row.note else []
    if row.state is not JobState.RUNNING:
        return []
    # Rounded down: a job that still runs is never at 100 %.
    percent = f"{int(row.progress * 100)} %"
    since_s = now_s - row.started_s if row.started_s else 0.0
    if lost:
        return [f"{percent} then"]
    if row.code in (SILENT, MACHINE_LOST):
        return [percent, row.note]
    if row.code == ANOTHER_HOST:
        return [f"{percent} then", row.note]
    if row.progress < SURE_OF_REST or since_s < _SURE_AFTER_S:
        return [percent]
    return [percent, f"{duration_text(since_s / row.progress - since_s)} left"]


def _of_ended(row: JobRow, on_disk: str) -> Status:
    before = f" {on_disk} lies on disk." if on_disk.endswith("Complete") else ""
    return Status(row.status, (row.note + before).strip(), _KINDS[row.state])


def _of_disk(scan: ScanRow, jobs: Sequence[JobRow], since_s: float) -> Status:
    state = scan.scan.state
    if state is not ScanState.READY:
        return Status(scan.status, scan.scan.reason, _SCAN_KINDS[state])
    kind = shown_kind(scan, jobs, since_s)
    made = made_by(scan, kind, jobs) if kind else ""
    note = " · ".join(filter(None, (made, scan.scan.reason, *oddities(scan, kind))))
    if kind is None:
        return Status(state.value, note, StatusKind.READY)
    return Status(f"{kind.word} Complete", note, StatusKind.COMPLETE)
