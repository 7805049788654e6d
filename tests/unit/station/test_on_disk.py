"""What a row says of the results that lie on disk."""

from dataclasses import replace
from pathlib import Path

import pytest

from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.states import JobState
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import Result, ResultState
from tomobatch.scans.scan import Scan, ScanFile, ScanState
from tomobatch.station.status import StatusKind, status_of
from tomobatch.workspace import ScanRow

STARTED_S = 1000.0


def scan(*results, cor_px=None, reason="", size_bytes=1):
    file = ScanFile(Path("/d/a.h5"), size_bytes, 1, 1, 1, 0.0)
    cor = None if cor_px is None else CorEntry(cor_px, CorSource.TYPED, 0.0)
    return ScanRow(Scan(file, ScanState.READY, reason, None), cor, results)


def result(kind, state=ResultState.COMPLETE, count=5, **facts):
    return Result(kind, "/d_rec/x", state, count, **facts)


def job(uid, kind, state=JobState.COMPLETE, ended_s=None, place=1, code="", of=None):
    request = {} if of is None else {"scan": {"size_bytes": of, "mtime_ns": 1}}
    made = Job(uid, kind, "/d/a.h5", "Local", "CPU", request, 0.0)
    return JobRow(made, state, place, 1, note="Why.", code=code, ended_s=ended_s)


def said(*results, **facts):
    status = status_of(scan(*results, **facts), [])
    return status.words, status.note, status.kind


ELSEWHERE, INCOMPLETE, STALE = ResultState.ELSEWHERE, ResultState.INCOMPLETE, ResultState.STALE


@pytest.mark.parametrize(
    ("found", "note"),
    [
        (result(Kind.FULL, INCOMPLETE, 812, expected=1024), "Full incomplete: 812 of 1024 slices"),
        (result(Kind.TRY, INCOMPLETE, 3, expected=5), "Try incomplete: 3 of 5 pictures"),
        (result(Kind.FULL, INCOMPLETE, 0), "Full incomplete: its volume cannot be read"),
        (result(Kind.FULL, ELSEWHERE, 14), "Full: 14 slices made elsewhere"),
        (result(Kind.FULL, ELSEWHERE, 1), "Full: 1 slice made elsewhere"),
        (result(Kind.TRY, ELSEWHERE, 3), "Try: 3 pictures made elsewhere"),
        (result(Kind.FULL, STALE), "Full on disk is of another file of this name"),
        (result(Kind.TRY, STALE), "Try on disk is of another file of this name"),
    ],
)
def test_what_is_not_complete_by_its_receipt_is_ready_and_says_why(found, note):
    assert said(found) == ("Ready", note, StatusKind.READY)


def test_two_results_of_another_file_are_said_together():
    both = (result(Kind.TRY, STALE), result(Kind.FULL, STALE), result(Kind.FULL, STALE))
    assert said(*both)[1] == "Try and Full on disk are of another file of this name"


def test_a_complete_try_beside_a_full_that_is_not_whole():
    assert said(result(Kind.TRY), result(Kind.FULL, INCOMPLETE, 3, expected=9), reason="Odd.") == (
        "Try Complete",
        "Odd. · Full incomplete: 3 of 9 slices",
        StatusKind.COMPLETE,
    )


def test_nothing_is_said_of_what_lies_beside_a_complete_one():
    assert said(result(Kind.FULL), result(Kind.FULL, ELSEWHERE)) == (
        "Full Complete",
        "",
        StatusKind.COMPLETE,
    )


@pytest.mark.parametrize(
    ("cor_px", "note"),
    [(None, ""), (205.0, ""), (196.0, ""), (214.0, ""), (230.0, "Try shows 200.00 to 210.00, not this COR")],
)
def test_a_try_that_does_not_show_the_tables_cor(cor_px, note):
    found = result(Kind.TRY, cor_px=205.0, candidates_px=(200.0, 210.0))
    assert said(found, cor_px=cor_px)[1] == note
    # The Full is what counts once there is one; its own COR is marked.
    assert said(found, result(Kind.FULL), cor_px=cor_px)[1] == ""


def test_a_new_try_beside_an_old_full_is_told_of_until_the_next_start():
    row = scan(result(Kind.TRY, job_id="t"), result(Kind.FULL, job_id="f"))
    jobs = [
        job("f", Kind.FULL, ended_s=STARTED_S - 9, place=2),
        job("t", Kind.TRY, ended_s=STARTED_S + 9, place=1),
    ]
    assert status_of(row, jobs, since_s=STARTED_S).words == "Try Complete"
    assert status_of(row, jobs).words == "Full Complete"
    assert status_of(row, jobs, since_s=STARTED_S + 10).words == "Full Complete"
    newer = [*jobs, job("f", Kind.FULL, ended_s=STARTED_S + 19, place=3)]
    assert status_of(row, newer, since_s=STARTED_S).words == "Full Complete"


def test_a_new_try_that_is_gone_is_not_told_of():
    row = scan(result(Kind.TRY, job_id="another"), result(Kind.FULL, job_id="f"))
    jobs = [job("t", Kind.TRY, ended_s=STARTED_S + 9)]
    assert status_of(row, jobs, since_s=STARTED_S).words == "Full Complete"


def test_what_ended_last_counts_not_what_was_queued_last():
    row = scan(result(Kind.TRY, job_id="t"))
    cancelled = job("f", Kind.FULL, JobState.CANCELLED, ended_s=10.0, place=2)
    assert status_of(row, [job("t", Kind.TRY, ended_s=20.0), cancelled]).words == "Try Complete"
    assert status_of(row, [job("t", Kind.TRY, ended_s=5.0), cancelled]).words == "Full Cancelled"


def test_what_became_of_another_file_of_this_name_is_not_believed():
    failed = job("f", Kind.FULL, JobState.FAILED, ended_s=10.0, of=99)
    assert status_of(scan(), [failed]).words == "Ready"
    assert status_of(scan(size_bytes=99), [failed]).words == "Full Failed"
    # But that it could not run since the file was replaced is about this one.
    replaced = replace(failed, code="scan-replaced")
    assert status_of(scan(), [replaced]).words == "Full Failed"
