"""Which jobs may be run again by one tap."""

import pytest

from tomobatch.batch.again import undone
from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.states import JobState
from tomobatch.recon.kinds import Kind


def row(place, state, path="/d/a.h5", kind=Kind.FULL):
    return JobRow(Job(f"j{place}", kind, path, "Local", "GPU", {}, 0.0), state, place, 1)


@pytest.mark.parametrize("state", JobState)
def test_what_failed_or_was_interrupted_and_nothing_else(state):
    again = state in (JobState.FAILED, JobState.INTERRUPTED)
    assert len(undone([row(1, state)])) == int(again)


@pytest.mark.parametrize(
    "state", [state for state in JobState if state not in (JobState.FAILED, JobState.INTERRUPTED)]
)
def test_what_was_queued_once_more_is_not_queued_a_third_time(state):
    assert undone([row(2, state), row(1, JobState.FAILED)]) == []


def test_of_two_failures_the_newest_and_other_kinds_and_scans_for_themselves():
    rows = [
        row(1, JobState.FAILED),
        row(2, JobState.FAILED),
        row(3, JobState.COMPLETE, kind=Kind.TRY),
        row(4, JobState.COMPLETE, path="/d/b.h5"),
    ]
    assert [one.place for one in undone(rows)] == [2]
