"""The words of a row: its jobs first, then what lies on disk."""

from dataclasses import replace
from pathlib import Path

import pytest

from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.machines.base import Reach, Standing
from tomobatch.machines.slots import ANY_KIND, Slot
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import Result, ResultState
from tomobatch.scans.scan import Scan, ScanFile, ScanState
from tomobatch.station.on_disk import engine_word, other_cor
from tomobatch.station.status import Status, StatusKind, status_of
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


GPU_2 = Slot("GPU", "2")
CPU_0 = Slot("CPU", "0")


@pytest.mark.parametrize(
    ("words", "jobs", "results", "state"),
    [
        ("Ready", [], [], ScanState.READY),
        ("Running Try on GPU 2", [(JobState.RUNNING, Kind.TRY, GPU_2)], [], ScanState.READY),
        ("Running Full on GPU 2", [(JobState.RUNNING, Kind.FULL, GPU_2)], [], ScanState.READY),
        ("Try Complete", [], [Kind.TRY], ScanState.READY),
        ("Full Complete", [], [Kind.FULL], ScanState.READY),
        ("Try Failed", [(JobState.FAILED, Kind.TRY, GPU_2)], [], ScanState.READY),
        ("Full Failed", [(JobState.FAILED, Kind.FULL, GPU_2)], [], ScanState.READY),
        ("Queued Try", [(JobState.QUEUED, Kind.TRY, None)], [], ScanState.READY),
        ("Queued Full", [(JobState.QUEUED, Kind.FULL, None)], [], ScanState.READY),
        ("Waiting for GPU 2 (held by beam)", [(JobState.WAITING, Kind.TRY, GPU_2)], [], ScanState.READY),
        ("Try Cancelled", [(JobState.CANCELLED, Kind.TRY, GPU_2)], [], ScanState.READY),
        ("Full Cancelled", [(JobState.CANCELLED, Kind.FULL, GPU_2)], [], ScanState.READY),
        ("Interrupted", [(JobState.INTERRUPTED, Kind.FULL, GPU_2)], [], ScanState.READY),
        ("Acquiring", [], [], ScanState.ACQUIRING),
        ("Unreadable", [], [], ScanState.UNREADABLE),
        ("Running Try on CPU 0", [(JobState.RUNNING, Kind.TRY, CPU_0)], [], ScanState.READY),
        ("Running Full on CPU 0", [(JobState.JUDGING, Kind.FULL, CPU_0)], [], ScanState.READY),
    ],
)
def test_every_status_there_is_to_the_letter(words, jobs, results, state):
    rows = [replace(job(state, kind, note="beam"), slot=slot) for state, kind, slot in jobs]
    assert status_of(scan(*map(result, results), state=state), rows).words == words


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
    assert (status.words, status.note) == ("Full Cancelled", "It was stopped. Try Complete lies on disk.")


def test_a_scan_nobody_has_looked_at():
    assert status_of(None, []) == Status("", "…", StatusKind.UNKNOWN)
    assert status_of(None, [job(JobState.QUEUED)]).words == "Queued Try"
    assert status_of(None, [job(JobState.COMPLETE)]).words == ""
    assert status_of(None, [job(JobState.FAILED, note="No.")]).note == "No."


def test_every_state_of_a_job_has_a_kind():
    kinds = {state: status_of(scan(), [job(state)]).kind for state in JobState}
    assert kinds.pop(JobState.STARTING) == kinds.pop(JobState.JUDGING) == StatusKind.RUNNING
    # A complete job leaves it to the disk.
    assert kinds.pop(JobState.COMPLETE) is StatusKind.READY
    assert all(kind.value == state.value for state, kind in kinds.items())


def test_every_state_of_a_scan_has_a_kind():
    kinds = {state: status_of(scan(state=state), []).kind for state in ScanState}
    assert {state.value.casefold(): kind.value for state, kind in kinds.items()} == {
        "ready": "ready", "acquiring": "acquiring", "unreadable": "unreadable",
    }  # fmt: skip
    assert status_of(scan(result(Kind.FULL)), []).kind is StatusKind.COMPLETE


def test_only_what_went_wrong_is_bad():
    assert status_of(scan(), [job(JobState.FAILED)]).bad
    assert status_of(scan(state=ScanState.UNREADABLE), []).bad
    assert not status_of(scan(), [job(JobState.CANCELLED)]).bad


def test_a_job_that_runs_is_never_at_its_end_and_tells_the_clocks_time():
    row = replace(job(JobState.RUNNING), progress=0.999, started_s=100.0)
    assert status_of(scan(), [row], now_s=101.0).note == "Local · 99 %"
    assert status_of(scan(), [replace(row, progress=0.25)], now_s=200.0).note == "Local · 25 % · 5 min left"


def test_an_aborted_scan_says_so_beside_what_was_made_of_it():
    rows = scan(result(Kind.TRY), reason="212 of 1500 angles: aborted scan?")
    assert status_of(rows, []).note == "212 of 1500 angles: aborted scan?"


def test_engines_as_people_call_them():
    made = job(JobState.QUEUED)
    words = [
        replace(made, job=replace(made.job, request={"engine": {"kind": kind}}))
        for kind in ("cpu", "tomocupy")
    ]
    assert [engine_word(row) for row in words] == ["CPU engine", "tomocupy"]
    assert engine_word(made) == ""


def test_a_full_of_another_cor():
    full = replace(result(Kind.FULL), cor_px=1200.0)
    row = replace(scan(full), cor=CorEntry(1201.5, CorSource.TYPED, 0.0))
    assert other_cor(row) == "Full at 1200.00"
    assert other_cor(replace(row, cor=replace(row.cor, value_px=1200.0))) == ""
    assert other_cor(replace(row, results=())) == ""


LOST = Standing(Reach.LOST, 980.0, 980.0, "unreachable", "No route to host.")


def test_a_row_of_a_lost_machine_says_how_old_it_is():
    row = replace(job(JobState.RUNNING), progress=0.62, started_s=900.0)
    lost = status_of(scan(), [row], now_s=1100.0, standing_of=lambda _: LOST)
    assert (lost.note, lost.lost, lost.progress) == ("Local · no answer for 2 min · 62 % then", True, 0.62)
    there = status_of(scan(), [row], now_s=1100.0, standing_of=lambda _: Standing(Reach.REACHABLE))
    assert (there.note, there.lost) == ("Local · 62 % · 2 min 3 s left", False)
    assert lost.kind is there.kind is StatusKind.RUNNING
    stopped = status_of(scan(), [replace(row, stop_asked=True)], now_s=1100.0, standing_of=lambda _: LOST)
    assert stopped.note == "Local · to be stopped · no answer for 2 min"


def test_of_a_job_that_waits_for_a_lost_machine_its_note_says_so():
    row = job(JobState.QUEUED, note="waits for tomo1, which does not answer")
    status = status_of(scan(), [row], now_s=1100.0, place_of=lambda _: 3, standing_of=lambda _: LOST)
    assert status.note == "Local · waits for tomo1, which does not answer · 3rd in the queue"
    assert not status.lost


def test_a_silent_job_says_so_in_place_of_a_time_that_nobody_knows():
    row = replace(job(JobState.RUNNING, note="no output for 6 min"), started_s=100.0, progress=0.31)
    assert status_of(None, [replace(row, code="silent")], 200.0).note.endswith(
        " · 31 % · no output for 6 min"
    )
    assert status_of(None, [row], 200.0).note.endswith(" left")


def test_a_job_on_another_host_says_that_nothing_is_known_of_it():
    row = replace(job(JobState.RUNNING, note="tomo1 leads elsewhere."), progress=0.31, code="another-host")
    assert status_of(None, [row], 200.0).note.endswith(" · 31 % then · tomo1 leads elsewhere.")


def test_what_any_machine_may_run_says_so_until_one_takes_it():
    row = job(JobState.QUEUED)
    row = replace(row, job=replace(row.job, machine=ANY, slot_kind=ANY_KIND), slot=None)
    status = status_of(None, [row], 200.0, lambda _: 3)
    assert (status.words, status.note) == ("Queued Try", "Any machine · 3rd in the queue")
    there = replace(job(JobState.RUNNING), progress=0.31, started_s=199.0, queued_for=ANY)
    there = replace(there, job=replace(there.job, machine="tomo2"))
    status = status_of(None, [there], 200.0)
    assert (status.words, status.note) == ("Running Try on GPU 2", "tomo2 · 31 %")
