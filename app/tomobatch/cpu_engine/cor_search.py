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

from tomobatch.cpu_engine.cor_scores import SHARES, FullTurn, HalfTurn, Positions, Score, Turn
from tomobatch.cpu_engine.preprocess import Floats

_COARSE_WIDTH = 128
# Finer than this the position gains nothing: the minimum is found to a small part of a pixel.
_FINE_WIDTH = 512
_ENOUGH_ANGLES = 500
_REACH_PX, _STEP_PX = 3.0, 0.5
_RECENTRINGS = 3
_FIT_REACH_PX = 1.5
# A minimum this many times deeper than the score scatters about its parabola is clear.
_CLEAR = 3.0
_AGREEMENT_PX = 0.25
_LARGEST_ERROR_PX = 0.1
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


def find_axis(band: Floats, angles_deg: Positions) -> Found:
    """Find the rotation axis.

    Parameters
    ----------
    band
        Sinograms of neighbouring rows, float32 (rows, angles, columns), attenuation.
    angles_deg
        Evenly spaced, shape (angles,).
    """
    step_deg = _step(angles_deg)
    span_deg = abs(float(angles_deg[-1] - angles_deg[0])) + step_deg
    if step_deg == 0 or span_deg < _LEAST_TURN_DEG:
        return Found((band.shape[2] - 1) / 2, f"the scan covers {span_deg:.0f}° only")
    stride = _stride(Turn.of(angles_deg))
    factor = _power_of_two(band.shape[2] / _FINE_WIDTH)
    return _search(_shrunk(band[:, ::stride], factor), angles_deg[::stride], factor)


def _step(angles_deg: Positions) -> float:
    return float(np.median(np.abs(np.diff(angles_deg))))


def _stride(turn: Turn) -> int:
    """Projections to go on by, so that there are enough; opposite ones must stay opposite."""
    stride = max(1, turn.half // _ENOUGH_ANGLES)
    while turn.full and turn.half % stride:
        stride -= 1
    return stride


def _search(band: Floats, angles_deg: Positions, scale: int) -> Found:
    """Sweep over all the width at a coarse scale, then around the best at finer and finer ones.

    A column of `band` is `scale` columns wide in what the answer is about.
    """
    turn = Turn.of(angles_deg)
    kind = FullTurn if turn.full else HalfTurn
    shares = [band[start::SHARES] for start in range(min(SHARES, len(band)))]
    sinograms = np.stack([rows.mean(axis=0) for rows in (band, *shares)])
    factor = _power_of_two(band.shape[2] / _COARSE_WIDTH)
    width = band.shape[2] // factor
    guess = _small(_guess(band, turn), factor)
    starts = np.append(np.arange(kind.inside[0] * width, kind.inside[1] * width), guess)
    values = kind(_shrunk(sinograms, factor), angles_deg, turn).coarse()(starts)
    position = _large(float(starts[np.argmin(values)]), factor)
    while factor > 1:
        score = kind(_shrunk(sinograms, factor), angles_deg, turn).best()[0]
        position = _large(_minimum(score, _small(position, factor)).position_px, factor)
        factor //= 2
    return _judged(kind(sinograms, angles_deg, turn), position, scale)


def _judged(scores: HalfTurn | FullTurn, start_px: float, scale: int) -> Found:
    first, *others = scores.best()
    minima = [_minimum(first, start_px)]
    minima += [_minimum(score, minima[0].position_px) for score in others]
    checks = [_minimum(score, minima[0].position_px) for score in scores.checks()]
    places_px = [minimum.position_px for minimum in minima]
    apart_px = scale * (max(places_px) - min(places_px))
    error_px = scale * _standard_error([minimum.position_px for minimum in checks])
    doubt = ""
    if not all(minimum.clear for minimum in (*minima, *checks)):
        doubt = "the scores have no clear minimum"
    elif apart_px > _AGREEMENT_PX:
        doubt = f"two scores differ by {apart_px:.2f} px"
    elif error_px > _LARGEST_ERROR_PX:
        doubt = f"noise leaves an error of about {error_px:.2f} px"
    return Found(_large(float(np.mean(places_px)), scale), doubt)


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


def _vertex(offsets: Positions, values: Positions, middle_px: float) -> _Minimum:
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


def _guess(band: Floats, turn: Turn) -> float:
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
