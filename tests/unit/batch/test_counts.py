"""The status line of a batch."""

from types import SimpleNamespace

from tomobatch.batch.counts import count
from tomobatch.batch.states import JobState


def counts(*states):
    return count([SimpleNamespace(state=state) for state in states])


def test_the_line_word_for_word():
    """20 files on 4 GPUs, one of them done."""
    states = [JobState.COMPLETE] + [JobState.RUNNING] * 4 + [JobState.QUEUED] * 15
    assert counts(*states).text == "Completed 1/20 | Running: 4 | Queue: 15"


def test_what_failed_and_what_was_cancelled_is_said_beside_it():
    found = counts(JobState.FAILED, JobState.INTERRUPTED, JobState.CANCELLED, JobState.COMPLETE)
    assert found.text == "Completed 4/4 | Running: 0 | Queue: 0"
    assert found.trouble == "2 failed, 1 cancelled"
    assert counts(JobState.COMPLETE).trouble == ""


def test_who_waits_for_a_gpu_does_not_run():
    assert counts(JobState.WAITING, JobState.JUDGING).text == "Completed 0/2 | Running: 1 | Queue: 1"
