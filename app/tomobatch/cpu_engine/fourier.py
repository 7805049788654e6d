"""Fourier transforms of lines: numpy's, or scipy's where their speed pays for their import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Lines = npt.NDArray[Any]

# scipy takes 0.15 s to import, and is twice as fast: even after so many samples.
_WORTH_SCIPY = 40_000_000


@dataclass(frozen=True)
class Fourier:
    """Transforms along the last axis in single precision; the input may be overwritten."""

    fft: Callable[[Lines], Lines]
    ifft: Callable[[Lines], Lines]
    rfft: Callable[[Lines], Lines]


def fourier_for(samples: int) -> Fourier:
    """Transforms for a run over so many padded samples in all."""
    if samples < _WORTH_SCIPY:
        return Fourier(np.fft.fft, np.fft.ifft, np.fft.rfft)
    import scipy.fft

    return Fourier(
        lambda lines: scipy.fft.fft(lines, overwrite_x=True),
        lambda lines: scipy.fft.ifft(lines, overwrite_x=True),
        scipy.fft.rfft,
    )
