import numpy as np
import pytest

from tomobatch.formats import phantom
from tomobatch.formats.phantom import Ellipsoid

SIZE, COR, RADIUS = 120, 57.25, 48.0
BODIES = [Ellipsoid(0.1, -0.2, 0, 0.6, 0.3, 1, 30, 2.0), Ellipsoid(-0.3, 0.4, 0, 0.2, 0.25, 1, 0, -1.0)]


def projections(angles_deg, heights=(0.0,)):
    return phantom.project(BODIES, np.asarray(angles_deg, float), np.asarray(heights), SIZE, COR, RADIUS)


def test_projections_are_sums_through_the_slice():
    image = phantom.slice_image(BODIES, SIZE, 0.0, RADIUS, oversample=8)
    x = np.arange(SIZE) - SIZE / 2
    y = SIZE / 2 - 1 - np.arange(SIZE)
    found = projections([0, 90, 180, 270])[:, 0]
    columns = np.arange(SIZE)
    for profile, sums, u in (
        (found[0], image.sum(0), x + COR),
        (found[1], image.sum(1)[::-1], y[::-1] + COR),
        (found[2], image.sum(0)[::-1], -x[::-1] + COR),
        (found[3], image.sum(1), -y + COR),
    ):
        assert np.abs(profile - np.interp(columns, u, sums)).mean() < 0.005 * profile.max()
        middle = (profile * columns).sum() / profile.sum()
        assert middle == pytest.approx((sums * u).sum() / sums.sum(), abs=0.1)


def test_the_mass_is_the_same_from_everywhere_and_as_computed_by_hand():
    mass = projections(np.linspace(0, 360, 17)).sum((1, 2))
    by_hand = sum(np.pi * body.a * body.b * body.density for body in BODIES) * RADIUS
    assert mass == pytest.approx(by_hand, rel=5e-3)
    assert phantom.slice_image(BODIES, SIZE, 0, RADIUS).sum() == pytest.approx(by_hand, rel=5e-3)


def test_opposite_views_mirror_about_the_axis():
    first, second = phantom.project(BODIES, np.array([37.0, 217.0]), np.zeros(1), SIZE, 57.5, RADIUS)[:, 0]
    np.testing.assert_allclose(first[:116], second[:116][::-1], atol=2e-3)


def test_bodies_end_above_and_below():
    found = projections([10], heights=[0.0, 0.5, 0.99, 1.01])
    sums = found.sum(2)[0]
    assert sums[0] > sums[1] > sums[2] > sums[3] == 0
    assert sums[1] == pytest.approx(0.75 * sums[0], rel=0.01)


def test_chance_repeats_itself_and_stays_in_the_unit_circle():
    first, again = (phantom.random_phantom(np.random.default_rng(3)) for _ in range(2))
    assert first == again != phantom.random_phantom(np.random.default_rng(4))
    found = phantom.project(first, np.arange(0.0, 360, 5), np.zeros(1), 200, 100.0, 80.0)
    assert found[..., :20].max() == found[..., 181:].max() == 0
    assert found.max() < 3
