"""Where one is in words: which slice of how many, the value below the pointer, what is odd about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.looking import Looking
    from tomobatch.volumes.placement import Point
    from tomobatch.volumes.source import Source

_NUMBERED = re.compile(r"(?P<what>\D+)(?P<number>\d+)(?P<more> · .*)?")


def place_text(source: Source, index: int) -> str:
    """A slice and how far it is to the ends: ``slice 12 of 0–79``, ``40 / 80 · COR 296.00``.

    Where slices have numbers of their own, from 0 or from the first row of a crop on, those are counted by: a
    second count from 1 beside them would only puzzle.
    """
    label, count = source.label(index), source.count
    ends = [_NUMBERED.fullmatch(source.label(end)) for end in (0, count - 1)]
    own = _NUMBERED.fullmatch(label)
    if own is None or None in ends:
        return " · ".join(filter(None, (f"{index + 1} / {count}", label)))
    first, last = (end["number"] for end in ends if end)
    return f"{own['what']}{own['number']} of {first}–{last}{own['more'] or ''}"


def position_text(source: Source | None, looking: Looking | None, pointer: Point | None, named: bool) -> str:
    """Of the slice on the screen; with `named` it begins with the slice's label in any case."""
    if looking is None or source is None or looking.frame is None:
        return ""
    shown = looking.frame.slice
    if shown.index >= source.count:
        return ""
    if source.row is None:
        words = [place_text(source, shown.index)]
    else:
        words = [f"row {source.row}", f"{shown.index + 1} / {source.count}"]
        if named:
            words.insert(0, source.label(shown.index))
    if source.made_cor_px is not None:
        words.append(f"COR {source.made_cor_px:.2f}")
    if pointer is not None and (at := looking.data_at(pointer)) is not None:
        value = shown.value_at(*at)
        words += [] if value is None else [f"x {int(at[0])} y {int(at[1])}", f"{value:.4g}"]
    if shown.odd_text:
        words.append(shown.odd_text)
    if shown.blank:
        words.append("empty: all values are 0")
    return " · ".join(words)
