"""Faults of engines, files and disks on a host over SSH: the whole program says each as it is."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import h5py
import pytest

from system.far_aid import QUICK, cut, finish, mend
from system.hosts import require_mounts
from system.stand import ENGINE, alive, wait_until
from tomobatch.batch.away import MACHINE_LOST
from tomobatch.batch.silence import SILENT
from tomobatch.batch.states import JobState
from tomobatch.config.machines import PathPair

pytestmark = pytest.mark.timeout(120)

CODES = {
    "a_nothing.h5": "no-output",
    "b_half.h5": "incomplete",
    "c_zigzag.h5": "failed",
    "d_traceback.h5": "traceback",
    "e_torn.h5": "killed",
    "f_memory.h5": "gpu-memory",
    "g_pipe.h5": "incomplete",
}


def test_what_engines_do_wrong_is_told_apart(stand, hosts):
    stand.scans(*CODES, "h_well.h5")
    hosts(tomo1=2)
    running = stand.drive(stand.data, machine="tomo1", alarm_grace_s=0.2, **QUICK)
    assert finish(running)[0] == 1
    rows = stand.rows()
    assert {name: row.code for name, row in rows.items()} == CODES | {"h_well.h5": ""}
    assert rows["h_well.h5"].state is JobState.COMPLETE
    assert not any(map(alive, stand.engine_pids()))
    assert [path.name for path in stand.result("x").parent.iterdir() if "partial" in path.name] == []


@pytest.mark.slow
def test_half_of_the_chunk_where_the_gpu_ran_out_of_memory(stand, hosts):
    stand.scans("a_memory.h5")
    hosts(tomo1=1)
    assert finish(stand.drive(stand.data, machine="tomo1", **QUICK))[0] == 1
    again = stand.cli("retry")
    assert again.returncode == 0, again.stderr
    assert "a_memory.h5: chunk 4 this time, since the GPU ran out of memory." in again.stderr
    assert stand.rows()["a_memory.h5"].job.machine == "tomo1"
    assert stand.runs() == {"a_memory.h5": 2}


def test_an_engine_and_a_watcher_that_somebody_killed(stand, hosts):
    stand.scans("scan_1_hang.h5", "scan_2_hang.h5")
    (host,) = hosts(tomo1=2).all
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: [row.state for row in stand.rows().values()] == [JobState.RUNNING] * 2)
    one, two = (stand.rows()[f"scan_{number}_hang.h5"] for number in (1, 2))
    engine = int((host.jobs / one.uid / "1" / "engine").read_text().split()[0])
    watcher = int((host.jobs / two.uid / "1" / "claim").read_text().split()[1])
    os.kill(engine, signal.SIGKILL)
    os.kill(watcher, signal.SIGKILL)
    assert finish(running)[0] == 1
    rows = stand.rows()
    assert (rows["scan_1_hang.h5"].state, rows["scan_1_hang.h5"].code) == (JobState.FAILED, "killed")
    assert rows["scan_2_hang.h5"].state is JobState.INTERRUPTED
    assert "watched over the job" in rows["scan_2_hang.h5"].note
    assert not any(map(alive, stand.engine_pids()))


@pytest.mark.slow
def test_a_scan_that_is_gone_or_another_one_when_its_turn_comes(stand, hosts):
    stand.scans("scan_1_hang.h5", "scan_2.h5", "scan_3.h5", "scan_4.h5")
    hosts(tomo1=1)
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: stand.is_now("scan_1_hang.h5", JobState.RUNNING))
    (stand.data / "scan_2.h5").unlink()
    (stand.data / "scan_3.h5").unlink()
    with h5py.File(stand.data / "scan_3.h5", "w") as file:
        file["exchange/data"] = [[[1]]]
    (stand.data / "scan_4.h5").unlink()
    os.mkfifo(stand.data / "scan_4.h5")
    stand.cli("stop", stand.rows()["scan_1_hang.h5"].uid)
    assert finish(running)[0] == 1
    codes = {name: row.code for name, row in stand.rows().items()}
    assert codes == {
        "scan_1_hang.h5": "stopped",
        "scan_2.h5": "scan-gone",
        "scan_3.h5": "scan-replaced",
        "scan_4.h5": "scan-replaced",
    }
    assert stand.runs() == {"scan_1_hang.h5": 1}


def results_as(stand, mount):
    """What a host alone is to see where results go."""
    require_mounts()
    place = stand.result("x").parent
    place.mkdir()
    return {"mounts": mount.format(place=place)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mount", "codes"),
    [
        ("mount -t tmpfs -o size=256k tomobatch-test {place}", {"disk-full"}),
        ("mount --bind {place} {place}; mount -o remount,ro,bind {place}", {"permission"}),
    ],
)
def test_results_that_the_host_cannot_write(stand, hosts, mount, codes):
    """As it alone sees that disk: from here it can be written."""
    stand.scans("scan_full.h5")
    hosts(tomo1=1, how=results_as(stand, mount))
    assert finish(stand.drive(stand.data, machine="tomo1", **QUICK))[0] == 1
    row = stand.rows()["scan_full.h5"]
    assert row.state is JobState.FAILED
    assert row.code in codes, row.note


def test_a_folder_that_has_another_name_there(stand, hosts):
    """Without the pair of names nothing runs, and the folder is named; with it results are put in place."""
    require_mounts()
    stand.scans("scan_1.h5")
    place, elsewhere = stand.result("x").parent, stand.folder / "elsewhere"
    place.mkdir()
    mounts = "\n".join(
        f"mkdir -p {elsewhere}/{one.name}; mount --bind {one} {elsewhere}/{one.name};"
        f" mount -t tmpfs tomobatch-test {one}"
        for one in (stand.data, place)
    )
    several = hosts(tomo1=1, how={"mounts": mounts})
    assert finish(stand.drive(stand.data, machine="tomo1", **QUICK))[0] == 1
    row = stand.rows()["scan_1.h5"]
    assert row.code == "not-seen"
    assert f"{stand.data}/scan_1.h5 is not seen on tomo1: map the folder in Machines" in row.note
    assert stand.runs() == {}
    several.list(paths=(PathPair(str(stand.folder), str(elsewhere)),))
    status, said = finish(stand.drive(stand.data, machine="tomo1", **QUICK))
    assert status == 0, said
    assert "Checked from" not in stand.rows()["scan_1.h5"].note
    assert sorted(file.name for file in stand.result("scan_1.h5").iterdir()) == [
        "recon_00000.tiff",
        "recon_00001.tiff",
        "tomobatch.json",
    ]
    assert "Full Complete" in stand.cli("list", stand.data).stdout


def test_an_engine_that_only_the_environment_knows(stand, hosts):
    stand.scans("scan_1.h5")
    several = hosts(tomo1=1)
    several.list(engine="tomocupy")
    run = ("run", "full", stand.data, "--machine", "tomo1")
    done = stand.cli(*run)
    assert done.returncode == 1
    assert "tomocupy was not found on tomo1: in Machines, give it the command" in done.stderr
    place = stand.folder / "conda" / "bin"
    place.mkdir(parents=True)
    (place / "tomocupy").symlink_to(ENGINE)
    several.list(engine="tomocupy", environment=f"export PATH={place}:$PATH")
    done = stand.cli(*run)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_an_engine_that_hangs_at_a_file_is_marked_and_left_alone(stand, hosts):
    """A FIFO that nobody writes to, as that host sees the scan, stands for a mount that hangs."""
    require_mounts()
    (scan,) = stand.scans("scan_1.h5")
    engine, pipe = stand.folder / "engine", stand.folder / "pipe"
    engine.write_text(
        f'#!/bin/sh\ncase "$*" in *--file-name=*) cat {scan} >/dev/null ;; esac\nexec {ENGINE} "$@"\n'
    )
    engine.chmod(0o755)
    os.mkfifo(pipe)
    several = hosts(tomo1=1, how={"mounts": f"mount --bind {pipe} {scan}"})
    (host,) = several.all
    several.list(engine=str(engine))
    running = stand.drive(
        stand.data, machine="tomo1", engine=engine, silent_s=0.5, silent_again_s=0.2, **QUICK
    )
    wait_until(lambda: [row.code for row in stand.rows().values()] == [SILENT])
    # while nothing can be heard nothing is expected
    cut(host)
    wait_until(lambda: stand.rows()["scan_1.h5"].code == MACHINE_LOST)
    mend(host)
    wait_until(lambda: stand.rows()["scan_1.h5"].code == SILENT)
    row = stand.rows()["scan_1.h5"]
    assert row.state is JobState.RUNNING
    stand.cli("stop", row.uid)
    finish(running)
    assert stand.is_now("scan_1.h5", JobState.CANCELLED)


def test_two_stations_share_a_gpu_one_job_at_a_time(stand, hosts):
    stand.scans("scan_1_hang.h5", "scan_2.h5")
    hosts(tomo1=1)
    run = ("run", "full", stand.data, "--machine", "tomo1", "--json")
    first = stand.start(*run, "scan_1_hang.h5")
    wait_until(lambda: stand.is_now("scan_1_hang.h5", JobState.RUNNING))
    other = {"XDG_STATE_HOME": str(stand.folder / "other-state")}
    second = stand.start(*run, "scan_2.h5", **other)
    lines = iter(second.stdout.readline, "")
    waiting = next(line for line in lines if '"waiting"' in line)
    assert "Full of scan_1_hang.h5" in waiting
    assert stand.runs() == {"scan_1_hang.h5": 1}
    stand.cli("stop", stand.rows()["scan_1_hang.h5"].uid)
    finish(first)
    assert finish(second)[0] == 0
    assert stand.runs("end") == {"scan_2.h5": 1}


@pytest.mark.slow
def test_a_clock_that_was_set_back_changes_nothing(stand, hosts):
    stand.scans("scan_1.h5", "scan_2.h5")
    (host,) = hosts(seconds=0.5, tomo1=1).all
    (host.programs / "date").write_text("#!/bin/sh\necho 86400\n")
    (host.programs / "date").chmod(0o755)
    running = stand.drive(stand.data, machine="tomo1", **QUICK)
    wait_until(lambda: stand.is_now("scan_1.h5", JobState.RUNNING))
    # what was written before lies in the future now
    for file in Path(host.jobs / stand.rows()["scan_1.h5"].uid).rglob("*"):
        os.utime(file, (4e9, 4e9))
    status, said = finish(running)
    assert status == 0, said
    assert stand.runs("end") == {"scan_1.h5": 1, "scan_2.h5": 1}
