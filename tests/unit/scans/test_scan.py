from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomobatch.formats.layout import ScanLayout
from tomobatch.scans.facts import Facts
from tomobatch.scans.scan import ScanFile, ScanState, judge

NOW_S = 1_700_000_000.0
HOUR_S = 3600.0
FILE = ScanFile(Path("/d/a.h5"), 1000, int((NOW_S - HOUR_S) * 1e9), 1, 2, NOW_S)
LAYOUT = ScanLayout(
    "dxchange",
    "/exchange/data",
    1500,
    1500,
    10,
    20,
    "uint16",
    1,
    1,
    0.0,
    180.0,
    "file",
    1500,
    None,
    None,
    None,
)
WHOLE = Facts(LAYOUT)
PART = Facts(replace(LAYOUT, angles=212, frames=212))
UNFINISHED = [
    PART,
    *(Facts(None, code, "Sentence.") for code in ("truncated", "unreadable", "not-hdf5", "no-data")),
]


def aged(seconds):
    return replace(FILE, mtime_ns=int((NOW_S - seconds) * 1e9))


def state(file, earlier, facts):
    return judge(file, earlier, facts, NOW_S).state


@pytest.mark.parametrize("age_s", [0, 1, 599, 601, HOUR_S, -HOUR_S])
def test_a_whole_file_is_ready_at_once_however_new(age_s):
    scan = judge(aged(age_s), None, WHOLE, NOW_S)
    assert (scan.state, scan.reason, scan.layout) == (ScanState.READY, "", LAYOUT)


@pytest.mark.parametrize("facts", UNFINISHED)
@pytest.mark.parametrize("age_s", [0, 1, 599, -5])
def test_an_unfinished_file_is_acquiring_while_it_is_recent(facts, age_s):
    scan = judge(aged(age_s), None, facts, NOW_S)
    assert scan.state is ScanState.ACQUIRING
    assert scan.reason


@pytest.mark.parametrize("age_s", [601, HOUR_S, -HOUR_S])
def test_later_it_is_aborted_or_unreadable(age_s):
    scan = judge(aged(age_s), None, PART, NOW_S)
    assert (scan.state, scan.reason) == (ScanState.READY, "212 of 1500 angles: aborted scan?")
    for facts in UNFINISHED[1:]:
        scan = judge(aged(age_s), None, facts, NOW_S)
        assert (scan.state, scan.reason) == (ScanState.UNREADABLE, "Sentence.")


@pytest.mark.parametrize("facts", [WHOLE, *UNFINISHED])
@pytest.mark.parametrize("change", [{"size_bytes": 999}, {"mtime_ns": 5}, {"inode": 7}])
def test_a_change_between_two_looks_means_acquiring(facts, change):
    earlier = replace(FILE, seen_s=NOW_S - 3, **change)
    assert state(FILE, earlier, facts) is ScanState.ACQUIRING
    assert state(FILE, replace(FILE, seen_s=NOW_S - 3), WHOLE) is ScanState.READY


def test_a_change_since_a_look_of_long_ago_says_nothing_about_now():
    assert state(FILE, replace(FILE, size_bytes=1, seen_s=NOW_S - HOUR_S), WHOLE) is ScanState.READY


def test_a_change_during_the_inspection_means_acquiring():
    assert state(FILE, None, replace(WHOLE, changed=True)) is ScanState.ACQUIRING


@pytest.mark.parametrize(
    "code", ["permission", "wrong-shape", "not-numbers", "broken-link", "no-answer", "missing"]
)
def test_what_time_does_not_mend_is_unreadable_at_once(code):
    assert state(aged(1), None, Facts(None, code, "Sentence.")) is ScanState.UNREADABLE


def test_what_is_no_file_is_unreadable():
    scan = judge(replace(aged(1), problem="A pipe."), None, Facts(None), NOW_S)
    assert (scan.state, scan.reason, scan.layout) == (ScanState.UNREADABLE, "A pipe.", None)


def test_frames_without_an_angle_are_mentioned():
    scan = judge(FILE, None, Facts(replace(LAYOUT, frames=1502)), NOW_S)
    assert scan.state is ScanState.READY
    assert scan.reason.startswith("1502 projections but 1500 angles")


@given(
    st.floats(-1e6, 1e6),
    st.none() | st.tuples(st.integers(0, 2), st.floats(0, 1e6)),
    st.sampled_from([WHOLE, *UNFINISHED]),
)
def test_only_ready_scans_go_without_a_reason_and_all_ready_ones_have_a_layout(age_s, earlier, facts):
    look = earlier and replace(aged(age_s), size_bytes=1000 + earlier[0], seen_s=NOW_S - earlier[1])
    scan = judge(aged(age_s), look, facts, NOW_S)
    assert scan.layout is not None if scan.state is ScanState.READY else scan.reason
