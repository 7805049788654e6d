"""What the scores of a Try's candidates tell: curves, the best, and what is wrong with the Try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

NAMES = ("gradient", "entropy")
"""The scores, as people read them; the first is the one that is followed."""
DISAGREE_PX = 3.0
"""Bests further apart are said to disagree."""
WALL = 5
# Nearer ones look alike when they are drawn small.
_APART_PX = 1.0
_EDGE = 2

Scores = tuple[float, ...] | None


@dataclass
class Candidates:
    """Candidates of one row of a Try, ordered by COR, and their scores as far as they are known.

    Parameters
    ----------
    cors_px
        COR of each, in unbinned full-frame pixels, ascending.
    """

    cors_px: tuple[float, ...]
    _scores: dict[int, Scores] = field(default_factory=dict)
    _pixels: dict[str, list[int]] = field(default_factory=dict)

    def take(self, index: int, scores: Sequence[float] | None, pixels: str) -> None:
        """Take what was found out about a candidate: scores, the highest the best, and its pixels' mark."""
        sound = scores is not None and bool(np.isfinite(scores).all())
        self._scores[index] = tuple(scores) if scores is not None and sound else None
        if pixels:
            self._pixels.setdefault(pixels, []).append(index)

    @property
    def done(self) -> bool:
        """Whether all were looked at."""
        return len(self._scores) == len(self.cors_px)

    @property
    def looked_at(self) -> int:
        """How many were."""
        return len(self._scores)

    def curve(self, which: int) -> tuple[list[float], list[float]]:
        """CORs, and a score of each from 0 to 1, the best at the top; those without a score are left out."""
        found = [(self.cors_px[index], scores[which]) for index, scores in self._scored()]
        if not found:
            return [], []
        values = np.array([value for _, value in found])
        low, high = values.min(), values.max()
        heights = (values - low) / (high - low) if high > low else np.full(len(values), 0.5)
        return [cor_px for cor_px, _ in found], heights.tolist()

    def _scored(self) -> list[tuple[int, tuple[float, ...]]]:
        return [(index, scores) for index, scores in sorted(self._scores.items()) if scores is not None]

    def best(self, which: int = 0) -> int | None:
        """Index of the best by a score; None while none is known, or where all are alike."""
        found = self._scored()
        values = {scores[which] for _, scores in found}
        return max(found, key=lambda one: one[1][which])[0] if len(values) > 1 else None

    @property
    def step_px(self) -> float:
        """From one COR to the next."""
        steps = np.diff(self.cors_px)
        return float(np.median(steps)) if len(steps) else 1.0

    @property
    def half_width_px(self) -> float:
        """How far to either side of its middle the Try has searched."""
        return (self.cors_px[-1] - self.cors_px[0] + self.step_px) / 2 if self.cors_px else 0.0

    @property
    def at_edge(self) -> bool:
        """Whether the best is one of the outermost: a better one may lie beyond."""
        best = self.best()
        return self.done and best is not None and not _EDGE <= best < len(self.cors_px) - _EDGE

    @property
    def disagree(self) -> bool:
        """Whether the scores have their bests far apart."""
        found = [self.best(which) for which in range(len(NAMES))]
        bests_px = [self.cors_px[index] for index in found if index is not None]
        apart = max(DISAGREE_PX, 2 * self.step_px)
        return self.done and len(bests_px) > 1 and max(bests_px) - min(bests_px) > apart

    @property
    def same(self) -> tuple[int, int] | None:
        """Two candidates with the very same pixels: the engine gave one the other's."""
        pairs = [sorted(indices)[:2] for indices in self._pixels.values() if len(indices) > 1]
        return (min(pairs)[0], min(pairs)[1]) if pairs else None

    def nearest(self, cor_px: float) -> int:
        """Index of the candidate nearest to a COR."""
        return int(np.argmin(np.abs(np.array(self.cors_px) - cor_px)))

    def wall(self) -> list[int]:
        """The best few, ordered by COR: the best by each score, then the best that do not look alike."""
        ranked = [index for index, _ in sorted(self._scored(), key=lambda one: one[1][0], reverse=True)]
        bests = [best for which in range(len(NAMES)) if (best := self.best(which)) is not None]
        apart = max(self.step_px, _APART_PX) * 0.99
        taken: list[int] = []
        for index in [*bests, *ranked]:
            if all(abs(self.cors_px[index] - self.cors_px[other]) >= apart for other in taken):
                taken.append(index)
        return sorted(taken[:WALL])
