"""Removing scans in the live window: off the list and back, and from disk by holding a button."""

import os
import time
from pathlib import Path

import h5py
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface

from desktop.live import demo_scans
from desktop.sizes import LARGE, SMALL, SMALL_DAILY
from desktop.steps import folder_is_read, has_status, read_banners, rest
from tomobatch.batch.marks import Mark, marks_folder, read_marks, write_mark
from tomobatch.cor.table import CorSource, CorTable

HOLDS = ("mouse", "finger", "enter", "space")


def old_scans(tmp_path, scans=4):
    """Demo scans that nobody has written to lately."""
    folder = demo_scans(tmp_path, scans)
    for path in folder.iterdir():
        make_old(path)
    return folder


def make_old(path):
    os.utime(path, (time.time() - 3600,) * 2)


def name(number):
    return f"demo_{number:04d}.h5"


def left(folder):
    return sorted(path.name for path in Path(folder).glob("*.h5"))


async def ask(hands, *numbers):
    """Select rows, and ask what is to become of them."""
    for number in numbers:
        await hands.click("select", hands.row_id(name(number)))
    await hands.click("removeSelected")
    await hands.reach("removeTakeOff")
    await hands.wait(lambda: not hands.app.removal.checking, "it is known what may be deleted")


def hold(hands, how):
    """Hold the button that deletes, in one way or another."""
    if how == "mouse":
        return hands.pressed("removeDelete")
    if how == "finger":
        return hands.touched("removeDelete")
    hands.item("removeDelete").forceActiveFocus()
    return hands.key_down({"enter": Qt.Key.Key_Return, "space": Qt.Key.Key_Space}[how])


def share(hands):
    """How far the button has come."""
    found = hands.items("removeDelete")
    return found[0].property("share") if found else 0.0


async def delete(hands, how="mouse"):
    """Hold until it is done; the seconds it took."""
    began = time.monotonic()
    async with hold(hands, how):
        await hands.wait(lambda: share(hands) > 0.5, "the fill runs")
        hands.grab("holding")
        await hands.wait(lambda: hands.app.removal.deleting or not hands.items("removeDelete"), "it was held")
    took_s = time.monotonic() - began
    await hands.wait(lambda: not hands.items("removeFiles"), "it is deleted")
    return took_s


# -- off the list -----------------------------------------------------------------------------


async def takes_off(hands, by):
    await folder_is_read(hands, 4)
    assert not hands.item("removeSelected").isEnabled()
    await ask(hands, 2, 3)
    assert hands.focus_name() == "removeTakeOff"
    hands.grab("sheet")
    if by == "enter":
        await hands.key(Qt.Key.Key_Return)
    else:
        await hands.tap("removeTakeOff")
    await hands.wait(lambda: hands.app.scans.shownCount == 2, "two rows are left")
    assert hands.app.selection.count == 0
    await hands.read("2 scans are off the list. Show hidden brings them back.")
    await read_banners(hands)
    await hands.click("refresh")
    await folder_is_read(hands, 4)
    assert hands.app.scans.shownCount == 2
    await hands.read("Show hidden (2)")
    hands.grab("two-off")
    return left(hands.app.folder.path)


async def is_still_off(hands):
    await folder_is_read(hands, 4)
    await hands.wait(lambda: hands.app.scans.shownCount == 2, "two rows are off")
    await hands.click("showHidden")
    await hands.wait(lambda: hands.app.scans.shownCount == 4, "all rows are shown")
    row = hands.row_id(name(2))
    # It shows, but takes no part: not selected, not run.
    await hands.click("selectAll")
    assert hands.app.selection.count == 2
    hands.grab("shown")
    await hands.click("putBack", row)
    await hands.wait(lambda: hands.app.scans.offCount == 1, "it is back")
    await hands.click("selectAll")
    assert hands.app.selection.count == 3
    await hands.click("putAllBack")
    await hands.wait(lambda: hands.app.scans.offCount == 0, "all are back")
    assert not hands.items("showHidden")


async def none_is_off(hands):
    await folder_is_read(hands, 4)
    assert hands.app.scans.shownCount == 4


@pytest.mark.parametrize(
    ("size", "by"), [pytest.param(LARGE, "enter", marks=pytest.mark.slow), (SMALL, "finger")]
)
def test_off_the_list_and_back_over_a_restart(play, tmp_path, size, by):
    folder = old_scans(tmp_path)
    assert play(takes_off, folder, size=size, by=by) == [name(number) for number in range(1, 5)]
    play(is_still_off, folder, size=size)
    play(none_is_off, folder, size=size)


async def by_keyboard(hands):
    await folder_is_read(hands, 2)
    await hands.click("showHidden")
    await hands.wait(lambda: hands.app.scans.shownCount == 2, "the hidden one is shown")
    hands.item("scanList").forceActiveFocus()
    await hands.key(Qt.Key.Key_Home)
    await hands.key(Qt.Key.Key_Space)
    await hands.wait(lambda: hands.app.scans.offCount == 0, "Space put it back")


async def takes_one_off(hands, jobs=False):
    await folder_is_read(hands, 2)
    row = hands.row_id(name(1))
    if jobs:
        await hands.click("try", row)
    await ask(hands, 1)
    if jobs:
        await hands.read("1 of them waits or runs: that goes on.")
    await hands.click("removeTakeOff")
    await hands.wait(lambda: hands.app.scans.shownCount == 1, "one row is left")
    if jobs:
        await read_banners(hands)
        await hands.click("showHidden")
        await has_status(hands, row, "Try Complete")


@pytest.mark.slow
def test_a_row_is_put_back_by_the_keyboard(play, tmp_path):
    folder = old_scans(tmp_path, 2)
    play(takes_one_off, folder)
    play(by_keyboard, folder)


@pytest.mark.slow
def test_another_scan_under_a_hidden_name_shows_up(play, tmp_path):
    folder = old_scans(tmp_path, 2)
    play(takes_one_off, folder)
    demo_scans(tmp_path / "other", 1, 96).joinpath(name(1)).replace(folder / name(1))
    play(both_are_shown, folder)


async def both_are_shown(hands):
    await folder_is_read(hands, 2)
    assert (hands.app.scans.shownCount, hands.app.scans.offCount) == (2, 0)


def test_a_job_of_a_row_that_was_taken_off_goes_on(play, tmp_path):
    play(takes_one_off, old_scans(tmp_path, 2), jobs=True)


# -- from disk --------------------------------------------------------------------------------


async def too_short(hands):
    await folder_is_read(hands, 4)
    await ask(hands, 1)
    await hands.read("Hold it for two seconds")
    for how in HOLDS:
        async with hold(hands, how):
            await hands.wait(lambda: share(hands) > 0.3, "the fill runs")
            await hands.read("Keep holding…")
        assert share(hands) == 0
        await hands.read("Hold it for two seconds")
    # Nor by many short ones, nor by Escape.
    for _ in range(3):
        await hands.click("removeDelete")
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("removeDelete"))
    assert hands.app.scans.fileCount == 4
    return left(hands.app.folder.path)


def test_what_is_not_held_for_two_seconds_deletes_nothing(play, tmp_path):
    assert len(play(too_short, old_scans(tmp_path))) == 4


async def is_pressed_by_a_reader(hands):
    await folder_is_read(hands, 4)
    await ask(hands, 1)
    reader = QAccessible.queryAccessibleInterface(hands.item("removeDelete"))
    assert "Hold it for two seconds" in reader.text(QAccessible.Text.Description)
    for _ in range(3):
        reader.actionInterface().doAction(QAccessibleActionInterface.pressAction())
        await hands.frame()
    assert not hands.app.removal.deleting
    assert hands.item("removeDelete").property("tooShort")
    await hands.click("removeCancel")
    return left(hands.app.folder.path)


def test_the_press_of_a_screen_reader_deletes_nothing(play, tmp_path):
    assert len(play(is_pressed_by_a_reader, old_scans(tmp_path))) == 4


async def takes_all_off(hands):
    await folder_is_read(hands, 2)
    await hands.click("selectAll")
    await hands.click("removeSelected")
    await hands.click("removeTakeOff")
    await hands.read("All scans are off the list. Show hidden brings them back.")
    await hands.click("showHidden")
    await hands.click("putAllBack")
    await hands.wait(lambda: hands.app.scans.shownCount == 2, "all are back")


def test_all_rows_may_be_off_the_list(play, tmp_path):
    play(takes_all_off, old_scans(tmp_path, 2))


async def stands_still(hands):
    await folder_is_read(hands, 4)
    await ask(hands, 1)
    async with hold(hands, "mouse"):
        # A press whose end cannot be seen for a while is no press of two seconds.
        time.sleep(2.5)
        button = hands.item("removeDelete")
        await hands.wait(lambda: button.property("ticks") > 0 or hands.app.removal.deleting)
    assert not hands.app.removal.deleting
    await hands.read("Hold it for two seconds")
    await hands.click("removeCancel")
    return left(hands.app.folder.path)


def test_a_window_that_stands_still_while_it_is_pressed_deletes_nothing(play, tmp_path):
    assert len(play(stands_still, old_scans(tmp_path))) == 4


async def off_the_button(hands):
    await folder_is_read(hands, 4)
    await ask(hands, 1)
    await hands.slide("removeDelete", (0.5, 0.5), (0.5, 3.0), hold_s=2.5)
    assert not hands.app.removal.deleting
    await hands.click("removeCancel")
    return left(hands.app.folder.path)


def test_a_finger_that_slides_off_the_button_deletes_nothing(play, tmp_path):
    assert len(play(off_the_button, old_scans(tmp_path))) == 4


async def deletes(hands, how):
    await folder_is_read(hands, 4)
    await ask(hands, 1, 3)
    await hands.read("Delete 2 files from disk")
    await hands.read(f"{name(1)} · no Full")
    took_s = await delete(hands, how)
    await hands.wait(lambda: hands.app.scans.fileCount == 2, "their rows are gone")
    await hands.read("2 files deleted")
    await read_banners(hands)
    await hands.click("logButton")
    for number in (1, 3):
        await hands.read(f"{name(number)}: deleted from disk.")
    return took_s, left(hands.app.folder.path)


@pytest.mark.parametrize(
    "how", [*HOLDS[:2], *(pytest.param(how, marks=pytest.mark.slow) for how in HOLDS[2:])]
)
def test_held_for_two_seconds_it_deletes(play, tmp_path, how):
    folder = old_scans(tmp_path)
    cors = CorTable(folder)
    cors.set_cors({name(number): 30.0 + number for number in (1, 2)}, CorSource.TYPED)
    csv = folder / "batch_cor_values.csv"
    csv.write_text(f"Filename,COR\n{name(1)},31.0\n{name(2)},32.0\nelsewhere.h5,5.0\n")
    took_s, there = play(deletes, folder, how=how)
    assert took_s >= 2
    assert there == left(folder) == [name(2), name(4)]
    # Their CORs went with them, and nobody else's.
    assert sorted(CorTable(folder).entries) == [name(2), "elsewhere.h5"]
    assert csv.read_text() == f"Filename,COR\n{name(2)},32.0\nelsewhere.h5,5.0\n"


async def names_who_is_refused(hands, growing):
    await folder_is_read(hands, 5)
    await hands.click("search")
    await hands.type("demo")
    await hands.wait(lambda: hands.app.scans.shownCount == 4)
    await hands.click("selectAll")
    await hands.click("search")
    await hands.key(Qt.Key.Key_End)
    await hands.type("_0004")
    await hands.wait(lambda: hands.app.scans.shownCount == 1)
    os.utime(growing)
    await hands.click("removeSelected")
    await hands.reach("removeTakeOff")
    await hands.wait(lambda: hands.app.removal.canDelete, "it is known what may be deleted")
    await hands.read("3 of the selected rows are hidden by the filter.")
    await hands.read("2 files cannot be deleted now")
    await hands.read(f"{name(1)} is not deleted: master.h5 stays and links to it.")
    await hands.read(f"{name(2)} has changed since it was listed")
    await hands.read("Delete 2 files from disk")
    hands.grab("refused")
    await hands.frame()
    await delete(hands)
    return left(hands.app.folder.path)


@pytest.mark.parametrize(
    ("size", "scale", "theme"),
    [
        pytest.param(LARGE, 1.0, "dark", marks=pytest.mark.slow),
        pytest.param(LARGE, 1.0, "light", marks=pytest.mark.slow),
        (SMALL, 1.5, "dark"),
    ],
)
def test_who_is_refused_is_named_before_and_the_filter_hides_nobody(play, tmp_path, size, scale, theme):
    folder = old_scans(tmp_path)
    with h5py.File(folder / "master.h5", "w") as file:
        file["first"] = h5py.ExternalLink(name(1), "/exchange/data")
    make_old(folder / "master.h5")
    settings = {"text_scale": scale, "theme": theme}
    growing = str(folder / name(2))
    there = play(names_who_is_refused, folder, size=size, settings=settings, growing=growing)
    assert there == [name(1), name(2), "master.h5"]


# -- in use -----------------------------------------------------------------------------------


async def refuses_what_is_in_use(hands):
    await folder_is_read(hands, 4)
    folder = Path(hands.app.folder.path)
    journal = hands.app._station.journal
    add, marks = journal.add, []

    def watched(jobs):
        marks.append({mark["scan"] for mark in read_marks(str(folder))})
        return add(jobs)

    journal.add = watched
    station = hands.app._station
    station.set_pause("for a test")
    await hands.click("try", hands.row_id(name(2)))
    await hands.wait(lambda: hands.app.queue.waiting == 1, "it waits")
    # Other stations could see it before it could start.
    assert marks == [{name(2)}]
    theirs = Mark("m1", name(3), "full", "elsewhere", "tomo5", "beamline", time.time(), "tomo5")
    write_mark(marks_folder(folder), theirs)
    with (folder / name(4)).open("ab"):
        await ask(hands, 1, 2, 3, 4)
        await hands.read(f"{name(2)} is not deleted: its Try waits or runs. Cancel that first.")
        await hands.read(
            f"{name(3)} is not deleted: its Full waits or runs at another station (beamline on tomo5"
        )
        await hands.read(f"{name(4)} is open for writing in another program")
        await hands.read("Delete 1 file from disk")
        hands.grab("in-use")
        await delete(hands, "finger")
    assert left(folder) == [name(number) for number in (2, 3, 4)]
    await read_banners(hands)
    await hands.click("cancel", hands.row_id(name(2)))
    await rest(hands)
    station.set_pause(None)
    await hands.wait(lambda: {mark["uid"] for mark in read_marks(str(folder))} == {"m1"}, "its mark is gone")


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_what_is_in_use_here_or_elsewhere_is_refused(play, tmp_path, size):
    play(refuses_what_is_in_use, old_scans(tmp_path), size=size)
