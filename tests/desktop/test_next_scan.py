"""Which scan comes after one whose COR was picked, and where it is looked at first."""

from __future__ import annotations

import pytest

from desktop.scan_aid import Watched, result, scan
from tomobatch.cor.table import CorEntry, CorSource, Identity
from tomobatch.desktop.viewing.next_scan import first_look_px, hidden_wait, next_scan
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import ResultState

NAMES = ("a.h5", "b.h5", "c.h5", "d.h5")


def cor(source, file=None):
    return CorEntry.made(1000.0, source, 0.0, file)


@pytest.fixture
def table():
    """Four scans, each with a whole Try."""
    watched = Watched().open(*NAMES)
    watched.model.set_results({name: (result(Kind.TRY),) for name in NAMES})
    return watched


def following(table, name):
    found = next_scan(table.model, table.id(name))
    return None if found is None else table.model.known(found).name


def test_the_one_below_and_after_the_last_the_first(table):
    assert [following(table, name) for name in NAMES] == ["b.h5", "c.h5", "d.h5", "a.h5"]


def test_the_order_is_that_of_the_table(table):
    table.model.sort_as(1, True)
    assert [following(table, name) for name in NAMES] == ["d.h5", "a.h5", "b.h5", "c.h5"]
    table.model.filter = "d.h5"
    assert following(table, "d.h5") is None
    # There is more to pick, beyond the filter.
    assert hidden_wait(table.model)
    table.model.set_cors({name: cor(CorSource.PICKED) for name in NAMES[:3]})
    assert not hidden_wait(table.model)


def test_picked_ones_are_passed_over_and_others_are_not(table):
    table.model.set_cors({"b.h5": cor(CorSource.PICKED), "c.h5": cor(CorSource.TYPED)})
    assert following(table, "a.h5") == "c.h5"
    # A pick for another file of this name is none.
    table.model.set_cors({"b.h5": cor(CorSource.PICKED, Identity(1, 2))})
    assert following(table, "a.h5") == "b.h5"
    table.model.set_cors({name: cor(CorSource.PICKED) for name in NAMES})
    assert following(table, "a.h5") is None


@pytest.mark.parametrize(
    ("results", "waits"),
    [
        ((), False),
        ((result(Kind.FULL),), False),
        ((result(Kind.TRY, ResultState.INCOMPLETE),), False),
        ((result(Kind.TRY, ResultState.STALE),), False),
        ((result(Kind.TRY, ResultState.ELSEWHERE),), True),
        ((result(Kind.FULL), result(Kind.TRY)), True),
    ],
)
def test_only_whole_tries_wait(table, results, waits):
    table.model.set_results({"b.h5": results})
    assert following(table, "a.h5") == ("b.h5" if waits else "c.h5")


def test_what_was_taken_off_the_list_does_not_wait(table):
    file = table.model.known(table.id("b.h5")).file
    a = table.id("a.h5")
    table.model.set_hidden({"b.h5": (file.size_bytes, file.mtime_ns)})
    table.model.set_show_off(True)
    assert table.model.known(next_scan(table.model, a)).name == "c.h5"


def test_one_that_is_not_shown_is_followed_by_the_first(table):
    hidden = table.id("c.h5")
    table.model.filter = "a.h5"
    assert table.model.known(next_scan(table.model, hidden)).name == "a.h5"


@pytest.mark.parametrize(
    ("source", "first_px"), [("engine", None), ("automatic", None), ("typed", 999.0), ("middle", 999.0)]
)
def test_a_try_around_a_cor_of_its_own_is_looked_at_in_its_middle(table, source, first_px):
    table.model.set_results({"b.h5": (result(Kind.TRY, cor_source=source),)})
    assert first_look_px(table.model.known(table.id("b.h5")), 999.0) == first_px


def test_a_scan_that_was_not_looked_at_does_not_wait():
    watched = Watched().open("a.h5", "b.h5", looked_at=False)
    watched.model.set_scans([(scan("a.h5"), (result(Kind.TRY),))])
    assert next_scan(watched.model, watched.id("a.h5")) is None
