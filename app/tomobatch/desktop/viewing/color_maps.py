"""Colour maps of the picture, by name: the one place where the chooser, the picture and saved files meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.looking import Looking
    from tomobatch.volumes.contrast import Bytes

GRAY = "Gray"
NAMES = (GRAY, "Inverted gray", "Viridis", "Magma", "Inferno", "Plasma", "Cividis")
# What is no number stands out from every map.
_ODD = (230, 0, 126)


def apply(looking: Looking, name: str) -> None:
    """Paint with a colour map."""
    set_color_map: Any = getattr(looking, "set_color_map", None)
    if set_color_map is not None:
        set_color_map(name)


def table(name: str) -> Bytes:
    """Red, green and blue of its 256 colours, (256, 3)."""
    grays = np.repeat(np.arange(256, dtype=np.uint8)[:, np.newaxis], 3, axis=1)
    if name == GRAY:
        return grays
    if name == "Inverted gray":
        return np.ascontiguousarray(grays[::-1])
    import pyqtgraph as pg

    colors: Bytes = pg.colormap.get(name.lower()).getLookupTable(nPts=256).astype(np.uint8)
    return colors


def odd_color() -> tuple[int, int, int]:
    """Red, green and blue of what is no number."""
    return _ODD
