"""Places in the queue, as people count them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.order import QueueOrder
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY
from tomobatch.machines.slots import ANY_KIND
from tomobatch.recon.kinds import Kind


def row(number, state=JobState.QUEUED, turn=0, machine="Local", slot_kind="GPU"):
    job = Job(f"j{number}", Kind.TRY, f"/d/{number}.h5", machine, slot_kind, {}, 0.0)
    return JobRow(job, state, number, 1, turn=turn)


def test_places_count_from_one_in_the_order_of_starting():
    order = QueueOrder()
    assert order.take([row(1), row(2), row(3, turn=-1), row(4, JobState.RUNNING)])
    assert [order.place_of(f"j{number}") for number in (3, 1, 2, 4, 9)] == [1, 2, 3, 0, 0]


def test_each_machine_has_a_queue_of_its_own():
    order = QueueOrder()
    order.take([row(1), row(2, machine="tomo1"), row(3, slot_kind="CPU"), row(4)])
    assert [order.place_of(f"j{number}") for number in (1, 2, 3, 4)] == [1, 1, 1, 2]


def test_what_any_machine_may_run_comes_before_the_later_jobs_of_those_that_take_it():
    order = QueueOrder(lambda machine: machine == "tomo1")
    any_machine = {"machine": ANY, "slot_kind": ANY_KIND}
    order.take([row(1, machine="tomo1"), row(2, **any_machine), row(3, **any_machine)])
    order.take([row(4, machine="tomo1"), row(5), row(6, **any_machine)])
    assert [order.place_of(f"j{number}") for number in range(1, 7)] == [1, 1, 2, 4, 1, 3]


def test_only_what_waits_otherwise_is_a_change():
    order = QueueOrder()
    order.take([row(1), row(2)])
    assert not order.take([row(1), row(7, JobState.RUNNING)])
    assert not order.take([replace(row(2), note="The disk is nearly full.")])
    assert order.take([row(1, JobState.STARTING)])
    assert order.place_of("j2") == 1
    assert order.take([row(1)])
    assert order.place_of("j2") == 2


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from(JobState), st.integers(-2, 0)), max_size=30))
def test_it_is_what_a_fresh_count_would_be(steps):
    order, newest = QueueOrder(), {}
    for number, state, turn in steps:
        newest[number] = row(number, state, turn)
        order.take([newest[number]])
        # Asked for now and then: it is counted lazily.
        if number % 2:
            order.place_of("j1")
    waiting = sorted(
        (one for one in newest.values() if one.state is JobState.QUEUED),
        key=lambda one: (one.turn, one.place),
    )
    assert [order.place_of(one.uid) for one in waiting] == list(range(1, len(waiting) + 1))
