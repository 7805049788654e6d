"""What is painted: averages over the screen's pixels, the right part, honest about what is no number."""

import numpy as np
import pytest

from tomobatch.volumes.averaging import averaged, screen_pixels, seen_box
from tomobatch.volumes.placement import Placement


@pytest.mark.parametrize(
    ("size", "shape"), [((4, 6), (8, 12)), ((7, 5), (33, 21)), ((20, 30), (21, 31)), ((1, 1), (9, 4))]
)
def test_each_screen_pixel_is_the_mean_of_what_it_covers(size, shape, buffers):
    values = np.random.default_rng(3).normal(size=shape).astype(np.float32)
    fine = values.repeat(size[0], axis=0).repeat(size[1], axis=1)
    expected = fine.reshape(size[0], shape[0], size[1], shape[1]).mean((1, 3))
    np.testing.assert_allclose(averaged(values, size, buffers), expected, atol=1e-5)


def test_a_line_one_pixel_wide_is_never_lost(buffers):
    for column in range(200):
        values = np.zeros((200, 200), np.float32)
        values[:, column] = 1
        made = averaged(values, (61, 61), buffers)
        np.testing.assert_allclose(made.sum(axis=1), 61 / 200, rtol=1e-4)


def test_beyond_one_to_one_the_pixels_of_the_file_are_painted(buffers):
    values = np.random.default_rng(3).normal(size=(20, 30)).astype(np.float32)
    made = screen_pixels(values, (5, 2, 15, 12), 3.0, buffers)
    np.testing.assert_array_equal(made, values[2:12, 5:15])


def test_what_is_no_number_shows_wherever_it_has_a_share(buffers):
    values = np.ones((8, 8), np.float32)
    values[0, 0], values[0, 5] = np.nan, np.inf
    values[4:, 4:] = np.nan
    odd = ~np.isfinite(screen_pixels(values, (0, 0, 8, 8), 0.5, buffers))
    assert np.argwhere(odd).tolist() == [[0, 0], [0, 2], [2, 2], [2, 3], [3, 2], [3, 3]]
    made = screen_pixels(values, (0, 0, 8, 8), 0.5, buffers)
    np.testing.assert_allclose(made[~odd], 1, rtol=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_bad_pixel_of_millions_is_never_lost(buffers, value):
    values = np.ones((1500, 1100), np.float32)
    for row, column in ((0, 0), (1499, 1099), (750, 333), (1001, 700)):
        values[row, column] = value
        made = screen_pixels(values, (0, 0, 1100, 1500), 0.37, buffers)
        places = np.argwhere(~np.isfinite(made))
        assert [row * 555 // 1500, column * 407 // 1100] in places.tolist()
        assert len(places) <= 4
        values[row, column] = 1


def test_no_more_is_painted_than_is_seen_and_a_margin():
    zoomed = Placement((100, 100), 10.0, (500, 500)).on((1000, 1000))
    assert seen_box(zoomed, (1000, 1000)) == (494, 494, 506, 506)
    assert seen_box(Placement((100, 50)).on((30, 20)), (30, 20)) == (0, 0, 20, 30)
    beside = Placement((10, 10), 1.0, (0, 0)).on((4, 4))
    assert seen_box(beside, (4, 4)) == (0, 0, 4, 4)
