"""Two pictures side by side: the same part of the sample, the same slice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomobatch.volumes import linking
from tomobatch.volumes.linking import Numbers, SameSlices, nearly, same_part, same_spot
from tomobatch.volumes.placement import Placement

AREA = (560.0, 300.0)
sides = st.integers(16, 4000)
shapes = st.tuples(sides, sides)
shares = st.floats(0, 1)


class Labels:
    """A source of which only the labels are looked at."""

    def __init__(self, words, binning=0):
        self.words, self.binning, self.count = list(words), binning, len(words)

    def label(self, index):
        return self.words[index]


def rows(numbers, binning=0, word="slice"):
    return Labels([f"{word} {number}" for number in numbers], binning)


def cors(*numbers):
    return Labels([f"COR {number:.2f}" for number in numbers])


def matched(one, other):
    """What each slice of one goes with in the other."""
    same = SameSlices(Numbers.of(one), Numbers.of(other))
    return [same.of_one(index, other.count) for index in range(one.count)]


def test_equal_sizes_are_shown_exactly_alike():
    of = Placement(AREA, 3.7, (101.3, 55.5))
    found = same_part(of, (200, 300), Placement((559.0, 300.0), 1.0, (3.0, 4.0)), (200, 300))
    assert found == Placement((559.0, 300.0), 3.7, (101.3, 55.5))


def test_a_fitted_picture_stays_fitted():
    found = same_part(Placement(AREA), (128, 128), Placement(AREA, 5.0, (3.0, 4.0)), (64, 64))
    assert found.scale is None


@given(st.integers(8, 2000), st.floats(0.1, 60), shares, shares)
def test_a_binned_slice_shows_the_same_part_of_the_sample(half, scale, across, down):
    shape, binned = (2 * half, 2 * half), (half, half)
    of = Placement(AREA, scale, (2 * half * across, 2 * half * down))
    found = same_part(of, shape, Placement(AREA), binned)
    assert found.on(binned).visible == pytest.approx([edge / 2 for edge in of.on(shape).visible])
    assert found.scale == pytest.approx(2 * scale)


@given(shapes, shapes, st.floats(0.1, 60), shares, shares)
def test_over_and_back_again_nothing_moves(shape, other, scale, across, down):
    of = Placement(AREA, scale, (shape[1] * across, shape[0] * down))
    over = same_part(of, shape, Placement(AREA), other)
    assert nearly(same_part(over, other, of, shape), of)


@given(shapes, shapes)
def test_zooming_from_fitted_does_not_jump(shape, other):
    """Also where the slices have another form: both begin at their fitted size."""
    of = Placement(AREA, Placement(AREA).on(shape).scale, (shape[1] / 2, shape[0] / 2))
    found = same_part(of, shape, Placement(AREA), other).on(other)
    fitted = Placement(AREA).on(other)
    assert found.scale == pytest.approx(fitted.scale)
    assert found.centre == pytest.approx(fitted.centre)


@given(shares, shares, st.floats(0.2, 20))
def test_the_pointer_lies_at_the_same_place_of_the_sample(across, down, scale):
    shape, binned = (128, 128), (64, 64)
    of, onto = (
        Placement(AREA, scale, (70.0, 20.0)).on(shape),
        Placement((400.0, 310.0), 3.0, (1.0, 2.0)).on(binned),
    )
    spot = AREA[0] * across, AREA[1] * down
    x, y = of.data_at(spot)
    assert onto.data_at(same_spot(spot, of, shape, onto, binned)) == pytest.approx((x / 2, y / 2))


def test_what_differs_by_a_rounding_is_the_same():
    one = Placement(AREA, 3.0, (10.0, 0.0))
    assert nearly(one, Placement(AREA, 3.0 * (1 + 1e-15), (10.0, 1e-14)))
    assert not nearly(one, Placement(AREA, 3.0, (10.01, 0.0)))
    assert not nearly(one, Placement(AREA))
    assert not nearly(one, Placement((561.0, 300.0), 3.0, (10.0, 0.0)))
    assert nearly(Placement(AREA), Placement(AREA, None, (9.0, 9.0)))


def test_the_same_cor_goes_together():
    assert matched(cors(10, 10.5, 11, 11.5), cors(10.5, 11, 11.5, 12)) == [0, 0, 1, 2]
    # The nearest, where it is not there.
    assert matched(cors(10, 11, 12), cors(10.4, 10.9, 11.4, 11.9)) == [0, 1, 3]
    assert matched(cors(-1, 0, 1), cors(-0.9, 0.9)) == [0, 0, 1]


def test_cors_of_different_places_go_by_their_order():
    assert matched(cors(10, 11, 12), cors(50, 51)) == [0, 1, 1]


def test_the_same_row_goes_together():
    assert matched(rows(range(4, 9)), rows(range(6, 12))) == [0, 0, 0, 1, 2]


def test_rows_of_a_binned_volume_count_double():
    whole, binned = rows(range(8)), rows(range(4), binning=1)
    assert matched(whole, binned) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert matched(binned, whole) == [0, 2, 4, 6]
    assert matched(rows(range(2), binning=2), whole) == [1, 5]


def test_both_ways_are_known():
    same = SameSlices(Numbers.of(rows(range(8))), Numbers.of(rows(range(4), binning=1)))
    assert (same.of_one(5, 4), same.of_other(2, 8)) == (2, 4)


def test_a_sinogram_is_the_row_of_a_slice():
    assert matched(rows(range(3), word="sinogram"), rows(range(1, 4))) == [0, 0, 1]


@pytest.mark.parametrize(
    "other",
    [cors(0, 1), Labels(["one", "two"]), Labels(["slice 0", "part 1"]), rows(range(2), word="projection")],
)
def test_what_cannot_be_compared_goes_by_its_order(other):
    assert matched(rows(range(3)), other) == [0, 1, 1]


def test_thousands_of_labels_are_not_read(monkeypatch):
    monkeypatch.setattr(linking, "MOST_LABELS", 3)
    assert matched(rows(range(1, 4)), rows(range(4))) == [0, 1, 2]
    assert Numbers.of(rows(range(3))).kind == "row"
    np.testing.assert_array_equal(Numbers.of(rows(range(3))).values, [0.5, 1.5, 2.5])
