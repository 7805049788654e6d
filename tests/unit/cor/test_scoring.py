"""The scores are lowest at the true COR, for what each is meant for."""

from __future__ import annotations

import numpy as np
import pytest

from tomobatch.cor.scoring import absolute_integral, double_wedge, negativity, opposite_mismatch, shifted
from tomobatch.formats import phantom


def sinogram(columns, cor_px, angles=180, turn_deg=180.0, radius_px=None, noise=0.0):
    rng = np.random.default_rng(5)
    bodies = phantom.random_phantom(rng)
    radius_px = radius_px or 0.9 * min(cor_px, columns - 1 - cor_px)
    angles_deg = np.arange(angles) * turn_deg / angles
    lines = phantom.project(bodies, angles_deg, np.zeros(1), columns, cor_px, radius_px)[:, 0]
    return (lines + rng.normal(0, noise, lines.shape)).astype(np.float32)


def slice_at(lines, cor_px):
    """A slice by plain filtered back-projection, nothing of the engine in it."""
    angles, columns = lines.shape
    ramp = np.abs(np.fft.rfftfreq(2 * columns))
    padded = np.pad(lines, ((0, 0), (0, columns)))
    filtered = np.fft.irfft(np.fft.rfft(padded) * ramp * np.cos(np.pi * ramp) ** 2)[:, :columns]
    y, x = np.indices((columns, columns)) - columns / 2
    theta = np.arange(angles) * np.pi / angles
    rays = [x * np.cos(t) + y * np.sin(t) + cor_px for t in theta]
    image = sum(np.interp(at, np.arange(columns), line) for at, line in zip(rays, filtered, strict=True))
    return np.where(np.hypot(x, y) < 0.45 * columns, image, 0)


@pytest.mark.parametrize("score", [negativity, absolute_integral])
@pytest.mark.parametrize("cor_px", [31.0, 26.5])
def test_slices_are_least_negative_at_the_cor(score, cor_px):
    lines = sinogram(64, cor_px, noise=0.01)
    cors_px = cor_px + np.arange(-3, 3.5, 0.5)
    best = min(cors_px, key=lambda candidate: score(slice_at(lines, candidate)))
    assert abs(best - cor_px) <= 0.5


def test_scores_of_slices_have_no_unit():
    image = np.random.default_rng(0).normal(1, 1, (20, 20))
    for score in (negativity, absolute_integral):
        assert score(7 * image) == pytest.approx(score(image))
    # What is negative counts once in the one, and twice, plus all, in the other.
    assert absolute_integral(image) == pytest.approx(1 + 2 * negativity(image))


def test_nothing_in_a_slice_is_no_good():
    for score in (negativity, absolute_integral):
        assert score(np.zeros((4, 4))) == np.inf
        assert score(-np.ones((4, 4))) == np.inf


@pytest.mark.parametrize(("columns", "cor_px"), [(128, 63.5), (127, 52.25), (129, 80.0)])
def test_double_wedge_is_emptiest_outside_at_the_cor(columns, cor_px):
    lines = sinogram(columns, cor_px, noise=0.01)
    cors_px = cor_px + np.arange(-5, 5.25, 0.25)
    assert abs(cors_px[np.argmin(double_wedge(lines, cors_px))] - cor_px) <= 0.25


@pytest.mark.parametrize(
    ("columns", "cor_px", "radius_px"),
    [(128, 63.5, None), (127, 40.3, None), (128, 115.0, 105.0), (128, 12.0, 105.0)],
)
def test_opposite_projections_are_likest_at_the_cor(columns, cor_px, radius_px):
    """The last two see half of the sample at a time."""
    lines = sinogram(columns, cor_px, angles=120, turn_deg=360.0, radius_px=radius_px, noise=0.01)
    cors_px = cor_px + np.arange(-4, 4.1, 0.1)
    scores = opposite_mismatch(lines[:60], lines[60:], cors_px)
    assert abs(cors_px[np.argmin(scores)] - cor_px) <= 0.15
    assert 0 <= scores.min() < 0.1


def test_without_common_columns_or_contrast_nothing_is_alike():
    lines = np.random.default_rng(0).random((5, 40))
    assert opposite_mismatch(lines, lines, [0.5, 39.0]).tolist() == [np.inf, np.inf]
    assert opposite_mismatch(np.ones((5, 40)), np.ones((5, 40)), 20.0).tolist() == [np.inf]


@pytest.mark.parametrize("shift_px", [-7.0, -0.5, 0.0, 3.25, 60.0])
def test_shifted_lines_go_on_with_their_edge_values(shift_px):
    at = np.arange(40.0)
    hump = np.exp(-((at - 20) ** 2) / 18) + 0.3
    expected = np.exp(-((at - 20 - shift_px) ** 2) / 18) + 0.3
    np.testing.assert_allclose(shifted(hump[np.newaxis], shift_px)[0], expected, atol=2e-3)
