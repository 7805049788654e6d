"""The log: lines, filters, the file they are kept in, and the output of jobs."""

import asyncio
import logging

import pytest
from PySide6.QtTest import QAbstractItemModelTester

from desktop.scan_aid import FOLDER, JobState, job, later
from tomobatch.batch.events import EventKind, JobEvent
from tomobatch.config.places import host_state_folder
from tomobatch.desktop.log_lines import (
    GROWING_BYTES,
    LOG_NAME,
    OUTPUT_BYTES,
    JobOutput,
    about,
    describe,
    printable,
    read_output,
)
from tomobatch.desktop.log_model import ROLES, LogModel
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError

ROWS = {
    "running": job("a.h5", JobState.RUNNING, started_s=10.0),
    "complete": job("a.h5", JobState.COMPLETE, started_s=10.0, ended_s=15.0),
    "failed": job("a.h5", JobState.FAILED, note="The disk is full."),
    "cancelled": job("a.h5", JobState.CANCELLED),
    "interrupted": job("a.h5", JobState.INTERRUPTED, note="It was lost."),
    "waiting": job("a.h5", JobState.WAITING, note="bob"),
    "queued": job("a.h5", JobState.QUEUED),
    "back": job("a.h5", JobState.QUEUED, note="its start was cut off"),
    "starting": job("a.h5", JobState.STARTING),
    "judging": job("a.h5", JobState.JUDGING, note="its output is being checked"),
}


def told(row, kind=EventKind.STATE, message=""):
    return describe(JobEvent(0.0, kind, row, message))


def remote(row):
    return later(row, job=later(row.job, machine="tomo1"))


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("running", ("info", "Running on Local: a.h5")),
        ("complete", ("info", "a.h5: Try Complete in 5 s")),
        ("failed", ("error", "a.h5: Try Failed: The disk is full.")),
        ("cancelled", ("info", "a.h5: Try Cancelled")),
        ("interrupted", ("warning", "a.h5: Interrupted: It was lost.")),
        ("waiting", ("info", "a.h5: Waiting for CPU 0 (held by bob)")),
        ("back", ("info", "a.h5: Queued Try: its start was cut off")),
        ("queued", None),
        ("starting", None),
        ("judging", None),
    ],
)
def test_what_is_said_of_a_job(row, line):
    assert told(ROWS[row]) == line


def test_a_remote_start():
    assert told(remote(ROWS["running"])) == ("info", "🖥️ Running on tomo1: a.h5")


def test_progress_is_no_line_and_a_message_is_one():
    assert told(ROWS["running"], EventKind.PROGRESS) is None
    assert told(ROWS["running"], EventKind.MESSAGE) is None
    assert told(ROWS["running"], EventKind.MESSAGE, "It cannot be stopped.") == (
        "warning", "a.h5: It cannot be stopped.",
    )  # fmt: skip
    assert told(ROWS["running"], EventKind.MESSAGE, "a.h5 stays.")[1] == "a.h5 stays."


def test_names_that_are_not_utf8_are_printable():
    odd = job("a\udcff\n.h5", JobState.RUNNING)
    assert told(odd)[1] == "Running on Local: a\\udcff\\n.h5"


# -- lines ------------------------------------------------------------------------------------


@pytest.fixture
async def tasks():
    errors = []
    tasks = Tasks(errors.append)
    yield tasks
    await tasks.close()
    assert errors == []


@pytest.fixture
def folder(tmp_path):
    return tmp_path


class Prints:
    """Jobs whose output lies in a folder; they have ended but for those that run."""

    def __init__(self, folder):
        self.folder, self.running = folder, set()

    def __call__(self, uid):
        running = uid in self.running
        return JobOutput(f"Try of {uid}", self.folder / uid / "log", not running)


@pytest.fixture
def model(tasks, folder):
    model = LogModel(Prints(folder), tasks, most_lines=5)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield model
    del tester


def texts(model, role="text"):
    return [model.data(model.index(row, 0), ROLES[role]) for row in range(model.rowCount())]


def test_lines_are_added_at_the_end(model):
    model.add("info", "one", "j1")
    model.add("error", "two")
    assert (texts(model), texts(model, "level"), texts(model, "jobId")) == (
        ["one", "two"], ["info", "error"], ["j1", ""],
    )  # fmt: skip
    assert texts(model, "entryId") == [0, 1]
    assert len(texts(model, "time")[0]) == len("12:34:56")


def test_old_lines_go(model):
    for number in range(8):
        model.add("info", str(number))
    assert texts(model) == ["3", "4", "5", "6", "7"]


def test_levels(model):
    for level in ("info", "warning", "error"):
        model.add(level, level)
    model.filter = "warning"
    assert texts(model) == ["warning", "error"]
    model.add("info", "more")
    model.add("error", "worse")
    assert texts(model) == ["warning", "error", "worse"]
    model.filter = ""
    assert texts(model) == ["info", "warning", "error", "more", "worse"]


def test_files(model):
    model.add("info", "Running on Local: Scan_1.h5")
    model.add("info", "Running on Local: scan_2.h5")
    model.fileFilter = "SCAN_1"
    assert len(texts(model)) == 1
    model.add("info", "scan_1.h5: Try Complete")
    assert len(texts(model)) == 2


def test_a_line_that_is_hidden_goes_unseen(model):
    model.filter = "error"
    for number in range(4):
        model.add("info", str(number))
    model.add("error", "e")
    for number in range(4):
        model.add("info", str(number))
    assert texts(model) == ["e"]
    model.add("info", "9")
    assert texts(model) == []


def test_lines_are_filtered_by_the_file_of_their_job(model):
    model.add("info", "Running on tomo1: a.h5", "j1", "Full · /data/b.h5s", "a.h5")
    model.add("error", "b.h5: Full Failed: not a.h5", "j2", "Full · /data", "b.h5")
    model.add("warning", "b.h5 is not there")
    model.fileFilter = "B.h5"
    assert texts(model) == ["b.h5: Full Failed: not a.h5", "b.h5 is not there"]
    assert texts(model, "details") == ["Full · /data", ""]
    model.fileFilter = "a.h5"
    assert texts(model) == ["Running on tomo1: a.h5"]


def test_what_a_line_is_about_is_kept_too(model):
    details = about(ROWS["running"])
    assert details == f"Try · {FOLDER}"
    model.open()
    model.add("info", "Running on tomo1: a.h5", "j1", details, "a.h5")
    model.close()
    kept = (host_state_folder() / "log" / LOG_NAME).read_text()
    assert kept.rstrip().endswith(f"Running on tomo1: a.h5 (Try · {FOLDER})")


def test_the_filter_is_told_when_it_changes(model):
    told = []
    model.filterChanged.connect(lambda: told.append((model.filter, model.fileFilter)))
    model.filter = "error"
    model.filter = "error"
    model.fileFilter = "a"
    assert told == [("error", ""), ("error", "a")]


# -- the file ---------------------------------------------------------------------------------


def test_lines_and_what_the_program_logs_are_kept_in_a_file(model):
    before = logging.getLogger("tomobatch").handlers[:]
    model.open()
    model.open()
    model.add("error", "a.h5: Try Failed 🖥️ \udcff")
    logging.getLogger("tomobatch.batch.life").warning("no progress")
    model.close()
    text = (host_state_folder() / "log" / LOG_NAME).read_text()
    first, second = text.splitlines()
    assert "ERROR" in first
    assert first.endswith("a.h5: Try Failed 🖥️ \\udcff")
    assert second.endswith("WARNING  tomobatch.batch.life: no progress")
    assert logging.getLogger("tomobatch").handlers == before
    model.close()


def test_the_file_is_rotated(model, monkeypatch):
    monkeypatch.setattr("tomobatch.desktop.log_lines.FILE_BYTES", 2000)
    model.open()
    for number in range(300):
        model.add("info", f"line {number}")
    model.close()
    kept = list((host_state_folder() / "log").iterdir())
    assert len(kept) == 6
    assert all(path.stat().st_size <= 2000 for path in kept)


# -- output of jobs -----------------------------------------------------------------------------


async def has_read(model, text):
    async with asyncio.timeout(10):
        while model.outputText != text:
            await asyncio.sleep(0.01)


async def shown(model, tasks):
    while tasks._running:
        await asyncio.wait(set(tasks._running))
    return model.outputText


async def test_the_output_of_a_job(model, tasks, folder):
    (folder / "j1").mkdir()
    (folder / "j1" / "log").write_text("one\n")
    model.jobOutput("j1")
    assert model.outputOpen
    assert await shown(model, tasks) == "one\n"
    assert model.outputTitle == "Try of j1"
    model.closeOutput()
    assert (model.outputOpen, model.outputText, model.outputTitle) == (False, "", "")


async def test_the_output_of_a_job_that_runs_is_followed_to_its_end(model, tasks, folder, monkeypatch):
    monkeypatch.setattr("tomobatch.desktop.log_model.FOLLOW_S", 0.01)
    model._output_of.running.add("j1")
    model.jobOutput("j1")
    await has_read(model, "It has not begun, so it has printed nothing.")
    (folder / "j1").mkdir()
    log = folder / "j1" / "log"
    for text in ("one\n", "one\ntwo\n"):
        log.write_text(text)
        await has_read(model, text)
    with log.open("a") as file:
        file.write("the last word\n")
    model._output_of.running.clear()
    assert await shown(model, tasks) == "one\ntwo\nthe last word\n"


async def test_while_more_comes_the_end_alone_is_laid_out(model, tasks, folder, monkeypatch):
    monkeypatch.setattr("tomobatch.desktop.log_model.FOLLOW_S", 0.01)
    (folder / "j1").mkdir()
    (folder / "j1" / "log").write_bytes(b"first\n" + b"x" * GROWING_BYTES)
    model._output_of.running.add("j1")
    model.jobOutput("j1")
    async with asyncio.timeout(10):
        while not model.outputText:
            await asyncio.sleep(0.01)
    assert "first" not in model.outputText
    model._output_of.running.clear()
    assert (await shown(model, tasks)).startswith("first\n")


async def test_output_that_comes_too_late_is_not_shown(model, tasks, folder):
    (folder / "j1").mkdir()
    (folder / "j1" / "log").write_text("one\n")
    model.jobOutput("j1")
    model.closeOutput()
    assert await shown(model, tasks) == ""
    assert not model.outputOpen


async def test_a_job_that_has_not_begun_says_so(model, tasks):
    model.jobOutput("j9")
    assert "not begun" in await shown(model, tasks)


@pytest.mark.parametrize("error", [KeyError("j1"), TomoBatchError("no-log", "The queue is not open.")])
async def test_a_job_nobody_knows(tasks, error):
    def no_path(_):
        raise error

    model = LogModel(no_path, tasks)
    model.jobOutput("j1")
    await shown(model, tasks)
    assert model.outputOpen
    assert ("no longer known" in model.outputText) is isinstance(error, KeyError)
    assert model.outputText


def test_of_much_output_the_end_is_read(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"begin\n" + b"x" * OUTPUT_BYTES + b"\nend")
    text = read_output(path)
    assert text.startswith("… (the beginning is left out)\n")
    assert text.endswith("\nend")
    assert "begin\n" not in text[40:]
    assert len(text) < OUTPUT_BYTES + 100


def test_output_that_cannot_be_read(tmp_path):
    assert "cannot be read" in read_output(tmp_path)
    (tmp_path / "log").touch()
    assert read_output(tmp_path / "log") == "It has printed nothing yet."


def test_printable():
    printed = "a\r\nb\r 1 %\r 2 %\n\x1b[32mgreen\x1b[0m\x07\tc"
    assert printable(printed) == "a\n 2 %\ngreen\\x07    c"
