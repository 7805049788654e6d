"""What is on the screen, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tomobatch.volumes.frame import Frame
    from tomobatch.volumes.lengths import PixelLength


@dataclass(frozen=True, eq=False)
class Seen:
    """The slice on the screen.

    Parameters
    ----------
    scan_path, scan_name
        The scan's file, absolute, and its name as it is shown.
    label, cor_px, row
        As its source tells them.
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
