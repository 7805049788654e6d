"""What is not finite is counted, whatever part of a slice is on the screen."""

import numpy as np
import pytest

from tomobatch.volumes.frame import Slice, View, paint
from tomobatch.volumes.placement import Placement

SHAPE = (90, 120)
FITTED = Placement((40.0, 30.0))
CORNER = Placement((40.0, 30.0), 0.9, (100.0, 75.0))


def odd_slice(*odd):
    values = np.ones(SHAPE, np.float32)
    for number, value in enumerate(odd):
        values[number, number] = value
    return Slice(0, values, values.ravel()[50:60])


@pytest.mark.parametrize("placement", [FITTED, CORNER])
@pytest.mark.parametrize(
    ("odd", "counts", "text"),
    [
        ((), (0, 0), ""),
        ((np.nan,), (1, 0), "1 NaN"),
        ((np.inf, -np.inf), (0, 2), "2 infinite"),
        ((np.nan, np.nan, np.nan, np.inf), (3, 1), "3 NaN · 1 infinite"),
    ],
)
def test_all_pixels_count(buffers, placement, odd, counts, text):
    of = odd_slice(*odd)
    frame = paint(of, View(placement, (0.0, 2.0)), buffers)
    assert (of.nan, of.inf, of.odd_text) == (*counts, text)
    assert (frame.grey == 255).any() == (bool(odd) and placement == FITTED)


def test_numbers_whose_sum_is_beyond_all_bounds_are_finite(buffers):
    of = odd_slice(*[3e38] * 20)
    paint(of, View(CORNER, (0.0, 2.0)), buffers)
    assert of.odd_text == ""


def test_nobody_counts_in_the_window(buffers):
    """It was counted when it was painted, in a thread."""
    of = odd_slice(np.nan)
    paint(of, View(CORNER, (0.0, 2.0)), buffers)
    of.data[:] = 0
    assert of.nan == 1
