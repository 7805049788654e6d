"""How one order of rows becomes another, and which ranges of rows changed alike; knows no Qt."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

MOST_STEPS = 64
"""Above so many separate ranges one reset costs less than they do."""

_Range = tuple[int, int]


class Changed(NamedTuple):
    """A row, and what of it changed."""

    row: int
    roles: frozenset[int]


@dataclass(frozen=True)
class Steps:
    """What to do, in this order.

    Attributes
    ----------
    removed
        First and last row of each range, from the bottom up.
    kept
        What is left, in its new order.
    added
        First and last row of each range, from the top down, as they lie at the end.
    """

    removed: list[_Range]
    kept: list[int]
    added: list[_Range]


def steps_between(old: Sequence[int], new: Sequence[int]) -> Steps | None:
    """Steps from one order of ids to another; None when they would be too many."""
    before, after = set(old), set(new)
    removed = list(_runs(row for row, scan_id in enumerate(old) if scan_id not in after))
    added = list(_runs(row for row, scan_id in enumerate(new) if scan_id not in before))
    if len(removed) + len(added) > MOST_STEPS:
        return None
    return Steps(removed[::-1], [scan_id for scan_id in new if scan_id in before], added)


def unmoved(old: Sequence[int], new: Iterable[int], known: Container[int]) -> list[int]:
    """The old order as far as it is still known, and below it what is new."""
    before = set(old)
    return [
        *(scan_id for scan_id in old if scan_id in known),
        *(scan_id for scan_id in new if scan_id not in before),
    ]


def _runs(rows: Iterable[int]) -> Iterator[_Range]:
    first = last = None
    for row in rows:
        if last is not None and row == last + 1:
            last = row
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = row
    if first is not None and last is not None:
        yield first, last


def ranges_of(changes: Iterable[Changed]) -> Iterator[tuple[int, int, frozenset[int]]]:
    """Join rows that lie side by side and changed alike: first row, last row, roles."""
    first, last, roles = -1, -1, frozenset[int]()
    for change in sorted(changes, key=lambda change: change.row):
        if first >= 0 and change.row == last + 1 and change.roles == roles:
            last = change.row
            continue
        if first >= 0:
            yield first, last, roles
        first, last, roles = change.row, change.row, change.roles
    if first >= 0:
        yield first, last, roles
