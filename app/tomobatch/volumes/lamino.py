"""Candidates of a Try told from those of a search for the laminography angle.

tomocupy (``recon_steps --reconstruction-type=try_lamino``) gives the files of that search the very names of
an ordinary Try, in the same folder: ``recon_slice0512_center20.50.tiff``, where 20.50 is an angle in degrees
(the names are from ``write_data_try`` in its ``dataio/writer.py``; ``lamino_angle + shift_array`` gives the
numbers). The receipt of a run tells them apart; without one, only the numbers do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tomobatch.errors import TomoBatchError
from tomobatch.recon.receipt import Receipt
from tomobatch.volumes.tiff_file import TiffSlices

# No more digits than any row or COR has: names may come from strangers.
CANDIDATE = re.compile(r"recon_slice(\d{1,9})_center(-?\d{1,9}(?:\.\d{1,9})?)\.tiff?")
_LAMINO = "try_lamino"
_LARGEST_DEG = 90.0
# A COR so near to the edge of a slice would leave hardly anything of the sample in the beam.
_EDGE = 1 / 16
_MOST_LOOKED_AT = 8


class Candidate(NamedTuple):
    """A file, and what its name says: detector row, and COR in pixels or angle in degrees."""

    row: int
    value: float
    name: str


@dataclass(frozen=True)
class SortedOut:
    """Candidates of one kind, and what is to be said of the others."""

    candidates: list[Candidate]
    angles: bool = False
    notes: tuple[str, ...] = ()


def sort_out(folder: Path, names: Iterable[str], receipt: Receipt | None) -> SortedOut:
    """Those of one kind: as the receipt says; else CORs, where there are any."""
    found = [_candidate(match) for match in map(CANDIDATE.fullmatch, names) if match]
    if receipt is not None:
        return SortedOut(found, any(str(word).rpartition("=")[2] == _LAMINO for word in _command(receipt)))
    small = [one for one in found if abs(one.value) <= _LARGEST_DEG]
    if not small or not _at_the_edge(folder, small):
        return SortedOut(found)
    others = [one for one in found if abs(one.value) > _LARGEST_DEG]
    if not others:
        return SortedOut(small, True, ("Shown as angles of a laminography search: no COR lies so far out.",))
    said = f"{len(small)} pictures of a laminography search lie beside these, and are left out."
    return SortedOut(others, notes=(said,))


def _candidate(match: re.Match[str]) -> Candidate:
    return Candidate(int(match[1]), float(match[2]), match[0])


def _command(receipt: Receipt) -> list[object]:
    run = receipt.plain.get("run")
    command = run.get("command") if isinstance(run, dict) else None
    return command if isinstance(command, list) else []


def _at_the_edge(folder: Path, candidates: list[Candidate]) -> bool:
    """Whether all of these, as CORs, would lie at the edge of their slices."""
    tiffs = TiffSlices()
    for one in candidates[:_MOST_LOOKED_AT]:
        with suppress(TomoBatchError):
            columns = tiffs.shape(folder / one.name)[1]
            return max(abs(other.value) for other in candidates) < columns * _EDGE
    return False
