"""Laws of joining two tables row by row."""

from hypothesis import given
from hypothesis import strategies as st

from tomobatch.cor.merge import Conflict, merge

NAMES = st.sampled_from([f"scan_{number}.h5" for number in range(5)])
TABLES = st.dictionaries(NAMES, st.sampled_from([1.0, 2.0, 3.0]))


def joined(base, ours, theirs):
    merged = merge(base, ours, theirs)
    return {name: cor for name, cor in {**ours, **merged.taken}.items() if cor is not None}, merged


@given(TABLES, TABLES)
def test_what_only_they_changed_is_theirs(base, theirs):
    result, merged = joined(base, base, theirs)
    assert (result, merged.conflicts) == (theirs, [])


@given(TABLES, TABLES)
def test_what_only_we_changed_stays_ours(base, ours):
    result, merged = joined(base, ours, base)
    assert (result, merged.conflicts) == (ours, [])


@given(TABLES, TABLES)
def test_the_same_change_of_both_is_no_conflict(base, both):
    result, merged = joined(base, both, both)
    assert (result, merged.conflicts, merged.taken) == (both, [], {})


@given(TABLES, TABLES, TABLES)
def test_both_sides_see_the_same_conflicts_and_come_to_the_same_rest(base, ours, theirs):
    result, merged = joined(base, ours, theirs)
    turned, other = joined(base, theirs, ours)
    conflicts = {one.name for one in merged.conflicts}
    assert set(other.conflicts) == {
        Conflict(one.name, one.theirs_px, one.ours_px) for one in merged.conflicts
    }
    rest = [{name: cor for name, cor in one.items() if name not in conflicts} for one in (result, turned)]
    assert rest[0] == rest[1]


@given(TABLES, TABLES, TABLES)
def test_each_row_is_as_somebody_made_it(base, ours, theirs):
    result, merged = joined(base, ours, theirs)
    conflicts = {one.name: one for one in merged.conflicts}
    for name in base | ours | theirs:
        old, our, their = base.get(name), ours.get(name), theirs.get(name)
        changed = {one for one in (our, their) if one != old}
        if len(changed) == 2:
            assert conflicts[name] == Conflict(name, our, their)
        else:
            assert name not in conflicts
            assert result.get(name) == (changed.pop() if changed else old)
