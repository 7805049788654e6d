"""Two pictures side by side in the live window: by mouse, by touch, by keys, and without leaving anything."""

from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QPointF, Qt

from desktop.hands import MIDDLE
from desktop.pair_aid import ROW_VALUE, SIZE, sample_values, told_value, two_scans
from desktop.sizes import LARGE_DAILY
from desktop.steps import back_to_table, folder_is_read, open_folder, picture_is_shown
from tomobatch.batch.states import JobState
from tomobatch.formats.demo import write_demo_scans
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place
from tomobatch.volumes.reader import SPARES, THREADS

CTRL = Qt.KeyboardModifier.ControlModifier
FIRST, SECOND = "firstPicture/sliceView", "secondPicture/sliceView"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return two_scans(tmp_path_factory.mktemp("pair") / "scans")


async def look_at(hands, mode):
    await folder_is_read(hands, 3)
    row = hands.row_id("demo_0001.h5")
    await hands.click("viewTry" if mode == "try" else "viewFull", row)
    await picture_is_shown(hands, row, mode)
    return hands.app.viewer


async def both_shown(hands, first, second):
    await hands.wait(
        lambda: all(v.state == "shown" and v.looking.shown_index == v.index for v in (first, second))
    )
    await hands.frame()


async def compare(hands, mode="full"):
    """Look at the first scan, and press Compare; gives both viewers."""
    first = await look_at(hands, mode)
    await hands.click("compare")
    second = hands.app.pair.second
    await both_shown(hands, first, second)
    await hands.reach(SECOND)
    return first, second


def below(hands, name, viewer, place):
    """Where in the data a place of a picture lies."""
    item = hands.item(name)
    return viewer.looking.data_at((item.width() * place[0], item.height() * place[1]))


def part(viewer):
    return viewer.looking.placement.scale, viewer.looking.placement.centre


def scale(viewer):
    return viewer.looking.placement.on(viewer.looking.shape).scale


def same_sample(hands, first, second):
    """Whether both show the same of the sample everywhere; the second's pixels are twice as wide."""
    for place in ((0.1, 0.2), MIDDLE, (0.8, 0.9)):
        at, other = below(hands, FIRST, first, place), below(hands, SECOND, second, place)
        if max(abs(a - 2 * b) for a, b in zip(at, other, strict=True)) > 0.5:
            return False
    return True


def grey(hands, name, place):
    return hands.window.grabWindow().pixelColor(hands.point(hands.item(name), place)).red()


async def the_same_strip(hands):
    """Handles, scale of greys and ground beside both pictures."""

    def colors(picture):
        strip = hands.item(f"{picture}/contrastHands")
        window = hands.window.grabWindow()
        places = ((0.5, 0.1), (0.35, 0.25), (0.35, 0.75), (0.86, 0.3), (0.86, 0.7))
        return [window.pixelColor(hands.point(strip, place)).rgb() & 0xF0F0F0 for place in places]

    await hands.wait(
        lambda: colors("firstPicture") == colors("secondPicture"), "the same contrast beside both"
    )


def at_pointer(hands, mark, picture):
    """Where in its picture a cross-hair stands."""
    at = hands.item(mark).mapToItem(hands.item(picture), QPointF(0, 0))
    return at.x(), at.y()


def readers():
    return sum(thread.name.startswith("volume-") for thread in threading.enumerate())


def places(hands):
    """How far the second lies to the right of the first, and below it; both are of one size."""
    one, other = hands.item(FIRST), hands.item(SECOND)
    assert abs(one.width() - other.width()) <= 1
    assert abs(one.height() - other.height()) <= 1
    across = hands.point(other) - hands.point(one)
    return across.x(), across.y()


async def story_of_a_narrow_panel(hands):
    first, _ = await compare(hands)
    await hands.click("viewerWhole")
    await hands.wait(lambda: not first.whole)
    await hands.frame()
    across, below = places(hands)
    assert across < 5 < below
    for name in ("linkContrast", "secondAway", "secondHeader/viewerMode_full"):
        assert hands.is_shown(name)
    # What was made for two goes with the second, what a person chose stays.
    await hands.click("secondAway")
    await hands.wait(lambda: not hands.app.pair.open)
    assert not first.whole


def test_one_above_the_other(play, made):
    play(story_of_a_narrow_panel, made, settings={"viewer_share": 0.2})


async def story_by_mouse(hands):
    first, second = await compare(hands)
    assert (second.fileName, second.mode) == ("demo_0002.h5", "full")
    assert (first.label, second.label) == ("slice 5", "slice 2")
    # Two pictures take the table's place, too.
    assert first.whole
    assert places(hands)[0] > 5
    assert same_sample(hands, first, second)
    fitted = scale(first)
    await hands.wheel(FIRST, 4, modifier=CTRL)
    await hands.wait(lambda: scale(first) > 2 * fitted)
    assert same_sample(hands, first, second)
    await hands.drag(SECOND, (0.3, 0.4), (0.5, 0.6))
    await both_shown(hands, first, second)
    assert same_sample(hands, first, second)
    # The same grey at the same place of both, in the window itself.
    for place in ((0.25, 0.3), (0.5, 0.65)):
        assert abs(grey(hands, FIRST, place) - grey(hands, SECOND, place)) < 4
    assert abs(grey(hands, FIRST, (0.5, 0.2)) - grey(hands, FIRST, (0.5, 0.7))) > 10
    await the_same_strip(hands)
    await hands.wheel(SECOND, -2)
    await hands.wait(lambda: (first.label, second.label) == ("slice 8", "slice 4"))
    await hands.click("stepOn")
    await hands.click("stepOn")
    await hands.wait(lambda: (first.label, second.label) == ("slice 10", "slice 5"))
    await both_shown(hands, first, second)
    assert same_sample(hands, first, second)
    await hands.double_click(SECOND)
    await hands.wait(lambda: scale(first) == fitted)
    assert first.looking.placement.scale is second.looking.placement.scale is None


@pytest.mark.parametrize("size", LARGE_DAILY)
def test_by_mouse(play, made, size):
    play(story_by_mouse, made, size=size)


async def story_of_values(hands):
    """Each tells the value of its own file at the same place of the sample."""
    first, second = await compare(hands)
    await hands.wheel(FIRST, 3, modifier=CTRL)
    binned = sample_values(binning=1)
    for name, place in ((FIRST, (0.3, 0.4)), (SECOND, (0.55, 0.62)), (FIRST, (0.5, 0.3))):
        await hands.hover(name, place=place)
        await hands.wait(
            lambda: hands.app.pair.marked and " x " in first.position and " x " in second.position
        )
        await hands.frame()
        value, (x, y) = told_value(hands.words("firstPicture/viewerPosition"))
        other_value, (other_x, other_y) = told_value(hands.words("secondPicture/viewerPosition"))
        assert (other_x, other_y) == (x // 2, y // 2)
        assert value == pytest.approx(x + 0.5 + ROW_VALUE * (y + 0.5), rel=1e-3)
        assert other_value == pytest.approx(binned[other_y, other_x], rel=1e-3)
        item = hands.item(name)
        pointed = item.width() * place[0], item.height() * place[1]
        for mark, picture in (("firstMark", FIRST), ("secondMark", SECOND)):
            assert at_pointer(hands, mark, picture) == pytest.approx(pointed, abs=1.5)
    await hands.hover("stepOn")
    await hands.wait(lambda: not hands.app.pair.marked)
    assert " x " not in first.position + second.position


def test_values_under_the_pointer_are_those_of_both_files(play, made):
    play(story_of_values, made)


async def story_by_touch(hands):
    first, second = await compare(hands, "try")
    assert (second.fileName, first.label, second.label) == ("demo_0002.h5", "COR 9.50", "COR 9.50")
    fitted = scale(first)
    await hands.pinch(SECOND, 2.5)
    await hands.wait(lambda: scale(first) > 1.5 * fitted)
    assert part(first) == part(second)
    await hands.slide(FIRST, (0.3, 0.4), (0.5, 0.6))
    assert part(first) == part(second)
    assert hands.app.pair.marked
    await hands.tap(FIRST, times=2)
    await hands.wait(lambda: part(first)[0] is part(second)[0] is None)
    # The contrast is one, until each has its own.
    await hands.slide("firstPicture/contrastHands", (0.5, 0.25), (0.5, 0.45))
    assert second.looking.levels == first.looking.levels
    await hands.tap("linkContrast")
    await hands.wait(lambda: not hands.app.pair.contrastLinked)
    own = second.looking.levels
    assert own != first.looking.levels
    await hands.slide("firstPicture/contrastHands", (0.5, 0.25), (0.5, 0.4))
    assert second.looking.levels == own
    await hands.tap("linkContrast")
    await hands.wait(lambda: second.looking.levels == first.looking.levels != own)
    # What is used is the first's, and that is said.
    await hands.slide("sliceSlider", (0.43, 0.5), (0.98, 0.5))
    await hands.wait(lambda: first.label == "COR 11.50" and first.canUseCor)
    assert hands.words("firstPicked") == "Use this COR: from here"
    assert hands.is_shown("secondPicked")
    await hands.wheel(SECOND, -1)
    await hands.wait(lambda: second.label == "COR 12.00")
    await both_shown(hands, first, second)
    assert "COR 12.00 · " in second.position
    picked = []
    first.corPicked.connect(lambda *what: picked.append(what))
    scan_id = first.scanId
    await hands.tap("useThisCor")
    await hands.wait(lambda: picked == [(scan_id, 11.5)])
    await hands.tap("secondAway")
    await hands.wait(lambda: not hands.items("secondPicture") and not hands.app.pair.open)
    assert not hands.items("firstPicked")
    assert first.position.startswith("row 3 · ")


def test_by_touch(play, scans):
    play(story_by_touch, scans)


async def story_by_keys(hands):
    first = await look_at(hands, "full")
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_2)
    second = await hands.wait(lambda: hands.app.pair.second)
    await both_shown(hands, first, second)
    fitted = scale(first)
    await hands.key(Qt.Key.Key_Right)
    assert (first.label, second.label) == ("slice 6", "slice 3")
    await hands.key(Qt.Key.Key_Plus)
    assert scale(first) > fitted
    assert same_sample(hands, first, second)
    await hands.key(Qt.Key.Key_Tab, times=12)
    await hands.click(SECOND)
    assert hands.focus_name() == "secondPicture"
    await hands.key(Qt.Key.Key_End)
    assert (first.label, second.label) == ("slice 11", "slice 5")
    await hands.key(Qt.Key.Key_F)
    await hands.wait(lambda: scale(first) == fitted)
    await hands.key(Qt.Key.Key_2, CTRL)
    assert hands.app.pair.open
    await hands.key(Qt.Key.Key_2)
    await hands.wait(lambda: not hands.app.pair.open)
    # Nobody has to reach for the mouse to go on.
    await hands.key(Qt.Key.Key_Home)
    assert first.label == "slice 0"


def test_by_keys(play, made):
    play(story_by_keys, made)


async def story_of_faults(hands):
    """What is wrong in the second is said there, and the first goes on."""
    first, second = await compare(hands)
    await hands.click("secondHeader/viewerFile")
    await hands.click("viewerFile_2")
    await hands.wait(lambda: second.state == "error")
    await hands.read("demo_0003.h5 has no Full yet")
    assert "no Full" in hands.words("secondPicture/viewerMessage")
    assert not hands.items("firstPicture/viewerMessage")
    await hands.click("stepOn")
    await both_shown_first(hands, first, "slice 6")
    await hands.click("secondHeader/viewerFile")
    await hands.click("viewerFile_0")
    await hands.wait(lambda: second.state == "shown" and second.label == "slice 6")
    await hands.click("secondHeader/viewerMode_try")
    await hands.wait(lambda: (second.mode, second.state) == ("try", "shown"))
    # The first goes on to another scan, the second with it.
    first.show(hands.row_id("demo_0002.h5"), "full")
    await hands.wait(lambda: (second.fileName, second.mode, second.state) == ("demo_0002.h5", "try", "shown"))


async def both_shown_first(hands, first, label):
    await hands.wait(lambda: first.state == "shown" and first.label == label)


def test_what_cannot_be_shown_is_said_in_the_second(play, made):
    play(story_of_faults, made)


async def story_of_a_new_run(hands, result, scan):
    """Of the second's scan, while it is looked at: the new pixels, and the first stays as it was."""
    first, second = await compare(hands)
    await hands.wheel(FIRST, 3, modifier=CTRL)
    before = part(first), part(second), second.label, first.looking.frame.slice
    for path in Path(result).glob("*.tiff"):
        tifffile.imwrite(path.with_suffix(".new"), np.full((SIZE // 2, SIZE // 2), 7, np.float32))
        path.with_suffix(".new").replace(path)
    job = SimpleNamespace(path=scan, kind=Kind.FULL)
    done = SimpleNamespace(uid="j", state=JobState.COMPLETE, job=job)
    hands.app._viewers.jobs_changed([done])
    await hands.wait(lambda: second.looking.frame.slice.data[5, 5] == 7 and second.state == "shown")
    assert (part(first), part(second), second.label, first.looking.frame.slice) == before


def test_a_result_that_is_made_anew(play, scans):
    scan = scans / "demo_0002.h5"
    play(story_of_a_new_run, scans, result=str(final_place(scan, Kind.FULL)), scan=str(scan))


async def story_of_closing(hands, other_folder):
    first = await look_at(hands, "full")
    # They begin one after the other, and the first slice may be there before the last.
    alone = THREADS + SPARES
    await hands.wait(lambda: readers() == alone, "its threads have begun")
    for close in ("compare", "secondAway"):
        await hands.click("compare")
        second = hands.app.pair.second
        await both_shown(hands, first, second)
        await hands.wait(lambda: readers() == 2 * alone, "the threads of both")
        shown = hands.item(SECOND)._scene
        kept = [
            weakref.ref(thing) for thing in (second, second.looking, second.looking.frame.slice.data, shown)
        ]
        del second, shown
        await hands.click(close)
        await hands.wait(lambda: readers() == alone, "its threads have ended")
        await hands.frame()
        await hands.wait(lambda kept=kept: gc.collect() >= 0 and not any(ref() for ref in kept), "its memory")
    await hands.click("compare")
    await hands.wait(lambda: hands.app.pair.second and hands.app.pair.second.state == "shown")
    await back_to_table(hands)
    await open_folder(hands, other_folder, 2)
    await hands.wait(lambda: not hands.app.pair.open and readers() == 0)
    assert not hands.item("compare").isEnabled()


def test_closing_frees_the_second(play, made, tmp_path):
    write_demo_scans(tmp_path / "other", 2, 32)
    play(story_of_closing, made, other_folder=str(tmp_path / "other"))


async def story_of_big_text(hands):
    """All of it has its place: nothing is cut off, nothing lies over anything else."""
    await compare(hands, "try")
    hands.grab("compared")
    for name in ("compare", "linkContrast", "secondAway", FIRST, SECOND):
        assert hands.is_shown(name)
    for name in ("linkContrast", "secondAway", "secondHeader/viewerMode"):
        item = hands.item(name)
        right = item.mapToScene(QPointF(item.width(), 0)).x()
        assert right <= hands.window.width() - 11
    for name in ("firstPicture", "secondPicture"):
        assert min(hands.item(name).width(), hands.item(name).height()) > 150


@pytest.mark.parametrize("size", LARGE_DAILY)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_with_big_text(play, made, size, theme):
    play(story_of_big_text, made, size=size, settings={"text_scale": 1.5, "theme": theme})
