"""What was measured, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tomobatch.volumes.lengths import NO_PIXEL_SIZE, length_text

if TYPE_CHECKING:
    from tomobatch.volumes.averaging import Box
    from tomobatch.volumes.lengths import PixelLength
    from tomobatch.volumes.measuring import Profile, Region
    from tomobatch.volumes.placement import Point


def line_um(a: Point, b: Point, pixel: PixelLength | None, length_down: bool) -> float | None:
    """Length of a line in micrometres; None where it has none: down a sinogram goes the angle."""
    if pixel is None or not (length_down or a[1] == b[1]):
        return None
    return math.dist(a, b) * pixel.um


def profile_words(
    profile: Profile, ends: tuple[Point, Point], pixel: PixelLength | None, length_down: bool
) -> str:
    """Length of the line, and the range of its values."""
    um = line_um(*ends, pixel, length_down)
    length = f"{math.dist(*ends):.1f} px"
    if um is not None:
        length += f" = {length_text(um)}"
    elif pixel is None:
        length += f" ({NO_PIXEL_SIZE})"
    finite = profile.values[np.isfinite(profile.values)]
    span = f"{finite.min():.4g} to {finite.max():.4g}" if finite.size else "no values"
    return f"Profile · {length} · {span} · nearest pixel"


def region_words(region: Region, pixel: PixelLength | None, length_down: bool) -> str:
    """Statistics of a region, and its size."""
    lines = [
        f"mean {region.mean:.6g} · standard deviation {region.deviation:.6g}",
        f"min {region.least:.6g} · max {region.most:.6g}",
    ]
    if math.isnan(region.mean):
        lines = ["No pixel in it holds a number."]
    odd = f" · {region.odd} without a number" if region.odd else ""
    return "\n".join([*lines, f"{region.pixels} pixels{odd} · {_size(region.box, pixel, length_down)}"])


def _size(box: Box, pixel: PixelLength | None, length_down: bool) -> str:
    width, height = box[2] - box[0], box[3] - box[1]
    size = f"{width} × {height} px"
    if pixel is None:
        return f"{size} ({NO_PIXEL_SIZE})"
    if not length_down:
        return f"{size} = {length_text(width * pixel.um)} wide"
    return f"{size} = {length_text(width * pixel.um)} × {length_text(height * pixel.um)}"
