"""The scores of a slice are highest at the true COR, over half turns and full ones."""

from __future__ import annotations

import numpy as np
import pytest

from tomobatch.cor.sharpness import gradient, histogram_span, order
from tomobatch.formats import phantom


def sinogram(turn_deg, cor_px, columns=96, angles=180):
    rng = np.random.default_rng(5)
    bodies = phantom.random_phantom(rng)
    radius_px = 0.9 * min(cor_px, columns - 1 - cor_px)
    angles_deg = np.arange(angles) * turn_deg / angles
    lines = phantom.project(bodies, angles_deg, np.zeros(1), columns, cor_px, radius_px)[:, 0]
    return (lines + rng.normal(0, 0.01, lines.shape)).astype(np.float32), np.deg2rad(angles_deg)


def slice_at(lines, theta, cor_px):
    """A slice by plain filtered back-projection, nothing of the engine in it, cut to a circle as there."""
    columns = lines.shape[1]
    ramp = np.abs(np.fft.rfftfreq(2 * columns))
    padded = np.pad(lines, ((0, 0), (0, columns)), mode="edge")
    filtered = np.fft.irfft(np.fft.rfft(padded) * ramp * np.cos(np.pi * ramp) ** 2)[:, :columns]
    y, x = np.indices((columns, columns)) - columns / 2
    image = np.zeros((columns, columns))
    for angle, line in zip(theta, filtered, strict=True):
        image += np.interp(x * np.cos(angle) + y * np.sin(angle) + cor_px, np.arange(columns), line)
    return np.where(np.hypot(x, y) < columns / 2, image, 0).astype(np.float32)


def best_px(turn_deg, cor_px, score):
    lines, theta = sinogram(turn_deg, cor_px)
    cors_px = round(cor_px) + np.arange(-6, 6.5, 0.5)
    images = [slice_at(lines, theta, candidate) for candidate in cors_px]
    span = histogram_span(images[len(images) // 2])
    scores = [gradient(image) if score == "gradient" else order(image, span) for image in images]
    return cors_px[int(np.argmax(scores))]


@pytest.mark.parametrize("score", ["gradient", "entropy"])
@pytest.mark.parametrize(("turn_deg", "cor_px"), [(180.0, 46.0), (180.0, 41.3), (360.0, 46.0), (360.0, 52.6)])
def test_slices_are_sharpest_at_the_cor(turn_deg, cor_px, score):
    assert abs(best_px(turn_deg, cor_px, score) - cor_px) <= 1


def test_the_rank_of_slices_hangs_on_no_unit():
    rng = np.random.default_rng(0)
    images = rng.normal(1, 1, (3, 40, 40)).astype(np.float32)
    span = histogram_span(images[0])
    larger = histogram_span(1000 * images[0])
    assert larger == pytest.approx((1000 * span[0], 1000 * span[1]), rel=1e-4)
    for image in images:
        assert gradient(1000 * image) == pytest.approx(1e6 * gradient(image), rel=1e-3)
        assert order(1000 * image, larger) == pytest.approx(order(image, span), abs=0.02)


def test_the_edge_of_the_circle_counts_for_nothing():
    """The step at the circle, where the engine cuts, is next to nothing beside one within."""
    y, x = np.indices((80, 80)) - 39.5
    cut, within = ((np.hypot(x, y) < radius).astype(np.float32) for radius in (40, 20))
    assert gradient(cut) < 1e-2 * gradient(within)


def test_a_flat_slice_has_no_span():
    assert histogram_span(np.zeros((8, 8), np.float32)) is None
