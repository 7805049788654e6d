"""Zoom and pan: fingers hold what is below them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomobatch.volumes.placement import LARGEST_SCALE, SMALLEST_SHARE, Placement

SHAPE = (200, 400)


def test_the_whole_slice_fits():
    placed = Placement((800.0, 300.0)).on(SHAPE)
    assert placed.scale == 1.5
    assert placed.data_at((0, 0)) == pytest.approx((200 - 400 / 1.5, 0))


@given(st.floats(0, 800), st.floats(0, 300), st.floats(0.9, 1.3))
def test_zoom_holds_what_is_under_the_finger(x, y, factor):
    before = Placement((800.0, 300.0), 3.0, (210.0, 90.0))
    after = before.zoomed(SHAPE, (x, y), factor)
    centre = after.centre
    if 0 < centre[0] < SHAPE[1] and 0 < centre[1] < SHAPE[0]:
        assert after.on(SHAPE).data_at((x, y)) == pytest.approx(before.on(SHAPE).data_at((x, y)))


@given(st.lists(st.tuples(st.floats(0.01, 100), st.floats(-5000, 5000), st.floats(-5000, 5000)), max_size=20))
def test_the_slice_is_never_lost(moves):
    placement = Placement((800.0, 300.0))
    fitted = placement.on(SHAPE).scale
    for factor, x, y in moves:
        zoomed = placement.zoomed(SHAPE, (10, 20), factor)
        placement = zoomed.panned(SHAPE, (x, y))
        for placed in (zoomed.on(SHAPE), placement.on(SHAPE)):
            assert 0 <= placed.centre[0] <= SHAPE[1]
            assert 0 <= placed.centre[1] <= SHAPE[0]
            assert fitted * SMALLEST_SHARE <= placed.scale <= LARGEST_SCALE


def test_a_pan_goes_along_with_the_finger():
    before = Placement((800.0, 300.0), 4.0, (200.0, 100.0))
    after = before.panned(SHAPE, (40, -20))
    assert after.on(SHAPE).data_at((140, 80)) == before.on(SHAPE).data_at((100, 100))
