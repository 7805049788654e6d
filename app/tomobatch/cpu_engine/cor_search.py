"""Finding the COR of a scan by itself: a first guess from opposite projections, refined by scores.

Half turns are refined by the negativity of trial slices and by the double wedge (their mean), full turns by
the likeness of opposite projections. Each quarter of the rows (or of the pairs of projections) is asked
again by itself, which shows what noise does to the answer. The result is unsure where the two scores differ
or the quarters scatter, where a score has no clear minimum or falls on beyond the search, and where the
scan covers less than half a turn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tomobatch.cor.scoring import double_wedge, negativity, opposite_mismatch
from tomobatch.cpu_engine.axis import Axis
from tomobatch.cpu_engine.fbp import Backprojector, Projector, filter_sinogram
from tomobatch.cpu_engine.preprocess import Floats

Positions = npt.NDArray[np.float64]
Score = Callable[[Positions], npt.NDArray[np.float64]]

_COARSE_WIDTH = 128
_FINE_WIDTH = 1024
_COARSE_ANGLES = 180
_REACH_PX, _STEP_PX = 3.0, 0.5
_RECENTRINGS = 3
_FIT_REACH_PX = 1.5
# A minimum this many times deeper than the score scatters about its parabola is clear.
_CLEAR = 3.0
_AGREEMENT_PX = 0.25
_LARGEST_ERROR_PX = 0.1
_SHARES = 4
_GUESS_PRECISION = 10
_LEAST_TURN_DEG = 170.0


@dataclass(frozen=True)
class Found:
    """A position of the axis among the columns; `doubt` says why it may be wrong, empty: it is sure."""

    position_px: float
    doubt: str = ""


@dataclass(frozen=True)
class _Minimum:
    position_px: float
    clear: bool


@dataclass(frozen=True)
class _Turn:
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

    @property
    def full(self) -> bool:
        """Whether enough projections face each other to do without reconstructing."""
        return 2 * self.pairs >= self.half


def find_axis(band: Floats, angles_deg: Positions) -> Found:
    """Find the rotation axis.

    Parameters
    ----------
    band
        Sinograms of neighbouring rows, float32 (rows, angles, columns), attenuation.
    angles_deg
        Evenly spaced, shape (angles,).
    """
    step_deg = float(np.median(np.abs(np.diff(angles_deg))))
    span_deg = abs(float(angles_deg[-1] - angles_deg[0])) + step_deg
    if step_deg == 0 or span_deg < _LEAST_TURN_DEG:
        return Found((band.shape[2] - 1) / 2, f"the scan covers {span_deg:.0f}° only")
    half = round(180 / step_deg)
    turn = _Turn(min(half, len(angles_deg)), max(0, len(angles_deg) - half))
    return _refine(band, angles_deg, turn, _FullTurn if turn.full else _HalfTurn)


class _HalfTurn:
    """Scores of half a turn.

    Parameters
    ----------
    sinograms
        Mean of all rows, then of each share of them, (1 + shares, angles, columns).
    """

    inside = (0.2, 0.8)
    """Where the axis may lie, in parts of the width."""

    def __init__(self, sinograms: Floats, angles_deg: Positions, turn: _Turn) -> None:
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


class _FullTurn:
    """Scores of a full turn; parameters as for half a turn."""

    inside = (0.05, 0.95)
    """Where the axis may lie, in parts of the width: a full turn may see half of the sample at a time."""

    def __init__(self, sinograms: Floats, angles_deg: Positions, turn: _Turn) -> None:
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
        return [self._mismatch(_SHARES, start) for start in range(min(_SHARES, len(self._first)))]

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


def _refine(
    band: Floats,
    angles_deg: Positions,
    turn: _Turn,
    search: type[_HalfTurn | _FullTurn],
) -> Found:
    """Sweep over all the width at a coarse scale, then around the best at finer and finer ones."""
    shares = [band[start::_SHARES] for start in range(min(_SHARES, len(band)))]
    sinograms = np.stack([rows.mean(axis=0) for rows in (band, *shares)])
    columns = band.shape[2]
    factor = _power_of_two(columns / _COARSE_WIDTH)
    finest = _power_of_two(columns / _FINE_WIDTH)
    score = search(_shrunk(sinograms, factor), angles_deg, turn).coarse()
    width = columns // factor
    starts = np.append(
        np.arange(search.inside[0] * width, search.inside[1] * width), _small(_guess(band, turn), factor)
    )
    position = _large(float(starts[np.argmin(score(starts))]), factor)
    while factor > finest:
        score = search(_shrunk(sinograms, factor), angles_deg, turn).best()[0]
        position = _large(_minimum(score, _small(position, factor)).position_px, factor)
        factor //= 2
    return _judged(search(_shrunk(sinograms, finest), angles_deg, turn), position, finest)


def _judged(scores: _HalfTurn | _FullTurn, position_px: float, factor: int) -> Found:
    first, *others = scores.best()
    minima = [_minimum(first, _small(position_px, factor))]
    minima += [_minimum(score, minima[0].position_px) for score in others]
    checks = [_minimum(score, minima[0].position_px) for score in scores.checks()]
    places_px = [factor * minimum.position_px for minimum in minima]
    found_px = _large(float(np.mean(places_px)) / factor, factor)
    error_px = _standard_error([factor * minimum.position_px for minimum in checks])
    if not all(minimum.clear for minimum in (*minima, *checks)):
        return Found(found_px, "the scores have no clear minimum")
    if max(places_px) - min(places_px) > _AGREEMENT_PX:
        return Found(found_px, f"two scores differ by {max(places_px) - min(places_px):.2f} px")
    if error_px > _LARGEST_ERROR_PX:
        return Found(found_px, f"noise leaves an error of about {error_px:.2f} px")
    return Found(found_px)


def _standard_error(places_px: list[float]) -> float:
    """Of the mean of what the shares say; 0 where there is one share alone."""
    count = len(places_px)
    return float(np.std(places_px, ddof=1)) / count**0.5 if count > 1 else 0.0


def _minimum(score: Score, start_px: float) -> _Minimum:
    """Minimum of a score near `start_px`, by a parabola through the points around the lowest."""
    for _ in range(_RECENTRINGS):
        positions = start_px + np.arange(-_REACH_PX, _REACH_PX + _STEP_PX / 2, _STEP_PX)
        values = score(positions)
        start_px = float(positions[np.argmin(values)])
        if positions[0] + _FIT_REACH_PX <= start_px <= positions[-1] - _FIT_REACH_PX:
            return _vertex(positions - start_px, values, start_px)
    return _Minimum(start_px, clear=False)


def _vertex(offsets: Positions, values: npt.NDArray[np.float64], middle_px: float) -> _Minimum:
    near = np.abs(offsets) <= _FIT_REACH_PX + _STEP_PX / 2
    x, y = offsets[near], values[near]
    if not np.isfinite(y).all():
        return _Minimum(middle_px, clear=False)
    square, slope, constant = np.polyfit(x, y, 2)
    scatter = float(np.std(np.polyval((square, slope, constant), x) - y))
    depth = square * _FIT_REACH_PX**2
    if depth <= _CLEAR * scatter:
        return _Minimum(middle_px, clear=False)
    vertex = float(np.clip(-slope / (2 * square), -_STEP_PX, _STEP_PX))
    return _Minimum(middle_px + vertex, clear=True)


def _guess(band: Floats, turn: _Turn) -> float:
    """Position of the axis from the shift between a view and its mirrored opposite."""
    from skimage import registration

    if turn.full:
        first, opposite = band[0, : turn.pairs], band[0, turn.half : turn.half + turn.pairs]
    else:
        first, opposite = band[:, 0], band[:, min(turn.half, band.shape[1] - 1)]
    columns = band.shape[2]
    # Zeros beside the sample keep a shift to the right from being taken for one to the left.
    room = ((0, 0), (columns // 2, columns // 2))
    register: Callable[..., Any] = registration.phase_cross_correlation
    shift, _, _ = register(
        np.pad(first, room),
        np.pad(opposite[:, ::-1], room),
        normalization=None,
        upsample_factor=_GUESS_PRECISION,
    )
    guessed: float = (float(shift[1]) + columns - 1) / 2
    return guessed


def _shrunk(sinograms: Floats, factor: int) -> Floats:
    """Columns averaged by `factor`, an even number of them."""
    width = sinograms.shape[2] // (2 * factor) * 2
    cut = sinograms[:, :, : width * factor]
    averaged: Floats = cut.reshape(*cut.shape[:2], width, factor).mean(axis=3)
    return averaged


def _small(position_px: float, factor: int) -> float:
    return (position_px - (factor - 1) / 2) / factor


def _large(position_px: float, factor: int) -> float:
    return position_px * factor + (factor - 1) / 2


def _power_of_two(ratio: float) -> int:
    """The least power of two that is not below `ratio`."""
    return 1 << max(0, int(np.ceil(np.log2(ratio))))
