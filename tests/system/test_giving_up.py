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
    """A program whose first job runs on a machine that does not answer any more."""
    stand.scans(*names)
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: stand.is_now(names[0], JobState.RUNNING) and stand.engine_pids())
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
    assert row.note.startswith("tomo1 does not answer and was given up")
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


@pytest.mark.slow
def test_a_batch_ends_without_a_machine_that_is_gone_for_good(stand, hosts):
    """Whoever waits there for a stop is let go, too; what waits for the machine is none of it."""
    (host,) = hosts(tomo1=1).all
    running = runs_on_a_lost_machine(stand, host, "scan_1_hang.h5", "scan_2.h5")
    running.send_signal(signal.SIGKILL)
    running.communicate()
    patient = stand.start("stop", stand.rows()["scan_1_hang.h5"].uid)
    wait_until(lambda: stand.rows()["scan_1_hang.h5"].stop_asked)
    assert stand.is_now("scan_1_hang.h5", JobState.RUNNING)
    status, said = finish(stand.start("stop", "--give-up"), timeout_s=90)
    assert status == 0, said
    assert finish(patient)[0] == 0
    assert {name: row.state for name, row in stand.rows().items()} == {
        "scan_1_hang.h5": JobState.INTERRUPTED,
        "scan_2.h5": JobState.CANCELLED,
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
    assert (row.state, row.code) == (JobState.INTERRUPTED, "lost")
    assert "its machine is not known here" in row.note
    there.end()
