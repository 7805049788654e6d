"""The question before a batch, left while something is typed into one of its options."""

import pytest
from PySide6.QtCore import Qt

from desktop.live import demo_scans
from desktop.steps import folder_is_read

CONTROL = Qt.KeyboardModifier.ControlModifier


async def types_a_step(hands, text):
    await folder_is_read(hands, 1)
    await hands.click("selectAll")
    await hands.click("runTry")
    await hands.reach("runConfirm")
    await hands.click("runOptions")
    await hands.click("option_center-search-step")
    await hands.key(Qt.Key.Key_A, CONTROL)
    await hands.type(text)


async def types_and_leaves(hands, leave):
    await types_a_step(hands, "2,5")
    if leave == "esc":
        await hands.key(Qt.Key.Key_Escape)
    else:
        await hands.click(leave)
    await hands.wait(lambda: not hands.items("runConfirm"), "the question is closed")
    asking = [task for task in hands.app._tasks._running if task.get_name() == "preparing a batch"]
    for task in asking:
        await task
    await hands.frame()
    return hands.app.runOptions.searchStep, bool(hands.items("runConfirm"))


@pytest.mark.parametrize("leave", ["esc", "runCancel", "runConfirm"])
def test_a_question_that_was_answered_or_left_does_not_come_back(play, tmp_path, leave):
    _, asked_again = play(types_and_leaves, demo_scans(tmp_path, 1), leave=leave)
    assert not asked_again


async def types_nonsense_and_runs(hands):
    await types_a_step(hands, "0")
    await hands.click("runConfirm")
    await hands.read("--center-search-step takes a number from 0.001")
    assert not hands.item("runConfirm").isEnabled()
    assert not hands.app.queue.active
    await hands.click("runCancel")
    await hands.wait(lambda: not hands.items("runConfirm"), "the question is closed")
    await hands.click("runTry")
    await hands.reach("runConfirm")
    assert not hands.items("optionRefusal")
    return hands.item("option_center-search-step").property("text"), hands.item("runConfirm").isEnabled()


def test_nothing_runs_while_an_option_is_refused_and_what_was_refused_is_forgotten(play, tmp_path):
    assert play(types_nonsense_and_runs, demo_scans(tmp_path, 1)) == ["0.5", True]
