"""What is on the screen, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.found import Found
    from tomobatch.desktop.viewing.looking import Looking
    from tomobatch.volumes.frame import Frame
    from tomobatch.volumes.lengths import PixelLength
    from tomobatch.volumes.source import Source


@dataclass(frozen=True, eq=False)
class Seen:
    """The slice on the screen.

    Parameters
    ----------
    scan_path, scan_name
        The scan's file, absolute, and its name as it is shown.
    label, row
        As its source tells them.
    cor_px
        Its own COR, or that the whole was made with.
    pixel
        What a pixel measures; None where the file does not tell.
    length_down
        Whether rows are a length, too: those of a sinogram are angles.
    """

    frame: Frame
    scan_path: Path
    scan_name: str
    label: str
    cor_px: float | None
    row: int | None
    pixel: PixelLength | None
    length_down: bool


def seen_in(looking: Looking, source: Source, found: Found, length_down: bool) -> Seen | None:
    """The slice on the screen; None while there is none of this source."""
    from tomobatch.volumes.lengths import pixel_length

    index, frame = looking.shown_index, looking.frame
    if frame is None or not 0 <= index < source.count:
        return None
    label, row, cor_px = source.label(index), source.row, source.cor_px(index)
    cor_px = source.made_cor_px if cor_px is None else cor_px
    pixel = pixel_length(found.pixel_size, source.binning)
    return Seen(frame, found.path, found.name, label, cor_px, row, pixel, length_down)
