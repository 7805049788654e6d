"""Where one is in a slice, in words: which slice, the value below the pointer, what is odd about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.looking import Looking
    from tomobatch.volumes.placement import Point
    from tomobatch.volumes.source import Source


def position_text(source: Source | None, looking: Looking | None, pointer: Point | None, named: bool) -> str:
    """Of the slice on the screen; with `named` it begins with the slice's label in any case."""
    if looking is None or source is None or looking.frame is None:
        return ""
    shown = looking.frame.slice
    if shown.index >= source.count:
        return ""
    thing = source.label(shown.index) if source.row is None else f"row {source.row}"
    words = [thing, f"{shown.index + 1} / {source.count}"]
    if named and source.row is not None:
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
