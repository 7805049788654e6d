"""What a viewer looks through: numbered slices, each with a label."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from tomobatch.volumes.buffers import Buffers

Floats = npt.NDArray[np.float32]
Shape = tuple[int, int]


class Source(Protocol):
    """Slices one after the other. `read` is called from several threads at once."""

    @property
    def count(self) -> int:
        """Slices there are, at least one."""

    @property
    def shape(self) -> Shape:
        """Rows and columns of a slice; a single one may differ."""

    @property
    def rows(self) -> tuple[int, ...]:
        """Detector rows a Try was made of, one of which is looked through; empty for a Full."""

    @property
    def row(self) -> int | None:
        """The one of `rows` that is looked through."""

    def label(self, index: int) -> str:
        """What tells this slice from the others: ``COR 296.00``, ``slice 12``."""

    def cor_px(self, index: int) -> float | None:
        """The scan's COR if this slice is the sharpest, in unbinned full-frame pixels; None for a Full."""

    def read(self, index: int, buffers: Buffers) -> Floats:
        """Pixels, (rows, columns), in C order; TomoBatchError where they cannot be read."""

    def close(self) -> None:
        """No more reads come."""
