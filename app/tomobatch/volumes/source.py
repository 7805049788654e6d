"""What a viewer looks through: numbered slices, each with a label."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tomobatch.volumes.buffers import Buffers

Floats = npt.NDArray[np.float32]
Shape = tuple[int, int]
Left = Callable[[], bool]
"""Whether nobody waits for what is being read any more."""


def never() -> bool:
    """Somebody waits to the end."""
    return False


abandoned: ContextVar[Left] = ContextVar("abandoned", default=never)
"""Whether nobody waits any more for what this thread opens, or looks at anew."""


class LeftError(Exception):
    """A read was given up, since nobody waits for it any more."""


class Source(Protocol):
    """Slices one after the other. `read` is called from several threads at once."""

    count: int
    """Slices there are, at least one; `grow` may find more."""
    shape: Shape
    """Rows and columns of a slice; a single one may differ."""
    rows: tuple[int, ...] = ()
    """Detector rows a Try was made of, one of which is looked through; empty for anything else."""
    row: int | None = None
    """The one of `rows` that is looked through."""
    binning: int = 0
    """A column is 2^binning columns of the detector wide."""
    made_cor_px: float | None = None
    """COR all of it was made with, in unbinned full-frame pixels; None for a Try, and where nothing tells."""
    growing: bool = False
    """Whether it is still being made: `grow` is worth asking now and then."""
    lasting: bool = True
    """Whether a slice that holds something stays as it is while the source grows."""
    moved: bool = False
    """Whether what `grow` found would change the numbers of slices, or lies elsewhere: open it anew."""
    notes: tuple[str, ...] = ()
    """Sentences about the whole that a person should know."""

    @abstractmethod
    def label(self, index: int) -> str:
        """What tells this slice from the others: ``COR 296.00``, ``slice 12``."""

    def cor_px(self, index: int) -> float | None:
        """The scan's COR if this slice is the sharpest, in unbinned full-frame pixels; None but for a Try."""
        return None

    def empty(self, index: int) -> str:
        """Why there is nothing in this slice, as a sentence (outside a crop, not made yet); else no text."""
        return ""

    @abstractmethod
    def read(self, index: int, buffers: Buffers, left: Left = never) -> Floats:
        """Pixels, (rows, columns), in C order; TomoBatchError where they cannot be read.

        `left` is asked between pieces of a read: once it says yes, `LeftError` is raised.
        """

    def grow(self) -> bool:
        """Look whether more slices are there by now, and whether more will come; whether anything changed."""
        return False

    def close(self) -> None:
        """No more reads come."""
        return
