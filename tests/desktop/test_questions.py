"""Questions that were overtaken while they stood."""

import pytest
from PySide6.QtCore import Qt

from desktop.live import demo_scans
from desktop.steps import folder_is_read, open_folder, rest

CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


async def another_folder_comes(hands, other, button, shown):
    await folder_is_read(hands, 2)
    await hands.click("selectAll")
    await hands.click(button)
    await hands.reach(shown)
    await open_folder(hands, other, 1)
    await hands.wait(lambda: not hands.items(shown), "the question is gone")


@pytest.mark.parametrize(("button", "shown"), [("runTry", "runCancel"), ("removeSelected", "removeCancel")])
def test_a_question_about_a_folder_goes_with_it(play, tmp_path, button, shown):
    other = demo_scans(tmp_path / "other", 1)
    play(another_folder_comes, demo_scans(tmp_path, 2), other=str(other), button=button, shown=shown)


async def all_ends_meanwhile(hands):
    await folder_is_read(hands, 1)
    await hands.click("try", hands.row_id("demo_0001.h5"))
    await hands.wait(lambda: hands.app.queue.active, "it runs")
    hands.window.close()
    await hands.reach("closeCancel")
    await rest(hands)
    await hands.wait(lambda: not hands.items("closeCancel"), "there is nothing to ask any more")
    assert not hands.app.closing


def test_nobody_is_asked_what_becomes_of_jobs_that_have_ended(play, tmp_path):
    play(all_ends_meanwhile, demo_scans(tmp_path, 1, 256))


async def is_told_of_the_pause(hands):
    await folder_is_read(hands, 2)
    hands.app.queue.pause()
    await hands.wait(lambda: hands.app.queue.paused, "it is paused")
    await hands.click("selectAll")
    await hands.click("runTry")
    await hands.read("The queue is paused: nothing starts before somebody presses Go on.")
    await hands.click("runCancel")


def test_who_adds_to_a_queue_that_is_paused_is_told(play, tmp_path):
    play(is_told_of_the_pause, demo_scans(tmp_path, 2))


async def undoes_and_redoes(hands, redo):
    await folder_is_read(hands, 1)
    row = hands.row_id("demo_0001.h5")
    assert hands.app.cors.set(row, "30") == ""
    await hands.click("undo")
    await hands.wait(lambda: hands.app.cors.canRedo, "it is taken back")
    await hands.key(Qt.Key(redo[0]), Qt.KeyboardModifier(redo[1]))
    await hands.wait(lambda: hands.app.cors.canUndo, "it is made again")


@pytest.mark.parametrize(
    "redo",
    [(Qt.Key.Key_Z, CONTROL_SHIFT), (Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)],
    ids=["ctrl-shift-z", "ctrl-y"],
)
def test_redo_by_either_key(play, tmp_path, redo):
    play(undoes_and_redoes, demo_scans(tmp_path, 1), redo=[redo[0].value, redo[1].value])
