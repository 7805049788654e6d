"""What hosts over SSH do to the whole program: restarted, full, half equipped, stingy with sessions."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from system.far_aid import QUICK, finish
from system.hosts import require_mounts
from system.stand import fill, wait_until
from tomobatch.batch.away import MACHINE_LOST
from tomobatch.batch.states import JobState

pytestmark = pytest.mark.timeout(120)


def test_a_restarted_host_interrupts_what_ran_and_runs_what_waits(stand, hosts):
    require_mounts()
    stand.scans("scan_1_hang.h5", "scan_2.h5")
    (host,) = hosts(tomo1=1, how={"mounts": ""}).all
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: stand.is_now("scan_1_hang.h5", JobState.RUNNING))
    host.reboot()
    assert finish(running)[0] == 1
    jobs = stand.jobs()
    assert (jobs["scan_1_hang.h5"]["state"], jobs["scan_2.h5"]["state"]) == ("interrupted", "complete")
    assert "restarted" in jobs["scan_1_hang.h5"]["message"]
    assert stand.runs() == {"scan_1_hang.h5": 1, "scan_2.h5": 1}


@pytest.mark.slow
def test_a_server_restarted_with_another_login_shell_costs_nothing(stand, hosts):
    stand.scans("scan_1.h5", "scan_2.h5")
    (host,) = hosts(seconds=2, tomo1=1).all
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: stand.is_now("scan_1.h5", JobState.RUNNING))
    host.server.stop()
    # what the row says meanwhile
    wait_until(lambda: stand.rows()["scan_1.h5"].code == MACHINE_LOST)
    row = stand.rows()["scan_1.h5"]
    assert row.state is JobState.RUNNING
    assert row.note.startswith("tomo1 has not answered since ")
    wait_until(lambda: stand.rows()["scan_2.h5"].code == MACHINE_LOST)
    host.server.shell = shutil.which("tcsh")
    host.server.start()
    wait_until(lambda: stand.rows()["scan_1.h5"].code == "")
    status, said = finish(running)
    assert status == 0, said
    assert stand.runs("end") == {"scan_1.h5": 1, "scan_2.h5": 1}
    assert f"scan_1.h5: {row.note}. What runs there goes on." in said


def test_a_full_disk_of_the_far_home_makes_jobs_wait_and_costs_none(stand, hosts, small_disk):
    """The job that runs ends well, since room for its status was taken before; the others wait."""
    stand.scans("scan_1.h5", "scan_2.h5", "scan_3.h5")
    (host,) = hosts(seconds=1, tomo1=1, how={"XDG_STATE_HOME": str(small_disk)}).all
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: stand.is_now("scan_1.h5", JobState.RUNNING))
    filler = fill(small_disk)
    wait_until(lambda: stand.is_now("scan_1.h5", JobState.COMPLETE))
    wait_until(lambda: all(stand.rows()[name].code == MACHINE_LOST for name in ("scan_2.h5", "scan_3.h5")))
    row = stand.rows()["scan_2.h5"]
    assert row.state is JobState.QUEUED
    assert "nothing can be written in ~/.local/state/tomobatch/far" in row.note
    assert "No space left on device" in row.note
    filler.unlink()
    status, said = finish(running)
    assert status == 0, said
    assert stand.runs("end") == dict.fromkeys(("scan_1.h5", "scan_2.h5", "scan_3.h5"), 1)
    assert stand.rows()["scan_2.h5"].attempt == 2
    assert host.connections == 1


@pytest.mark.slow
def test_a_far_home_that_is_read_only_is_said_and_waited_for(stand, hosts, small_disk):
    stand.scans("scan_1.h5")
    hosts(tomo1=1, how={"XDG_STATE_HOME": str(small_disk)})
    # once, so that all is there that is made there
    assert stand.cli("machines", "--json").returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: stand.is_now("scan_1.h5", JobState.QUEUED) and stand.rows()["scan_1.h5"].note)
    assert "Read-only file system" in stand.rows()["scan_1.h5"].note
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    status, said = finish(running)
    assert status == 0, said
    assert stand.runs() == {"scan_1.h5": 1}


def path_without(folder, *programs):
    """A folder of links to all programs but these."""
    folder.mkdir()
    for place in ("/bin", "/usr/bin"):
        for name in subprocess.run(["ls", place], capture_output=True, text=True, check=True).stdout.split():
            if name not in programs and not (folder / name).exists():
                (folder / name).symlink_to(f"{place}/{name}")
    return str(folder)


def test_a_host_without_flock_and_setsid_says_so_and_runs_nothing(stand, hosts, tmp_path):
    stand.scans("scan_1.h5")
    hosts(tomo1=1, how={"PATH": path_without(tmp_path / "bin", "flock", "setsid")})
    done = stand.cli("run", "full", stand.data, "--machine", "tomo1")
    assert done.returncode == 1
    sentence = "On tomo1 the programs setsid and flock are not found, and no job can run without"
    assert sentence in done.stderr
    assert "util-linux" in done.stderr
    assert stand.runs() == {}
    assert sentence in stand.cli("machines", "--json").stdout


@pytest.mark.parametrize(
    ("most", "connections"),
    [
        pytest.param(1, 8, marks=pytest.mark.slow),
        (2, 6),
        pytest.param(3, 4, marks=pytest.mark.slow),
        pytest.param(10, 2, marks=pytest.mark.slow),
    ],
)
def test_few_sessions_in_a_connection_are_enough(stand, hosts, most, connections):
    """Each takes a few connections more, not one again and again; two programs are started here."""
    names = [f"scan_{number}.h5" for number in range(6)]
    stand.scans(*names)
    (host,) = hosts(seconds=0.3, tomo1=2, how={"settings": (f"MaxSessions {most}",)}).all
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    status, said = finish(running)
    assert status == 0, said
    assert stand.runs("end") == dict.fromkeys(names, 1)
    # checked there, too
    assert not any("Checked from" in row.note for row in stand.rows().values())
    assert host.connections <= connections
