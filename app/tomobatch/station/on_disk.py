"""What a row says of the results that lie on disk for its scan."""

from __future__ import annotations

from collections.abc import Sequence

from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.recon.engines import EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import Result, ResultState
from tomobatch.station.words import cor_text, duration_text
from tomobatch.workspace import ScanRow

# Binning shifts the candidates by up to (2^b − 1) / 2 px; nearer than this nothing is odd.
_BESIDE_PX = 4.0
_PICTURES = {Kind.TRY: "picture", Kind.FULL: "slice"}


def shown_kind(scan: ScanRow, jobs: Sequence[JobRow], since_s: float) -> Kind | None:
    """Which complete result a row tells of, None where there is none.

    The newest of those made since `since_s` (seconds since 1970), while it lies there; else Full before Try.
    """
    complete = [result for result in scan.results if result.state is ResultState.COMPLETE]
    uids = {result.job_id for result in complete}
    made = [row for row in jobs if row.state is JobState.COMPLETE and row.uid in uids]
    newest = max(made, key=lambda row: row.ended_s or 0.0, default=None)
    if newest is not None and (newest.ended_s or 0.0) >= since_s:
        return newest.job.kind
    kinds = {result.kind for result in complete}
    return next((kind for kind in (Kind.FULL, Kind.TRY) if kind in kinds), None)


def made_by(scan: ScanRow, kind: Kind, jobs: Sequence[JobRow]) -> str:
    """Machine, engine and time of a result, where its job is still known."""
    result = scan.result(kind)
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


def oddities(scan: ScanRow, kind: Kind | None) -> list[str]:
    """What a person should know of results: not whole, of another file, made elsewhere, around another COR.

    Of a Try or a Full that is complete too, only that is said.
    """
    whole = {result.kind for result in scan.results if result.state is ResultState.COMPLETE}
    others = [result for result in scan.results if result.kind not in whole]
    stale = [result.kind for result in others if result.state is ResultState.STALE]
    said = [_of_another_file(stale), *(_counted(result) for result in others)]
    return [*filter(None, said), *([_beside(scan)] if kind is Kind.TRY and _beside(scan) else [])]


def _of_another_file(kinds: Sequence[Kind]) -> str:
    if not kinds:
        return ""
    words = " and ".join(kind.word for kind in Kind if kind in kinds)
    return f"{words} on disk {'are' if len(set(kinds)) > 1 else 'is'} of another file of this name"


def _counted(result: Result) -> str:
    word, count = _PICTURES[result.kind], result.count
    if result.state is ResultState.INCOMPLETE:
        if result.expected is None:
            return f"{result.kind.word} incomplete: its volume cannot be read"
        return f"{result.kind.word} incomplete: {count} of {result.expected} {word}s"
    if result.state is ResultState.ELSEWHERE:
        return f"{result.kind.word}: {count} {word if count == 1 else word + 's'} made elsewhere"
    return ""


def _beside(scan: ScanRow) -> str:
    """A mark where none of the Try's candidates is near the table's COR, else empty."""
    found = scan.result(Kind.TRY)
    if found is None or found.candidates_px is None or scan.cor is None:
        return ""
    first_px, last_px = found.candidates_px
    if first_px - _BESIDE_PX <= scan.cor.value_px <= last_px + _BESIDE_PX:
        return ""
    return f"Try shows {cor_text(first_px)} to {cor_text(last_px)}, not this COR"


def other_cor(scan: ScanRow) -> str:
    """A mark where the Full on disk was made with another COR than the table's, else empty."""
    full = scan.result(Kind.FULL)
    if full is None or full.state is ResultState.STALE or full.cor_px is None or scan.cor is None:
        return ""
    return f"Full at {cor_text(full.cor_px)}" if full.cor_px != scan.cor.value_px else ""
