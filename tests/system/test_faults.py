"""Faults that must cost no job, made for real."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from system.stand import ENGINE, alive, fill, wait_until, write_scan
from tomobatch.cor.table import CorSource, CorTable, table_path


def host_state(stand):
    (folder,) = (Path(stand.env["XDG_STATE_HOME"]) / "tomobatch" / "hosts").iterdir()
    return folder


def wrapper_pid(stand):
    (claim,) = (host_state(stand) / "jobs").glob("*/1/claim")
    return int(claim.read_text().split()[1])


def test_three_commands_at_the_same_moment_run_each_scan_once(stand):
    names = [f"scan_{number}.h5" for number in range(4)]
    stand.scans(*names)
    command = ("run", "full", stand.data, *stand.engine(gpus=2))
    together = [stand.start(*command, REPLAY_SECONDS="0.3") for _ in range(3)]
    for program in together:
        program.communicate(timeout=90)
    assert stand.runs() == dict.fromkeys(names, 1)
    assert set(stand.states().values()) == {"complete"}


@pytest.mark.parametrize("form", [["--json"], []])
def test_a_reader_that_goes_away_takes_no_job_along(stand, form):
    """Rich, which prints the lines, ends the program where nobody reads it, unless it is kept from that."""
    stand.scans("scan_1.h5", "scan_2.h5", "scan_3.h5")
    running = stand.start("run", "full", stand.data, *stand.engine(gpus=1), *form, REPLAY_SECONDS="0.3")
    running.stdout.readline()
    running.stdout.close()
    assert running.wait(timeout=60) in (0, 1)
    assert "Traceback" not in running.stderr.read()
    running.stderr.close()
    assert set(stand.states().values()) == {"complete"}


def test_nohup_means_it(stand):
    stand.scans("scan_1.h5", "scan_2.h5")
    command = ["nohup", *stand.command("run", "full", stand.data, *stand.engine(gpus=1))]
    running = stand.popen(command, REPLAY_SECONDS="1")
    wait_until(lambda: stand.runs()["scan_1.h5"] == 1)
    running.send_signal(signal.SIGHUP)
    running.communicate(timeout=60)
    assert running.returncode == 0
    assert set(stand.states().values()) == {"complete"}


def test_a_closed_terminal_leaves_what_runs(stand):
    stand.scans("scan_hang.h5")
    running = stand.start("run", "full", stand.data, *stand.engine())
    wait_until(lambda: stand.runs()["scan_hang.h5"] == 1)
    running.send_signal(signal.SIGHUP)
    _, err = running.communicate(timeout=60)
    assert "1 jobs go on without this program" in err
    assert list(map(alive, stand.engine_pids())) == [True]


def test_a_second_ctrl_c_lets_go_of_what_will_not_end(stand):
    """An engine that ignores SIGTERM is killed after five seconds; the second Ctrl-C does not wait for it."""
    stand.scans("scan_stubborn.h5")
    running = stand.start("run", "full", stand.data, *stand.engine())
    wait_until(lambda: stand.states().get("scan_stubborn.h5") == "running")
    running.send_signal(signal.SIGINT)
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "1 jobs go on without this program" in err
    assert "Traceback" not in err
    wait_until(lambda: not any(map(alive, stand.engine_pids())))


def test_an_engine_that_ignores_sigterm_is_stopped_all_the_same(stand):
    stand.scans("scan_stubborn.h5")
    running = stand.start("run", "full", stand.data, *stand.engine())
    wait_until(lambda: stand.runs()["scan_stubborn.h5"] == 1)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert stand.states() == {"scan_stubborn.h5": "cancelled"}
    assert not any(map(alive, stand.engine_pids()))


def test_an_engine_whose_watcher_was_killed_does_not_keep_the_gpu(stand):
    stand.scans("scan_hang.h5")
    running = stand.start("run", "full", stand.data, *stand.engine())
    wait_until(lambda: stand.runs()["scan_hang.h5"] == 1)
    os.kill(wrapper_pid(stand), signal.SIGKILL)
    running.communicate(timeout=60)
    job = stand.jobs()["scan_hang.h5"]
    assert running.returncode == 1
    assert job["status"] == "Interrupted"
    assert "watched over the job" in job["message"]
    assert not any(map(alive, stand.engine_pids()))


def test_a_job_whose_folder_was_removed_ends_and_runs_only_once(stand):
    stand.scans("scan_1.h5")
    running = stand.start("run", "full", stand.data, *stand.engine(), REPLAY_SECONDS="1")
    wait_until(lambda: stand.states().get("scan_1.h5") == "running")
    running.kill()
    running.communicate()
    shutil.rmtree(host_state(stand) / "jobs")
    done = stand.cli("resume")
    assert done.returncode == 1
    assert stand.states() == {"scan_1.h5": "interrupted"}
    assert stand.runs() == {"scan_1.h5": 1}


def test_a_job_that_cannot_be_read_any_more_stops_no_other(stand):
    stand.scans("scan_1_hang.h5", "scan_2_bad.h5", "scan_3_good.h5")
    running = stand.start("run", "full", stand.data, *stand.engine(gpus=1))
    wait_until(lambda: sum(stand.runs().values()) == 1)
    running.kill()
    running.communicate()
    with sqlite3.connect(host_state(stand) / "journal" / "journal.sqlite") as database:
        changed = database.execute(
            "UPDATE jobs SET request = '{}' WHERE path LIKE '%scan_2_bad.h5\"'"
        ).rowcount
    database.close()
    assert changed == 1
    stand.cli("stop", next(job["job"] for name, job in stand.jobs().items() if name == "scan_1_hang.h5"))
    done = stand.cli("resume")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    jobs = stand.jobs()
    assert jobs["scan_2_bad.h5"]["state"] == "failed"
    assert jobs["scan_3_good.h5"]["state"] == "complete"


def test_a_machine_that_is_gone_is_said(stand):
    stand.scans("scan_1_hang.h5", "scan_2_wait.h5")
    running = stand.start("run", "full", stand.data, *stand.engine(gpus=1))
    wait_until(lambda: stand.states().get("scan_1_hang.h5") == "running")
    running.kill()
    running.communicate()
    with sqlite3.connect(host_state(stand) / "journal" / "journal.sqlite") as database:
        database.execute("UPDATE jobs SET machine = 'tomo9'")
    database.close()
    done = stand.cli("resume")
    assert done.returncode == 1
    jobs = stand.jobs()
    assert "There is no machine tomo9 any more" in jobs["scan_2_wait.h5"]["message"]
    assert jobs["scan_1_hang.h5"]["state"] == "running"
    assert "could not be followed" in done.stderr


def test_an_engine_named_by_a_relative_path_is_found_when_its_job_runs(stand):
    stand.scans("scan_1.h5")
    link = stand.folder / "engine"
    link.symlink_to(ENGINE)
    done = subprocess.run(
        stand.command("run", "full", stand.data, "--engine-command", "./engine"),
        cwd=stand.folder, env=stand.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_full_state_disk_ends_in_a_sentence_and_the_job_is_found_later(stand, small_disk):
    """The journal cannot be written while a job ends; nothing spins, and nothing is lost."""
    stand.env["XDG_STATE_HOME"] = str(small_disk)
    stand.scans("scan_1.h5")
    running = stand.drive(stand.data, seconds="1.5", retry_s=[0.2, 0.2])
    wait_until(lambda: stand.runs()["scan_1.h5"] == 1)
    wait_until(lambda: stand.states().get("scan_1.h5") == "running")
    filler = fill(small_disk)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 1
    assert err.count("\n") < 300
    filler.unlink()
    done = stand.cli("resume")
    assert done.returncode == 0, done.stdout + done.stderr
    assert stand.states() == {"scan_1.h5": "complete"}
    assert stand.runs() == {"scan_1.h5": 1}


def test_a_journal_that_cannot_be_opened_is_a_sentence(stand):
    stand.cli("jobs")
    journal = host_state(stand) / "journal" / "journal.sqlite"
    journal.unlink()
    journal.mkdir()
    done = stand.cli("jobs")
    assert done.returncode == 1
    assert "cannot be used just now" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_state_folder_that_cannot_be_made_is_a_sentence(stand):
    file = stand.folder / "file"
    file.touch()
    for command in (["jobs"], ["cor", "save", stand.data]):
        done = stand.cli(*command, XDG_STATE_HOME=str(file))
        assert done.returncode == 1
        assert "cannot be made" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_broken_cor_table_is_set_aside_and_said(stand):
    stand.scans("scan_1.h5", cor_px=None)
    stand.cli("cor", "set", stand.data, "scan_1.h5", "3")
    (table,) = (Path(stand.env["XDG_STATE_HOME"]) / "tomobatch" / "cor").glob("*.json")
    table.write_text("{")
    done = stand.cli("list", stand.data)
    assert done.returncode == 0
    assert "was damaged" in done.stderr


@pytest.fixture
def lonely_table(stand, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", stand.env["XDG_STATE_HOME"])
    return stand.data


def test_a_cor_table_that_cannot_be_saved_costs_no_result(stand, lonely_table):
    demo = stand.folder / "demo"
    assert stand.cli("demo", demo, "--scans", 1, "--size", 64).returncode == 0
    stand.cli("cor", "set", demo, "demo_0001.h5", "3")
    CorTable(demo).remove(["demo_0001.h5"])
    table_path(demo).with_suffix(".part").mkdir()
    done = stand.cli("run", "try", demo, "--rotation-axis-auto=auto", "--center-search-width=2")
    job = stand.jobs()["demo_0001.h5"]
    assert done.returncode == 0, done.stderr
    assert job["state"] == "complete"
    assert "was found, but not kept" in job["message"]
    assert CorTable(demo).entries == {}


def test_a_cor_typed_while_a_search_runs_stays(lonely_table):
    """The search offers its COR; who typed one meanwhile is not overruled."""
    path = write_scan(lonely_table / "a.h5")
    CorTable(path.parent).set_cors({"a.h5": 5.0}, CorSource.TYPED)
    stayed = CorTable(path.parent).offer({"a.h5": 9.0}, CorSource.AUTOMATIC)
    assert stayed["a.h5"].value_px == 5.0
    assert CorTable(path.parent).entries["a.h5"].value_px == 5.0
