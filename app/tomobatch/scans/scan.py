"""A scan as a row shows it, and the rule that tells Ready, Acquiring and Unreadable apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tomobatch.formats.layout import ScanLayout
from tomobatch.names import shown
from tomobatch.scans.facts import Facts

RECENT_S = 600.0
"""An unfinished file that changed this recently is still being acquired."""
LOOKS_APART_S = 60.0
"""Two looks further apart say nothing about now."""

# What a file under way may look like: not yet a whole HDF5 file, or its datasets not yet made.
_UNFINISHED_CODES = {"truncated", "unreadable", "not-hdf5", "no-data", "no-image-key", "worker-died"}


class ScanState(StrEnum):
    """What can be done with a scan."""

    READY = "Ready"
    ACQUIRING = "Acquiring"
    UNREADABLE = "Unreadable"


@dataclass(frozen=True)
class ScanFile:
    """A file in a data folder at one look.

    Parameters
    ----------
    path
        Absolute.
    size_bytes, mtime_ns, inode, device
        Its identity at that look.
    seen_s
        When that was, seconds since 1970.
    problem
        Why it cannot be a scan (a pipe, a lost link), else empty.
    """

    path: Path
    size_bytes: int
    mtime_ns: int
    inode: int
    device: int
    seen_s: float
    problem: str = ""

    @property
    def name(self) -> str:
        """The file's name; may hold surrogates."""
        return self.path.name

    @property
    def shown_name(self) -> str:
        """The name as text that can be printed."""
        return shown(self.name)

    def same_as(self, other: ScanFile) -> bool:
        """Whether it is the same file, unchanged."""
        return self._identity() == other._identity()

    def _identity(self) -> tuple[Path, int, int, int, int]:
        return self.path, self.size_bytes, self.mtime_ns, self.inode, self.device


@dataclass(frozen=True)
class Scan:
    """A file and what it was judged to be.

    Parameters
    ----------
    file
        The look it was judged by.
    state
        Ready, Acquiring or Unreadable.
    reason
        A sentence: why it is not Ready, or what a person should know of a Ready one; else empty.
    layout
        None where it could not be read.
    """

    file: ScanFile
    state: ScanState
    reason: str
    layout: ScanLayout | None


def judge(file: ScanFile, earlier: ScanFile | None, facts: Facts, now_s: float) -> Scan:
    """Say what a file is.

    Parameters
    ----------
    file
        The latest look.
    earlier
        A look before that, None where there was none; one of long ago is ignored.
    facts
        What its inspection found.
    now_s
        Seconds since 1970.
    """
    if file.problem:
        return Scan(file, ScanState.UNREADABLE, file.problem, None)
    if facts.changed or (earlier is not None and _grew_between(earlier, file)):
        return _acquiring(file, facts, "Being written: it changed a moment ago.")
    if not is_unfinished(facts):
        return _as_found(file, facts)
    if abs(now_s - file.mtime_ns / 1e9) < RECENT_S:
        return _acquiring(
            file, facts, f"It changed a few minutes ago, so it may still be written. {facts.sentence}"
        )
    return _as_found(file, facts)


def is_unfinished(facts: Facts) -> bool:
    """Whether the file looks like one that is still being written, or was never finished."""
    if facts.layout is None:
        return facts.code in _UNFINISHED_CODES
    return facts.layout.angles < facts.layout.expected_angles


def _grew_between(earlier: ScanFile, file: ScanFile) -> bool:
    return not earlier.same_as(file) and file.seen_s - earlier.seen_s <= LOOKS_APART_S


def _acquiring(file: ScanFile, facts: Facts, otherwise: str) -> Scan:
    layout, reason = facts.layout, otherwise
    if layout is not None:
        reason = f"Being written: {layout.angles} of {layout.expected_angles} angles so far."
    return Scan(file, ScanState.ACQUIRING, reason, layout)


def _as_found(file: ScanFile, facts: Facts) -> Scan:
    if facts.layout is None:
        return Scan(file, ScanState.UNREADABLE, facts.sentence, None)
    return Scan(file, ScanState.READY, _note(facts.layout), facts.layout)


def _note(layout: ScanLayout) -> str:
    if layout.angles < layout.expected_angles:
        return f"{layout.angles} of {layout.expected_angles} angles: aborted scan?"
    if layout.frames > layout.angles:
        return f"{layout.frames} projections but {layout.angles} angles: the last ones are left out."
    return ""
