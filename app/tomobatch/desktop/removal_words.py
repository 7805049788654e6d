"""What is said before and after scans are removed; knows no Qt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.desktop.cor_editing import few
from tomobatch.desktop.scan_display import Known
from tomobatch.errors import TomoBatchError
from tomobatch.scans.scan import ScanFile
from tomobatch.station.removing import Check, Target
from tomobatch.station.words import size_text


@dataclass(frozen=True)
class Asked:
    """A scan that somebody wants to remove, as its row was then.

    Attributes
    ----------
    busy
        Whether a job of it waits or runs.
    has_full
        Whether a complete Full lies on disk.
    """

    target: Target
    busy: bool
    has_full: bool

    @classmethod
    def of(cls, known: Known) -> Asked:
        """From a row."""
        busy = any(not job.state.ended for job in known.jobs)
        return cls(Target(known.file, known.scan), busy, known.has_full)

    @property
    def file(self) -> ScanFile:
        """Its file."""
        return self.target.file


class Line(NamedTuple):
    """A file in the question: its name, what there is to know of it, and ``bad``, ``warn`` or nothing."""

    name: str
    note: str
    kind: str


def title_of(asked: Sequence[Asked]) -> str:
    """Title of the question."""
    return f"Remove {counted(len(asked), 'scan')} from the list?"


def lines_of(asked: Sequence[Asked], hidden: int, check: Check | None) -> list[str]:
    """What the question says of all scans; `hidden` of them are hidden by the filter."""
    size = size_text(sum(one.file.size_bytes for one in asked))
    lines = [f"{counted(len(asked), 'file')}, {size}. Taken off the list, nothing is deleted."]
    if hidden:
        lines.append(f"{hidden} of the selected rows {_is_are(hidden)} hidden by the filter.")
    if busy := sum(one.busy for one in asked):
        lines.append(f"{busy} of them {'waits or runs' if busy == 1 else 'wait or run'}: that goes on.")
    links = len(set(check.links) & set(check.files)) if check is not None else 0
    if links:
        lines.append(f"Links among them: {links}. A link is deleted itself, never what it points to.")
    return lines


def warnings_of(asked: Sequence[Asked], check: Check | None) -> list[str]:
    """What a person should think of before deleting."""
    lines = []
    if lacking := sum(not one.has_full for one in asked):
        lines.append(f"{lacking} {'has' if lacking == 1 else 'have'} no Full.")
    if check is not None:
        if check.refused:
            lines.append(
                f"{counted(len(check.refused), 'file')} cannot be deleted now, and why stands below."
            )
        if check.unsearched:
            lines.append(f"Not searched for links to these files: {few(check.unsearched)}")
    return lines


def rows_of(asked: Iterable[Asked], refused: dict[str, TomoBatchError]) -> list[Line]:
    """The files of the question: those that are refused first, then those without a Full."""
    lines = []
    for one in asked:
        why = refused.get(one.file.name)
        name = one.file.shown_name
        if why is not None:
            lines.append(Line(name, why.sentence, "bad"))
        else:
            lines.append(Line(name, "" if one.has_full else "no Full", "" if one.has_full else "warn"))
    return sorted(lines, key=lambda line: ("bad", "warn", "").index(line.kind))


def taken_off_text(asked: Collection[Asked]) -> str:
    """What became of scans that were taken off the list."""
    count = len(asked)
    text = (
        f"{counted(count, 'scan')} {_is_are(count)} off the list. Show hidden brings {_it_them(count)} back."
    )
    busy = sum(one.busy for one in asked)
    return f"{text} What waits or runs of {_it_them(count)} goes on." if busy else text


def deleted_text(deleted: Sequence[ScanFile], refused: Sequence[str], left: int, freed_bytes: int) -> str:
    """What became of a deletion; `left` files were not reached before it was stopped."""
    text = f"{counted(len(deleted), 'file')} deleted ({size_text(freed_bytes)})."
    if left:
        text += f" Stopped: {left} {'was' if left == 1 else 'were'} not reached."
    if refused:
        text += f" Not deleted: {len(refused)}. {few(refused)}"
    return text


def cors_text() -> str:
    """What becomes of the CORs of deleted scans, and of their results."""
    return f"Deleting cannot be undone. Results stay; the CORs of these scans go, in {CSV_NAME} too."


def counted(count: int, word: str) -> str:
    """``1 file``, ``2 files``."""
    return f"1 {word}" if count == 1 else f"{count} {word}s"


def _is_are(count: int) -> str:
    return "is" if count == 1 else "are"


def _it_them(count: int) -> str:
    return "it" if count == 1 else "them"
