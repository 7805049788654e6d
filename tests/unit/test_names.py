"""File names: their order, and how they are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomobatch.names import alike, natural_key, shown


@given(
    st.lists(st.text(), max_size=8).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found)))
)
def test_the_order_does_not_depend_on_where_it_starts(both):
    found, shuffled = both
    assert sorted(found, key=natural_key) == sorted(shuffled, key=natural_key)


@given(st.text(alphabet="ab", min_size=1), st.integers(0, 10**20), st.integers(0, 10**20))
def test_numbers_count_as_numbers(stem, one, other):
    assert (natural_key(f"{stem}{one}.h5") < natural_key(f"{stem}{other}.h5")) == (one < other)


def test_natural_order():
    names = ["b.h5", "A_10.h5", "a_9.h5", "a_09.h5", "a_9" + "0" * 5000 + ".h5", "a.h5"]
    assert sorted(names, key=natural_key) == [names[5], names[3], names[2], names[1], names[4], names[0]]
    assert natural_key("a.h5") != natural_key("A.h5")


@pytest.mark.parametrize("name", ["a b.h5", "$(x).h5", "-rf.h5", "new\nline.h5", "\udcff\udce9.h5", "é.h5"])
def test_any_name_can_be_printed(name):
    assert shown(name).encode("utf-8")
    assert shown(name).isprintable()


def test_plain_names_are_shown_as_they_are():
    assert shown("scan_0001.h5") == "scan_0001.h5"
    assert shown("é.h5") == "é.h5"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A.h5", "a.h5", True),
        ("caf\u00e9.h5", "cafe\u0301.h5", True),
        ("CAFE\u0301.h5", "caf\u00e9.h5", True),
        ("stra\u00dfe.h5", "STRASSE.h5", True),
        ("a.h5", "a.hdf5", False),
        ("cafe.h5", "caf\u00e9.h5", False),
    ],
)
def test_names_that_are_one_to_some_disks(one, other, same):
    assert alike(one, other) is same
