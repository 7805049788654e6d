"""The viewer's panel at all sizes of window, text and splitter: nothing cut, the picture largest."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QRectF, Qt

from desktop.hands import _below
from desktop.steps import folder_is_read
from desktop.viewer_aid import is_shown, make_results, raw_is_made

CONTROLS = ("QQuickAbstractButton", "QQuickComboBox", "QQuickSlider")
GROUPS = ("viewerMode", "playSpeed")
TARGET_PX, GAP_PX = 48, 8
# To where it began, too: what was arranged once must be arranged anew.
SCALES = (1.0, 1.25, 1.5, 1.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("layout") / "scans")


def rect(item):
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def name_of(item):
    return item.objectName() or item.metaObject().className()


def controls_of(panel):
    """Everything to press; segments of one choice are one."""
    found = [item for item in _below(panel) if any(map(item.inherits, CONTROLS))]
    parts = [item for item in found if item.objectName().rpartition("_")[0] in GROUPS]
    groups = [item for item in _below(panel) if item.objectName() in GROUPS]
    assert all(item.width() >= TARGET_PX for item in parts)
    return [item for item in found if item not in parts] + groups


def texts_of(panel):
    return [
        item
        for item in _below(panel)
        if item.inherits("QQuickText") and item.property("text") and item.width()
    ]


def faults_of(hands):
    """Sentences about what is too small, too near, cut off or outside."""
    panel = hands.item("viewerPanel")
    inside, controls = rect(panel), controls_of(panel)
    faults = [f"{name_of(it)} is outside" for it in controls if not inside.contains(rect(it))]
    faults += [
        f"{name_of(it)} is {it.width()} x {it.height()}"
        for it in controls
        if min(it.width(), it.height()) < TARGET_PX
    ]
    near = GAP_PX - 0.5
    faults += [
        f"{name_of(one)} and {name_of(other)} are too near: {rect(one)} {rect(other)}"
        for one, other in combinations(controls, 2)
        if rect(one).adjusted(-near, -near, near, near).intersects(rect(other))
    ]
    file = hands.item("viewerFile")
    for text in texts_of(panel):
        words = text.property("text")
        if not inside.contains(rect(text)):
            faults.append(f"{words!r} is outside")
        if not file.isAncestorOf(text) and (
            text.property("truncated") or text.property("paintedWidth") > text.width() + 1
        ):
            faults.append(f"{words!r} is cut")
    thumb = rect(hands.item("sliceThumb"))
    faults += [f"{name_of(it)} lies over the thumb's words" for it in controls if rect(it).intersects(thumb)]
    return faults + share_of_picture(hands)


def share_of_picture(hands):
    """More than all the rest, over the curve of a Try more than a third; or about as high as wide."""
    panel, picture = hands.item("viewerPanel"), hands.item("sliceView")
    share = 0.35 if hands.items("scoreView") else 0.5
    least = min(share * panel.height(), 0.9 * (picture.width() - picture.property("stripWidth")))
    return [] if picture.height() > least else [f"{picture.height()} of {panel.height()} for the picture"]


async def arranged(hands, scale, share):
    hands.app._settings.textScale = scale
    hands.app._settings.viewerShare = share
    await hands.frame()
    if not hands.items("viewerPanel"):
        await hands.click("viewerOpen")
    await is_shown(hands)
    await hands.frame()


async def story_of_sizes(hands, shares, look=""):
    raw_is_made(count=5000)
    await folder_is_read(hands, 2)
    viewer = hands.app.viewer
    viewer.show(hands.row_id("demo_0002.h5"), "try")
    faults = {}
    for scale in SCALES:
        for share in shares:
            await arranged(hands, scale, share)
            for mode in ("try", "raw", "full"):
                await hands.click(f"viewerMode_{mode}")
                await hands.wait(lambda mode=mode: viewer.mode == mode and viewer.state in ("shown", "error"))
                await hands.frame()
                await hands.frame()
                found = faults_of(hands)
                if found:
                    hands.grab(f"{scale}-{share}-{mode}")
                    faults[f"{scale} {share} {mode}"] = found
            await hands.click("viewerMode_try")
    assert not faults, "\n".join(f"{where}: {'; '.join(found)}" for where, found in faults.items())


@pytest.mark.parametrize(
    ("size", "shares"), [((1920, 1080), [0.2, 0.34, 0.6]), ((1280, 800), [0.34]), ((1024, 700), [0.34])]
)
def test_nothing_is_cut_or_too_near(play, made, size, shares):
    play(story_of_sizes, made, size=size, shares=shares, timeout_s=100)


async def story_of_the_whole_middle(hands):
    raw_is_made()
    await folder_is_read(hands, 2)
    # As the window opens: the slider lies between its buttons.
    assert rect(hands.item("sliceSlider")).top() == rect(hands.item("stepOn")).top()
    viewer = hands.app.viewer
    await hands.click("viewTry", hands.row_id("demo_0001.h5"))
    await is_shown(hands)
    beside, row = hands.item("sliceView").width(), hands.row_id("demo_0001.h5")
    for whole, back in [
        (lambda: hands.click("viewerWhole"), lambda: hands.click("viewerWhole")),
        (lambda: hands.key(Qt.Key.Key_V), lambda: hands.key(Qt.Key.Key_V)),
        (lambda: hands.key(Qt.Key.Key_V), lambda: hands.key(Qt.Key.Key_Escape)),
        (lambda: hands.tap("viewerWhole"), lambda: hands.tap("viewerBack")),
    ]:
        await hands.click("sliceView")
        await whole()
        await hands.wait(lambda: hands.item("viewerPanel").width() == hands.window.width())
        assert hands.item("sliceView").width() > 2 * beside
        assert not hands.is_shown("viewTry", row)
        assert hands.is_shown("runTry")
        at = viewer.index
        await hands.click("stepOn")
        assert viewer.index == at + 1
        await hands.click("sliceView")
        await back()
        await hands.wait(lambda: hands.item("sliceView").width() == beside)
        assert hands.is_shown("viewTry", row)
    found = faults_of(hands)
    assert not found, found


def test_the_viewer_takes_the_whole_middle(play, made):
    play(story_of_the_whole_middle, made)


async def story_of_a_small_window(hands):
    """No result yet: the raw data can be looked at all the same."""
    raw_is_made()
    await folder_is_read(hands, 2)
    await hands.tap("viewerOpen")
    assert not hands.items("viewerWhole")
    await hands.tap("viewerFile")
    await hands.tap("viewerFile_1")
    await hands.tap("viewerMode_raw")
    await is_shown(hands)
    assert hands.app.viewer.label == "projections 99"
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("viewerPanel"))
    assert hands.is_shown("viewTry", hands.row_id("demo_0001.h5"))


def test_a_small_window_has_a_way_to_the_viewer(play, made):
    play(story_of_a_small_window, made, size=(1280, 800))
