"""Pictures of machines: the list with its dots, the machines window, its test, a key, a lost machine."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt

from desktop.hands import Hands
from desktop.machine_aid import Hall
from desktop.steps import read_banners, rest
from far_aid import UNKNOWN_KEY, UNREACHABLE, Far


async def the_machines(hands: Hands) -> None:
    """This host stands in for the machines; `Hall` makes them from here on."""
    hall = Hall(hands.app, tomo2=UNREACHABLE, tomo3=UNKNOWN_KEY)
    await the_list(hands)
    await the_window(hands)
    await the_lost(hands, hall)


async def the_list(hands: Hands) -> None:
    watch = hands.app.machines.watch
    for name, seen_s in (("tomo1", 12), ("tomo2", 900)):
        machine = Far(name)
        watch.follow(machine)
        machine.find_again()
        if name == "tomo2":
            machine.lose(UNREACHABLE, time.time() - seen_s)
    await hands.click("machine")
    await hands.wait(lambda: hands.items("machine_0"))
    await hands.frame()
    hands.grab("30-machine-list")
    await hands.key(Qt.Key.Key_End)
    await hands.key(Qt.Key.Key_Return)
    await hands.reach("machinesCancel")


async def the_window(hands: Hands) -> None:
    editor = hands.app.machines.editor
    await hands.click("machineRow1")
    editor.set("environment", "source /opt/conda/bin/activate\nconda activate tomocupy")
    editor.addPair()
    editor.setPair(0, "here", "/data")
    editor.setPair(0, "there", "/mnt/data")
    await hands.frame()
    hands.grab("31-machines")
    for row, name in ((1, "32-machine-test"), (2, "33-machine-not-reached")):
        await hands.click(f"machineRow{row}")
        await hands.click("machineTest")
        await hands.wait(lambda: editor.tested and not editor.testing, "it was tested")
        await hands.frame()
        hands.grab(name)
    await hands.click("machineRow3")
    await hands.click("machineTest")
    await hands.reach("hostKeyNotNow")
    hands.grab("34-host-key")
    await hands.click("hostKeyNotNow")
    await hands.wait(lambda: not hands.items("hostKeyNotNow"))
    await hands.key(Qt.Key.Key_Escape)
    await hands.reach("machinesDiscard")
    hands.grab("35-machines-unsaved")
    await hands.click("machinesDiscard")
    await hands.wait(lambda: not hands.items("machinesCancel"))


async def the_lost(hands: Hands, hall: Hall) -> None:
    """A machine that does not answer while a job runs there."""
    target = hands.app.target
    target.setProperty("machine", "tomo1")
    await hands.wait(lambda: target.name == "tomo1" and target.choice.engine, "it is asked")
    await hands.click("runTry")
    await hands.click("runConfirm")
    await hands.wait(lambda: hands.app.queue.running and hands.app.queue.waiting, "jobs run and wait")
    lost = hall.made["tomo1"]
    hands.app.machines._lost._after_s = 0.0
    lost.trouble = UNREACHABLE
    lost.lose(UNREACHABLE, time.time() - 130)
    await hands.read("tomo1 has not answered since")
    await hands.frame()
    hands.grab("36-machine-lost")
    lost.trouble = None
    lost.find_again()
    hands.app.queue.stop()
    await rest(hands)
    target.setProperty("machine", "Local")
    await read_banners(hands)
