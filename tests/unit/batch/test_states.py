"""States, transitions and the words people read."""

import pytest

from tomobatch.batch.states import LEGAL, IllegalTransitionError, JobState, require_legal, status_text


def test_every_state_has_a_line_in_the_table():
    assert set(LEGAL) == set(JobState)


def test_ends_are_final():
    ended = {state for state in JobState if state.ended}
    assert ended == {JobState.COMPLETE, JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED}


def test_complete_is_reached_by_judging_alone():
    assert {old for old in JobState if JobState.COMPLETE in LEGAL[old]} == {JobState.JUDGING}


def test_back_to_the_queue_only_from_an_attempt_that_never_began():
    assert {old for old in JobState if JobState.QUEUED in LEGAL[old]} == {JobState.STARTING}


def test_every_state_is_reachable_and_every_one_leads_to_an_end():
    reached, frontier = {JobState.QUEUED}, [JobState.QUEUED]
    while frontier:
        new = LEGAL[frontier.pop()] - reached
        reached |= new
        frontier.extend(new)
    assert reached == set(JobState)
    for state in JobState:
        assert state.ended or any(after.ended for after in LEGAL[state])


def test_illegal_transition_names_job_and_states():
    with pytest.raises(IllegalTransitionError, match="job j1 cannot go from complete to running"):
        require_legal("j1", JobState.COMPLETE, JobState.RUNNING)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (JobState.QUEUED, "Queued Try"),
        (JobState.STARTING, "Running Try on GPU 2"),
        (JobState.RUNNING, "Running Try on GPU 2"),
        (JobState.JUDGING, "Running Try on GPU 2"),
        (JobState.WAITING, "Waiting for GPU 2 (held by ada)"),
        (JobState.COMPLETE, "Try Complete"),
        (JobState.FAILED, "Try Failed"),
        (JobState.CANCELLED, "Try Cancelled"),
        (JobState.INTERRUPTED, "Interrupted"),
    ],
)
def test_words(state, words):
    assert status_text("Try", state, "GPU 2", "ada") == words
