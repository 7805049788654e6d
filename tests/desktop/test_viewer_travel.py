"""Through the slices in the live window: steps, slider, swipe, flick and play, by mouse, touch and keys."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.viewer_aid import is_shown, look_at, make_results, raw_is_made, scale
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place
from tomobatch.volumes import reader


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("travel") / "scans")


async def look_at_raw(hands, **about):
    """200 slices that no disk holds back."""
    raw_is_made(**about)
    viewer = await look_at(hands, "try")
    await hands.click("viewerMode_raw")
    await hands.wait(lambda: viewer.mode == "raw" and viewer.count)
    await is_shown(hands)
    return viewer


def thumb(hands):
    """Size of the words above the slider's thumb, and whether they stand above it."""
    words, slider = hands.item("sliceThumb"), hands.item("sliceSlider")
    middle = hands.point(words).x()
    return words.property("font").pixelSize(), abs(middle - hands.point(slider.property("handle")).x())


async def story_by_mouse(hands):
    viewer = await look_at(hands, "try")
    assert hands.words("sliceThumb") == "20 / 40 · " + viewer.label
    small, beside = thumb(hands)
    assert beside <= 2
    async with hands.pressed("sliceSlider"):
        await hands.frame()
        assert thumb(hands)[0] > small
    await hands.click("sliceSlider", place=(0.25, 0.5))
    await hands.wait(lambda: 8 <= viewer.index <= 11)
    await hands.frame()
    small, beside = thumb(hands)
    assert hands.words("sliceThumb") == f"{viewer.index + 1} / 40 · {viewer.label}"
    assert beside <= 2
    at = viewer.index
    assert hands.item("stepOnLarge").property("glyph") == "+5"
    await hands.click("stepOnLarge")
    assert viewer.index == at + 5
    await hands.click("stepBackLarge")
    assert viewer.index == at
    async with hands.pressed("stepOnLarge"):
        await hands.wait(lambda: viewer.index == 39)
    assert not hands.item("stepOnLarge").isEnabled()
    # A mouse drags the picture, whether it is fitted or not.
    before = viewer.looking.placement
    await hands.drag("sliceView", (0.6, 0.5), (0.3, 0.5))
    assert viewer.looking.placement.centre[0] > before.on(viewer.looking.shape).centre[0] + 5
    assert viewer.index == 39


def test_by_mouse(play, made):
    play(story_by_mouse, made)


async def story_by_touch(hands):
    viewer = await look_at_raw(hands)
    await hands.tap("sliceSlider", place=(0.75, 0.5))
    await hands.wait(lambda: 140 < viewer.index < 160)
    at, placement = viewer.index, viewer.looking.placement
    # The finger lies still before it leaves: so far it goes, and no farther.
    await hands.slide("sliceView", (0.6, 0.5), (0.3, 0.5), hold_s=0.3)
    width = hands.item("sliceView").width()
    assert viewer.index - at == pytest.approx(0.3 * width / 18, abs=2)
    assert viewer.looking.placement == placement
    assert not viewer.travel.moving
    await hands.slide("sliceView", (0.4, 0.3), (0.4, 0.7), hold_s=0.1)
    assert viewer.looking.placement == placement
    at = viewer.index
    await hands.slide("sliceView", (0.3, 0.5), (0.5, 0.5), hold_s=0.3)
    assert viewer.index < at - 5
    await hands.tap("sliceView", times=2)
    await hands.pinch("sliceView", 2.5)
    await hands.wait(lambda: scale(viewer) > 10)
    assert not viewer.travel.moving
    at, centre = viewer.index, viewer.looking.placement.centre
    await hands.slide("sliceView", (0.6, 0.5), (0.4, 0.5))
    assert viewer.index == at
    assert viewer.looking.placement.centre[0] > centre[0] + 5
    await hands.tap("sliceView", times=2)
    await hands.wait(lambda: viewer.looking.placement.scale is None)
    async with hands.touched("stepBackLarge"):
        await hands.wait(lambda: viewer.index == 0)


def test_by_touch(play, made):
    play(story_by_touch, made)


async def story_of_a_flick(hands):
    viewer = await look_at_raw(hands, count=2000)
    # A busy machine must not look like a finger that stopped: each look at the clock is a frame later.
    ticks = count(step=0.016)
    viewer.travel._clock = lambda: next(ticks)
    at = viewer.index
    await hands.flick("sliceView", (0.7, 0.5), (0.2, 0.5))
    let_go = viewer.index
    assert let_go > at
    assert viewer.travel.moving
    await hands.wait(lambda: viewer.index > let_go + 3)
    assert hands.words("sliceThumb").startswith(f"projections {viewer.index} of 0–1999")
    await hands.wait(lambda: not viewer.travel.moving)
    await is_shown(hands)
    # A touch ends it.
    await hands.flick("sliceView", (0.7, 0.5), (0.2, 0.5))
    await hands.wait(lambda: viewer.travel.moving)
    async with hands.touched("sliceView"):
        assert not viewer.travel.moving
        at = viewer.index
        await is_shown(hands)
        assert viewer.index == at


def test_a_flick(play, made):
    play(story_of_a_flick, made)


async def story_of_play(hands):
    viewer = await look_at_raw(hands)
    seen = []
    viewer.indexChanged.connect(lambda: seen.append(viewer.index))
    assert viewer.travel.speed == "10"
    await hands.tap("playSpeed_25")
    await hands.tap("play")
    await hands.wait(lambda: len(seen) > 8)
    assert viewer.travel.playing
    await hands.tap("sliceView")
    assert not viewer.travel.playing
    assert seen == list(range(100, 100 + len(seen)))
    await hands.frame()
    assert viewer.index == seen[-1]
    for stop in ("stepOn", "sliceSlider", "play"):
        await hands.click("play")
        await hands.wait(lambda: viewer.travel.playing)
        await hands.click(stop)
        assert not viewer.travel.playing
    # Turns around, or starts over.
    await hands.click("sliceView")
    for end, before in ((True, 198), (False, 0)):
        viewer.travel.turnsAround = not end
        await hands.click("playEnd")
        assert viewer.travel.turnsAround is end
        await hands.click("sliceView")
        await hands.key(Qt.Key.Key_End)
        await is_shown(hands)
        seen.clear()
        await hands.key(Qt.Key.Key_Space)
        await hands.wait(lambda: seen)
        await hands.wheel("sliceView", -1)
        assert seen[0] == before
        assert not viewer.travel.playing


def test_play(play, made):
    play(story_of_play, made)


async def story_of_a_slow_disk(hands):
    """Played from a disk that gives a slice now and then: each is shown, and the window answers."""
    viewer = await look_at(hands, "try")
    given, read = [0], reader.read_slice

    def slowly(source, index, buffers, left):
        while index >= given[0] and not left():
            time.sleep(0.005)
        return read(source, index, buffers, left)

    reader.read_slice = slowly
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_Home)
    given[0] = 1
    await is_shown(hands)
    shown = [viewer.looking.shown_index]
    viewer.looking.frameChanged.connect(lambda: shown.append(viewer.looking.shown_index))
    viewer.travel.speed = "25"
    await hands.click("play")
    for number in range(1, 6):
        # Whatever was not read ahead is waited for.
        await hands.wait(lambda: viewer.state == "loading")
        waited_at = viewer.index
        for _ in range(8):
            await hands.frame()
        assert (viewer.index, viewer.travel.playing) == (waited_at, True)
        given[0] += 1
        await hands.wait(lambda waited_at=waited_at: viewer.index > waited_at or viewer.state == "shown")
        assert number <= viewer.index
    assert sorted(set(shown)) == list(range(max(shown) + 1))
    async with hands.touched("sliceView"):
        assert not viewer.travel.playing
    reader.read_slice = read
    given[0] = viewer.count


def test_a_slow_disk_plays_slowly(play, made):
    play(story_of_a_slow_disk, made)


async def story_by_keys(hands):
    viewer = await look_at_raw(hands)
    await hands.click("sliceView")
    at = viewer.index
    for key, index in [
        (Qt.Key.Key_PageDown, at + 20), (Qt.Key.Key_PageUp, at), (Qt.Key.Key_Right, at + 1),
        (Qt.Key.Key_End, 199), (Qt.Key.Key_Home, 0), (Qt.Key.Key_Left, 0),
    ]:  # fmt: skip
        await hands.key(key)
        assert viewer.index == index
    await hands.key(Qt.Key.Key_Space)
    await hands.wait(lambda: viewer.travel.playing and viewer.index > 1)
    await hands.key(Qt.Key.Key_Space)
    assert not viewer.travel.playing
    names = await tab_through(hands)
    wanted = [
        "viewerFile", "viewerPart", "viewerMode_raw", "viewerMode_try", "viewerMode_full",
        "compare", "viewerWhole",
        "firstPicture", "contrastLowHandle", "contrastHighHandle", "autoContrast", "contrastButton",
        "profileButton", "regionButton", "savePicture", "fitPicture", "scaleBar",
        "stepBackLarge", "stepBack", "sliceSlider", "stepOn", "stepOnLarge",
        "play", "playSpeed_5", "playSpeed_10", "playSpeed_25", "playEnd",
    ]  # fmt: skip
    assert names == wanted, names
    # On the slider the keys mean the same, the large ones too.
    while hands.focus_name() != "sliceSlider":
        await hands.key(Qt.Key.Key_Tab)
    await hands.key(Qt.Key.Key_Home)
    await hands.key(Qt.Key.Key_Right)
    await hands.key(Qt.Key.Key_PageDown)
    assert viewer.index == 21
    for name, done in [
        ("stepOnLarge", lambda: viewer.index == 41), ("play", lambda: viewer.travel.playing),
        ("playSpeed_25", lambda: viewer.travel.speed == "25"),
        ("playEnd", lambda: not viewer.travel.turnsAround),
    ]:  # fmt: skip
        while hands.focus_name() != name:
            await hands.key(Qt.Key.Key_Tab)
        await hands.key(Qt.Key.Key_Return)
        await hands.wait(done)


async def tab_through(hands):
    """Names of what Tab reaches in the viewer, in this order, from its first."""
    await hands.click("viewerFile")
    await hands.key(Qt.Key.Key_Escape)
    names = [hands.focus_name()]
    panel = hands.item("viewerPanel")
    while True:
        await hands.key(Qt.Key.Key_Tab)
        item = hands.window.activeFocusItem()
        if not panel.isAncestorOf(item):
            return names
        assert hands.focus_name() not in names[1:], f"Tab turns in a circle: {names}"
        names.append(hands.focus_name())


def test_by_keys(play, made):
    play(story_by_keys, made)


async def story_of_a_broken_slice(hands, candidate):
    """One can step past it by any hand, and the picture comes back."""
    Path(candidate).write_bytes(b"no TIFF")
    viewer = await look_at(hands, "try")
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_Home)
    await hands.click("stepOn")
    await hands.wait(lambda: viewer.state == "error")
    assert viewer.index == 1
    assert Path(candidate).name in await hands.read(Path(candidate).name)
    assert hands.words("sliceThumb").startswith("2 / 40")
    await hands.click("stepOn")
    await is_shown(hands)
    assert viewer.index == 2
    assert hands.is_shown("sliceView")
    await hands.click("stepBackLarge")
    await hands.click("play")
    await hands.wait(lambda: viewer.index > 3)
    assert viewer.travel.playing


def test_a_broken_slice_is_passed(play, tmp_path):
    scans = make_results(tmp_path / "scans")
    folder = final_place(scans / "demo_0001.h5", Kind.TRY)
    files = sorted(folder.glob("*.tiff"), key=lambda path: float(path.stem.rpartition("center")[2]))
    play(story_of_a_broken_slice, scans, candidate=str(files[1]))
