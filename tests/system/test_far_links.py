"""Links that are cut while the whole program starts, follows, stops or judges jobs over SSH."""

from __future__ import annotations

import signal
import time

import pytest

from system.far_aid import QUICK, cut, finish, mend
from system.stand import alive, wait_until
from tomobatch.batch.away import MACHINE_LOST
from tomobatch.batch.states import JobState

pytestmark = pytest.mark.timeout(120)

SLOW_JUDGE = """#!/bin/sh
# A Python that takes its time, so that a link can be cut while it works.
while [ -e {gate} ]; do touch {gate}.met; sleep 0.05; done
exec {python} "$@"
"""


def test_a_link_cut_while_a_job_runs_and_is_stopped(stand, hosts):
    """The row says so, nothing is called failed, and the stop that was asked for meanwhile is done."""
    stand.scans("scan_1_stubborn.h5", "scan_2.h5")
    (host,) = hosts(tomo1=1).all
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: stand.is_now("scan_1_stubborn.h5", JobState.RUNNING))
    cut(host)
    wait_until(lambda: stand.rows()["scan_1_stubborn.h5"].code == MACHINE_LOST)
    row = stand.rows()["scan_1_stubborn.h5"]
    assert (row.state, row.status) == (JobState.RUNNING, "Running Full on GPU 0")
    assert row.note.startswith("tomo1 has not answered since ")
    stopping = stand.start("stop", row.uid)
    wait_until(lambda: stand.rows()["scan_1_stubborn.h5"].stop_asked)
    time.sleep(0.5)
    assert stand.is_now("scan_1_stubborn.h5", JobState.RUNNING)
    assert list(map(alive, stand.engine_pids())) == [True]
    mend(host)
    # and once more, while it is being stopped: this engine has to be killed, after five seconds
    time.sleep(1.5)
    cut(host)
    time.sleep(0.5)
    mend(host)
    assert finish(running)[0] == 1
    stopping.communicate(timeout=60)
    rows = stand.rows()
    assert (rows["scan_1_stubborn.h5"].state, rows["scan_2.h5"].state) == (
        JobState.CANCELLED,
        JobState.COMPLETE,
    )
    assert not any(map(alive, stand.engine_pids()))


def test_a_link_cut_while_results_are_judged(stand, hosts):
    stand.scans("scan_1.h5")
    (host,) = hosts(tomo1=1).all
    python, gate = host.programs / "python3", stand.folder / "gate"
    interpreter = python.read_text().split()[2]
    python.write_text(SLOW_JUDGE.format(gate=gate, python=interpreter))
    gate.touch()
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: gate.with_name("gate.met").exists())
    cut(host)
    wait_until(lambda: stand.rows()["scan_1.h5"].code == "unreachable")
    row = stand.rows()["scan_1.h5"]
    assert row.state is JobState.JUDGING
    assert row.note.endswith("What the run made is seen to once it is back.")
    gate.unlink()
    mend(host)
    status, said = finish(running)
    assert status == 0, said
    row = stand.rows()["scan_1.h5"]
    assert "Checked from" not in row.note
    assert stand.runs() == {"scan_1.h5": 1}


@pytest.mark.slow
@pytest.mark.parametrize("after_s", [0.0, 0.03, 0.1, 0.2, 0.4])
def test_a_link_cut_while_jobs_are_started(stand, hosts, after_s):
    """Wherever on the way: each runs once, and nothing fails."""
    names = [f"scan_{number}.h5" for number in range(8)]
    stand.scans(*names)
    (host,) = hosts(seconds=0.3, tomo1=4).all
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: any(row.state is JobState.STARTING for row in stand.rows().values()))
    time.sleep(after_s)
    cut(host)
    time.sleep(1.5)
    assert not any(row.state is JobState.FAILED for row in stand.rows().values())
    mend(host)
    status, said = finish(running)
    assert status == 0, said
    assert stand.runs("begin") == stand.runs("end") == dict.fromkeys(names, 1)


@pytest.mark.slow
def test_a_program_that_ends_while_the_link_is_cut_leaves_what_the_next_one_finds(stand, hosts):
    stand.scans("scan_1.h5", "scan_2.h5")
    (host,) = hosts(seconds=2, tomo1=1).all
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: stand.is_now("scan_1.h5", JobState.RUNNING))
    cut(host)
    wait_until(lambda: stand.rows()["scan_1.h5"].code == MACHINE_LOST)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    again = stand.drive("-", machine="tomo1", **QUICK)
    time.sleep(3)
    # the next program knows no more than the first one did
    assert stand.rows()["scan_1.h5"].code == MACHINE_LOST
    assert stand.is_now("scan_1.h5", JobState.RUNNING)
    mend(host)
    status, said = finish(again)
    assert status == 0, said
    assert stand.runs("end") == {"scan_1.h5": 1, "scan_2.h5": 1}
