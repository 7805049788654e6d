"""The whole program with real hosts over SSH: jobs run once, states are right, whatever is killed or cut."""

from __future__ import annotations


def run_of(stand, machine, *arguments):
    return stand.cli("run", "full", stand.data, "--machine", machine, "--json", *arguments)


def test_jobs_run_on_another_host_and_are_judged_there(stand, hosts):
    names = [f"scan_{number}.h5" for number in range(4)]
    stand.scans(*names)
    (host,) = hosts(tomo1=2).all
    done = run_of(stand, "tomo1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert stand.states() == dict.fromkeys(names, "complete")
    assert stand.runs("end") == dict.fromkeys(names, 1)
    # the GPU travels with the job, by what it is called whatever else is plugged in
    gpus = {line.split()[3] for line in stand.runs_file.read_text().splitlines() if line.startswith("begin")}
    assert gpus == {"GPU-0", "GPU-1"}
    assert len(list(host.jobs.iterdir())) == 4
    log = stand.cli("jobs", "--log", stand.jobs()["scan_0.h5"]["job"])
    assert "queue size" in log.stdout
    assert "tomo1" in stand.jobs()["scan_0.h5"]["machine"]
