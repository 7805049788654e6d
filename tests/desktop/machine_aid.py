"""A machine list for stories in the live window, and hands for the window that shows it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from desktop.hands import Hands
from tomobatch.config.machines import DEFAULT_MACHINES, MachineEntry, machines_path, write_machines


def put_machines(*entries: MachineEntry) -> Path:
    """A machine list of these, and Local, before the program starts."""
    write_machines(machines_path(), [DEFAULT_MACHINES[0], *entries])
    return machines_path()


async def open_window(hands: Hands) -> None:
    """By the button, or in a small window by the last line of the list of target machines."""
    if hands.items("machinesButton"):
        await hands.click("machinesButton")
    else:
        await hands.click("machine")
        await hands.wait(lambda: hands.items("machine_0"))
        await hands.key(Qt.Key.Key_End)
        await hands.key(Qt.Key.Key_Return)
    await hands.reach("machinesCancel")


async def closed(hands: Hands) -> None:
    await hands.wait(lambda: not hands.items("machinesCancel"), "the window is closed")


async def fill(hands: Hands, field: str, text: str) -> None:
    await hands.click(field)
    await hands.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    await hands.type(text)


async def into_view(hands: Hands, name: str, notches: int = -2) -> None:
    """Scroll until something can be reached."""
    for _ in range(20):
        if hands.is_shown(name):
            # A press on what still glides only holds it.
            await hands.wait(lambda: not hands.item("machineFields").property("moving"), "they stand still")
            return
        await hands.wheel("machineFields", notches)
    raise AssertionError(f"{name} never comes into view")
