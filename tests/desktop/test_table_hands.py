"""Selecting, filtering and sorting the table by mouse, finger and keyboard."""

import asyncio
import os
import shutil
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.hands import LEFT
from desktop.live import demo_scans, live_story
from desktop.scan_aid import JobState, job
from desktop.sizes import SMALL_DAILY
from desktop.steps import cell, folder_is_read
from tomobatch.config.settings import read_settings, settings_path
from tomobatch.machines.slots import Slot

SHIFT = Qt.KeyboardModifier.ShiftModifier
MANY = 40
COLUMN = 0.02
"""Where the checkboxes are, as a share of the list's width."""


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A folder of copies: more rows than any window shows."""
    folder = demo_scans(tmp_path_factory.mktemp("many"), 1, 32)
    first = folder / "demo_0001.h5"
    for number in range(2, MANY + 1):
        shutil.copy2(first, folder / f"demo_{number:04d}.h5")
    return folder


def ids(hands):
    model = hands.app.scans
    return [model.idAt(row) for row in range(model.rowCount())]


def chosen(hands):
    """Row numbers of what is selected."""
    return [row for row, scan_id in enumerate(ids(hands)) if cell(hands, scan_id, "selected")]


def top(hands):
    """How far the list is scrolled."""
    the_list = hands.item("scanList")
    return the_list.property("contentY") - the_list.property("originY")


async def shift_click(hands, row):
    at = hands.point(await hands.reach("select", row))
    await hands._do(lambda: QTest.mouseClick(hands.window, LEFT, SHIFT, at))


# -- ranges -----------------------------------------------------------------------------------


async def a_range_by_shift(hands):
    await folder_is_read(hands, MANY)
    rows = ids(hands)
    await hands.click("select", rows[1])
    await shift_click(hands, rows[5])
    assert chosen(hands) == [1, 2, 3, 4, 5]
    await shift_click(hands, rows[3])
    assert chosen(hands) == [1, 2, 3]
    await hands.click("select", rows[2])
    await shift_click(hands, rows[3])
    assert chosen(hands) == [1]


def test_shift_and_a_click_select_a_range_in_the_state_of_the_first(play, many):
    play(a_range_by_shift, many)


async def a_range_by_keys(hands):
    await folder_is_read(hands, MANY)
    hands.item("scanList").forceActiveFocus()
    await hands.key(Qt.Key.Key_Home)
    await hands.key(Qt.Key.Key_Down)
    await hands.key(Qt.Key.Key_Down, SHIFT, times=3)
    assert chosen(hands) == [1, 2, 3, 4]
    await hands.key(Qt.Key.Key_Up, SHIFT)
    assert chosen(hands) == [1, 2, 3]
    await hands.key(Qt.Key.Key_Down, times=5)
    await hands.key(Qt.Key.Key_Space)
    await hands.key(Qt.Key.Key_Down, times=2)
    await hands.key(Qt.Key.Key_Space, SHIFT)
    assert chosen(hands) == [1, 2, 3, 8, 9, 10]
    await hands.key(Qt.Key.Key_Space)
    await hands.key(Qt.Key.Key_Home, SHIFT)
    assert chosen(hands) == []
    await hands.key(Qt.Key.Key_Space)
    await hands.key(Qt.Key.Key_End, SHIFT)
    assert chosen(hands) == list(range(MANY))


def test_shift_and_the_arrows_select_a_range(play, many):
    play(a_range_by_keys, many)


# -- drawing over the checkboxes --------------------------------------------------------------


async def drawn_by_mouse(hands):
    await folder_is_read(hands, MANY)
    row = 1 / hands.item("scanList").height() * hands.item("row", ids(hands)[0]).height()
    await hands.drag("scanList", (COLUMN, 0.5 * row), (COLUMN, 4.5 * row))
    assert chosen(hands) == [0, 1, 2, 3, 4]
    # The first one decides: what was selected there is not any more.
    await hands.drag("scanList", (COLUMN, 3.5 * row), (COLUMN, 1.5 * row))
    assert chosen(hands) == [0, 4]
    assert top(hands) == 0
    # A press that does not move is for the checkbox.
    await hands.click("select", ids(hands)[2])
    assert chosen(hands) == [0, 2, 4]


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_drawing_with_the_mouse_selects_what_is_passed(play, many, size):
    play(drawn_by_mouse, many, size=size)


async def drawn_by_finger(hands):
    await folder_is_read(hands, MANY)
    row = 1 / hands.item("scanList").height() * hands.item("row", ids(hands)[0]).height()
    await hands.slide("scanList", (COLUMN, 0.5 * row), (COLUMN, 3.5 * row))
    assert chosen(hands) == [0, 1, 2, 3]
    # As fast as a flick, and still none.
    await hands.flick("scanList", (COLUMN, 4.5 * row), (COLUMN, 1.5 * row))
    assert chosen(hands) == [0, 1, 2, 3, 4]
    assert top(hands) == 0
    await hands.tap("select", ids(hands)[0])
    assert chosen(hands) == [1, 2, 3, 4]
    # Elsewhere a flick scrolls, and selects nothing.
    await hands.flick("scanList", (0.3, 0.8), (0.3, 0.3))
    await hands.wait(lambda: top(hands) > 0, "the list moves")
    assert chosen(hands) == [1, 2, 3, 4]


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_drawing_with_a_finger_selects_and_does_not_flick(play, many, size):
    play(drawn_by_finger, many, size=size)


async def drawn_to_the_end(hands):
    await folder_is_read(hands, MANY)
    at = (COLUMN, 0.02), (COLUMN, 0.995)
    item = await hands.reach("scanList", None, at[0])
    start, end = (hands.point(item, place) for place in at)
    await hands._do(lambda: QTest.mousePress(hands.window, LEFT, Qt.KeyboardModifier.NoModifier, start))
    for step in range(1, 11):
        between = start + (end - start) * step / 10
        await hands._do(lambda between=between: QTest.mouseMove(hands.window, between))
        await asyncio.sleep(0.02)
    await hands.wait(lambda: chosen(hands) == list(range(MANY)), "the list moves to its end")
    # And back over the upper end: what was passed too far is given back.
    top_end = hands.point(item, (COLUMN, 0.005))
    await hands._do(lambda: QTest.mouseMove(hands.window, top_end))
    await hands.wait(lambda: chosen(hands) == [0], "the list moves back")
    await hands._do(lambda: QTest.mouseRelease(hands.window, LEFT, Qt.KeyboardModifier.NoModifier, top_end))
    await hands.frame()
    assert chosen(hands) == [0]


def test_the_list_moves_on_at_its_ends_while_one_draws(play, many):
    play(drawn_to_the_end, many)


# -- filter -----------------------------------------------------------------------------------


async def states_by_touch(hands):
    await folder_is_read(hands, 3)
    app = hands.app
    unreadable = hands.row_id("notes.h5")
    await hands.wait(lambda: cell(hands, unreadable, "status") == "Unreadable")
    assert hands.words("stateFilter") == "All states ▾"
    await hands.tap("stateFilter")
    await hands.read("Unreadable  1")
    await hands.read("Ready  2")
    await hands.tap("state_unreadable")
    assert ids(hands) == [unreadable]
    # It is plain that not all is shown: on the button, in the search, and beside the number of files.
    assert hands.words("stateFilter") == "Unreadable ▾"
    assert hands.words("search") == "state:unreadable"
    await hands.read("1 of 3 files")
    hands.grab("filtered")
    await hands.tap("searchClear")
    assert len(ids(hands)) == 3
    await hands.tap("stateFilter")
    await hands.tap("state_ready")
    assert len(ids(hands)) == 2
    await hands.tap("stateFilter")
    await hands.tap("state_all")
    assert len(ids(hands)) == 3
    await hands.click("search")
    await hands.type("0002 state:ready")
    assert ids(hands) == [hands.row_id("demo_0002.h5")]
    await hands.type(" state:foo")
    await hands.read("No state begins with “foo”")
    app.scans.setProperty("filter", "state:failed")
    await hands.read("No scan matches “state:failed”.")
    await hands.tap("clearFilter")
    assert len(ids(hands)) == 3


def odd_folder(tmp_path):
    folder = demo_scans(tmp_path, 2, 32)
    (folder / "notes.h5").write_text("not HDF5")
    old = folder.stat().st_mtime - 3600
    os.utime(folder / "notes.h5", (old, old))
    return folder


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_states_are_picked_by_touch(play, tmp_path, size):
    play(states_by_touch, odd_folder(tmp_path), size=size)


async def states_by_keys(hands):
    await folder_is_read(hands, 3)
    await hands.wait(lambda: cell(hands, hands.row_id("notes.h5"), "status") == "Unreadable")
    for _ in range(60):
        if hands.focus_name() == "stateFilter":
            break
        await hands.key(Qt.Key.Key_Tab)
    assert hands.focus_name() == "stateFilter"
    await hands.key(Qt.Key.Key_Return)
    await hands.wait(lambda: hands.is_shown("state_unreadable"))
    await hands.key(Qt.Key.Key_Down)
    await hands.key(Qt.Key.Key_Return)
    assert ids(hands) == [hands.row_id("notes.h5")]
    await hands.wait(lambda: hands.focus_name() == "stateFilter", "the keyboard comes back")
    await hands.key(Qt.Key.Key_Space)
    await hands.wait(lambda: hands.is_shown("state_unreadable"))
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("state_unreadable"))
    assert hands.app.scans.filter == "state:unreadable"


def test_states_are_picked_by_keyboard(play, tmp_path):
    play(states_by_keys, odd_folder(tmp_path))


# -- sorting ----------------------------------------------------------------------------------


@live_story(scans=3)
async def test_every_column_sorts_both_ways_by_mouse_and_by_keys(hands):
    await folder_is_read(hands, 3)
    first, second, third = ids(hands)
    hands.app.cors.set(second, "30")
    hands.app.cors.set(third, "31")
    hands.app.selection.set(third, True)
    orders = {}
    for column in range(7):
        await hands.click(f"header{column}")
        down = ids(hands)
        await hands.click(f"header{column}")
        orders[column] = (down, ids(hands))
        assert (hands.app.scans.sortColumn, hands.app.scans.sortDescending) == (column, True)
    assert orders[0] == ([third, first, second], [first, second, third])
    # The table was sorted by name when it was opened: the first press turns it round.
    assert orders[1][0] in ([first, second, third], [third, second, first])
    assert orders[2] == ([second, third, first], [third, second, first])
    for column in (4, 5, 6):
        assert orders[column][0] == [first, second, third]
    hands.item("header2").forceActiveFocus()
    await hands.key(Qt.Key.Key_Return)
    assert ids(hands) == [second, third, first]


async def sorted_by_cor(hands):
    await folder_is_read(hands, 3)
    await hands.click("header2")
    await hands.click("header2")
    hands.window.close()
    await hands.wait(lambda: hands.app.closing)


async def still_sorted(hands):
    await folder_is_read(hands, 3)
    assert (hands.app.scans.sortColumn, hands.app.scans.sortDescending) == (2, True)
    assert hands.app.scans.filter == ""


@pytest.mark.slow
def test_the_sorting_comes_back_with_the_next_start(play, tmp_path):
    folder = demo_scans(tmp_path, 3)
    play(sorted_by_cor, folder)
    kept, _ = read_settings(settings_path())
    assert (kept.sort_column, kept.sort_descending) == ("COR", True)
    play(still_sorted, folder)


def test_a_column_that_is_not_there_any_more_is_no_reason_to_stop(play, tmp_path):
    play(sorted_by_name, demo_scans(tmp_path, 1), settings={"sort_column": "Weight"})


async def sorted_by_name(hands):
    await folder_is_read(hands, 1)
    assert hands.app.scans.sortColumn == 1


# -- what does not fit in one line ------------------------------------------------------------

HELD = "Waiting for GPU 1 (held by another program)"


async def waits_for_a_gpu(hands):
    await folder_is_read(hands, 1)
    (row,) = ids(hands)
    path = str(hands.app.scans.known(row).file.path)
    waiting = replace(job("", JobState.WAITING, path=path), slot=Slot("GPU", "1"))
    hands.app.scans.jobs_changed([waiting])
    await hands.read(HELD)
    cell_, row_ = hands.item("status", row), hands.item("row", row)
    assert cell_.height() <= row_.height()
    await hands.read("Local")


@pytest.mark.parametrize("text_scale", [1.0, 1.5])
@pytest.mark.parametrize("size", SMALL_DAILY)
def test_who_holds_a_gpu_can_be_read_in_the_row(play, tmp_path, size, text_scale):
    play(waits_for_a_gpu, demo_scans(tmp_path, 1), size=size, settings={"text_scale": text_scale})
