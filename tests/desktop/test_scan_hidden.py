"""Rows that were taken off the list, in the table's model."""

import pytest

from desktop.scan_aid import MTIME_NS, Watched, file

THREE = ("a_1.h5", "a_2.h5", "b_1.h5")


@pytest.fixture
def table():
    return Watched().open(*THREE)


def hide(table, *names, size_bytes=1000):
    table.model.set_hidden(dict.fromkeys(names, (size_bytes, MTIME_NS)))


def test_what_is_off_the_list_is_not_shown_and_not_selected(table):
    table.selection.all()
    hide(table, "a_2.h5")
    assert table.names() == ["a_1.h5", "b_1.h5"]
    assert ("removed", 1, 1) in table.take()
    assert table.selection.count == 2
    assert (table.model.offCount, table.model.fileCount) == (1, 3)


def test_it_stays_off_over_refresh_sort_and_filter(table):
    hide(table, "a_2.h5")
    table.model.set_files([file(name) for name in THREE])
    table.model.sortBy(1)
    table.model.filter = "a_"
    assert table.names() == ["a_1.h5"]


def test_shown_it_is_marked_and_cannot_be_selected(table):
    hide(table, "a_2.h5")
    table.model.showOff = True
    assert table.names() == list(THREE)
    assert [row["off"] for row in table.rows()] == [False, True, False]
    table.selection.all()
    table.selection.set(table.id("a_2.h5"), True)
    table.selection.setRange(table.id("a_1.h5"), table.id("b_1.h5"), True)
    table.selection.where("withoutCor")
    assert table.selection.ids() == [table.id("a_1.h5"), table.id("b_1.h5")]


def test_put_back_it_is_as_it_was(table):
    hide(table, "a_2.h5")
    table.model.showOff = True
    table.take()
    hide(table)
    assert table.take() == [("data", 1, 1, {"off"})]
    table.selection.all()
    assert table.selection.count == 3


def test_another_file_of_this_name_is_shown(table):
    hide(table, "a_2.h5", size_bytes=999)
    assert table.names() == list(THREE)
    hide(table, "a_2.h5")
    table.model.set_files([file("a_1.h5"), file("a_2.h5", 2000), file("b_1.h5")])
    assert table.names() == list(THREE)
    table.model.set_files([file(name) for name in THREE])
    assert table.names() == ["a_1.h5", "b_1.h5"]


def test_names_that_are_not_here_are_none_the_worse(table):
    hide(table, "gone.h5")
    assert (table.names(), table.model.offCount) == (list(THREE), 0)


def test_another_folder_has_its_own(table):
    hide(table, "a_2.h5")
    table.model.clear()
    table.open(*THREE)
    assert table.names() == list(THREE)


def test_deleted_rows_go(table):
    table.selection.all()
    table.model.forget({"a_1.h5", "gone.h5"})
    assert table.names() == ["a_2.h5", "b_1.h5"]
    assert table.selection.count == 2


def test_what_can_be_selected_by_one_tap_leaves_it_out(table):
    hide(table, "a_2.h5")
    assert table.model.facts().total() == 2
    table.model.showOff = True
    assert table.model.facts().total() == 2
