"""What the scores of a Try's candidates tell."""

from __future__ import annotations

import math

import pytest

from tomobatch.volumes.candidates import Candidates


def candidates(first, second=None, step=0.5, start=290.0):
    """Scored by two lists of numbers, the highest the best."""
    made = Candidates(tuple(start + step * number for number in range(len(first))))
    for index, scores in enumerate(zip(first, second or first, strict=True)):
        made.take(index, scores, str(index))
    return made


def hill(top, count=21):
    return [-abs(index - top) for index in range(count)]


def test_the_best_is_marked_and_curves_reach_from_0_to_1():
    made = candidates([5, 7, 30, 6], [-4, -9, -3, -8])
    assert (made.best(0), made.best(1)) == (2, 2)
    cors_px, heights = made.curve(0)
    assert cors_px == [290, 290.5, 291, 291.5]
    assert heights == pytest.approx([0, 0.08, 1, 0.04])
    assert candidates([5e9, 7e9, 3e10, 6e9]).curve(0)[1] == pytest.approx(heights)


def test_what_has_no_score_is_left_out():
    made = Candidates((1.0, 2.0, 3.0))
    assert (made.best(), made.curve(0), made.wall(), made.done) == (None, ([], []), [], False)
    made.take(1, None, "")
    made.take(2, (math.nan, 1.0), "a")
    assert (made.looked_at, made.best()) == (2, None)
    made.take(0, (1.0, 1.0), "b")
    assert made.done
    assert made.curve(0) == ([1.0], [0.5])
    assert (made.best(), made.at_edge, made.disagree, made.same) == (None, False, False, None)


@pytest.mark.parametrize(
    ("top", "edge"), [(0, True), (1, True), (2, False), (10, False), (18, False), (19, True), (20, True)]
)
def test_a_best_at_the_edge(top, edge):
    assert candidates(hill(top)).at_edge is edge


def test_nothing_is_said_of_an_edge_before_all_are_scored():
    made = Candidates(tuple(float(number) for number in range(8)))
    for index in (0, 1, 2, 3, 4, 6, 7):
        made.take(index, (index, index), "")
    assert (made.best(), made.at_edge) == (7, False)
    made.take(5, (5, 5), "")
    assert made.at_edge


@pytest.mark.parametrize(("other", "disagree"), [(10, False), (16, False), (17, True), (3, True)])
def test_bests_that_are_far_apart_disagree(other, disagree):
    """Half a pixel a step: six steps are three pixels."""
    assert candidates(hill(10), hill(other)).disagree is disagree


def test_equal_pixels_are_found_whatever_the_order():
    made = Candidates((290.0, 290.5, 291.0, 291.5))
    for index, pixels in [(3, "same"), (0, "a"), (2, "same"), (1, "b")]:
        made.take(index, (index, index), pixels)
    assert made.same == (2, 3)


def test_the_wall_has_the_best_that_do_not_look_alike():
    made = candidates(hill(10))
    assert [made.cors_px[index] for index in made.wall()] == [293, 294, 295, 296, 297]
    assert candidates(hill(10), step=2.0).wall() == [8, 9, 10, 11, 12]
    assert candidates([1, 2, 3], step=2.0).wall() == [0, 1, 2]
    # Where scores disagree, both bests hang there.
    assert 3 in candidates(hill(16), hill(3)).wall()


def test_width_and_nearest():
    made = candidates(hill(10))
    assert (made.step_px, made.half_width_px) == (0.5, 5.25)
    assert [made.nearest(px) for px in (0, 290.3, 295.2, 1000)] == [0, 1, 10, 20]
