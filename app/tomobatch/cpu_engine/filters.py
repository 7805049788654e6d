"""Frequency response of the filtered back-projection, tomocupy's numbers to float32 accuracy.

The ramp is not sampled but integrated: over every stretch of eleven frequency steps, t·f(t) is
integrated exactly for the polynomial through its twelve samples, and overlapping stretches are
averaged. It differs from the plain ramp in the first and last few frequencies alone, which is what
sets the grey level and its slow variation over a slice.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_POINTS = 12
_TAIL = 40
_SHORTEST = 128

_WINDOWS: dict[str, Callable[[Floats], Floats]] = {
    "ramp": np.ones_like,
    "shepp": np.sinc,
    "hann": lambda t: 0.5 * (1 + np.cos(2 * np.pi * t)),
    "hamming": lambda t: 0.54 + 0.46 * np.cos(2 * np.pi * t),
    "parzen": lambda t: (1 - 2 * t) ** 3,
    "cosine": lambda t: np.cos(np.pi * t),
    "cosine2": lambda t: np.cos(np.pi * t) ** 2,
}


def padded_length(size: int) -> int:
    """Length sinogram lines are padded to for filtering, for slices of `size` pixels."""
    return max(4 * size, _SHORTEST)


def frequency_response(name: str, length: int) -> Floats:
    """Response of the filter `name` at the rfft frequencies of lines of `length` samples.

    Returns
    -------
    numpy.ndarray
        float64, shape (length // 2 + 1,), in cycles per pixel: the plain ramp is |t|.
    """
    t = np.arange(length // 2 + 1) / length
    if name == "none":
        # tomocupy doubles the mean twice over when it does not filter.
        return np.where(t == 0, 4.0, 1.0)
    response = length * np.maximum(_integrated_ramp(t), 0)
    response[0] *= 2
    return response * _WINDOWS[name](t)


def _integrated_ramp(t: Floats) -> Floats:
    """Quadrature weights of the integral of t·f(t) over equally spaced frequencies `t`."""
    count, step = t.size, t[1]
    linear, constant = _polynomial_weights()
    stretches = count - _POINTS + 1
    overlap = np.minimum(np.minimum(np.arange(1, count), np.arange(count - 1, 0, -1)), _POINTS - 1)
    weights = np.zeros(count)
    for point in range(_POINTS):
        for part in range(_POINTS - 1):
            share = step**2 * linear[point, part] + step * t[:stretches] * constant[point, part]
            weights[point : point + stretches] += share / overlap[part : part + stretches]
    # One-sided stretches make the end ring; tomocupy goes on in a straight line there.
    weights[-_TAIL:] = weights[-_TAIL] / (count - _TAIL) * np.arange(count - _TAIL, count)
    return weights


def _polynomial_weights() -> tuple[Floats, Floats]:
    """Integrals of s·L(s) and L(s) of the Lagrange polynomials over each of eleven intervals."""
    nodes = np.linspace(1e-40, 1, _POINTS)
    inverse = np.linalg.inv(np.exp(np.outer(np.arange(_POINTS), np.log(nodes))))
    powers = np.arange(1, _POINTS + 2)
    moments = np.diff(np.exp(np.outer(powers, np.log(nodes))) / powers[:, np.newaxis])
    span = _POINTS - 1
    return inverse @ moments[1:] * span**2, inverse @ moments[:-1] * span
