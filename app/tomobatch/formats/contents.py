"""What both layouts come down to: three stacks of frames and the angles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.formats.pixel_size import PixelSize
from tomobatch.formats.stack import Stack

Kind = Literal["dxchange", "nxtomo"]
AnglesFrom = Literal["file", "assumed"]


@dataclass(frozen=True)
class Reference:
    """Flats or darks, or the sentence that says why there are none."""

    found: Stack | TomoBatchError

    @property
    def frames(self) -> int:
        """How many frames there are, 0 where they cannot be had."""
        return 0 if isinstance(self.found, TomoBatchError) else self.found.frames

    def stack(self) -> Stack:
        """The frames; raises the reason where there are none."""
        if isinstance(self.found, TomoBatchError):
            raise self.found
        return self.found


@dataclass(frozen=True)
class Angles:
    """Angles of the projections that can be used.

    Parameters
    ----------
    degrees
        float64, one a usable projection.
    source
        ``file``, or ``assumed`` where the file has none.
    expected
        How many projections the file promises; more than there are in an unfinished scan.
    """

    degrees: np.ndarray
    source: AnglesFrom
    expected: int


@dataclass(frozen=True)
class Contents:
    """An open scan, its layout forgotten.

    Parameters
    ----------
    kind
        Which layout it was.
    projections
        Those that have an angle.
    stored
        Projections in the file, with or without an angle.
    angles, pixel_size
        As found.
    """

    kind: Kind
    projections: Stack
    stored: int
    angles: Angles
    pixel_size: PixelSize | None


def pair_angles(degrees: np.ndarray | None, frames: int, promised: int, name: str) -> Angles:
    """Join frames with angles: keep those that have both.

    Parameters
    ----------
    degrees
        What the file says; None: evenly from 0 to 180, both ends included, over all that is promised.
    frames
        Projections that are stored.
    promised
        Projections the file speaks of.
    name
        The file, for sentences.
    """
    if degrees is None:
        expected = max(frames, promised)
        return Angles(np.linspace(0.0, 180.0, expected)[:frames], "assumed", expected)
    usable = degrees[:frames]
    if not np.isfinite(usable).all():
        raise TomoBatchError("bad-angles", f"{name} has angles that are not numbers; correct them first.")
    return Angles(usable, "file", max(promised, usable.size))
