"""Words and states that the filter asks for, and the counts beside them."""

import time

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QSignalSpy

from desktop.scan_aid import FOLDER, MTIME_NS, JobState, Watched, file, files, job, later, result, scan
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.desktop.scan_filter import STATE_TEXTS, Filter, toggled, without_states
from tomobatch.desktop.tally import Tally
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ScanFile as Then
from tomobatch.recon.results import ResultState
from tomobatch.scans.scan import ScanState

FIVE = ("a_1.h5", "a_2.h5", "a_10.h5", "b_1.h5", "b_2.h5")


@pytest.fixture(scope="module")
def application():
    return QCoreApplication.instance() or QCoreApplication([])


@pytest.fixture
def table():
    made = Watched().open(*FIVE)
    made.tally = Tally(made.model)
    return made


def lines(table):
    return {line["key"]: (line["text"], line["on"]) for line in table.tally.states}


def some_of_each(table):
    table.model.jobs_changed([job("a_1.h5", JobState.FAILED), job("a_2.h5", JobState.RUNNING, place=2)])
    table.model.set_results({"a_10.h5": (result(Kind.FULL),), "b_1.h5": (result(Kind.TRY),)})
    table.model.set_scans([(scan("b_2.h5", ScanState.UNREADABLE, "Why."), ())])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("state:complete", ["a_10.h5", "b_1.h5"]),
        ("state:full-complete", ["a_10.h5"]),
        ("state:fullcomplete", ["a_10.h5"]),
        ("state:Full", ["a_10.h5"]),
        ("state:try", ["a_1.h5", "b_1.h5"]),
        ("state:try_failed", ["a_1.h5"]),
        ("state:running", ["a_2.h5"]),
        ("state:un state:fail", ["a_1.h5", "b_2.h5"]),
        ("state:", list(FIVE)),
        ("a state:complete", ["a_10.h5"]),
        ("state:nonsense", []),
        ("state:nonsense state:failed", ["a_1.h5"]),
    ],
)
def test_states_by_their_words(table, text, names):
    some_of_each(table)
    table.model.filter = text
    assert table.names() == names


def test_every_state_that_can_be_picked_is_one_that_can_be_typed():
    assert all(not Filter.of(f"state:{key}").unknown for key in STATE_TEXTS)
    assert all(Filter.of(f"state:{key}").asks_for(key) for key in STATE_TEXTS)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("state:failed tooth", ""),
        ("state:", ""),
        ("nonsense", ""),
        ("state:foo", "No state begins with “foo”. There are: running, waiting,"),
        ("state:foo state:failed state:bar", "No state begins with “foo” and “bar”."),
    ],
)
def test_a_word_that_is_no_state_is_said(table, text, problem):
    table.model.filter = text
    assert table.tally.problem.startswith(problem)
    assert bool(table.tally.problem) is bool(problem)


def test_states_and_how_many_rows_there_are_of_each(table):
    some_of_each(table)
    assert lines(table) == {
        "": ("All states  5", True),
        "running": ("Running  1", False),
        "failed": ("Failed  1", False),
        "unreadable": ("Unreadable  1", False),
        "try-complete": ("Try Complete  1", False),
        "full-complete": ("Full Complete  1", False),
    }
    # Words and states go together: the counts are of the rows that have the words.
    table.model.filter = "a_ state:failed"
    assert lines(table) == {
        "": ("All states  3", False),
        "running": ("Running  1", False),
        "failed": ("Failed  1", True),
        "full-complete": ("Full Complete  1", False),
    }
    # What is asked for stays in the list without any row, or nobody could take it back.
    table.model.filter = "b_ state:failed"
    assert lines(table)["failed"] == ("Failed  0", True)


def test_a_row_nobody_looked_at_counts_in_all():
    made = Watched().open(*FIVE, looked_at=False)
    assert [line["text"] for line in Tally(made.model).states] == ["All states  5"]


def test_one_tap_asks_for_a_state_and_another_takes_it_back(table):
    some_of_each(table)
    table.model.filter = "b_"
    table.tally.toggleState("unreadable")
    assert (table.model.filter, table.names()) == ("b_ state:unreadable", ["b_2.h5"])
    assert (table.tally.stateText, table.tally.byState) == ("Unreadable", True)
    table.tally.toggleState("try-complete")
    assert table.names() == ["b_1.h5", "b_2.h5"]
    assert table.tally.stateText == "2 states"
    table.tally.toggleState("unreadable")
    assert table.model.filter == "b_ state:try-complete"
    table.tally.toggleState("")
    assert (table.model.filter, table.tally.stateText, table.tally.byState) == ("b_", "All states", False)


@pytest.mark.parametrize(
    ("text", "key", "after"),
    [
        ("", "failed", "state:failed"),
        ("Tooth STATE:fail", "failed", "Tooth"),
        ("state:full", "full-complete", ""),
        ("state:ready", "failed", "state:ready state:failed"),
    ],
)
def test_the_text_tells_what_was_picked(text, key, after):
    assert toggled(text, key) == after


def test_words_stay_when_states_go():
    assert without_states("tooth state:failed 12 State:x") == "tooth 12"


def test_counts_of_what_one_tap_selects_are_of_what_is_shown(table):
    some_of_each(table)
    tally = table.tally
    assert tally.withoutCor == 5
    table.model.set_cors({"a_1.h5": CorEntry(1.0, CorSource.TYPED, 0.0)})
    assert (tally.failed, tally.withoutCor, tally.withoutFull) == (1, 4, 4)
    table.model.filter = "b_"
    assert (tally.failed, tally.withoutCor, tally.withoutFull) == (0, 2, 2)


@pytest.mark.parametrize("what", ["failed", "withoutCor", "withoutFull"])
def test_the_count_is_what_gets_selected(table, what):
    some_of_each(table)
    table.model.filter = "1"
    table.selection.where(what)
    assert getattr(table.tally, what) == table.selection.count


def test_a_full_of_another_file_is_no_full(table):
    table.model.set_results({"a_1.h5": (result(Kind.FULL, ResultState.STALE),)})
    assert table.tally.withoutFull == 5
    row = table.row("a_1.h5")
    assert (row["status"], row["canViewFull"]) == ("Ready", True)
    assert row["note"] == "Full on disk is of another file of this name"


def test_results_of_a_file_that_was_replaced_are_not_believed_before_anybody_has_looked(table):
    then = Then(str(FOLDER / "a_1.h5"), 1000, MTIME_NS, 1)
    table.model.set_results({"a_1.h5": (result(Kind.FULL, scan=then),)})
    assert (table.row("a_1.h5")["status"], table.tally.withoutFull) == ("Full Complete", 4)
    table.model.set_files([file("a_1.h5", 1001), *files(*FIVE[1:])])
    assert (table.row("a_1.h5")["status"], table.tally.withoutFull) == ("Ready", 5)


@pytest.mark.parametrize(("size_bytes", "status"), [(1000, "Try Complete"), (1001, "Ready")])
def test_what_a_job_has_just_made_of_a_file_that_was_replaced_meanwhile(table, size_bytes, status):
    then = {"path": str(FOLDER / "a_1.h5"), "size_bytes": size_bytes, "mtime_ns": MTIME_NS, "inode": 1}
    running = job("a_1.h5", JobState.RUNNING)
    running.job.request["scan"] = then
    table.model.jobs_changed([running])
    table.model.jobs_changed([later(running, state=JobState.COMPLETE)])
    assert table.row("a_1.h5")["status"] == status


def test_the_newest_result_since_the_start_is_told_of(table):
    tried = job("a_1.h5", JobState.COMPLETE, ended_s=time.time() + 1)
    table.model.set_results({"a_1.h5": (result(Kind.FULL), result(Kind.TRY, job_id=tried.uid))})
    assert table.row("a_1.h5")["status"] == "Full Complete"
    table.model.jobs_changed([tried])
    assert table.row("a_1.h5")["status"] == "Try Complete"
    assert lines(table)["try-complete"] == ("Try Complete  1", False)


def test_counts_follow_rows_that_the_filter_hides(application, table):
    table.model.filter = "state:queued"
    told = QSignalSpy(table.tally.changed)
    assert told.wait(5000)
    failed = job("a_1.h5", JobState.FAILED)
    table.model.jobs_changed([failed])
    assert told.wait(5000)
    assert lines(table)["failed"] == ("Failed  1", False)
    table.model.jobs_changed([later(failed, state=JobState.QUEUED)])
    assert "failed" not in lines(table)
