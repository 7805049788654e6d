"""The words of a row: its jobs first, then what lies on disk."""

from pathlib import Path

import pytest

from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.states import JobState
from tomobatch.machines.slots import Slot
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import Result, ResultState
from tomobatch.scans.scan import Scan, ScanFile, ScanState
from tomobatch.station.status import Status, status_of
from tomobatch.workspace import ScanRow


def job(state, kind=Kind.TRY, note="", place=1):
    made = Job(f"j{place}", kind, "/d/a.h5", "Local", "GPU", {}, 0.0)
    return JobRow(made, state, place, 1, slot=Slot("GPU", "2"), note=note)


def scan(*results, state=ScanState.READY, reason=""):
    file = ScanFile(Path("/d/a.h5"), 1, 1, 1, 1, 0.0)
    return ScanRow(Scan(file, state, reason, None), None, results)


def result(kind, state=ResultState.COMPLETE):
    return Result(kind, "/d_rec/x", state, 2)


@pytest.mark.parametrize(
    ("jobs", "words"),
    [
        ([], "Ready"),
        ([job(JobState.QUEUED)], "Queued Try"),
        ([job(JobState.QUEUED), job(JobState.RUNNING, Kind.FULL)], "Running Full on GPU 2"),
        ([job(JobState.FAILED)], "Try Failed"),
        ([job(JobState.FAILED), job(JobState.COMPLETE)], "Ready"),
        ([job(JobState.CANCELLED, Kind.FULL)], "Full Cancelled"),
        ([job(JobState.INTERRUPTED)], "Interrupted"),
    ],
)
def test_jobs(jobs, words):
    assert status_of(scan(), jobs).words == words


def test_the_note_of_a_failed_job_stands_below():
    assert status_of(scan(), [job(JobState.FAILED, note="The disk is full.")]).note == "The disk is full."


def test_the_better_of_what_is_complete_full_before_try():
    assert status_of(scan(result(Kind.TRY)), []).words == "Try Complete"
    assert status_of(scan(result(Kind.TRY), result(Kind.FULL)), []).words == "Full Complete"


def test_what_is_not_complete_or_made_elsewhere_does_not_count():
    rows = scan(
        result(Kind.TRY), result(Kind.FULL, ResultState.INCOMPLETE), result(Kind.FULL, ResultState.ELSEWHERE)
    )
    assert status_of(rows, []).words == "Try Complete"


def test_a_scan_that_cannot_be_run_says_so():
    status = status_of(scan(state=ScanState.UNREADABLE, reason="no data"), [])
    assert (status.words, status.note) == ("Unreadable", "no data")


def test_a_run_that_did_not_end_well_hides_no_result():
    status = status_of(scan(result(Kind.TRY)), [job(JobState.CANCELLED, Kind.FULL, note="It was stopped.")])
    assert status == Status("Full Cancelled", "It was stopped. Try Complete lies on disk.")
