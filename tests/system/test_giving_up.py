"""Machines that do not come back: their jobs are given up, and ended there should they do so after all."""

from __future__ import annotations

import signal

import pytest

from system.far_aid import QUICK, cut, finish, mend
from system.stand import alive, wait_until
from tomobatch.batch.away import MACHINE_LOST
from tomobatch.batch.giving_up import GIVEN_UP
from tomobatch.batch.states import JobState
from tomobatch.config.machines import machines_path, read_machines, write_machines

pytestmark = pytest.mark.timeout(120)


def runs_on_a_lost_machine(stand, host, *names):
    """A program whose jobs that hang run on a machine that does not answer any more."""
    stand.scans(*names)
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    hanging = [name for name in names if "hang" in name]
    wait_until(lambda: all(stand.is_now(name, JobState.RUNNING) for name in hanging))
    wait_until(lambda: len(stand.engine_pids()) == len(hanging))
    cut(host)
    wait_until(lambda: stand.rows()[names[0]].code == MACHINE_LOST)
    return running


def test_what_was_given_up_is_ended_there_before_another_takes_its_gpu(stand, hosts):
    (host,) = hosts(tomo1=1).all
    running = runs_on_a_lost_machine(stand, host, "scan_1_hang.h5", "scan_2.h5")
    uid = stand.rows()["scan_1_hang.h5"].uid
    stopping = stand.start("stop", "--give-up", uid)
    status, said = finish(stopping)
    assert status == 0, said
    row = stand.rows()["scan_1_hang.h5"]
    assert (row.state, row.code, row.status) == (JobState.INTERRUPTED, GIVEN_UP, "Interrupted")
    assert row.note.startswith("It was given up (tomo1 has not answered since ")
    assert list(map(alive, stand.engine_pids())) == [True]
    assert stand.is_now("scan_2.h5", JobState.QUEUED)
    mend(host)
    status, said = finish(running)
    assert status == 1, said
    rows = stand.rows()
    assert rows["scan_2.h5"].state is JobState.COMPLETE
    assert (rows["scan_1_hang.h5"].state, rows["scan_1_hang.h5"].code) == (JobState.INTERRUPTED, "lost")
    assert "tomo1 answers again: it still ran there, and was stopped." in rows["scan_1_hang.h5"].note
    assert not any(map(alive, stand.engine_pids()))
    assert stand.runs() == {"scan_1_hang.h5": 1, "scan_2.h5": 1}


def test_it_is_ended_there_though_the_machine_came_back_while_nothing_waited_for_it(stand, hosts):
    """Another job that runs there is found again, and what is queued later needs the GPU."""
    (host,) = hosts(tomo1=2).all
    running = runs_on_a_lost_machine(stand, host, "scan_1_hang.h5", "scan_2_hang.h5")
    wait_until(lambda: stand.rows()["scan_2_hang.h5"].code == MACHINE_LOST)
    status, said = finish(stand.start("stop", "--give-up", stand.rows()["scan_1_hang.h5"].uid))
    assert status == 0, said
    mend(host)
    wait_until(lambda: stand.rows()["scan_2_hang.h5"].code == "")
    stand.scans("scan_3.h5")
    queued = stand.start("run", "full", stand.data, "scan_3.h5", "--machine", "tomo1")
    wait_until(lambda: stand.is_now("scan_3.h5", JobState.COMPLETE))
    assert "it still ran there, and was stopped." in stand.rows()["scan_1_hang.h5"].note
    assert stand.cli("stop").returncode == 0
    for program in (running, queued):
        finish(program)


@pytest.mark.slow
def test_a_batch_ends_without_a_machine_that_is_gone_for_good(stand, hosts):
    """Whoever waits there for a stop lets others give up, and is let go, too; what is queued is left."""
    (host,) = hosts(tomo1=2).all
    running = runs_on_a_lost_machine(stand, host, "scan_1_hang.h5", "scan_2_hang.h5", "scan_3.h5")
    running.send_signal(signal.SIGKILL)
    running.communicate()
    uid = {name: row.uid for name, row in stand.rows().items()}
    patient = stand.start("stop", uid["scan_1_hang.h5"])
    wait_until(lambda: stand.rows()["scan_1_hang.h5"].stop_asked)
    assert stand.is_now("scan_1_hang.h5", JobState.RUNNING)
    status, said = finish(stand.start("stop", "--give-up", uid["scan_2_hang.h5"]), timeout_s=90)
    assert status == 0, said
    assert patient.poll() is None
    status, said = finish(stand.start("stop", "--give-up"), timeout_s=90)
    assert status == 0, said
    assert finish(patient)[0] == 0
    assert {name: row.state for name, row in stand.rows().items()} == {
        "scan_1_hang.h5": JobState.INTERRUPTED,
        "scan_2_hang.h5": JobState.INTERRUPTED,
        "scan_3.h5": JobState.CANCELLED,
    }


def test_a_machine_that_answers_is_asked_to_stop_it(stand, hosts):
    stand.scans("scan_1_hang.h5")
    hosts(tomo1=1)
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: stand.is_now("scan_1_hang.h5", JobState.RUNNING))
    stopped = stand.cli("stop", "--give-up")
    assert stopped.returncode == 0, stopped.stderr
    finish(running)
    row = stand.rows()["scan_1_hang.h5"]
    assert (row.state, row.code) == (JobState.CANCELLED, "stopped")
    assert not any(map(alive, stand.engine_pids()))


def test_a_job_of_a_machine_that_nobody_knows_any_more_is_given_up(stand, hosts):
    """Somebody took it out of the list by hand while it had a job."""
    stand.scans("scan_1_hang.h5")
    there = hosts(tomo1=1)
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: stand.is_now("scan_1_hang.h5", JobState.RUNNING))
    running.send_signal(signal.SIGKILL)
    running.communicate()
    write_machines(
        machines_path(), [entry for entry in read_machines(machines_path())[0] if entry.name != "tomo1"]
    )
    stopped = stand.cli("stop", "--give-up")
    assert stopped.returncode == 0, stopped.stderr
    row = stand.rows()["scan_1_hang.h5"]
    assert (row.state, row.code) == (JobState.INTERRUPTED, GIVEN_UP)
    assert "its machine is not known here" in row.note
    there.end()
