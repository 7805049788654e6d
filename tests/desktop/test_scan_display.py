"""What a row shows, derived from what is known of its scan."""

import time

import pytest

from desktop.scan_aid import LAYOUT, MTIME_NS, file, job, result, scan
from tomobatch.batch.states import JobState
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.desktop.scan_display import Known, display_of, series_of
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import ResultState
from tomobatch.scans.scan import ScanState

NOW_S = MTIME_NS / 1e9 + 60


def known(**changes):
    facts = {"scan": scan("a_1.h5"), "results": ()}
    return Known(1, "a_1.h5", file("a_1.h5", 15_000_000_000), 0, **{**facts, **changes})


def shown(now_s=NOW_S, **changes):
    return display_of(known(**changes), now_s)


def cor(cor_px=1200.0, source=CorSource.TYPED):
    return CorEntry(cor_px, source, 0.0)


def test_a_scan_nobody_looked_at_is_not_said_to_be_ready():
    row = shown(scan=None, results=None)
    assert (row.status, row.status_kind, row.note) == ("", "", "…")
    assert not row.can_try
    # What lies on disk for it is not known either: it may have a Full.
    assert shown(results=None).status == ""


def test_shape_size_and_time_stand_under_the_name():
    at = time.strftime("%H:%M", time.localtime(MTIME_NS / 1e9))
    day = time.strftime("%Y-%m-%d", time.localtime(MTIME_NS / 1e9))
    assert shown().details == f"1500 × 2048 × 2448 · 15.0 GB · {at}"
    assert shown(scan=None).details == f"15.0 GB · {at}"
    assert shown(now_s=NOW_S + 90_000).details.endswith(f"15.0 GB · {day} {at}")


def test_a_name_that_is_not_utf8_can_be_shown():
    odd = Known(1, "a\udcff.h5", file("a\udcff.h5"), 0)
    assert display_of(odd).name.encode() == b"a\\udcff.h5"


def test_a_running_job_says_where_how_far_and_how_long():
    running = job("a_1.h5", JobState.RUNNING, progress=0.625, started_s=NOW_S - 50)
    row = shown(jobs=(running,))
    assert (row.status, row.status_kind, row.progress) == ("Running Try on CPU 0", "running", 0.625)
    assert row.note == "Local · 62 % · 30 s left"


def test_the_time_left_is_not_guessed_from_next_to_nothing():
    little = job("a_1.h5", JobState.RUNNING, progress=0.04, started_s=NOW_S - 50)
    assert shown(jobs=(little,)).note == "Local · 4 %"
    young = job("a_1.h5", JobState.RUNNING, progress=0.5, started_s=NOW_S - 1)
    assert shown(jobs=(young,)).note == "Local · 50 %"


def test_output_that_is_being_checked():
    note = "its output is being checked"
    row = shown(jobs=(job("a_1.h5", JobState.JUDGING, note=note, progress=1.0),))
    assert (row.note, row.status_kind) == (f"Local · {note}", "running")


def test_two_jobs_of_one_scan():
    jobs = (
        job("a_1.h5", JobState.RUNNING, progress=0.5),
        job("a_1.h5", JobState.QUEUED, Kind.FULL, place=2),
    )
    row = shown(jobs=jobs, cor=cor())
    assert row.note == "Local · 50 % · Queued Full"
    assert (row.can_try, row.can_full, row.can_cancel) == (False, False, True)


def test_a_job_that_is_being_stopped():
    row = shown(jobs=(job("a_1.h5", JobState.RUNNING, stop_asked=True),))
    assert row.note == "Local · is being stopped"


@pytest.mark.parametrize(
    ("state", "kind", "bad"),
    [
        (JobState.QUEUED, "queued", False),
        (JobState.STARTING, "running", False),
        (JobState.WAITING, "waiting", False),
        (JobState.FAILED, "failed", True),
        (JobState.CANCELLED, "cancelled", False),
        (JobState.INTERRUPTED, "interrupted", False),
    ],
)
def test_kinds_of_jobs(state, kind, bad):
    row = shown(jobs=(job("a_1.h5", state, note="Why."),))
    assert (row.status_kind, row.note_bad) == (kind, bad)
    assert row.progress == (-1.0 if state.ended or state is JobState.QUEUED else 0.0)


def test_a_failed_job_says_why():
    assert shown(jobs=(job("a_1.h5", JobState.FAILED, note="The disk is full."),)).note == "The disk is full."


def test_a_complete_job_says_where_by_what_and_how_long():
    done = job("a_1.h5", JobState.COMPLETE, started_s=10.0, ended_s=202.0)
    row = shown(jobs=(done,), results=(result(Kind.TRY, job_id="j1"),))
    assert (row.status, row.status_kind) == ("Try Complete", "complete")
    assert row.note == "Local · CPU engine · 3 min 12 s"


def test_nothing_is_said_of_another_jobs_result():
    done = job("a_1.h5", JobState.COMPLETE, started_s=10.0, ended_s=202.0)
    assert shown(jobs=(done,), results=(result(Kind.TRY, job_id="another"),)).note == ""


@pytest.mark.parametrize(
    ("state", "kind", "bad"),
    [(ScanState.ACQUIRING, "acquiring", False), (ScanState.UNREADABLE, "unreadable", True)],
)
def test_a_scan_that_cannot_run(state, kind, bad):
    row = shown(scan=scan("a_1.h5", state, "Why."), cor=cor())
    assert (row.status, row.status_kind, row.note, row.note_bad) == (state.value, kind, "Why.", bad)
    assert (row.can_try, row.can_full) == (False, False)


def test_a_full_needs_a_cor_and_a_try_does_not():
    assert (shown().can_try, shown().can_full) == (True, False)
    assert shown(cor=cor()).can_full


def test_one_try_at_a_time_but_a_full_beside_it():
    row = shown(cor=cor(), jobs=(job("a_1.h5", JobState.QUEUED),))
    assert (row.can_try, row.can_full, row.can_cancel) == (False, True, True)
    row = shown(cor=cor(), jobs=(job("a_1.h5", JobState.QUEUED, Kind.FULL),))
    assert (row.can_try, row.can_full) == (True, False)
    assert not shown(jobs=(job("a_1.h5", JobState.FAILED),)).can_cancel


@pytest.mark.parametrize(
    ("state", "can_view"),
    [(ResultState.COMPLETE, True), (ResultState.ELSEWHERE, True), (ResultState.INCOMPLETE, False)],
)
def test_what_can_be_viewed(state, can_view):
    row = shown(results=(result(Kind.TRY, state),))
    assert (row.can_view_try, row.can_view_full) == (can_view, False)
    row = shown(results=(result(Kind.FULL, state),))
    assert (row.can_view_try, row.can_view_full) == (False, can_view)


def test_what_is_being_made_can_be_viewed():
    for state in JobState:
        row = shown(jobs=(job("a_1.h5", state, Kind.FULL),))
        begun = state in {JobState.STARTING, JobState.RUNNING, JobState.JUDGING}
        assert (row.can_view_full, row.can_view_try) == (begun, False)


def test_a_try_stays_viewable_while_a_new_one_runs():
    row = shown(results=(result(Kind.TRY),), jobs=(job("a_1.h5", JobState.RUNNING),))
    assert row.can_view_try


def test_a_full_made_with_another_cor_is_marked():
    full = (result(Kind.FULL, cor_px=1200.0),)
    assert shown(results=full, cor=cor(1201.5)).cor_warning == "Full at 1200.00"
    assert shown(results=full, cor=cor(1200.0)).cor_warning == ""
    assert shown(results=full).cor_warning == ""
    assert shown(results=(result(Kind.TRY, cor_px=1200.0),), cor=cor(1201.5)).cor_warning == ""


def test_a_cor_and_where_it_came_from():
    row = shown(cor=cor(1024.5, CorSource.CSV))
    assert (row.cor_text, row.cor_source) == ("1024.50", "CSV")
    assert (shown().cor_text, shown().cor_source) == ("", "")


def test_a_detector_is_as_wide_as_its_file_says():
    assert known().columns == LAYOUT.columns
    assert known(scan=None).columns is None


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("scan_0001.h5", "scan_0002.h5", True),
        ("Scan_1.h5", "scan_10.nxs", True),
        ("tooth.h5", "bone.h5", False),
        ("a1_b1.h5", "a2_b1.h5", False),
    ],
)
def test_series(one, other, alike):
    assert (series_of(one) == series_of(other)) is alike


@pytest.mark.parametrize(
    ("reason", "note"),
    [
        ("a.h5 is not an HDF5 file.", "Is not an HDF5 file."),
        ("a.h5: no flats.", "No flats."),
        ("The disk of a.h5 is full.", "The disk of a.h5 is full."),
        ("a.h5", "a.h5"),
    ],
)
def test_a_row_does_not_say_its_name_twice(reason, note):
    failed = job("a.h5", JobState.FAILED, note=reason)
    assert (
        display_of(Known(1, "a.h5", file("a.h5"), 0, scan=scan("a.h5"), results=(), jobs=(failed,))).note
        == note
    )
