"""Pictures of the viewer's tools, for `desktop.screenshots`."""

from __future__ import annotations

from PySide6.QtCore import Qt

from desktop.hands import Hands
from desktop.steps import picture_is_shown


async def the_tools(hands: Hands, row: int) -> None:
    """The best five, contrast, profile, region, the question where to save, and two pictures."""
    await hands.click("viewerMode_try")
    await picture_is_shown(hands, row, "try")
    picking = hands.app.picking
    await hands.wait(lambda: picking.candidates is not None and picking.candidates.done, "all are scored")
    await the_wall(hands)
    for key, name, drawn in (
        (Qt.Key.Key_C, "25-contrast", False),
        (Qt.Key.Key_P, "26-profile", True),
        (Qt.Key.Key_R, "27-region", True),
    ):
        await hands.key(key)
        if drawn:
            await hands.drag("sliceView", (0.3, 0.3), (0.55, 0.6))
            await hands.wait(lambda: hands.app.viewer.measuring.text, "it is measured")
        await hands.frame()
        hands.grab(name)
        await hands.key(Qt.Key.Key_Escape)
    await hands.key(Qt.Key.Key_S)
    await hands.reach("saveCancel")
    hands.grab("28-save")
    await hands.click("saveCancel")
    await two_pictures(hands)


async def the_wall(hands: Hands) -> None:
    await hands.click("openWall")
    await hands.wait(lambda: hands.items("bestWall"), "the best five hang")
    await hands.frame()
    hands.grab("24-best-five")
    await hands.key(Qt.Key.Key_Escape)
    await hands.click("sliceView")


async def two_pictures(hands: Hands) -> None:
    await hands.click("compare")
    await hands.wait(lambda: hands.app.pair.open and hands.app.pair.second.state == "shown", "two are shown")
    await hands.frame()
    hands.grab("29-compare")
    await hands.click("secondAway")
    await hands.wait(lambda: not hands.app.pair.open)
