"""What the viewer asks the table about a scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tomobatch.volumes.wanted import Making

if TYPE_CHECKING:
    from tomobatch.formats.pixel_size import PixelSize


@dataclass(frozen=True)
class Found:
    """A scan of the table.

    Parameters
    ----------
    path, name
        Absolute, and as it is shown.
    pixel_size
        Of the detector; None where the file has none.
    making
        Its runs that are under way.
    """

    path: Path
    name: str
    pixel_size: PixelSize | None = None
    making: tuple[Making, ...] = ()


Find = Callable[[int], Found | None]
PickedCor = Callable[[int], float | None]
