"""The harness itself: a story fails where it should, and hands reach only what a person could reach."""

import asyncio
import logging
import time
import warnings

import pytest
from PySide6.QtCore import Qt, QTimer, qWarning
from PySide6.QtQml import QQmlComponent, qmlEngine

from desktop.live import live_story
from desktop.steps import folder_is_read, look_around


async def sums(hands, one, two):
    return one + two


async def warns_by_qt(hands):
    qWarning("oh")


async def warns_by_qml(hands):
    text = b"import QtQuick\nItem { property int n: nothing.at.all }"
    component = QQmlComponent(qmlEngine(hands.window))
    component.setData(text, "")
    component.create().deleteLater()


async def warns_by_python(hands):
    QTimer.singleShot(0, lambda: warnings.warn("oh", stacklevel=1))
    await asyncio.sleep(0.1)


async def logs_an_error(hands):
    logging.getLogger("somewhere").error("oh")


async def raises(hands):
    raise KeyError("oh")


async def does_not_end(hands):
    await asyncio.Event().wait()


async def blocks_the_loop(hands):
    time.sleep(600)


FAULTS = {
    warns_by_qt: "oh",
    warns_by_qml: "ReferenceError",
    warns_by_python: "UserWarning: oh",
    logs_an_error: "oh",
    raises: "KeyError: 'oh'",
    does_not_end: "TimeoutError",
    blocks_the_loop: "in blocks_the_loop",
}


@pytest.mark.parametrize(("story", "words"), FAULTS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_fault_fails_the_test(play, story, words):
    with pytest.raises((AssertionError, pytest.fail.Exception), match=words):
        play(story, timeout_s=4)


def test_a_story_takes_and_gives(play):
    assert play(sums, one=1, two=2) == 3


def test_a_fault_on_purpose_is_allowed(play):
    play(warns_by_qt, allowed=["^QtWarningMsg .*: oh"])


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 800)])
def test_the_window_fills_the_screen_it_is_given(play, size):
    assert play(size_of_window, size=size) == list(size)


async def size_of_window(hands):
    await hands.frame()
    return hands.window.width(), hands.window.height()


def test_an_empty_window_is_looked_at(play):
    assert play(look_around)["items"] == 4


@live_story(scans=2, size=(1280, 800))
async def test_hands_do_not_reach_through_what_lies_over(hands):
    await folder_is_read(hands, 2)
    row = hands.row_id("demo_0001.h5")
    await hands.click("selectAll")
    await hands.click("runTry")
    await hands.reach("runConfirm")
    assert "lies over it" in hands.covered(hands.item("try", row))
    with pytest.raises(AssertionError, match="cannot be reached"):
        await hands.reach("try", row, within_s=0.2)
    await hands.key(Qt.Key.Key_Escape)
    await hands.reach("try", row)


@live_story(scans=16, size=(1280, 800))
async def test_hands_type_and_flick(hands):
    await folder_is_read(hands, 16)
    rows = hands.item("scanList")
    await hands.flick("scanList", (0.2, 0.8), (0.2, 0.1))
    await hands.wait(lambda: rows.property("contentY") > 48, "the table has moved")
    await hands.click("search")
    await hands.type("0002")
    await hands.wait(lambda: hands.app.scans.shownCount == 1, "one is left")
    assert hands.focus_name() == "search"
