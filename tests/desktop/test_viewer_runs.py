"""The viewer beside runs in the live window: Fulls that grow, that are cancelled, that are kept."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt

from desktop.held_engine import ONE_THREAD, HeldEngine
from desktop.live import demo_scans
from desktop.sizes import LARGE_DAILY
from desktop.steps import back_to_table, cell, folder_is_read, has_status, picture_is_shown, rest
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place

NAME = "demo_0001.h5"
ROWS = 48
SO_FAR = re.compile(rf"This Full is still being made: (\d+) of {ROWS} slices so far\.")


async def with_cor(hands, cor_px=95.0):
    """The row, with a COR that somebody typed."""
    await folder_is_read(hands, 1)
    row = hands.row_id(NAME)
    assert hands.app.cors.pick(row, cor_px) == ""
    await hands.wait(lambda: cell(hands, row, "canFull"), "a Full can be run")
    return row


def so_far(hands):
    """How many slices the viewer says there are."""
    found = [SO_FAR.fullmatch(note) for note in hands.app.viewer.notes]
    return int(found[0][1]) if found and found[0] else 0


def seen(viewer):
    return viewer.label, viewer.looking.placement, viewer.looking.levels


async def story_of_growth(hands, final):
    row, viewer, engine = await with_cor(hands), hands.app.viewer, HeldEngine(Path(final))
    assert not cell(hands, row, "canViewFull")
    await hands.click("full", row)
    assert await engine.hold(0) == 0
    await hands.click("viewFull", row)
    await hands.read("No slice is there yet: this Full has just begun.")
    # It shows the first ones by itself, and says how many there are.
    made = await engine.hold(6)
    await picture_is_shown(hands, row, "full")
    assert made < ROWS
    await hands.wait(lambda: so_far(hands) == viewer.count == made)
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_Home)
    await hands.key(Qt.Key.Key_Right)
    await hands.wheel("sliceView", 2, modifier=Qt.KeyboardModifier.ControlModifier)
    await hands.slide("contrastHands", (0.5, 0.25), (0.5, 0.4))
    # The second of those that are there: the very first ones may be among the last of a pass.
    await hands.wait(lambda: (viewer.index, viewer.state) == (1, "shown"))
    before = seen(viewer)
    more = await engine.hold(made + 6)
    await hands.wait(lambda: so_far(hands) == viewer.count == more)
    assert seen(viewer) == before
    await hands.frame()
    hands.grab("growing")
    engine.let_go()
    await has_status(hands, row, "Full Complete")
    await hands.wait(lambda: (viewer.count, viewer.state, viewer.notes) == (ROWS, "shown", []))
    assert seen(viewer) == before
    assert viewer._source._folder == Path(final)
    await hands.key(Qt.Key.Key_End)
    await hands.wait(lambda: (viewer.label, viewer.state) == (f"slice {ROWS - 1}", "shown"))


def test_a_full_is_watched_as_it_grows(play, tmp_path):
    scans = demo_scans(tmp_path, 1, 192)
    play(story_of_growth, scans, final=str(final_place(scans / NAME, Kind.FULL)), env=ONE_THREAD)


async def cancelled_at(hands, row, engine, slices=6):
    """Cancel a Full that is looked at."""
    await hands.click("full", row)
    if hands.app.scans.known(row).has_full:
        await hands.click("runConfirm")
    await engine.hold(slices)
    await hands.click("viewFull", row)
    await hands.wait(lambda: so_far(hands) >= slices)
    await hands.click("cancel", row)
    engine.let_go()
    await has_status(hands, row, "Full Cancelled")


async def story_of_a_cancelled_full(hands, final):
    row, viewer = await with_cor(hands), hands.app.viewer
    await cancelled_at(hands, row, HeldEngine(Path(final)))
    said = await hands.read("The Full that was being made was cancelled.")
    assert said.endswith(f"{NAME} has no Full yet: press Full.")
    await hands.click("full", row)
    await has_status(hands, row, "Full Complete")
    # What comes is shown without a hand.
    await hands.wait(lambda: (viewer.state, viewer.count) == ("shown", ROWS))
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_Home)
    await cancelled_at(hands, row, HeldEngine(Path(final)))
    await hands.wait(lambda: (viewer.state, viewer.count) == ("shown", ROWS))
    assert viewer.notes == ["The Full that was being made was cancelled."]
    assert viewer.label == "slice 0"


def test_a_full_that_is_cancelled_while_it_is_looked_at(play, tmp_path):
    scans = demo_scans(tmp_path, 1, 192)
    play(story_of_a_cancelled_full, scans, final=str(final_place(scans / NAME, Kind.FULL)), env=ONE_THREAD)


async def run_again(hands, row, cor_px, *, keep):
    """Another Full by the question; `keep` ticks the option there."""
    hands.app.cors.pick(row, cor_px)
    await back_to_table(hands)
    await hands.click("full", row)
    await hands.reach("runConfirm")
    await hands.read("demo_0001.h5")
    if keep:
        await hands.click("runOptions")
        await hands.reach("optionKeep")
        before = hands.point(hands.item("runConfirm"))
        await hands.click("optionKeep")
        await hands.read("1 complete Full result is kept beside the new one.")
        await hands.frame()
        # What is pressed next stays where it was.
        assert hands.point(hands.item("runConfirm")) == before
        hands.grab("keep")
    await hands.click("runConfirm")
    await hands.wait(lambda: hands.app.queue.active)
    await rest(hands)
    await has_status(hands, row, "Full Complete")


def texts(hands):
    return [one["text"] for one in hands.app.viewer.versions.found]


async def story_of_versions(hands, results):
    row, viewer = await with_cor(hands, 31.0), hands.app.viewer
    await hands.click("full", row)
    await has_status(hands, row, "Full Complete")
    await hands.click("viewFull", row)
    await picture_is_shown(hands, row, "full")
    assert not hands.items("viewerVersion")
    earlier = viewer.looking.frame.slice.data.copy()
    await run_again(hands, row, 40.0, keep=True)
    if not hands.items("viewerPanel"):
        await hands.click("viewFull", row)
    await hands.reach("viewerVersion")
    await hands.wait(lambda: len(texts(hands)) == 2 and viewer.state == "shown")
    assert re.fullmatch(r"COR 40\.00 · \d\d:\d\d", texts(hands)[0])
    assert re.fullmatch(r"COR 31\.00 · \d\d:\d\d · kept", texts(hands)[1])
    label, newer = viewer.label, viewer.looking.frame.slice.data.copy()
    assert not np.array_equal(newer, earlier)
    assert not hands.items("removeVersion")
    await hands.click("viewerVersion")
    await hands.click("viewerVersion_1")
    await hands.wait(lambda: np.array_equal(viewer.looking.frame.slice.data, earlier))
    assert viewer.label == label
    await hands.reach("removeVersion")
    await hands.frame()
    hands.grab("kept")
    await hands.click("viewerVersion")
    await hands.click("viewerVersion_0")
    await hands.wait(lambda: np.array_equal(viewer.looking.frame.slice.data, newer))
    await hands.click("viewerVersion")
    await hands.click("viewerVersion_1")
    # A tap does nothing.
    await hands.click("removeVersion")
    await hands.frame()
    assert len(list(Path(results).glob("demo*"))) == 2
    async with hands.pressed("removeVersion"):
        await hands.wait(lambda: len(list(Path(results).glob("demo*"))) == 1)
    await hands.wait(lambda: len(texts(hands)) == 1 and viewer.state == "shown")
    assert not hands.items("viewerVersion")
    assert np.array_equal(viewer.looking.frame.slice.data, newer)


@pytest.mark.parametrize("size", LARGE_DAILY)
def test_an_earlier_full_is_kept_compared_and_removed(play, tmp_path, size):
    scans = demo_scans(tmp_path, 1)
    results = final_place(scans / NAME, Kind.FULL).parent
    play(story_of_versions, scans, results=str(results), size=size)


async def story_of_a_folder_that_goes(hands, scans):
    row, viewer = await with_cor(hands), hands.app.viewer
    await hands.click("full", row)
    await has_status(hands, row, "Full Complete")
    await hands.click("viewFull", row)
    await picture_is_shown(hands, row, "full")
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_Home)
    await hands.wait(lambda: (viewer.state, viewer.label) == ("shown", "slice 0"))
    results = Path(f"{scans}_rec")
    results.rename(results.with_name("away"))
    # Far enough that it was not read ahead.
    await hands.key(Qt.Key.Key_End)
    await hands.wait(lambda: viewer.state == "error" and "has no Full yet" in viewer.message)
    results.with_name("away").rename(results)
    await hands.wait(lambda: (viewer.state, viewer.label) == ("shown", f"slice {viewer.count - 1}"))
    # One file alone that is gone is said, and the others are shown.
    (final_place(Path(scans) / NAME, Kind.FULL) / "recon_00003.tiff").unlink()
    viewer.index = 3
    await hands.wait(lambda: viewer.state == "error" and "recon_00003.tiff is not in" in viewer.message)
    await hands.key(Qt.Key.Key_Right)
    await hands.wait(lambda: (viewer.state, viewer.label) == ("shown", "slice 4"))


async def story_of_a_growing_try(hands, final):
    row, viewer, engine = await with_cor(hands), hands.app.viewer, HeldEngine(Path(final))
    await hands.click("try", row)
    await engine.hold(3)
    assert not cell(hands, row, "canViewFull")
    await hands.click("viewTry", row)
    await picture_is_shown(hands, row, "try")
    label = viewer.label
    assert viewer.notes[0].startswith("This Try is still being made: ")
    made = await engine.hold(viewer.count + 5)
    await hands.wait(lambda: (viewer.count, viewer.state) == (made, "shown"))
    assert viewer.label == label
    engine.let_go()
    await has_status(hands, row, "Try Complete")
    await hands.wait(lambda: (viewer.count, viewer.notes, viewer.canUseCor) == (200, [], True))
    assert viewer.label == label


def test_a_try_is_watched_as_it_grows(play, tmp_path):
    scans = demo_scans(tmp_path, 1, 192)
    play(story_of_a_growing_try, scans, final=str(final_place(scans / NAME, Kind.TRY)), env=ONE_THREAD)


async def story_of_mixed_sizes(hands):
    viewer = hands.app.viewer
    await folder_is_read(hands, 1)
    row = hands.row_id(NAME)
    await hands.click("viewFull", row)
    await picture_is_shown(hands, row, "full")
    assert viewer.notes == []
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_End)
    await hands.wait(lambda: viewer.notes and viewer.state == "shown")
    assert viewer.notes == ["Slices differ in size: this one is 64×96, the first 128×128."]
    await hands.read(viewer.notes[0])
    assert viewer.looking.shape == (64, 96)
    await hands.key(Qt.Key.Key_Home)
    await hands.wait(lambda: viewer.state == "shown" and viewer.notes == [])


def test_slices_of_several_sizes(play, tmp_path):
    scans = demo_scans(tmp_path, 1)
    folder = final_place(scans / NAME, Kind.FULL)
    folder.mkdir(parents=True)
    for number, shape in enumerate([(128, 128), (128, 128), (64, 96)]):
        tifffile.imwrite(folder / f"recon_{number:05d}.tiff", np.ones(shape, np.float32))
    play(story_of_mixed_sizes, scans)


@pytest.mark.slow
def test_a_folder_that_goes_and_comes_back(play, tmp_path):
    scans = demo_scans(tmp_path, 1, 192)
    play(story_of_a_folder_that_goes, scans, scans=str(scans))
