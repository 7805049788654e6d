"""Two tables of CORs that were changed apart, joined row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

CorsPx = Mapping[str, float]


@dataclass(frozen=True)
class Conflict:
    """A row that both have changed, each in another way; None where one took it out."""

    name: str
    ours_px: float | None
    theirs_px: float | None


class Merged(NamedTuple):
    """What a merge brings: rows to take from them (None: they took it out), and rows a person must decide."""

    taken: dict[str, float | None]
    conflicts: list[Conflict]


def merge(base: CorsPx, ours: CorsPx, theirs: CorsPx) -> Merged:
    """Join two tables.

    Parameters
    ----------
    base
        As both were once.
    ours, theirs
        As they are now.
    """
    merged = Merged({}, [])
    for name in base.keys() | ours.keys() | theirs.keys():
        old, our, their = base.get(name), ours.get(name), theirs.get(name)
        if their in (our, old):
            continue
        if our == old:
            merged.taken[name] = their
        else:
            merged.conflicts.append(Conflict(name, our, their))
    return merged
