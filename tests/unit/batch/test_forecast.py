"""How far a batch is, and how long it will still take."""

from dataclasses import replace

import pytest

from tomobatch.batch.job import JobRow
from tomobatch.batch.standing import Standing
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY
from tomobatch.machines.slots import ANY_KIND
from tomobatch.recon.kinds import Kind


def standing_of(rows):
    """Of jobs each of which has a name of its own."""
    standing = Standing()
    standing.take(replace(row, job=replace(row.job, uid=f"{number}")) for number, row in enumerate(rows))
    return standing


def progress_of(rows):
    return standing_of(rows).progress


def seconds_left(rows, slots, now_s):
    return standing_of(rows).seconds_left(lambda *_: slots, now_s)


def batch_seconds_left(rows, slots_of, now_s):
    return standing_of(rows).seconds_left(slots_of, now_s)


@pytest.fixture
def row(make_job):
    def make(state, kind=Kind.FULL, **fields):
        return JobRow(replace(make_job(), kind=kind), state, 1, 1, **fields)

    return make


def complete(row, duration_s, **fields):
    return row(JobState.COMPLETE, started_s=100.0, ended_s=100.0 + duration_s, progress=1.0, **fields)


def test_progress_counts_ended_jobs_whole_and_running_ones_in_part(row):
    rows = [complete(row, 5), row(JobState.FAILED, progress=0.2), row(JobState.RUNNING, progress=0.5)]
    assert progress_of([*rows, row(JobState.QUEUED)]) == pytest.approx(2.5 / 4)
    assert progress_of([]) == 0.0


def test_nothing_is_said_before_anything_is_known(row):
    assert seconds_left([row(JobState.QUEUED)], 1, 200.0) is None
    running = row(JobState.RUNNING, started_s=199.0, progress=0.01)
    assert seconds_left([running], 1, 200.0) is None


def test_waiting_jobs_take_as_long_as_those_that_ended_and_share_the_slots(row):
    rows = [complete(row, 10), complete(row, 20), *(row(JobState.QUEUED) for _ in range(8))]
    assert seconds_left(rows, 1, 200.0) == pytest.approx(8 * 15)
    assert seconds_left(rows, 4, 200.0) == pytest.approx(30)


def test_no_number_of_slots_makes_one_job_shorter(row):
    assert seconds_left([complete(row, 10), row(JobState.QUEUED)], 8, 200.0) == pytest.approx(10)


def test_a_running_job_has_done_its_part(row):
    rows = [complete(row, 40), row(JobState.RUNNING, started_s=190.0, progress=0.75)]
    assert seconds_left(rows, 1, 200.0) == pytest.approx(10)


def test_without_an_ended_job_the_running_ones_tell(row):
    rows = [row(JobState.RUNNING, started_s=190.0, progress=0.25), row(JobState.QUEUED)]
    assert seconds_left(rows, 1, 200.0) == pytest.approx(30 + 40)


def test_a_failed_job_says_nothing_about_how_long_the_others_take(row):
    failed = row(JobState.FAILED, started_s=100.0, ended_s=101.0)
    assert seconds_left([failed, row(JobState.QUEUED)], 1, 200.0) is None


def test_a_try_says_nothing_about_a_full(row):
    rows = [complete(row, 2, kind=Kind.TRY), row(JobState.QUEUED)]
    assert seconds_left(rows, 1, 200.0) is None


def test_when_all_have_ended_nothing_is_left(row):
    assert seconds_left([complete(row, 2)], 1, 200.0) == 0.0


def test_machines_work_side_by_side(row, make_job):
    there = [replace(one, job=replace(one.job, machine="tomo1")) for one in [complete(row, 100)] * 2]
    there += [replace(there[0], state=JobState.QUEUED, progress=0.0)] * 4
    here = [complete(row, 10), *(row(JobState.QUEUED) for _ in range(6))]
    slots = {("Local", "CPU"): 1, ("tomo1", "CPU"): 4}
    assert batch_seconds_left([*here, *there], lambda *pool: slots[pool], 200.0) == pytest.approx(100)
    assert batch_seconds_left(here, lambda *pool: slots[pool], 200.0) == pytest.approx(60)
    # Of one nothing is known, so of all nothing is.
    unknown = replace(row(JobState.QUEUED), job=replace(make_job(), machine="tomo2"))
    assert batch_seconds_left([*here, unknown], lambda *_: 1, 200.0) is None
    assert batch_seconds_left([], lambda *_: 1, 200.0) == 0.0


def test_a_clock_that_was_set_back_makes_no_time_negative(row):
    rows = [row(JobState.COMPLETE, started_s=500.0, ended_s=100.0, progress=1.0), row(JobState.QUEUED)]
    assert seconds_left(rows, 1, 200.0) == 0.0
    running = row(JobState.RUNNING, started_s=500.0, progress=0.5)
    assert seconds_left([running, row(JobState.QUEUED)], 1, 200.0) == 0.0


# -- any machine --------------------------------------------------------------------------


def on(one, machine, slot_kind="CPU"):
    return replace(one, job=replace(one.job, machine=machine, slot_kind=slot_kind))


def any_left(rows, slots, for_any=(("Local", "CPU"), ("tomo1", "CPU"))):
    return standing_of(rows).seconds_left(lambda *pool: slots[pool], 200.0, for_any)


def test_what_any_machine_may_run_shares_the_slots_with_what_they_do_anyway(row):
    """How long one takes is known from those that any machine has run already."""
    here, there = {("Local", "CPU"): 1, ("tomo1", "CPU"): 4}, on(complete(row, 100), "tomo1")
    waiting = [on(row(JobState.QUEUED), ANY, ANY_KIND) for _ in range(10)]
    assert any_left([there, *waiting], here) == pytest.approx(10 * 100 / 5)
    own = [row(JobState.QUEUED) for _ in range(5)]
    assert any_left([there, *waiting, *own, complete(row, 100)], here) == pytest.approx(500)
    assert any_left([there, *waiting, *own[:2], complete(row, 100)], here) == pytest.approx(12 * 100 / 5)
    # Only one of them is ticked.
    assert any_left([there, *waiting], here, [("tomo1", "CPU")]) == pytest.approx(10 * 100 / 4)


def test_nobody_knows_when_a_lost_machine_goes_on(row):
    slots = {("Local", "CPU"): 1, ("tomo1", "CPU"): 0}
    lost = on(complete(row, 100), "tomo1")
    assert any_left([lost], slots) == 0.0
    assert any_left([lost, on(row(JobState.QUEUED), "tomo1")], slots) is None
    waiting = [on(row(JobState.QUEUED), ANY, ANY_KIND)]
    assert any_left([lost, *waiting], slots) == pytest.approx(100)
    assert any_left([lost, *waiting], slots, ()) is None
