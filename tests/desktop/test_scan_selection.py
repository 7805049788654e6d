"""Selection, filter and sorting of the table."""

import pytest

from desktop.scan_aid import JobState, Watched, file, files, job, later, result
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.recon.kinds import Kind

FOUR = ("a_1.h5", "a_2.h5", "a_10.h5", "b_1.h5")


@pytest.fixture
def table():
    return Watched().open(*FOUR)


def cors(**values):
    return {f"{name}.h5": CorEntry(value, CorSource.TYPED, 0.0) for name, value in values.items()}


def select(table, *names):
    for name in names:
        table.selection.set(table.id(name), True)
    table.take()


# -- selection --------------------------------------------------------------------------------


def test_one_row_is_selected(table):
    table.selection.set(table.id("a_2.h5"), True)
    assert table.take() == [("data", 1, 1, {"selected"})]
    assert table.selection.ids() == [table.id("a_2.h5")]
    table.selection.set(table.id("a_2.h5"), True)
    assert table.take() == []
    table.selection.set(table.id("a_2.h5"), False)
    assert table.selection.ids() == []
    table.selection.set(999, True)
    assert table.selection.count == 0


def test_a_range_is_selected_from_either_end(table):
    table.selection.setRange(table.id("a_10.h5"), table.id("a_1.h5"), True)
    assert [row["selected"] for row in table.rows()] == [True, True, True, False]
    table.selection.setRange(table.id("a_2.h5"), table.id("a_10.h5"), False)
    assert [row["selected"] for row in table.rows()] == [True, False, False, False]


def test_select_all_takes_what_is_shown_and_deselect_all_clears_everything(table):
    select(table, "b_1.h5")
    table.model.sortBy(1)
    table.model.sortBy(1)
    table.model.filter = "a_"
    table.take()
    table.selection.all()
    assert table.take() == [("data", 0, 2, {"selected"})]
    assert (table.selection.count, table.selection.hiddenCount) == (4, 1)
    assert table.selection.ids()[-1] == table.model.find("b_1.h5").scan_id
    table.selection.none()
    assert (table.selection.count, table.selection.hiddenCount) == (0, 0)


def test_selected_rows_come_in_the_order_they_are_shown_in(table):
    table.selection.all()
    table.model.sortBy(1)
    assert table.selection.ids() == [row["scanId"] for row in table.rows()]
    assert table.names()[0] == "b_1.h5"


def test_select_where(table):
    table.model.jobs_changed([job("a_1.h5", JobState.FAILED), job("b_1.h5", JobState.FAILED, place=2)])
    table.model.set_cors(cors(a_2=1.0))
    table.model.set_results({"a_10.h5": (result(Kind.FULL),), "a_2.h5": (result(Kind.TRY),)})
    chosen = {}
    for what in ("failed", "withoutCor", "withoutFull"):
        table.selection.where(what)
        chosen[what] = {row["name"] for row in table.rows() if row["selected"]}
    assert chosen == {
        "failed": {"a_1.h5", "b_1.h5"},
        "withoutCor": {"a_1.h5", "a_10.h5", "b_1.h5"},
        "withoutFull": {"a_1.h5", "a_2.h5", "b_1.h5"},
    }


def test_select_where_leaves_hidden_rows_alone_and_nothing_else_selected(table):
    table.model.jobs_changed([job("a_1.h5", JobState.FAILED), job("b_1.h5", JobState.FAILED, place=2)])
    select(table, "a_2.h5")
    table.model.filter = "a_"
    table.selection.where("failed")
    assert table.selection.ids() == [table.id("a_1.h5")]


def test_a_selection_survives_a_refresh_but_not_its_file(table):
    select(table, "a_1.h5", "b_1.h5")
    table.model.set_files(files("0.h5", "a_2.h5", "b_1.h5"))
    assert table.selection.ids() == [table.id("b_1.h5")]
    assert table.selection.count == 1


def test_the_summary(table):
    assert table.model.summary == "4 files · 4.0 kB"
    table.model.set_files([file("a_1.h5", 3_000_000), *files("a_2.h5", "b_1.h5")])
    select(table, "a_1.h5")
    assert table.model.summary == "3 files · 1 selected · 3.0 MB"
    table.model.filter = "b"
    assert table.model.summary == "1 of 3 files · 1 selected · 3.0 MB"
    assert (table.model.fileCount, table.model.shownCount) == (3, 1)


def test_counts_are_told(table):
    told = []
    table.model.countsChanged.connect(lambda: told.append(table.model.summary))
    table.selection.all()
    assert told[-1].startswith("4 files · 4 selected")
    table.model.filter = "b"
    assert told[-1].startswith("1 of 4 files")
    table.selection.none()
    assert "selected" not in told[-1]


# -- ranges -----------------------------------------------------------------------------------


def chosen(table):
    return [row["name"] for row in table.rows() if row["selected"]]


def ids(table):
    return [table.id(name) for name in FOUR]


def test_a_range_takes_the_state_of_the_row_that_was_toggled_last(table):
    first, second, _, last = ids(table)
    table.selection.toggle(second)
    table.selection.extendTo(last)
    assert chosen(table) == ["a_2.h5", "a_10.h5", "b_1.h5"]
    table.selection.toggle(last)
    table.selection.extendTo(first)
    assert chosen(table) == []


def test_a_range_that_gets_shorter_gives_back_what_it_took(table):
    first, second, _, last = ids(table)
    select(table, "b_1.h5")
    table.selection.toggle(first)
    table.selection.extendTo(last)
    assert chosen(table) == list(FOUR)
    table.selection.extendTo(second)
    assert chosen(table) == ["a_1.h5", "a_2.h5", "b_1.h5"]
    table.selection.extendTo(first)
    assert chosen(table) == ["a_1.h5", "b_1.h5"]


def test_a_range_goes_on_from_what_was_selected_by_other_ways(table):
    first, second, _, last = ids(table)
    table.selection.toggle(first)
    table.selection.extendTo(last)
    table.selection.none()
    table.selection.extendTo(second)
    assert chosen(table) == ["a_1.h5", "a_2.h5"]
    table.selection.all()
    table.selection.extendTo(second)
    assert chosen(table) == list(FOUR)
    table.selection.where("withoutCor")
    table.selection.extendTo(second)
    assert chosen(table) == list(FOUR)


def test_a_range_from_nowhere_begins_where_it_is_asked_for(table):
    _, second, third, _ = ids(table)
    table.selection.extendTo(second)
    assert chosen(table) == ["a_2.h5"]
    table.selection.extendTo(third)
    assert chosen(table) == ["a_2.h5", "a_10.h5"]


def test_a_range_does_not_begin_at_a_row_that_is_hidden_or_gone(table):
    first, _, third, last = ids(table)
    table.selection.toggle(last)
    table.model.filter = "a_"
    table.selection.extendTo(third)
    assert (chosen(table), table.selection.hiddenCount) == (["a_10.h5"], 1)
    table.model.filter = ""
    table.selection.toggle(last)
    table.model.set_files(files(*FOUR[:3]))
    table.selection.extendTo(first)
    assert chosen(table) == ["a_1.h5", "a_10.h5"]


def test_a_range_is_of_what_is_shown_as_it_is_shown(table):
    _, _, third, last = ids(table)
    table.model.set_cors(cors(a_1=4.0, b_1=3.0, a_2=2.0, a_10=1.0))
    table.model.sortBy(2)
    table.selection.toggle(third)
    table.selection.extendTo(last)
    assert set(chosen(table)) == {"a_10.h5", "a_2.h5", "b_1.h5"}


def test_by_keyboard_a_range_begins_with_the_row_that_is_left(table):
    first, second, third, _ = ids(table)
    table.selection.carry(first, second)
    table.selection.carry(second, third)
    assert chosen(table) == ["a_1.h5", "a_2.h5", "a_10.h5"]
    table.selection.carry(third, second)
    assert chosen(table) == ["a_1.h5", "a_2.h5"]


# -- filter and sorting -----------------------------------------------------------------------


def test_words_in_the_name(table):
    table.model.filter = "A 1"
    assert table.names() == ["a_1.h5", "a_10.h5"]
    assert table.take() == [("removed", 3, 3), ("removed", 1, 1)]
    table.model.filter = ""
    assert table.take() == [("inserted", 1, 1), ("inserted", 3, 3)]


def test_a_state_filter_follows_what_happens(table):
    table.model.filter = "state:fail"
    assert table.names() == []
    failed = job("a_2.h5", JobState.FAILED)
    table.model.jobs_changed([failed])
    assert table.names() == ["a_2.h5"]
    table.model.jobs_changed([later(failed, state=JobState.QUEUED)])
    assert table.names() == []


def test_states_and_words_together(table):
    table.model.jobs_changed([job("a_2.h5", JobState.FAILED), job("b_1.h5", JobState.QUEUED, place=2)])
    table.model.filter = "state:failed state:queued"
    assert table.names() == ["a_2.h5", "b_1.h5"]
    table.model.filter = "b state:failed state:queued"
    assert table.names() == ["b_1.h5"]


def test_the_filter_is_told_once(table):
    told = []
    table.model.filterChanged.connect(lambda: told.append(table.model.filter))
    table.model.filter = "a"
    table.model.filter = "a"
    assert told == ["a"]


def test_rows_hidden_by_the_filter_change_without_a_signal(table):
    table.model.filter = "b"
    table.take()
    table.model.jobs_changed([job("a_1.h5", JobState.QUEUED)])
    assert table.take() == []
    table.model.filter = ""
    assert table.row("a_1.h5")["status"] == "Queued Try"


def test_sorting_by_a_column_and_back_round(table):
    table.model.set_cors(cors(a_1=3.0, a_2=1.0, b_1=3.0))
    table.take()
    table.model.sortBy(2)
    assert table.take() == [("layout",)]
    assert table.names() == ["a_2.h5", "a_1.h5", "b_1.h5", "a_10.h5"]
    table.model.sortBy(2)
    # What is alike stays in the order of names, and what has no COR stays last.
    assert table.names() == ["a_1.h5", "b_1.h5", "a_2.h5", "a_10.h5"]
    assert (table.model.sortColumn, table.model.sortDescending) == (2, True)
    table.model.sortBy(1)
    assert table.names() == list(FOUR)
    assert not table.model.sortDescending


def test_sorting_by_state_brings_first_what_needs_a_look(table):
    table.model.jobs_changed([job("b_1.h5", JobState.RUNNING), job("a_10.h5", JobState.FAILED, place=2)])
    table.model.sortBy(3)
    assert table.names() == ["b_1.h5", "a_10.h5", "a_1.h5", "a_2.h5"]


@pytest.mark.parametrize(("column", "first"), [(0, "b_1.h5"), (4, "a_2.h5"), (5, "a_10.h5"), (6, "a_1.h5")])
def test_sorting_by_what_can_be_done(table, column, first):
    select(table, "b_1.h5")
    table.model.set_results({"a_2.h5": (result(Kind.TRY),), "a_10.h5": (result(Kind.FULL),)})
    table.model.sortBy(column)
    assert table.names()[0] == first


def test_a_new_file_finds_its_place_in_the_sorting(table):
    table.model.sortBy(1)
    table.take()
    table.model.set_files(files(*FOUR, "c.h5"))
    assert table.names() == ["c.h5", "b_1.h5", "a_10.h5", "a_2.h5", "a_1.h5"]
    assert table.take() == [("inserted", 0, 0)]


def test_rows_and_ids(table):
    model = table.model
    ids = [row["scanId"] for row in table.rows()]
    assert [model.rowOf(one) for one in ids] == [0, 1, 2, 3]
    assert [model.idAt(row) for row in (-1, 0, 3, 4)] == [-1, ids[0], ids[3], -1]
    assert [model.nextIdForCor(one) for one in ids] == [*ids[1:], -1]
    model.filter = "b"
    assert (model.rowOf(ids[0]), model.nextIdForCor(ids[0]), model.rowOf(ids[3])) == (-1, -1, 0)


def test_a_sorting_that_was_left_comes_back(table):
    table.model.sort_as(1, True)
    assert table.names()[0] == "b_1.h5"
    assert table.model.sorting() == ("Filename", True)
    table.model.sortBy(1)
    assert table.model.sorting() == ("Filename", False)


def test_sorting_by_state_keeps_the_fulls_apart_from_the_tries(table):
    found = {"a_1.h5": Kind.FULL, "a_2.h5": Kind.TRY, "a_10.h5": Kind.FULL}
    table.model.set_results({name: (result(kind),) for name, kind in found.items()})
    table.model.sortBy(3)
    assert table.names() == ["b_1.h5", "a_2.h5", "a_1.h5", "a_10.h5"]
