"""Contrast: percentiles, histograms, grey."""

import numpy as np
import pytest

from tomobatch.volumes.contrast import auto_levels, histogram, sample_of, to_8_bit, widened


def test_grey_between_the_levels(buffers):
    values = np.array([[-9, 0, 0.5, 1, 9, np.nan, np.inf, -np.inf]], np.float32)
    assert to_8_bit(values, (0.0, 1.0), buffers).tolist() == [[0, 0, 127, 254, 254, 255, 255, 255]]


def test_the_largest_numbers_are_no_trouble(buffers):
    values = np.array([[-3e38, 3e38]], np.float32)
    assert to_8_bit(values, (-1.0, 1.0), buffers).tolist() == [[0, 254]]


def test_each_grey_stands_for_an_equal_share_rounded(buffers):
    values = np.linspace(5, 6, 2541, dtype=np.float32)[np.newaxis]
    made = to_8_bit(values, (5.0, 6.0), buffers)[0]
    assert np.abs(made - np.linspace(0, 254, 2541)).max() < 0.51


def test_auto_levels_leave_out_the_extremes():
    values = np.linspace(0, 1, 1001, dtype=np.float32).reshape(7, 143)
    values[0, 0] = 1000
    low, high = auto_levels(sample_of(values))
    assert (low, high) == pytest.approx((0.006, 0.996), abs=0.002)


@pytest.mark.parametrize("value", [0.0, 5.0, -1e30, np.nan])
def test_a_slice_of_one_value_has_levels(value):
    low, high = auto_levels(sample_of(np.full((9, 9), value, np.float32)))
    assert low < high


@pytest.mark.parametrize("value", [0.0, 515.0, -3e7, 1e30])
def test_a_slice_of_one_value_has_a_histogram(value):
    sample = sample_of(np.full((9, 9), value, np.float32))
    shares = histogram(sample, auto_levels(sample))
    assert shares.sum() == pytest.approx(1)
    assert np.count_nonzero(shares) == 1


def test_levels_are_kept_apart():
    assert widened(1.0, 2.0) == (1.0, 2.0)
    low, high = widened(2.0, 1.0)
    assert low < high


def test_samples_are_finite_and_few():
    values = np.ones((3000, 3000), np.float32)
    values[::7] = np.nan
    sample = sample_of(values)
    assert 10_000 < sample.size < 70_000
    assert np.isfinite(sample).all()


def test_shares_of_a_histogram():
    shares = histogram(np.array([0, 0, 0.9, 5], np.float32), (0.0, 1.0), 2)
    assert shares.tolist() == [0.5, 0.25]
