"""Walking to a folder in the window: big rows, no disk can hold it, any name can be entered."""

import asyncio
import ctypes
import os
import shutil
import signal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.live import demo_scans
from desktop.steps import folder_is_read
from tomobatch.desktop import browser as browsing

CHINESE, SPACES, NEWLINE, ODD = "数据 扫描", "with  spaces ", "new\nline", os.fsdecode(b"odd\xff")
CAP_BSET_DROP, READS_ALL = 24, (1, 2)


@pytest.fixture
def tree(tmp_path):
    """A place with folders of every kind of name, each with a number of scans in it."""
    place = tmp_path / "place"
    for scans, name in enumerate((".hidden", "run_2", "run_10", CHINESE, SPACES, NEWLINE, ODD)):
        demo_scans(place / name, max(1, scans), 32)
    (place / "notes.txt").touch()
    (place / "run_2" / "scans" / "note.h5.txt").touch()
    return place


def listed(hands):
    """Names in the sheet as they are shown, with what is said about the scans in them."""
    model = hands.app.browser
    roles = {bytes(name.data()).decode(): role for role, name in model.roleNames().items()}
    rows = [model.index(row) for row in range(model.rowCount())]
    return {
        model.data(row, roles["name"]): tuple(model.data(row, roles[role]) for role in ("entryId", "scans"))
        for row in rows
    }


async def opens_sheet(hands, by="click"):
    await hands.wait(lambda: hands.app.ready)
    await getattr(hands, by)("browse")
    await hands.reach("folderCancel")
    await is_listed(hands)


async def is_listed(hands):
    await hands.wait(lambda: not hands.app.browser.loading, "the folder is listed")


async def walk(hands, place, by="click"):
    """To a folder, by its path."""
    await getattr(hands, by)("folderPath")
    await hands.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    await hands.type(str(place))
    await hands.key(Qt.Key.Key_Return)
    await is_listed(hands)


async def enter(hands, name, by="click"):
    await getattr(hands, by)("folderRow", listed(hands)[name][0])
    await is_listed(hands)


async def by_mouse(hands, place):
    await opens_sheet(hands)
    assert hands.app.browser.path == os.environ["HOME"]
    await walk(hands, place)
    names = list(listed(hands))
    assert names == ["new\\nline", "odd\\udcff", "run_2", "run_10", SPACES, CHINESE]
    await enter(hands, "run_10")
    await hands.wait(lambda: listed(hands)["scans"][1] == 2, "the scans are counted")
    await hands.frame()
    hands.grab("counted")
    await hands.click("folderUp")
    await is_listed(hands)
    assert list(listed(hands)) == names
    await hands.wait(lambda: hands.item("folderRows").property("currentIndex") == names.index("run_10"))
    await hands.click("folderHome")
    await is_listed(hands)
    assert hands.app.browser.path == os.environ["HOME"]
    await walk(hands, place)
    for name, scans in {"odd\\udcff": 6, CHINESE: 3, SPACES: 4, "new\\nline": 5}.items():
        await enter(hands, name)
        await enter(hands, "scans")
        assert hands.words("folderOpen") == f"Open this folder ({scans} scans)"
        assert hands.words("folderState") == "No folders in here"
        await hands.click("folderUp")
        await is_listed(hands)
        await hands.click("folderUp")
        await is_listed(hands)
    await enter(hands, "odd\\udcff")
    await enter(hands, "scans")
    await hands.click("folderOpen")
    await folder_is_read(hands, 6)
    assert not hands.items("folderCancel")
    # It begins where it ended.
    await opens_sheet(hands)
    assert hands.app.browser.path.endswith("/odd\\udcff/scans")


def test_by_mouse_through_names_of_every_kind(play, tree):
    play(by_mouse, place=str(tree))


async def by_touch(hands, place):
    await opens_sheet(hands, "tap")
    await walk(hands, place, "tap")
    await enter(hands, CHINESE, "tap")
    await enter(hands, "scans", "tap")
    await hands.tap("folderOpen")
    await folder_is_read(hands, 3)


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 800)])
def test_by_touch(play, tree, size):
    play(by_touch, place=str(tree), size=size)


async def by_keyboard(hands, place):
    await opens_sheet(hands)
    assert hands.focus_name().startswith("folderRow"), hands.focus_name()
    await hands.key(Qt.Key.Key_Backtab)
    assert hands.focus_name() == "folderPath"
    await hands.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    await hands.type(place)
    await hands.key(Qt.Key.Key_Return)
    await is_listed(hands)
    await hands.key(Qt.Key.Key_Tab)
    assert hands.focus_name().startswith("folderRow"), hands.focus_name()
    await hands.key(Qt.Key.Key_Down, times=3)
    await hands.key(Qt.Key.Key_Return)
    await is_listed(hands)
    assert hands.app.browser.path == f"{place}/run_10"
    await hands.key(Qt.Key.Key_Backspace)
    await is_listed(hands)
    await hands.key(Qt.Key.Key_Up)
    await hands.key(Qt.Key.Key_Return)
    await is_listed(hands)
    assert hands.app.browser.path == f"{place}/run_2"
    # From here, and a second Return opens it.
    await hands.key(Qt.Key.Key_Backtab)
    await hands.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    await hands.type("../run_10/scans")
    await hands.key(Qt.Key.Key_Return)
    await is_listed(hands)
    assert hands.words("folderPath") == f"{place}/run_10/scans"
    await hands.key(Qt.Key.Key_Return)
    await folder_is_read(hands, 2)
    await opens_sheet(hands)
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("folderCancel"))


def test_by_keyboard(play, tree):
    play(by_keyboard, place=str(tree))


async def hangs(hands, place):
    browsing.LIST_S = 6.0
    await opens_sheet(hands)
    await walk(hands, place)
    os.kill(hands.app.browser._worker._child.pid, signal.SIGSTOP)
    await hands.click("folderRow", listed(hands)["run_2"][0])
    assert hands.words("folderState") == "Reading…"
    for _ in range(3):
        # The window lives on.
        await hands.frame()
        await hands.hover("folderHome")
        assert hands.app.browser.loading
    await is_listed(hands)
    assert "No answer within 6 s about" in hands.words("folderState")
    assert not hands.item("folderOpen").isEnabled()
    await hands.click("folderUp")
    await is_listed(hands)
    assert "run_2" in listed(hands)
    # One who does not wait walks away, or closes the sheet.
    os.kill(hands.app.browser._worker._child.pid, signal.SIGSTOP)
    browsing.LIST_S = 600.0
    await hands.click("folderRow", listed(hands)["run_2"][0])
    await hands.click("folderUp")
    await is_listed(hands)
    os.kill(hands.app.browser._worker._child.pid, signal.SIGSTOP)
    await hands.click("folderRow", listed(hands)["run_10"][0])
    await hands.click("folderCancel")
    await opens_sheet(hands)


def test_a_disk_that_hangs_holds_nobody(play, tree):
    play(hangs, place=str(tree))


async def is_lost(hands, place):
    await opens_sheet(hands)
    await walk(hands, place)
    shutil.rmtree(Path(place) / "run_2")
    await enter(hands, "run_2")
    assert hands.words("folderState") == f"✕  The folder {place}/run_2 does not exist; choose another."
    assert not hands.item("folderOpen").isEnabled()
    await hands.click("folderUp")
    await is_listed(hands)
    assert "run_2" not in listed(hands)
    await walk(hands, f"{place}/notes.txt")
    assert "is not a folder" in hands.words("folderState")
    await hands.click("folderCancel")


def test_a_folder_that_vanished_is_said_in_place(play, tree):
    play(is_lost, place=str(tree))


async def is_denied(hands, place):
    # Root too is denied what this takes away, from every process that is begun from now on.
    for right in READS_ALL:
        ctypes.CDLL(None).prctl(CAP_BSET_DROP, right, 0, 0, 0)
    await opens_sheet(hands)
    await walk(hands, place)
    await hands.wait(lambda: listed(hands)["run_2"][1] == 0, "what can be counted is counted")
    assert listed(hands)["run_10"][1] == -1
    await enter(hands, "run_10")
    said = hands.words("folderState")
    assert said == f"✕  The folder {place}/run_10 cannot be listed: Permission denied."


def test_a_folder_that_may_not_be_read_is_said_in_place(play, tree):
    (tree / "run_10").chmod(0)
    play(is_denied, place=str(tree))
    (tree / "run_10").chmod(0o700)


async def taps_what_was_there(hands, place):
    await opens_sheet(hands)
    await walk(hands, place)
    old = listed(hands)["run_2"][0]
    await walk(hands, f"{place}/run_10")
    hands.app.browser.enter(old)
    await asyncio.sleep(0)
    assert not hands.app.browser.loading
    assert hands.app.browser.path == f"{place}/run_10"


def test_a_row_that_is_not_there_any_more_leads_nowhere(play, tree):
    play(taps_what_was_there, place=str(tree))
