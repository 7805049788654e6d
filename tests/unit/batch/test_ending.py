"""What a job's end means."""

import pytest

from tomobatch.batch.ending import Ending, ending_of
from tomobatch.batch.states import JobState
from tomobatch.machines.base import Outcome, OutcomeKind
from tomobatch.recon.diagnosis import Place
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.progress import Alarm
from tomobatch.recon.request import ReconRequest, ScanFile

TRACEBACK = b"Traceback (most recent call last):\n  File\nRuntimeError: wrong shape\n"


@pytest.fixture
def request_():
    scan = ScanFile("/d/scans/a.h5", 1, 2, 3)
    engine = Engine(EngineKind.TOMOCUPY, ("tomocupy",))
    final = "/d/scans_rec/a_rec"
    return ReconRequest(
        "j1", scan, Kind.FULL, 5.0, "typed", (4, 2, 16), {}, engine, final, f"{final}.partial-j1"
    )


def end(request, kind, *, stop_asked=False, alarms=(), tail=b"", **facts):
    return ending_of(request, Outcome(kind, "why", **facts), stop_asked, alarms, tail)


def test_status_0_is_only_the_beginning_of_the_judgement(request_):
    assert end(request_, OutcomeKind.EXITED, exit_status=0).state is JobState.JUDGING


def test_status_0_after_a_traceback_has_failed(request_):
    ending = end(request_, OutcomeKind.EXITED, exit_status=0, alarms=[Alarm.TRACEBACK], tail=TRACEBACK)
    assert (ending.state, ending.discard) == (JobState.FAILED, True)
    assert "wrong shape" in ending.note


def test_a_traceback_further_back_than_the_tail_still_counts(request_):
    ending = end(request_, OutcomeKind.EXITED, exit_status=0, alarms=[Alarm.TRACEBACK], tail=b"all is well\n")
    assert (ending.state, ending.code, ending.discard) == (JobState.FAILED, "traceback", True)


def test_ended_because_of_a_traceback_is_failed_not_cancelled(request_):
    ending = end(request_, OutcomeKind.STOPPED, alarms=[Alarm.TRACEBACK], tail=TRACEBACK)
    assert ending.state is JobState.FAILED
    assert "wrong shape" in ending.note


def test_stopped_tells_by_whom(request_):
    asked = end(request_, OutcomeKind.STOPPED, stop_asked=True)
    outside = end(request_, OutcomeKind.STOPPED)
    assert asked.state is outside.state is JobState.CANCELLED
    assert "outside" not in asked.note
    assert "outside" in outside.note


def test_lost_is_interrupted_and_says_why(request_):
    ending = end(request_, OutcomeKind.LOST)
    assert (ending.state, ending.discard) == (JobState.INTERRUPTED, True)
    assert ending.note.startswith("why")


def test_output_is_kept_while_something_may_still_write_into_it(request_):
    for kind in (OutcomeKind.LOST, OutcomeKind.STOPPED):
        ending = end(request_, kind, left=(12, 13))
        assert not ending.discard
        assert ending.note.endswith(" These processes could not be ended: 12, 13.")


def test_could_not_start_says_what_is_missing(request_):
    outcome = Outcome(OutcomeKind.COULD_NOT_START, "tomocupy: No such file or directory")
    ending = ending_of(request_, outcome, False, (), b"")
    assert (ending.state, ending.code) == (JobState.FAILED, "engine-missing")


def test_a_signal_is_named(request_):
    ending = end(request_, OutcomeKind.EXITED, signal=9)
    assert (ending.state, ending.code) == (JobState.FAILED, "killed")


@pytest.mark.parametrize("code", ["disk-full", "permission", "io-error"])
def test_a_good_result_that_cannot_be_put_in_place_is_kept_and_said(code):
    ending = Ending.of_verdict(code, "The disk is full.", "It is kept in /x.", b"")
    assert (ending.state, ending.discard) == (JobState.FAILED, False)
    assert "/x" in ending.note


def test_a_bad_result_is_told_with_its_cause():
    tail = b"dd: error writing 'x': No space left on device\n"
    ending = Ending.of_verdict("incomplete", "Only 1 of 2 slices were made.", "", tail)
    assert (ending.code, ending.discard) == ("disk-full", True)
    assert ending.note.startswith("Only 1 of 2 slices were made. The disk is full.")


def test_memory_that_no_smaller_chunk_helps_is_said_otherwise(request_):
    memory = b"Traceback (most recent call last):\n  File\nMemory: OutOfMemoryError\n"
    outcome = Outcome(OutcomeKind.EXITED, "why", exit_status=1)
    for least, said in ((False, "Retry with a smaller chunk"), (True, "The chunk cannot be smaller")):
        ending = ending_of(request_, outcome, False, (), memory, Place(least_chunk=least))
        assert ending.code == "gpu-memory"
        assert said in ending.note
