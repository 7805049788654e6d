"""Which engine runs scans, and with which options, chosen in the live window."""

import os

import pytest
from PySide6.QtCore import Qt

from desktop.live import demo_scans
from desktop.sizes import SMALL_DAILY
from desktop.steps import cell, folder_is_read, has_status, read_banners
from tomobatch.config.settings import read_settings, settings_path

CONTROL = Qt.KeyboardModifier.ControlModifier


async def takes_the_cpu_engine(hands):
    await hands.wait(lambda: hands.app.folder.inspected == 3 and hands.app.notices.text)
    said = await read_banners(hands)
    assert "tomocupy" in said[0]
    hands.grab("engine-missing")
    row = hands.row_id("demo_0001.h5")
    await hands.click("try", row)
    await hands.read("Not run:")
    assert not hands.item("runConfirm").isEnabled()
    hands.grab("engine-instead")
    await hands.click("runCpuInstead")
    await hands.wait(lambda: hands.app.runs.askCount == 1)
    await hands.read("by the CPU engine, as you chose.")
    await hands.click("runConfirm")
    await has_status(hands, row, "Try Complete")
    assert hands.item("engine").property("displayText") == "CPU engine"


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_where_tomocupy_crashes_the_cpu_engine_can_be_taken_and_is_remembered(play, tmp_path, size):
    engine = tmp_path / "bin" / "tomocupy"
    engine.parent.mkdir()
    engine.write_text("#!/bin/sh\nkill -SEGV $$\n")
    engine.chmod(0o755)
    path = {"PATH": f"{engine.parent}:{os.environ['PATH']}"}
    play(takes_the_cpu_engine, demo_scans(tmp_path), size=size, env=path)
    assert read_settings(settings_path())[0].engines == {"Local": "cpu"}


async def has_options(hands):
    await folder_is_read(hands, 1)
    row = hands.row_id("demo_0001.h5")
    hands.app.cors.set(row, "31.5")
    await hands.wait(lambda: cell(hands, row, "corText"))
    await hands.click("selectAll")
    await hands.click("runFull")
    before = await hands.read("Needs ")
    await hands.click("runOptions")
    await hands.click("optionBinning_1")
    await hands.read("Binning 1: 2 pixels each way become one.")
    await hands.click("optionFormat_h5nolinks")
    await hands.read("Format: HDF5.")
    assert await hands.read("Needs ") != before
    hands.grab("options-full")
    await hands.click("runConfirm")
    await has_status(hands, row, "Full Complete")
    await read_banners(hands)
    await hands.click("runTry")
    await hands.reach("runConfirm")
    if not hands.items("option_center-search-step"):
        await hands.click("runOptions")
    await hands.click("option_center-search-step")
    await hands.key(Qt.Key.Key_A, CONTROL)
    await hands.type("0")
    await hands.key(Qt.Key.Key_Return)
    await hands.read("--center-search-step takes a number from 0.001")
    await hands.key(Qt.Key.Key_A, CONTROL)
    await hands.type("2,5")
    await hands.key(Qt.Key.Key_Tab)
    await hands.read("Search step: 2.5 px.")
    hands.grab("options-try")
    await hands.click("runCancel")
    return [job.job.request["options"] for job in hands.app.scans.known(row).jobs]


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_options_are_checked_shown_used_and_kept(play, tmp_path, size):
    options = play(has_options, demo_scans(tmp_path, 1), size=size)
    assert options == [{"binning": 1, "save-format": "h5nolinks"}]
    kept, _ = read_settings(settings_path())
    assert (kept.full_options, kept.try_options) == (
        {"binning": "1", "save-format": "h5nolinks"},
        {"center-search-step": "2.5"},
    )
