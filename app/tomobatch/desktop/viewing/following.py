"""Going on with what is looked at once a run of it begins or ends; knows no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tomobatch.batch.states import BEGUN, JobState
from tomobatch.volumes.wanted import Making, Wanted

if TYPE_CHECKING:
    from tomobatch.batch.job import JobRow
    from tomobatch.volumes.frame import Frame
    from tomobatch.volumes.source import Source


def making_of(jobs: Sequence[JobRow]) -> tuple[Making, ...]:
    """Runs of a scan that are under way."""
    return tuple(Making(row.uid, row.job.kind, row.job.request) for row in jobs if row.state in BEGUN)


def newest(wanted: Wanted, makings: Sequence[Making]) -> Wanted:
    """The same of the run that is under way, else of what is in its place."""
    making = next((one for one in makings if one.kind.value == wanted.mode.value), None)
    return replace(wanted, version=making.version if making else "", making=making, news="")


def after(wanted: Wanted, row: JobRow, shown: bool) -> Wanted | None:
    """What is wanted once a job of the scan has come to where it is; None where that changes nothing.

    Parameters
    ----------
    shown
        Whether there is anything to be looked at now.
    """
    if row.job.kind.value != wanted.mode.value:
        return None
    watched = wanted.making is not None and wanted.version == wanted.making.version
    if row.state is JobState.COMPLETE:
        if wanted.version and not watched:
            return replace(wanted, making=None)
        return replace(wanted, version="", making=None, news="")
    if row.state in BEGUN:
        making = Making(row.uid, row.job.kind, row.job.request)
        taken = watched or (not shown and not wanted.version)
        return replace(wanted, making=making, version=making.version if taken else wanted.version)
    if not row.state.ended or wanted.making is None or wanted.making.job_id != row.uid:
        return None
    if not watched:
        return replace(wanted, making=None)
    return replace(wanted, making=None, version="", news=_news(row))


def _news(row: JobRow) -> str:
    became = {JobState.CANCELLED: "was cancelled", JobState.INTERRUPTED: "was interrupted"}
    return f"The {row.job.kind.word} that was being made {became.get(row.state, 'has failed')}."


def notes_of(source: Source | None, frame: Frame | None) -> list[str]:
    """What is to be said of the whole, and of this slice's size."""
    if source is None:
        return []
    notes = list(source.notes)
    if frame is not None and frame.slice.shape != source.shape:
        this, first = ("×".join(map(str, shape)) for shape in (frame.slice.shape, source.shape))
        notes.append(f"Slices differ in size: this one is {this}, the first {first}.")
    return notes
