"""What goes wrong with the queue, the engine and the state folder is said in words in the window."""

import contextlib
import os
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest

from desktop.live import demo_scans
from desktop.sizes import SMALL_DAILY
from desktop.steps import cell, folder_is_read, has_status, read_banners, rest, status
from desktop.test_errors import why
from system.stand import ENGINE, TOMOBATCH, Stand, wait_until, write_scan
from tomobatch.batch.journal import Journal
from tomobatch.batch.journal_format import SCHEMA_VERSION
from tomobatch.config.places import host_state_folder
from tomobatch.config.settings import settings_path


def set_cor(folder, name, cor_px):
    subprocess.run([TOMOBATCH, "cor", "set", folder, name, str(cor_px)], check=True, capture_output=True)


def fill(file):
    """Leave no room on the disk of a file."""
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as opened:
        while opened.write(bytes(512)):
            pass


# -- the engine -------------------------------------------------------------------------------


@pytest.fixture
def stand(tmp_path):
    """An engine called tomocupy that replays, or hangs, and is found on the PATH."""
    made = Stand(tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tomocupy").symlink_to(ENGINE)
    made.env["PATH"] = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    yield made
    made.clean_up()


async def spoils_what_waits(hands, how):
    await folder_is_read(hands, 2)
    folder = Path(hands.app.folder.path)
    first, second = hands.row_id("scan_hang.h5"), hands.row_id("scan_late.h5")
    await hands.click("full", first)
    await hands.wait(lambda: status(hands, first).startswith("Running Full"))
    await hands.click("full", second)
    await hands.wait(lambda: hands.app.queue.waiting == 1)
    if how == "deleted":
        (folder / "scan_late.h5").rename(folder / "away")
    else:
        write_scan(folder / "scan_late.h5")
    await hands.wait(lambda: how == "replaced" or hands.app.folder.found == 1)
    await hands.click("cancel", first)
    await rest(hands)
    await read_banners(hands)
    if how == "replaced":
        await has_status(hands, second, "Full Failed")
        return await why(hands, second)
    # Its row is gone; the log tells.
    await hands.click("logButton")
    said = await hands.read("scan_late.h5 cannot be read any more")
    await hands.click(next(item.objectName() for item in lines_with(hands, said)))
    await hands.read("scan_late.h5")
    await hands.wait(lambda: hands.words("outputText") == "It has not begun, so it has printed nothing.")
    await hands.click("outputClose")
    return said


def lines_with(hands, text):
    """The *Output* buttons of the log's lines with a text."""
    for item in hands.items("logList")[0].childItems()[0].childItems():
        if item.property("text") == text:
            yield from (child for child in item.childItems() if child.objectName().startswith("output"))


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_scan_that_is_gone_or_another_one_when_its_turn_comes(play, stand, how):
    stand.scans("scan_hang.h5", "scan_late.h5")
    env = {name: stand.env[name] for name in stand.env if name.startswith("REPLAY")} | {
        "PATH": stand.env["PATH"]
    }
    said = play(spoils_what_waits, stand.data, env=env, how=how)
    assert ("cannot be read any more" if how == "deleted" else "as changed since it was queued") in said


# -- the results' disk ------------------------------------------------------------------------


async def fills_up(hands, disk):
    await folder_is_read(hands, 1)
    row = hands.row_id("demo_0001.h5")
    await hands.click("selectAll")
    fill(Path(disk) / "fill")
    await hands.click("runFull")
    await hands.read("but only")
    await hands.click("runConfirm")
    await hands.wait(lambda: "full" in cell(hands, row, "note"), "the row says so")
    await read_banners(hands)
    said = await why(hands, row)
    # Not in the row alone: it can be seen from afar, until it goes on.
    assert hands.words("standstillText").endswith(hands.app.queue.standstill)
    assert "nearly full" in hands.app.queue.standstill
    hands.grab("held")
    (Path(disk) / "fill").unlink()
    await has_status(hands, row, "Full Complete")
    assert not hands.items("standstill")
    return said


@pytest.mark.slow
@pytest.mark.parametrize("size", SMALL_DAILY)
def test_a_full_disk_below_the_results(play, tmp_path, small_disk, size):
    folder = demo_scans(small_disk, 1, 32)
    set_cor(folder, "demo_0001.h5", 15.5)
    assert "nearly full" in play(fills_up, folder, size=size, disk=str(small_disk), timeout_s=100)


# -- the journal and the settings -------------------------------------------------------------


async def has_no_queue(hands, words):
    said = await hands.read(words)
    await read_banners(hands)
    await hands.wait(lambda: hands.app.folder.inspected == 3)
    # That there is none stays to be read, and whoever presses is told again why.
    await hands.read("The queue could not be opened")
    await hands.click("try", hands.row_id("demo_0001.h5"))
    assert await hands.read(words) == said
    await hands.click("bannerDismiss")
    await hands.click("selectAll")
    assert not hands.item("runTry").isEnabled()
    hands.window.close()
    await hands.wait(lambda: hands.app.closing)


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_a_journal_of_a_later_version(play, tmp_path, size):
    journal = Journal(host_state_folder() / "journal")
    journal.close()
    with sqlite3.connect(journal.path) as db:
        db.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    db.close()
    words = "was written by a later TomoBatch"
    play(has_no_queue, demo_scans(tmp_path), size=size, words=words, allowed=["queue could not be opened"])


def test_a_broken_journal(play, tmp_path):
    folder = host_state_folder() / "journal"
    folder.mkdir()
    (folder / "journal.sqlite").write_text("no journal, but long enough to look like one" * 100)
    words = "move it aside and start again"
    play(has_no_queue, demo_scans(tmp_path), words=words, allowed=["queue could not be opened"])


async def is_said(hands, words):
    await hands.read(words)
    await read_banners(hands)
    await folder_is_read(hands, 3)


def test_damaged_settings(play, tmp_path):
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text("theme = ")
    play(is_said, demo_scans(tmp_path), words="The settings were damaged")


async def loses_its_state_disk(hands, disk):
    await folder_is_read(hands, 3)
    first, second = (hands.row_id(f"demo_000{number}.h5") for number in (1, 2))
    await hands.click("try", first)
    await has_status(hands, first, "Try Complete")
    await read_banners(hands)
    fill(Path(disk) / "fill")
    await hands.click("try", second)
    said = [await hands.read("full")]
    await read_banners(hands)
    assert "unforeseen" not in said[0]
    hands.app.cors.set(second, "30.5")
    said.append(await hands.read("COR"))
    await read_banners(hands)
    await hands.click("slotsMore")
    said += await read_banners(hands)
    (Path(disk) / "fill").unlink()
    await hands.click("try", second)
    await has_status(hands, second, "Try Complete")
    return said


def test_a_state_folder_on_a_full_disk(play, tmp_path, state_disk):
    env = {"XDG_STATE_HOME": str(state_disk)}
    said = play(loses_its_state_disk, demo_scans(tmp_path), env=env, disk=str(state_disk), allowed=["full"])
    assert not [words for words in said if "unforeseen" in words]


# -- another scheduler ------------------------------------------------------------------------


async def waits_for_a_terminal(hands, pid):
    await folder_is_read(hands, 3)
    await hands.read(f"Another TomoBatch (process {pid}) runs the queue.")
    row = hands.row_id("demo_0001.h5")
    await hands.click("try", row)
    await hands.wait(lambda: status(hands, row) != "Ready")
    os.kill(pid, signal.SIGKILL)
    await hands.wait(lambda: not hands.app.queue.elsewhere)
    assert not [text for text in hands.sentences() if "Another TomoBatch" in text]
    await has_status(hands, row, "Try Complete")
    await rest(hands)


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_another_program_that_schedules_is_named_and_taken_over(play, tmp_path, size):
    others = demo_scans(tmp_path / "others", 12, 192)
    terminal = subprocess.Popen([TOMOBATCH, "run", "try", others], stdout=subprocess.PIPE, text=True)
    try:
        journal = host_state_folder() / "journal" / "journal.sqlite"
        wait_until(lambda: journal.exists() and running())
        play(waits_for_a_terminal, demo_scans(tmp_path), size=size, pid=terminal.pid, timeout_s=90)
    finally:
        terminal.kill()
        terminal.communicate()


def running():
    journal = Journal(host_state_folder() / "journal")
    try:
        return any(row.state.value == "running" for row in journal.rows())
    finally:
        journal.close()
