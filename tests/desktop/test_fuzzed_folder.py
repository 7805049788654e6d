"""A folder in which hardly a file is sound: the window lives, and says of each what it is."""

import asyncio
from pathlib import Path

from desktop.odd_files import KINDS, fill
from desktop.steps import cell, folder_is_read

FILES = 1000
GROWING = 3
GROWS_EVERY_S = 0.2


async def grow(path):
    """What an acquisition does to a file that cannot be read yet."""
    while True:
        with path.open("ab") as file:
            file.write(b"more")
        await asyncio.sleep(GROWS_EVERY_S)


async def says_what_each_is(hands, files):
    app = hands.app
    folder = Path(app.folder.path)
    await hands.wait(lambda: app.scans.fileCount == files, "the names are there")
    growing = [asyncio.create_task(grow(folder / f"growing_{number}.h5")) for number in range(GROWING)]
    taps = 0
    while app.folder.loading or app.folder.inspected < files:
        # The window lives on: it takes taps, and paints what they ask for.
        await hands.click("logButton")
        await hands.wait(lambda: hands.is_shown("logList"))
        await hands.click("logButton")
        await hands.wait(lambda: not hands.items("logList"))
        taps += 1
    await folder_is_read(hands, files)
    for number in range(GROWING):
        row = hands.row_id(f"growing_{number}.h5")
        await hands.wait(lambda row=row: cell(hands, row, "status") == "Acquiring")
    for task in growing:
        task.cancel()
    hands.grab("fuzzed")
    told = {
        app.scans.known(i).name: (cell(hands, i, "status"), cell(hands, i, "note")) for i in app.scans.ids()
    }
    return {"taps": taps, "told": told}


def test_a_thousand_odd_files(play, tmp_path):
    folder = tmp_path / "scans"
    expected = fill(folder, FILES)
    for number in range(GROWING):
        (folder / f"growing_{number}.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    given = play(says_what_each_is, folder, files=len(expected) + GROWING, timeout_s=110)
    told = given["told"]
    wrong = {name: told[name] for name, states in expected.items() if told[name][0] not in states}
    assert not wrong
    speechless = [name for name, (state, note) in told.items() if state != "Ready" and len(note) < 10]
    assert not speechless
    assert given["taps"] > 2
    reasons = {note for state, note in told.values() if state == "Unreadable"}
    assert len(reasons) > len(KINDS) / 2
