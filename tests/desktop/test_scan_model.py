"""The table's model: rows by id, precise signals, jobs, ten thousand rows."""

import pytest
from PySide6.QtCore import Qt

from desktop.scan_aid import FOLDER, JobState, Watched, file, files, job, later, result, scan
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.desktop import scan_store
from tomobatch.desktop.scan_display import display_of
from tomobatch.desktop.scan_roles import COLUMNS, ROLES
from tomobatch.recon.kinds import Kind
from tomobatch.scans.scan import ScanState

FOUR = ("a_1.h5", "a_2.h5", "a_10.h5", "b_1.h5")
MANY = [f"scan_{number:05d}.h5" for number in range(10_000)]


@pytest.fixture
def table():
    return Watched().open(*FOUR)


def cors(**values):
    return {f"{name}.h5": CorEntry(value, CorSource.TYPED, 0.0) for name, value in values.items()}


# -- rows -------------------------------------------------------------------------------------


def test_columns_and_their_titles(table):
    model = table.model
    assert [model.headerData(section, Qt.Orientation.Horizontal) for section in range(7)] == list(COLUMNS)
    assert [model.data(model.index(0, column)) for column in range(7)] == [
        "", "a_1.h5", "", "Ready", "", "", "",
    ]  # fmt: skip


def test_names_are_there_before_anything_was_looked_at():
    table = Watched()
    table.model.set_files(files(*FOUR))
    assert table.take() == [("inserted", 0, 3)]
    assert table.names() == list(FOUR)
    assert {row["status"] for row in table.rows()} == {""}
    assert not any(row["canTry"] for row in table.rows())


def test_role_names_are_those_qml_uses(table):
    assert {bytes(name).decode() for name in table.model.roleNames().values()} == {"display", *ROLES}


def test_a_file_keeps_its_id_over_a_refresh_and_when_it_comes_back(table):
    ids = {row["name"]: row["scanId"] for row in table.rows()}
    table.model.set_files(files("a_2.h5", "a_10.h5", "b_1.h5", "c.h5"))
    assert table.take() == [("removed", 0, 0), ("inserted", 3, 3)]
    assert table.id("a_10.h5") == ids["a_10.h5"]
    assert table.id("c.h5") not in ids.values()
    table.model.set_files(files(*FOUR))
    assert table.id("a_1.h5") == ids["a_1.h5"]


def test_ids_of_one_folder_are_not_those_of_the_next(table):
    before = {row["scanId"] for row in table.rows()}
    table.model.clear()
    assert table.take() == [("reset",)]
    table.model.set_files(files(*FOUR))
    assert not before & {row["scanId"] for row in table.rows()}


def test_while_rows_go_one_range_after_the_other_a_view_can_read_the_rest():
    table, seen = Watched(), []
    names = [f"{number:02d}.h5" for number in range(30)]
    table.model.set_files(files(*names))
    table.model.rowsRemoved.connect(lambda *_: seen.append(table.names()))
    table.model.set_files(files(names[10], names[20]))
    assert [len(names) for names in seen] == [21, 12, 2]
    assert seen[-1] == [names[10], names[20]]


def test_cors_that_came_before_the_names():
    table = Watched()
    table.model.set_cors(cors(a_2=5.0))
    assert table.open(*FOUR).row("a_2.h5")["corText"] == "5.00"


def test_a_refresh_that_finds_nothing_new_says_nothing(table):
    table.model.set_files([file(name, seen_s=9.0) for name in FOUR])
    assert table.take() == []


def test_a_file_that_grew_changes_its_row_alone(table):
    grown = files(*FOUR)
    grown[2] = file("a_10.h5", 2_000_000)
    table.model.set_files(grown)
    assert table.take() == [("data", 2, 2, {"details", "display"})]


@pytest.mark.parametrize("change", [{"mtime_ns": 1}, {"inode": 2}, {"problem": "It is a pipe."}])
def test_another_file_under_the_same_name_is_looked_at(table, change):
    table.model.set_files([file("a_1.h5", **change), *files(*FOUR[1:])])
    assert table.model.known(table.id("a_1.h5")).file == file("a_1.h5", **change)


def test_what_an_inspection_found_changes_its_rows_and_roles_alone(table):
    table.model.set_scans([(scan("a_2.h5", ScanState.UNREADABLE, "No data."), ())])
    (signal,) = table.take()
    assert signal[:3] == ("data", 1, 1)
    assert {"status", "statusKind", "note", "noteBad", "canTry"} <= signal[3]
    assert not {"name", "corText", "selected", "series"} & signal[3]


def test_rows_side_by_side_that_changed_alike_are_one_range(table):
    table.model.set_cors(cors(a_1=1.0, a_2=2.0, b_1=3.0))
    changed = {"corText", "corSource", "canFull", "display"}
    assert table.take() == [("data", 0, 1, changed), ("data", 3, 3, changed)]


def test_rows_side_by_side_that_changed_otherwise_are_told_apart(table):
    table.model.set_cors(cors(a_1=1.0))
    table.take()
    table.model.set_cors(cors(a_1=2.0, a_2=2.0))
    assert table.take() == [
        ("data", 0, 0, {"corText", "display"}),
        ("data", 1, 1, {"corText", "corSource", "canFull", "display"}),
    ]


def test_a_scan_that_is_gone_meanwhile_is_no_row(table):
    table.model.set_scans([(scan("gone.h5"), ())])
    table.model.set_results({"gone.h5": ()})
    assert table.take() == []


def test_rows_of_one_series_have_one_tint(table):
    tints = [row["series"] for row in table.rows()]
    assert tints[0] == tints[1] == tints[2] != tints[3]


def test_the_row_that_the_viewer_shows(table):
    table.model.set_current(table.id("a_2.h5"))
    assert table.take() == [("data", 1, 1, {"current"})]
    table.model.set_current(table.id("b_1.h5"))
    assert table.take() == [("data", 1, 1, {"current"}), ("data", 3, 3, {"current"})]
    assert [row["current"] for row in table.rows()] == [False, False, False, True]
    table.model.set_current(table.id("b_1.h5"))
    assert table.take() == []


def test_what_the_rest_of_the_program_asks(table):
    model, scan_id = table.model, table.id("a_2.h5")
    assert model.at(FOLDER / "a_2.h5") is model.known(scan_id)
    assert model.at(FOLDER / "deeper" / "a_2.h5") is None
    assert model.at(FOLDER / "none.h5") is None


# -- jobs -------------------------------------------------------------------------------------


def test_a_job_changes_its_row_alone(table):
    table.model.jobs_changed([job("a_2.h5", JobState.QUEUED)])
    (signal,) = table.take()
    assert signal[:3] == ("data", 1, 1)
    assert table.row("a_2.h5")["status"] == "Queued Try"


def test_progress_changes_two_roles(table):
    running = job("a_2.h5", JobState.RUNNING, progress=0.25)
    table.model.jobs_changed([running])
    table.take()
    table.model.jobs_changed([later(running, progress=0.5)])
    assert table.take() == [("data", 1, 1, {"progress", "note", "display"})]


def test_the_same_state_told_twice_changes_nothing(table):
    row = job("a_2.h5", JobState.QUEUED)
    table.model.jobs_changed([row])
    table.take()
    table.model.jobs_changed([row])
    assert table.take() == []


def test_jobs_come_in_the_order_of_the_queue_whatever_order_they_are_told_in(table):
    table.model.jobs_changed(
        [job("a_1.h5", JobState.CANCELLED, place=9), job("a_1.h5", JobState.FAILED, place=2)]
    )
    assert table.row("a_1.h5")["status"] == "Try Cancelled"


def test_a_job_of_another_folder_is_no_row_of_this_one(table):
    table.model.jobs_changed([job("a_1.h5", JobState.QUEUED, path="/elsewhere/a_1.h5")])
    assert table.take() == []


def test_jobs_told_before_the_folder_was_opened_are_shown():
    table = Watched()
    table.model.jobs_changed([job("a_1.h5", JobState.QUEUED)])
    assert table.open(*FOUR).row("a_1.h5")["status"] == "Queued Try"


def test_a_job_that_ended_well_is_complete_at_once_and_never_ready_in_between(table):
    running = job("a_2.h5", JobState.RUNNING)
    table.model.jobs_changed([running])
    table.model.jobs_changed([later(running, state=JobState.COMPLETE)])
    row = table.row("a_2.h5")
    assert (row["status"], row["canViewTry"]) == ("Try Complete", True)
    # Until somebody has looked: its result may have been taken away since.
    table.model.set_results({"a_2.h5": ()})
    assert table.row("a_2.h5")["status"] == "Ready"


def test_a_new_try_leaves_the_full_of_before(table):
    table.model.set_results({"a_2.h5": (result(Kind.FULL), result(Kind.TRY, job_id="old"))})
    running = job("a_2.h5", JobState.RUNNING)
    table.model.jobs_changed([running])
    table.model.jobs_changed([later(running, state=JobState.COMPLETE)])
    row = table.row("a_2.h5")
    assert (row["status"], row["canViewTry"], row["canViewFull"]) == ("Full Complete", True, True)
    assert [one.job_id for one in table.model.known(row["scanId"]).results] == ["", "j1"]


def test_a_try_and_a_full_that_end_in_one_moment(table):
    table.model.set_cors(cors(a_2=9.0))
    running = [job("a_2.h5", JobState.RUNNING, kind, place) for place, kind in enumerate(Kind)]
    table.model.jobs_changed(running)
    table.model.jobs_changed([later(row, state=JobState.COMPLETE) for row in running])
    row = table.row("a_2.h5")
    assert (row["canViewTry"], row["canViewFull"], row["corWarning"]) == (True, True, "Full at 7.00")


def test_a_job_of_long_ago_makes_no_result(table):
    table.model.jobs_changed([job("a_2.h5", JobState.COMPLETE)])
    assert table.row("a_2.h5")["status"] == "Ready"


# -- many rows --------------------------------------------------------------------------------


@pytest.fixture
def many():
    return Watched().open(*MANY)


def test_ten_thousand_names_are_one_insertion():
    table = Watched()
    table.model.set_files(files(*MANY))
    assert table.take() == [("inserted", 0, 9999)]


def test_selecting_ten_thousand_is_one_signal(many):
    many.selection.all()
    assert many.take() == [("data", 0, 9999, {"selected"})]
    assert many.selection.count == 10_000


def test_a_job_among_ten_thousand_changes_its_row(many):
    many.model.jobs_changed([job(MANY[n], JobState.QUEUED, place=n) for n in (17, 18, 5000)])
    assert [signal[:3] for signal in many.take()] == [("data", 17, 18), ("data", 5000, 5000)]


def test_cors_of_all_rows_are_one_signal_and_derived_when_they_are_looked_at(many, monkeypatch):
    derived = []

    def derive(known, **more):
        derived.append(known)
        return display_of(known, **more)

    monkeypatch.setattr(scan_store, "display_of", derive)
    many.model.set_cors({name: CorEntry(7.0, CorSource.CSV, 0.0) for name in MANY})
    (signal,) = many.take()
    assert signal[:3] == ("data", 0, 9999)
    assert {"corText", "corSource", "canFull", "display"} <= signal[3]
    # Qt's tester looks at a few.
    assert len(derived) < 10
    assert many.row(MANY[-1])["corText"] == "7.00"


def test_a_filter_that_tears_many_holes_is_one_reset(many):
    many.model.filter = "1"
    assert many.take() == [("reset",)]
    assert many.model.shownCount == sum("1" in name for name in MANY)


def test_rows_nobody_has_seen_are_not_derived_for_a_signal():
    table = Watched()
    table.model.set_files(files(*MANY))
    table.take()
    table.model.set_cors({name: CorEntry(7.0, CorSource.CSV, 0.0) for name in MANY})
    # Qt's tester has looked at a few of them.
    assert sum(last - first + 1 for _, first, last, _ in table.take()) < 10
