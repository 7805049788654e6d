"""What the COR search asks of a scan: scores of positions of the axis among the columns of its sinograms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tomobatch.cor.scoring import double_wedge, negativity, opposite_mismatch
from tomobatch.cpu_engine.axis import Axis
from tomobatch.cpu_engine.fbp import Backprojector, Projector, filter_sinogram
from tomobatch.cpu_engine.preprocess import Floats

Positions = npt.NDArray[np.float64]
Score = Callable[[Positions], npt.NDArray[np.float64]]

SHARES = 4
"""Shares of the rows, or of the pairs of projections, that are asked each by itself."""

_COARSE_ANGLES = 180


@dataclass(frozen=True)
class Turn:
    """Which projections face each other.

    Parameters
    ----------
    half
        Projections a half turn.
    pairs
        Projections that have one half a turn later.
    """

    half: int
    pairs: int

    @classmethod
    def of(cls, angles_deg: Positions) -> Turn:
        """The turn of evenly spaced projections."""
        half = round(180 / float(np.median(np.abs(np.diff(angles_deg)))))
        return cls(min(half, len(angles_deg)), max(0, len(angles_deg) - half))

    @property
    def full(self) -> bool:
        """Whether enough projections face each other to do without reconstructing."""
        return 2 * self.pairs >= self.half


class HalfTurn:
    """Scores of half a turn.

    Parameters
    ----------
    sinograms
        Mean of all rows, then of each share of them, (1 + shares, angles, columns).
    """

    inside = (0.2, 0.8)
    """Where the axis may lie, in parts of the width."""

    def __init__(self, sinograms: Floats, angles_deg: Positions, turn: Turn) -> None:
        self._sinograms = sinograms[:, : turn.half]
        self._angles_deg = angles_deg[: turn.half]

    def coarse(self) -> Score:
        """Negativity of a slice so wide that it shows all of the sample wherever the axis is."""
        sinogram = self._sinograms[0]
        stride = max(1, len(sinogram) // _COARSE_ANGLES)
        margin = sinogram.shape[1] // 2
        lines = np.pad(sinogram[::stride], ((0, 0), (margin, margin)))
        return _negativity_of(lines, self._angles_deg[::stride], margin)

    def best(self) -> list[Score]:
        """The scores whose minima make the result."""
        return [self._negativity(0), lambda positions: double_wedge(self._sinograms[0], positions)]

    def checks(self) -> list[Score]:
        """The first score of each share of the rows."""
        return [self._negativity(which) for which in range(1, len(self._sinograms))]

    def _negativity(self, which: int) -> Score:
        return _negativity_of(self._sinograms[which], self._angles_deg, 0)


class FullTurn:
    """Scores of a full turn; parameters as for half a turn."""

    inside = (0.05, 0.95)
    """Where the axis may lie, in parts of the width: a full turn may see half of the sample at a time."""

    def __init__(self, sinograms: Floats, angles_deg: Positions, turn: Turn) -> None:
        del angles_deg
        self._first = sinograms[0, : turn.pairs]
        self._opposite = sinograms[0, turn.half : turn.half + turn.pairs]

    def coarse(self) -> Score:
        """Unlikeness of some opposite projections."""
        return self._mismatch(max(1, len(self._first) // _COARSE_ANGLES), 0)

    def best(self) -> list[Score]:
        """The score whose minimum makes the result."""
        return [self._mismatch(1, 0)]

    def checks(self) -> list[Score]:
        """The same score of each share of the pairs."""
        return [self._mismatch(SHARES, start) for start in range(min(SHARES, len(self._first)))]

    def _mismatch(self, stride: int, start: int) -> Score:
        first, opposite = self._first[start::stride], self._opposite[start::stride]
        return lambda positions: opposite_mismatch(first, opposite, positions)


def _negativity_of(lines: Floats, angles_deg: Positions, margin: int) -> Score:
    width = lines.shape[1]
    projector = Projector(angles_deg, width, width, "parzen", 1)
    backprojector = Backprojector(projector)
    filtered = filter_sinogram(projector, np.ascontiguousarray(lines), Axis(0))

    def score(positions: Positions) -> npt.NDArray[np.float64]:
        moved = [float(position) + margin for position in positions]
        pairs = (moved[i : i + 2] for i in range(0, len(moved), 2))
        return np.array(
            [
                negativity(image)
                for pair in pairs
                for image in backprojector.two_positions(filtered, pair[0], pair[1] if pair[1:] else None)
            ]
        )

    return score
