"""The command line over a queue that is paused, and over jobs that failed."""

import signal

import pytest

from desktop.replay import Replay
from system.stand import wait_until


@pytest.fixture
def stand(tmp_path):
    made = Replay(tmp_path)
    yield made
    made.clean_up()


def said(program):
    """What a program says on stderr, to its end."""
    return program.communicate(timeout=60)[1]


def test_a_run_on_a_paused_queue_says_so_and_waits_until_it_goes_on(stand):
    stand.scans("scan_1.h5")
    paused = stand.cli("pause", "beam", "is", "off")
    assert (paused.returncode, paused.stdout) == (0, "The queue is paused: nothing new starts.\n")
    run = stand.start("run", "full", stand.data)
    wait_until(lambda: stand.states() == {"scan_1.h5": "queued"})
    first = run.stderr.readline()
    assert first.startswith("Paused by ")
    assert ": beam is off. Nothing new starts until `tomobatch resume`" in first
    # Also by one that follows another program's queue.
    stand.scans("scan_2.h5")
    other = stand.start("run", "full", stand.data, "scan_2.h5")
    assert "beam is off. Nothing new starts" in other.stderr.readline()
    assert stand.begun() == []
    listed = stand.cli("jobs")
    assert "beam is off" in listed.stderr
    resumed = stand.cli("resume")
    assert resumed.returncode == 0
    assert "It was paused, and goes on now." in resumed.stderr
    assert run.wait(timeout=60) == 0
    assert "The queue goes on." in said(run)
    assert other.wait(timeout=60) == 0
    assert "The queue goes on." in said(other)
    assert stand.states() == {"scan_1.h5": "complete", "scan_2.h5": "complete"}
    assert stand.cli("jobs").stderr == ""


def test_what_runs_goes_on_and_the_next_one_waits(stand):
    stand.scans("scan_1.h5", "scan_2.h5")
    run = stand.start("run", "full", stand.data, "--gpus", 1, REPLAY_SECONDS="1")
    wait_until(lambda: stand.runs() == {"scan_1.h5": 1})
    assert stand.cli("pause").stdout.endswith("1 that run go on.\n")
    wait_until(lambda: stand.states()["scan_1.h5"] == "complete")
    assert stand.states()["scan_2.h5"] == "queued"
    # Whoever waits for it can still leave it.
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=60) == 130
    assert stand.states()["scan_2.h5"] == "cancelled"
    assert stand.begun() == ["scan_1.h5"]
    said(run)


def test_what_failed_is_run_again_with_the_cor_of_now(stand):
    stand.scans("scan_1.h5", "scan_2.h5", "scan_3.h5")
    assert stand.cli("retry").stdout == "No job of the newest batch failed\n"
    stand.flag.touch()
    assert stand.cli("run", "full", stand.data, "--nsino-per-chunk=2").returncode == 1
    stand.flag.unlink()
    (stand.data / "scan_3.h5").unlink()
    assert stand.cli("cor", "set", stand.data, "scan_1.h5", "6.25").returncode == 0
    again = stand.cli("retry")
    assert again.returncode == 1
    assert "scan_3.h5 is not there any more" in again.stderr
    assert {name: stand.states()[name] for name in ("scan_1.h5", "scan_2.h5")} == {
        "scan_1.h5": "complete",
        "scan_2.h5": "complete",
    }
    arguments = (stand.folder / "scans_rec" / "scan_1_rec" / "tomobatch.json").read_text()
    assert "--rotation-axis=6.25" in arguments
    assert "--nsino-per-chunk=2" in arguments
    assert stand.cli("retry").stdout == "No job of the newest batch failed\n"
