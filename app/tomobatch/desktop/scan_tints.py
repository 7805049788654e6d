"""Colours of series: no two neighbours alike while there are others; knows no Qt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

TINTS = 6
"""How many the theme has."""


def give_tints(series: Iterable[int], tints: dict[int, int]) -> None:
    """Give each series a colour, 0 to `TINTS` - 1; what has one keeps it unless a neighbour has it too.

    Parameters
    ----------
    series
        Of each row, from the top down.
    tints
        Colours by series; changed in place.
    """
    runs = [one for one, _ in groupby(series)]
    if not _is_good(runs, tints):
        _improve(runs, tints)


def _is_good(runs: Sequence[int], tints: dict[int, int]) -> bool:
    colours = [tints.get(one) for one in runs]
    return None not in colours and all(above != below for above, below in pairwise(colours))


def _improve(runs: Sequence[int], tints: dict[int, int]) -> None:
    beside: defaultdict[int, set[int]] = defaultdict(set)
    for above, below in pairwise(runs):
        beside[above].add(below)
        beside[below].add(above)
    last = -1
    for one in dict.fromkeys(runs):
        taken = {tints.get(other) for other in beside[one]}
        if one not in tints or tints[one] in taken:
            turn = [(last + step) % TINTS for step in range(1, TINTS + 1)]
            tints[one] = next((tint for tint in turn if tint not in taken), tints.get(one, turn[0]))
        last = tints[one]
