"""Steps that several stories share."""

from __future__ import annotations

from pathlib import Path

import tomobatch
from desktop.hands import Hands
from tomobatch.desktop.qml_files import qml_root

JOB_S = 60


async def look_around(hands: Hands) -> dict[str, object]:
    """A story for a window of unknown make: where it comes from, and what it shows once it is at rest."""
    await hands.wait(lambda: hands.app.ready)
    await hands.frame()
    hands.grab("window")
    return {
        "package": tomobatch.__file__,
        "qml": str(qml_root()),
        "items": sum(1 for name in ("openFolder", "tryDemo", "browse", "runTry") if hands.items(name)),
    }


async def folder_is_read(hands: Hands, files: int) -> None:
    """Wait until the table holds so many scans, all looked at, and the queue is open."""
    app = hands.app
    await hands.wait(lambda: app.scans.fileCount == files, f"{files} files")
    await hands.wait(lambda: not app.folder.loading and app.folder.inspected == files, "all looked at")
    await hands.wait(lambda: app.ready and app.queue.target.engineText, "the queue is open")


async def open_folder(hands: Hands, folder: Path, files: int) -> None:
    hands.app.folder.openPath(str(folder))
    await folder_is_read(hands, files)


def status(hands: Hands, row: int) -> str:
    """Words of a row's state."""
    return cell(hands, row, "status")


def cell(hands: Hands, row: int, role: str) -> object:
    model = hands.app.scans
    number = next(
        role_id for role_id, name in model.roleNames().items() if bytes(name.data()).decode() == role
    )
    return model.data(model.index(model.rowOf(row), 0), number)


async def has_status(hands: Hands, row: int, words: str, within_s: float = JOB_S) -> None:
    await hands.wait(lambda: status(hands, row) == words, f"row {row} is {words}", within_s)


async def picture_is_shown(hands: Hands, row: int, mode: str) -> None:
    viewer = hands.app.viewer
    await hands.wait(
        lambda: (viewer.scanId, viewer.mode, viewer.state) == (row, mode, "shown"), f"the {mode} is shown"
    )
    await hands.frame()


async def rest(hands: Hands) -> None:
    """Wait until nothing runs or waits."""
    await hands.wait(lambda: not hands.app.queue.active, "all jobs ended", JOB_S)


async def back_to_table(hands: Hands) -> None:
    """Leave the viewer where it lies over the table."""
    if hands.items("viewerBack"):
        await hands.click("viewerBack")
        await hands.wait(lambda: not hands.items("viewerBack"), "the table is shown")


async def read_banners(hands: Hands) -> list[str]:
    """Read what the window says and put it away, as a person does; the sentences."""
    read, changes = [], []
    noted = hands.app.notices.changed.connect(lambda: changes.append(hands.app.notices.text))
    while text := hands.app.notices.text:
        read += [text] if text not in read else []
        before = len(changes)
        await hands.click("bannerDismiss")
        # Another one may have come in front of it meanwhile, and that was put away: it is read again then.
        await hands.wait(lambda before=before: len(changes) > before, "the banner is put away")
    hands.app.notices.changed.disconnect(noted)
    return read
