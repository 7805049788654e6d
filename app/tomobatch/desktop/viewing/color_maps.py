"""Colours of the values, and of what is no number: one that the map itself does not have."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tomobatch.volumes.contrast import BRIGHTEST, NO_NUMBER

GRAY = "Gray"

_MAGENTA, _GREEN, _CYAN = (255, 0, 255), (0, 255, 0), (0, 255, 255)
# Those of pyqtgraph (CC0; CET's are CC-BY), whether turned over, and the colour of what is no number.
_MAPS = {
    GRAY: ("", False, _MAGENTA),
    "Inverted gray": ("", True, _MAGENTA),
    "Viridis": ("viridis", False, _MAGENTA),
    "Magma": ("magma", False, _GREEN),
    "Inferno": ("inferno", False, _CYAN),
    "Cividis": ("cividis", False, _MAGENTA),
    "Blue to yellow": ("CET-CBD1", False, _MAGENTA),
}


def names() -> tuple[str, ...]:
    """Maps there are, the usual one first."""
    return tuple(_MAPS)


@lru_cache(maxsize=len(_MAPS))
def table(name: str) -> npt.NDArray[np.uint8]:
    """Red, green and blue (256, 3) of each grey that `to_8_bit` gives; KeyError for an unknown name."""
    source, turned, no_number = _MAPS[name]
    colors = np.empty((NO_NUMBER + 1, 3), np.uint8)
    colors[: BRIGHTEST + 1] = _colors(source)[:: -1 if turned else 1]
    colors[NO_NUMBER] = no_number
    colors.flags.writeable = False
    return colors


def _colors(source: str) -> npt.NDArray[np.uint8]:
    if not source:
        return np.linspace(0, 255, BRIGHTEST + 1).round().astype(np.uint8)[:, np.newaxis]
    # Slow to import; names alone do not need it.
    from pyqtgraph import colormap

    return colormap.get(source).getLookupTable(nPts=BRIGHTEST + 1, alpha=False)
