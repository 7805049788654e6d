"""The machines window, live: what it does not save, and the keyboard; real hosts are in test_far_window."""

import pytest
from PySide6.QtCore import Qt

from desktop.machine_aid import put_machines
from desktop.sizes import SMALL
from tomobatch.config.machines import MachineEntry, machines_path, read_machines

SCANS = 3


async def open_window(hands):
    """By the button, or in a small window by the last line of the list of target machines."""
    if hands.items("machinesButton"):
        await hands.click("machinesButton")
    else:
        await hands.click("machine")
        await hands.wait(lambda: hands.items("machine_0"))
        await hands.key(Qt.Key.Key_End)
        await hands.key(Qt.Key.Key_Return)
    await hands.reach("machinesCancel")


async def closed(hands):
    await hands.wait(lambda: not hands.items("machinesCancel"), "the window is closed")


async def fill(hands, field, text):
    await hands.click(field)
    await hands.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    await hands.type(text)


async def into_view(hands, name, notches=-2):
    """Scroll until something can be reached."""
    for _ in range(20):
        if hands.is_shown(name):
            # A press on what still glides only holds it.
            await hands.wait(lambda: not hands.item("machineFields").property("moving"), "they stand still")
            return
        await hands.wheel("machineFields", notches)
    raise AssertionError(f"{name} never comes into view")


async def story_of_refusals(hands):
    """What makes no sense, belongs to jobs, or was changed by another program is not saved without a word."""
    await hands.wait(lambda: hands.app.ready)
    editor = hands.app.machines.editor
    await open_window(hands)
    assert not hands.items("machineRemove")
    await hands.click("machineRow1")
    await fill(hands, "machineName", "tomo2")
    await hands.read("There is a machine tomo2 already")
    await hands.click("machinesSave")
    await hands.read("Not saved: There is a machine tomo2 already")
    await fill(hands, "machineName", "tomo9")
    theirs = read_machines(machines_path())[0]
    put_machines(*theirs[2:])
    await hands.click("machinesSave")
    await hands.read("changed by another program since it was opened: tomo1 (gone)")
    await hands.click("machinesReadAgain")
    await hands.wait(lambda: editor.count == 5 and not editor.conflict, "it is read again")
    await hands.click("machineRow4")
    await into_view(hands, "machineRemove")
    await hands.click("machineRemove")
    await hands.click("machinesSave")
    await closed(hands)
    assert [one.name for one in read_machines(machines_path())[0]] == ["Local", "tomo2", "tomo3", "tomo4"]


async def story_by_keys(hands):
    """Everything can be reached by the keyboard, and comes into view."""
    await hands.wait(lambda: hands.app.ready)
    await open_window(hands)
    await hands.key(Qt.Key.Key_Down)
    reached = []
    while hands.focus_name() not in reached:
        reached.append(hands.focus_name())
        await hands.key(Qt.Key.Key_Tab)
        await hands.frame()
        assert not hands.covered(hands.window.activeFocusItem()), hands.focus_name()
    wanted = {"machineRow1", "machineAdd", "machineName", "machineHost", "machineGpusLess", "machineEngine"}
    wanted |= {
        "machineEnvironment",
        "pairAdd",
        "machineInAny",
        "machineLostJobs",
        "machineRemove",
        "machineTest",
    }
    assert wanted <= set(reached), wanted - set(reached)


def test_what_cannot_be_saved_is_said(play):
    put_machines(*(MachineEntry(f"tomo{number}", host=f"tomo{number}") for number in range(1, 6)))
    play(story_of_refusals, size=SMALL)


@pytest.mark.parametrize(
    ("size", "scale"),
    [((1024, 700), 1.5), pytest.param((1920, 1080), 1.0, marks=pytest.mark.slow)],
)
def test_the_keyboard_reaches_everything(play, size, scale):
    play(story_by_keys, size=size, settings={"text_scale": scale})
