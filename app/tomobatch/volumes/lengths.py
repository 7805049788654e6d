"""Lengths in a slice: what a pixel measures, how it is written, and the bar that shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tomobatch.formats.pixel_size import PixelSize
from tomobatch.names import shown

NO_PIXEL_SIZE = "no pixel size in the file"
# The bar is about this share of the picture's width.
_BAR_SHARE = 0.2
_NM_UM, _MM_UM = 1e-3, 1e3


@dataclass(frozen=True)
class PixelLength:
    """What a pixel of a slice measures.

    Parameters
    ----------
    um
        Micrometres.
    words
        Where that comes from.
    """

    um: float
    words: str


def pixel_length(size: PixelSize | None, binning: int) -> PixelLength | None:
    """Of a slice whose pixels are 2^binning of the detector's wide; None where the file has no pixel size."""
    if size is None:
        return None
    words = f"{shown(size.source)}, {shown(size.unit)}"
    return PixelLength(size.value_um * 2**binning, words + (f", binned {2**binning}×" if binning else ""))


def bar_um(width_um: float) -> float:
    """Length of the bar in a picture of this width: about a fifth, as 1, 2 or 5 times a power of ten."""
    wish = width_um * _BAR_SHARE
    power = math.floor(math.log10(wish))
    round_ones = (factor * 10.0**exponent for exponent in (power, power + 1) for factor in (1, 2, 5))
    return min(round_ones, key=lambda length: abs(math.log(length / wish)))


def length_text(um: float) -> str:
    """``200 nm``, ``50 µm``, ``2 mm``: four digits at most."""
    if um < 1:
        return f"{um / _NM_UM:.4g} nm"
    return f"{um / _MM_UM:.4g} mm" if um >= _MM_UM else f"{um:.4g} µm"
