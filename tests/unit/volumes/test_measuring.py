"""Values along lines and in regions, against numpy."""

import numpy as np
import pytest

from tomobatch.volumes import measuring
from tomobatch.volumes.contrast import auto_levels
from tomobatch.volumes.measuring import profile, region, whole_box
from tomobatch.volumes.source import LeftError


@pytest.fixture
def data():
    return np.random.default_rng(3).normal(5, 2, (90, 120)).astype(np.float32)


def test_a_level_line_is_a_row_of_the_file(data):
    made = profile(data, (10.5, 40.5), (70.5, 40.5))
    np.testing.assert_array_equal(made.values, data[40, 10:71])
    np.testing.assert_array_equal(made.distances_px, np.arange(61))


def test_a_line_upwards_is_a_column_from_below(data):
    made = profile(data, (7.5, 80.5), (7.5, 20.5))
    np.testing.assert_array_equal(made.values, data[20:81, 7][::-1])


def test_a_slanted_line_takes_the_pixels_it_goes_through(data):
    a, b = (3.2, 5.9), (101.7, 66.3)
    made = profile(data, a, b)
    length = np.hypot(b[0] - a[0], b[1] - a[1])
    assert len(made.values) == round(length) + 1
    assert made.distances_px[-1] == pytest.approx(length)
    for share, value in zip(made.distances_px / length, made.values, strict=True):
        x, y = a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
        assert value == data[int(y), int(x)]


def test_beside_the_slice_there_is_nothing(data):
    made = profile(data, (-4.5, 10.5), (5.5, 10.5))
    assert np.isnan(made.values[:5]).all()
    np.testing.assert_array_equal(made.values[5:], data[10, :6])


def test_the_far_edge_belongs_to_the_last_pixel(data):
    made = profile(data, (120.0, 90.0), (120.0, 88.0))
    np.testing.assert_array_equal(made.values, [data[89, 119], data[89, 119], data[88, 119]])


def test_a_point_has_two_values(data):
    assert profile(data, (4, 4), (4, 4)).values.tolist() == [data[4, 4]] * 2


def test_figures_of_a_region_are_numpys(data, monkeypatch):
    data[30, 40], data[31, 41], data[32, 42] = np.nan, np.inf, -np.inf
    # In many strips.
    monkeypatch.setattr(measuring, "_PIXELS_AT_ONCE", 100)
    box = (20, 10, 77, 60)
    found = region(data, box)
    part = data[10:60, 20:77].astype(np.float64)
    finite = part[np.isfinite(part)]
    assert (found.pixels, found.odd) == (57 * 50, 3)
    assert found.mean == pytest.approx(finite.mean(), rel=1e-13)
    assert found.deviation == pytest.approx(finite.std(), rel=1e-12)
    assert (found.least, found.most) == (finite.min(), finite.max())
    assert found.levels == auto_levels(finite.astype(np.float32))


def test_small_differences_of_large_values_are_not_lost():
    data = (1e6 + np.arange(10_000) % 2).astype(np.float32).reshape(100, 100)
    found = region(data, (0, 0, 100, 100))
    assert (found.mean, found.deviation) == (1e6 + 0.5, 0.5)


def test_a_region_without_a_number():
    found = region(np.full((4, 4), np.nan, np.float32), (0, 0, 4, 4))
    assert (found.pixels, found.odd) == (16, 16)
    assert np.isnan(found.mean)


def test_nobody_waits_for_a_region_any_more(data):
    with pytest.raises(LeftError):
        region(data, (0, 0, 120, 90), lambda: True)


@pytest.mark.parametrize(
    ("a", "b", "box"),
    [
        ((3.2, 4.9), (10.1, 7.5), (3, 4, 11, 8)),
        ((10.1, 7.5), (3.2, 4.9), (3, 4, 11, 8)),
        ((5, 5), (5, 5), (5, 5, 6, 6)),
        ((120, 90), (120, 90), (119, 89, 120, 90)),
        ((-20, -9), (500, 400), (0, 0, 120, 90)),
    ],
)
def test_a_region_is_whole_pixels_of_the_slice(a, b, box):
    assert whole_box(a, b, (90, 120)) == box
