"""Colours of series."""

from itertools import groupby, pairwise

from hypothesis import given
from hypothesis import strategies as st

from desktop.scan_aid import Watched, files
from tomobatch.desktop.scan_tints import TINTS, give_tints


def clashes(series, tints):
    runs = [one for one, _ in groupby(series)]
    return [pair for pair in pairwise(runs) if tints[pair[0]] == tints[pair[1]]]


@given(st.lists(st.lists(st.integers(0, 40), max_size=30, unique=True), min_size=1, max_size=6))
def test_no_two_series_beside_each_other_are_alike_however_files_come_and_go(folders):
    tints = {}
    for series in folders:
        give_tints(series, tints)
        assert not clashes(series, tints)
        assert set(tints.values()) <= set(range(TINTS))


@given(st.lists(st.integers(0, 8), max_size=20))
def test_mixed_series_have_a_colour_each_too(series):
    tints = {}
    give_tints(series, tints)
    assert tints.keys() == set(series)
    if all(len(beside(series, one)) < TINTS for one in set(series)):
        assert not clashes(series, tints)


def beside(series, one):
    runs = [found for found, _ in groupby(series)]
    return {b for a, b in pairwise(runs) if a == one} | {a for a, b in pairwise(runs) if b == one}


def test_what_has_a_colour_keeps_it():
    tints = {}
    give_tints([0, 1, 2], tints)
    before = dict(tints)
    give_tints([0, 3, 1, 2], tints)
    assert before.items() <= tints.items()


def test_all_colours_are_used_before_one_comes_again():
    tints = {}
    give_tints(range(TINTS + 1), tints)
    assert [tints[one] for one in range(TINTS)] == list(range(TINTS))


def test_a_series_that_meets_its_like_changes_its_colour_and_tells():
    names = [f"{letter}_1.h5" for letter in "abcdefgh"]
    table = Watched().open(*names)
    assert table.row("a_1.h5")["series"] == table.row("g_1.h5")["series"]
    table.model.set_files(files("a_1.h5", "g_1.h5", "h_1.h5"))
    tints = [row["series"] for row in table.rows()]
    assert tints[0] != tints[1] != tints[2]
    assert ("data", 1, 1, {"series", "display"}) in table.take() or tints[0] != 0
