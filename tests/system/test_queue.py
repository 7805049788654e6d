"""The queue with a replaying engine: real processes, real files, real ends."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from system.stand import ENGINE, alive, events_of, group_alive, wait_until, write_scan


def test_every_job_runs_once_and_is_complete_by_its_outputs(stand):
    names = [f"scan_{number:02d}.h5" for number in range(12)]
    stand.scans(*names)
    done = stand.run_full()
    assert done.returncode == 0, done.stderr
    assert stand.runs() == dict.fromkeys(names, 1)
    assert set(stand.states().values()) == {"complete"}
    for name in names:
        files = sorted(file.name for file in stand.result(name).iterdir())
        assert files == ["recon_00000.tiff", "recon_00001.tiff", "tomobatch.json"]
    assert not list(stand.result("x").parent.glob("*.partial-*"))


def test_no_slot_has_two_jobs_and_no_slot_idles(stand):
    stand.scans(*[f"scan_{number:02d}.h5" for number in range(9)])
    done = stand.run_full("--json", gpus=3, REPLAY_SECONDS="0.2")
    busy: dict[str, str] = {}
    most = 0
    for event in events_of(done.stdout):
        if event["state"] == "starting":
            assert event["slot"] not in busy, "two jobs on one slot"
            busy[event["slot"]] = event["job"]
            most = max(most, len(busy))
        elif event["state"] in ("judging", "complete", "failed"):
            busy = {slot: job for slot, job in busy.items() if job != event["job"]}
    assert most == 3
    gpus = {line.split()[3] for line in stand.runs_file.read_text().splitlines() if line.startswith("begin")}
    assert gpus == {"0", "1", "2"}


def test_json_lines_tell_the_whole_story(stand):
    stand.scans("scan_1.h5")
    begun_s = time.time()
    done = stand.run_full("--json")
    events = events_of(done.stdout)
    wanted = {"time", "event", "job", "file", "kind", "state", "slot", "progress", "message"}
    assert all(set(event) == wanted for event in events)
    states = [event["state"] for event in events if event["event"] in ("queued", "state")]
    assert states == ["queued", "starting", "running", "judging", "complete"]
    assert all(begun_s <= event["time"] <= time.time() for event in events)
    assert [event["progress"] for event in events if event["event"] == "progress"][-1] == 1.0
    assert {event["file"] for event in events} == {str(stand.data / "scan_1.h5")}


ENDS = {
    "nothing": ("failed", "ended without making any of 2 slices"),
    "half": ("failed", "Only 1 of 2 slices"),
    "zigzag": ("failed", "something odd"),
    "torn": ("failed", "killed from outside"),
}


@pytest.mark.parametrize("word", ENDS)
def test_an_engine_that_fails_is_told_in_words(stand, word):
    name = f"scan_{word}.h5"
    stand.scans(name, "scan_good.h5")
    done = stand.run_full()
    state, sentence = ENDS[word]
    job = stand.jobs()[name]
    assert done.returncode == 1
    assert job["state"] == state
    assert sentence in job["message"]
    assert job["status"] == "Full Failed"
    assert stand.states()["scan_good.h5"] == "complete"
    assert not stand.result(name).exists()
    assert not list(stand.result(name).parent.glob("*.partial-*"))


def test_a_failure_leaves_the_previous_result_as_it_was(stand):
    stand.scans("scan_1.h5")
    assert stand.run_full().returncode == 0
    before = (stand.result("scan_1.h5") / "tomobatch.json").read_text()
    (stand.folder / "slice.tiff").write_bytes(b"not a picture")
    assert stand.run_full().returncode == 1
    assert (stand.result("scan_1.h5") / "tomobatch.json").read_text() == before
    assert "cannot be read as a TIFF" in stand.jobs()["scan_1.h5"]["message"]


def test_a_traceback_ends_an_engine_that_goes_on(stand):
    """After an error the engine may hang for ever with the GPU taken; its grace is shortened here."""
    stand.scans("scan_traceback.h5", "scan_after.h5")
    begun = stand.drive(stand.data, alarm_grace_s=0.3)
    _, err = begun.communicate(timeout=60)
    assert begun.returncode == 1, err
    job = stand.jobs()["scan_traceback.h5"]
    assert job["state"] == "failed"
    assert "RuntimeError: wrong shape" in job["message"]
    assert stand.states()["scan_after.h5"] == "complete"
    assert not any(map(alive, stand.engine_pids()))


def test_children_left_behind_are_ended(stand):
    stand.scans("scan_children.h5")
    assert stand.run_full().returncode == 0
    assert not any(map(group_alive, stand.engine_pids()))


def test_a_full_disk_is_said(stand, small_disk):
    data = small_disk / "scans"
    data.mkdir()
    write_scan(data / "scan_full.h5")
    (data / "batch_cor_values.csv").write_text("Filename,COR\nscan_full.h5,7.5\n")
    done = stand.cli("run", "full", data, *stand.engine())
    job = stand.jobs()["scan_full.h5"]
    assert done.returncode == 1
    assert job["state"] == "failed"
    assert "disk is full" in job["message"]
    assert not list((small_disk / "scans_rec").glob("*partial*")), (
        "what the run left fills the disk no longer"
    )


def test_ctrl_c_stops_the_jobs_and_says_so(stand):
    stand.scans("scan_hang_1.h5", "scan_hang_2.h5", "scan_wait.h5")
    running = stand.start("run", "full", stand.data, *stand.engine(gpus=2))
    wait_until(lambda: sum(stand.runs().values()) == 2)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Stopped: scan_hang_1.h5, scan_hang_2.h5, scan_wait.h5." in err
    assert "Traceback" not in out + err
    assert set(stand.states().values()) == {"cancelled"}
    assert stand.runs() == {"scan_hang_1.h5": 1, "scan_hang_2.h5": 1}
    assert not any(map(alive, stand.engine_pids()))


def test_sigterm_leaves_the_jobs_running_and_resume_finds_them(stand):
    stand.scans("scan_1.h5", "scan_2.h5", "scan_3.h5")
    running = stand.start("run", "full", stand.data, *stand.engine(gpus=2), REPLAY_SECONDS="2")
    wait_until(lambda: sum(stand.runs().values()) == 2)
    running.terminate()
    _, err = running.communicate(timeout=60)
    assert "2 jobs go on without this program; 1 wait until a program schedules again" in err
    assert list(map(alive, stand.engine_pids())) == [True, True]
    done = stand.cli("resume")
    assert done.returncode == 0, done.stderr
    assert stand.runs() == {"scan_1.h5": 1, "scan_2.h5": 1, "scan_3.h5": 1}
    assert set(stand.states().values()) == {"complete"}


def test_another_process_hands_its_jobs_in_and_stops_one(stand):
    stand.scans("scan_hang.h5")
    first = stand.start("run", "full", stand.data, *stand.engine(gpus=1))
    wait_until(lambda: stand.runs()["scan_hang.h5"] == 1)
    write_scan(stand.data / "scan_late.h5")
    stand.cli("cor", "set", stand.data, "scan_late.h5", "7,5")
    second = stand.start("run", "full", stand.data, "scan_late.h5", "--engine-command", ENGINE, "--json")
    wait_until(lambda: "scan_late.h5" in stand.jobs())
    stopped = stand.cli("stop", stand.jobs()["scan_hang.h5"]["job"])
    assert "Full Cancelled" in stopped.stdout
    out, err = second.communicate(timeout=60)
    first.communicate(timeout=60)
    assert second.returncode == 0, err
    assert events_of(out)[-1]["state"] == "complete"
    assert stand.states() == {"scan_hang.h5": "cancelled", "scan_late.h5": "complete"}


def test_the_lease_passes_on_when_the_scheduler_is_killed(stand):
    stand.scans("scan_1.h5")
    first = stand.start("run", "full", stand.data, *stand.engine(gpus=1), REPLAY_SECONDS="1.5")
    wait_until(lambda: stand.runs()["scan_1.h5"] == 1)
    stand.scans("scan_2.h5")
    second = stand.start("run", "full", stand.data, "scan_2.h5", "--engine-command", ENGINE)
    wait_until(lambda: "scan_2.h5" in stand.jobs())
    first.kill()
    first.communicate()
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, out + err
    assert stand.states() == {"scan_1.h5": "complete", "scan_2.h5": "complete"}
    assert stand.runs() == {"scan_1.h5": 1, "scan_2.h5": 1}


def test_stop_without_a_scheduler_starts_nothing(stand):
    stand.scans("scan_hang.h5", "scan_wait.h5")
    running = stand.start("run", "full", stand.data, *stand.engine(gpus=1))
    wait_until(lambda: stand.runs()["scan_hang.h5"] == 1)
    running.kill()
    running.communicate()
    done = stand.cli("stop", stand.jobs()["scan_hang.h5"]["job"])
    assert done.returncode == 0, done.stderr
    assert stand.states() == {"scan_hang.h5": "cancelled", "scan_wait.h5": "queued"}
    assert not any(map(alive, stand.engine_pids()))
    assert stand.cli("stop").returncode == 0
    assert stand.states()["scan_wait.h5"] == "cancelled"
    assert stand.runs() == {"scan_hang.h5": 1}


def test_a_scan_that_changed_or_vanished_while_it_waited_is_not_run(stand):
    changed, gone = stand.scans("scan_2_changed.h5", "scan_3_gone.h5")
    stand.scans("scan_1_first.h5")
    running = stand.start("run", "full", stand.data, *stand.engine(gpus=1), REPLAY_SECONDS="1.5")
    wait_until(lambda: stand.runs()["scan_1_first.h5"] == 1)
    os.utime(changed, (1, 1))
    gone.unlink()
    out, err = running.communicate(timeout=60)
    assert running.returncode == 1, out + err
    jobs = stand.jobs()
    assert "has changed since it was queued" in jobs["scan_2_changed.h5"]["message"]
    assert "cannot be read any more" in jobs["scan_3_gone.h5"]["message"]
    assert stand.runs() == {"scan_1_first.h5": 1}


def test_what_waits_already_is_not_queued_twice(stand):
    stand.scans("scan_hang.h5")
    running = stand.start("run", "full", stand.data, *stand.engine(gpus=1))
    wait_until(lambda: stand.runs()["scan_hang.h5"] == 1)
    again = stand.cli("run", "full", stand.data, *stand.engine(gpus=1))
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert again.returncode == 1
    assert "waits or runs already" in again.stderr
    assert stand.runs() == {"scan_hang.h5": 1}


def test_a_gpu_somebody_else_holds_is_waited_for_and_said(stand):
    stand.scans("scan_1.h5")
    lock = Path(stand.env["TOMOBATCH_LOCK_FOLDER"]) / lock_name(stand)
    lock.write_text("grace: something long\n")
    holder = subprocess.Popen(["flock", lock, "sleep", "600"], start_new_session=True)
    running = stand.start("run", "full", stand.data, *stand.engine(gpus=1), "scan_1.h5")
    try:
        wait_until(lambda: stand.states().get("scan_1.h5") == "waiting")
        assert stand.jobs()["scan_1.h5"]["status"] == "Waiting for GPU 0 (held by grace: something long)"
        assert not stand.runs()
    finally:
        os.killpg(holder.pid, signal.SIGKILL)
        holder.wait()
    out, err = running.communicate(timeout=60)
    assert running.returncode == 0, out + err
    assert stand.states()["scan_1.h5"] == "complete"


def test_ctrl_c_while_resuming_stops_watching_alone(stand):
    stand.scans("scan_1.h5", "scan_2.h5")
    first = stand.start("run", "full", stand.data, *stand.engine(gpus=1), REPLAY_SECONDS="2")
    wait_until(lambda: stand.runs()["scan_1.h5"] == 1)
    watching = stand.start("resume", PYTHONUNBUFFERED="1")
    assert "Ctrl-C stops watching" in watching.stdout.readline()
    wait_until(lambda: stand.states().get("scan_1.h5") in ("running", "complete"))
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=60)
    assert watching.returncode == 130
    assert "Traceback" not in err
    first.communicate(timeout=60)
    assert set(stand.states().values()) == {"complete"}


def test_progress_never_goes_back(stand):
    stand.scans("scan_1.h5")
    events = events_of(stand.run_full("--json").stdout)
    progress = [event["progress"] for event in events]
    assert progress == sorted(progress)


def test_a_job_that_never_began_has_no_log_and_says_why(stand):
    stand.scans("scan_hang.h5", "scan_wait.h5")
    running = stand.start("run", "full", stand.data, *stand.engine(gpus=1))
    wait_until(lambda: stand.runs()["scan_hang.h5"] == 1)
    jobs = stand.jobs()
    assert "it never began" in stand.cli("jobs", "--log", jobs["scan_wait.h5"]["job"]).stderr
    assert "queue size" in stand.cli("jobs", "--log", jobs["scan_hang.h5"]["job"]).stdout
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)


def lock_name(stand):
    """Name of the lock file of GPU 0, as one job has used it."""
    stand.scans("scan_0.h5")
    assert stand.run_full("scan_0.h5", gpus=1).returncode == 0
    stand.runs_file.write_text("")
    (found,) = Path(stand.env["TOMOBATCH_LOCK_FOLDER"]).iterdir()
    return found.name
