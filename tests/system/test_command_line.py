"""The command line where others are about: signals, readers that go, a terminal, a damaged journal."""

import os
import pty
import signal
import sqlite3
import subprocess
import threading
from pathlib import Path

import pytest

from system.stand import ENGINE, alive, wait_until, write_scan

COR = "7.5"


def journal_path(stand):
    (host,) = (Path(stand.env["XDG_STATE_HOME"]) / "tomobatch" / "hosts").iterdir()
    return host / "journal" / "journal.sqlite"


def test_a_command_that_is_done_says_that_it_schedules_for_others_and_ctrl_c_leaves_them(stand):
    stand.scans("scan_1.h5")
    write_scan(stand.data / "scan_hang.h5")
    stand.cli("cor", "set", stand.data, "scan_hang.h5", COR)
    first = stand.start("run", "full", stand.data, "scan_1.h5", *stand.engine(gpus=1), REPLAY_SECONDS="4")
    wait_until(lambda: stand.runs()["scan_1.h5"] == 1)
    second = stand.start("run", "full", stand.data, "scan_hang.h5", "--engine-command", ENGINE)
    wait_until(lambda: stand.states() == {"scan_1.h5": "complete", "scan_hang.h5": "running"})
    first.send_signal(signal.SIGINT)
    _, err = first.communicate(timeout=60)
    assert first.returncode == 0
    assert "Done. 1 jobs of other commands are still seen through" in err
    assert stand.states() == {"scan_1.h5": "complete", "scan_hang.h5": "running"}
    assert alive(stand.engine_pids()[1])
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=60)
    assert second.returncode == 130
    assert stand.states()["scan_hang.h5"] == "cancelled"


def test_sigterm_is_not_taken_for_success_or_failure(stand):
    stand.scans("scan_hang.h5")
    running = stand.start("run", "full", stand.data, *stand.engine())
    wait_until(lambda: stand.runs()["scan_hang.h5"] == 1)
    running.terminate()
    running.communicate(timeout=60)
    assert running.returncode == 130


def test_ctrl_c_stops_what_runs_though_the_state_disk_is_full(stand, small_disk):
    stand.env["XDG_STATE_HOME"] = str(small_disk)
    stand.scans("scan_hang.h5")
    running = stand.start("run", "full", stand.data, *stand.engine())
    wait_until(lambda: stand.states().get("scan_hang.h5") == "running")
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    running.send_signal(signal.SIGINT)
    wait_until(lambda: not any(map(alive, stand.engine_pids())))
    filler.unlink()
    _, err = running.communicate(timeout=60)
    assert "Jobs that wait could not be stopped" in err
    assert "Traceback" not in err
    assert running.returncode == 130
    assert stand.states() == {"scan_hang.h5": "cancelled"}


def test_the_log_of_a_job_is_named_by_the_beginning_of_its_name(stand):
    stand.scans("scan_zigzag_1.h5", "scan_zigzag_2.h5")
    stand.run_full()
    job = stand.jobs()["scan_zigzag_1.h5"]["job"]
    assert "something odd" in stand.cli("jobs", "--log", job).stdout
    many = stand.cli("jobs", "--log", "2")
    assert many.returncode == 1
    assert "2 jobs whose name begins with 2." in many.stderr


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_reader_that_goes_away_is_no_error_message(stand, form):
    stand.scans("scan_1.h5")
    listing = stand.start("list", stand.data, *form)
    listing.stdout.close()
    assert listing.wait(timeout=60) == 1
    assert listing.stderr.read() == ""
    listing.stderr.close()


def test_a_damaged_journal_is_a_sentence_also_while_jobs_are_scheduled(stand):
    stand.scans("scan_hang.h5")
    running = stand.start("run", "full", stand.data, *stand.engine())
    wait_until(lambda: stand.runs()["scan_hang.h5"] == 1)
    write_scan(stand.data / "scan_wait.h5")
    running.kill()
    running.communicate()
    with sqlite3.connect(journal_path(stand)) as database:
        database.execute("DROP TABLE slots")
        database.execute("UPDATE jobs SET state = 'queued', slot = NULL")
    database.close()
    resumed = stand.cli("resume")
    assert resumed.returncode == 1
    assert resumed.stderr.startswith("That failed: no such table: slots. Jobs that run go on")
    with sqlite3.connect(journal_path(stand)) as database:
        database.execute("DROP TABLE jobs")
    database.close()
    shown = stand.cli("jobs")
    assert shown.returncode == 1
    assert shown.stderr.startswith("The job journal cannot be used (no such table: jobs)")
    assert "Traceback" not in resumed.stderr + shown.stderr


def test_on_a_terminal_there_are_bars_and_a_table(stand):
    stand.scans("[red]scan_1.h5", "scan_zigzag.h5")
    ours, theirs = pty.openpty()
    shown = bytearray()

    def read():
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:
                return
            shown.extend(data)

    reading = threading.Thread(target=read)
    reading.start()
    running = subprocess.run(
        stand.command("run", "full", stand.data, *stand.engine()),
        env=stand.env | {"COLUMNS": "160", "TERM": "xterm", "REPLAY_SECONDS": "0.5"},
        stdout=theirs, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(theirs)
    reading.join(timeout=60)
    os.close(ours)
    text = shown.decode()
    assert running.returncode == 1
    assert running.stderr == ""
    assert "Completed 2/2 | Running: 0 | Queue: 0" in text
    assert "[red]scan_1.h5" in text
    assert "Running Full on GPU" in text
    assert "Full Failed" in text
