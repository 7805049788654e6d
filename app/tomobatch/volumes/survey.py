"""The contrast of a whole volume, by some of its slices."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tomobatch.volumes.contrast import Levels, auto_levels
from tomobatch.volumes.source import Floats, Shape

MOST_SLICES = 9
# Very large slices are not read for this: the contrast of one of them has to do.
MOST_BYTES = 512 << 20
_MOST_VALUES = 16_384
_FLOAT32_BYTES = 4


def survey_slices(count: int, shape: Shape) -> list[int]:
    """Indices of slices spread over a volume, away from its ends; none where they would take too long."""
    fitting = MOST_BYTES // max(1, _FLOAT32_BYTES * shape[0] * shape[1])
    slices = min(MOST_SLICES, fitting, count)
    if slices < 2:
        return []
    return sorted({int((place + 0.5) * count / slices) for place in range(slices)})


def survey_levels(samples: Iterable[Floats]) -> Levels | None:
    """Percentiles of values of several slices, each counting the same; None where there are none."""
    thinned = [sample[:: max(1, -(-sample.size // _MOST_VALUES))] for sample in samples if sample.size]
    return auto_levels(np.concatenate(thinned)) if thinned else None
