"""The machines window, live: edited, tested, saved; and what becomes of a machine that is lost."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.live import demo_scans
from desktop.machine_aid import Hall, put_machines
from desktop.sizes import LARGE_DAILY, SMALL
from desktop.steps import cell, open_folder, read_banners, rest
from far_aid import UNKNOWN_KEY, UNREACHABLE, Key
from tomobatch.config.machines import ANY, MachineEntry, machines_path, read_machines
from tomobatch.station.connection_test import Topic

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


async def into_view(hands, name):
    """Scroll until something can be reached."""
    for _ in range(20):
        if hands.is_shown(name):
            return
        await hands.wheel("machineFields", -2)
    raise AssertionError(f"{name} never comes into view")


async def story_of_a_machine(hands, data):
    """Add one, test it, save it; what was typed is lost by no slip."""
    Hall(hands.app, beam=UNKNOWN_KEY)
    await hands.wait(lambda: hands.app.ready)
    await open_folder(hands, Path(data), SCANS)
    await open_window(hands)
    await hands.click("machineAdd")
    await fill(hands, "machineName", "tomo 6")
    await fill(hands, "machineHost", "beam")
    await hands.click("machineTest")
    await hands.reach("hostKeyNotNow")
    assert hands.words("hostKeyPrint") == Key.fingerprint
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("hostKeyNotNow"), "nothing was trusted")
    assert hands.app.machines.editor.tested[1]["sign"] == "bad"
    await hands.click("machineTest")
    await hands.click("hostKeyTrust")
    await hands.wait(lambda: [one["sign"] for one in hands.app.machines.editor.tested[:2]] == ["good"] * 2)
    await hands.wait(lambda: not hands.app.machines.editor.testing, "it was tested to the end")
    await hands.read(Topic.CLOCK.value)
    await hands.key(Qt.Key.Key_Escape)
    assert hands.words("machinesTrouble") == "▲  What was changed here is not saved yet."
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("machinesDiscard"), "it is edited still")
    assert not machines_path().exists()
    await hands.click("machinesSave")
    await closed(hands)
    found = read_machines(machines_path())[0][-1]
    assert (found.name, found.host) == ("tomo 6", "beam")
    await hands.click("machine")
    await hands.read("tomo 6")
    await hands.key(Qt.Key.Key_Escape)


async def story_of_refusals(hands):
    """What makes no sense, belongs to jobs, or was changed by another program is not saved without a word."""
    Hall(hands.app)
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
    Hall(hands.app)
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
        "machineRemove",
        "machineTest",
    }
    assert wanted <= set(reached), wanted - set(reached)


async def story_of_a_lost_machine(hands, data):
    """Its row says so, a banner asks, and what waits can be moved."""
    hall = Hall(hands.app)
    hands.app.machines._lost._after_s = 0.0
    await hands.wait(lambda: hands.app.ready)
    await open_folder(hands, Path(data), SCANS)
    rows = [hands.row_id(f"demo_{number:04d}.h5") for number in (1, 2, 3)]
    await hands.click("machine")
    await hands.click("machine_1")
    watch, target = hands.app.machines.watch, hands.app.target
    await hands.wait(lambda: target.name == "tomo1" and target.choice.engine, "it is asked")
    await hands.wait(lambda: watch.mark("tomo1").value == "reachable", "it answers")
    hands.app.queue.pause()
    await hands.click("selectAll")
    await hands.click("runTry")
    await hands.click("runConfirm")
    await hands.wait(lambda: hands.app.queue.waiting == SCANS, "they wait")
    await read_banners(hands)
    tomo1 = hall.made["tomo1"]
    # Whoever calls it meets the same.
    tomo1.trouble = UNREACHABLE
    tomo1.lose(UNREACHABLE, time.time() - 120)
    await hands.read("tomo1 has not answered since")
    await hands.frame()
    hands.grab("lost")
    assert hands.item("machineDot").property("mark") == "lost"
    assert "no route to host" in watch.words("tomo1")
    await hands.click("bannerAction1")
    await hands.wait(
        lambda: {cell(hands, row, "note").partition(" ·")[0] for row in rows} == {ANY}, "they moved"
    )
    await read_banners(hands)
    tomo1.trouble = None
    tomo1.find_again()
    await hands.wait(lambda: hands.app.notices.text == "tomo1 answers again.", "it is said")
    hands.app.queue.stop()
    await rest(hands)
    hands.app.queue.goOn()


@pytest.mark.parametrize("size", LARGE_DAILY)
def test_a_machine_is_added_tested_and_saved(play, tmp_path, size):
    play(story_of_a_machine, size=size, data=str(demo_scans(tmp_path, SCANS)))


def test_what_cannot_be_saved_is_said(play):
    put_machines(*(MachineEntry(f"tomo{number}", host=f"tomo{number}") for number in range(1, 6)))
    play(story_of_refusals, size=SMALL)


@pytest.mark.parametrize(
    ("size", "scale"),
    [((1024, 700), 1.5), pytest.param((1920, 1080), 1.0, marks=pytest.mark.slow)],
)
def test_the_keyboard_reaches_everything(play, size, scale):
    play(story_by_keys, size=size, settings={"text_scale": scale})


@pytest.mark.parametrize("size", LARGE_DAILY)
def test_a_lost_machine_is_seen_and_its_jobs_are_moved(play, tmp_path, size):
    settings = {"engines": {"tomo1": "cpu"}}
    play(story_of_a_lost_machine, size=size, settings=settings, data=str(demo_scans(tmp_path, SCANS)))
