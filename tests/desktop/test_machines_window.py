"""The machines window, live: what it does not save, and the keyboard; real hosts are in test_far_window."""

import pytest
from PySide6.QtCore import Qt

from desktop.machine_aid import closed, fill, into_view, open_window, put_machines
from desktop.sizes import SMALL
from tomobatch.config.machines import MachineEntry, machines_path, read_machines

SCANS = 3


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
