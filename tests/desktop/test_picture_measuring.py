"""Profile, region and saving in the live window."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.picture_aid import (
    CTRL,
    SHIFT,
    data_at,
    look_at,
    make_results,
    near,
    shown_data,
    slice_path,
    type_into,
)
from tomobatch.desktop.viewing.measure_words import line_um, region_words
from tomobatch.desktop.viewing.plot_scene import thinned
from tomobatch.formats.demo import PIXEL_SIZE_UM
from tomobatch.volumes import measuring
from tomobatch.volumes.contrast import auto_levels, sample_of
from tomobatch.volumes.lengths import PixelLength
from tomobatch.volumes.measuring import whole_box


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("tools") / "scans")


# -- profile and region -------------------------------------------------------------------------


async def story_of_a_profile(hands, data):
    viewer = await look_at(hands)
    tool = viewer.measuring
    await hands.click("profileButton")
    await hands.reach("profilePlot")
    await hands.frame()
    placement = viewer.looking.placement
    await hands.drag("sliceView", (0.3, 0.3), (0.6, 0.5))
    assert viewer.looking.placement == placement
    a, b = tool.outline()
    assert near(a, data_at(hands, (0.3, 0.3)), 1)
    assert near(b, data_at(hands, (0.6, 0.5)), 1)
    # An end is taken, the other one stays.
    await hands.drag("sliceView", (0.6, 0.5), (0.5, 0.7))
    assert tool.outline()[0] == a
    b = tool.outline()[1]
    assert near(b, data_at(hands, (0.5, 0.7)), 1)
    await hands.wait(lambda: f"{np.hypot(b[0] - a[0], b[1] - a[1]):.1f} px" in tool.text)
    assert tool.plot.second_text == "µm"
    assert tool.plot.second_scale == PIXEL_SIZE_UM
    # The line stays on the sample, the values are those of each slice.
    await hands.click("sliceView", place=(0.9, 0.1))
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Right, Qt.Key.Key_Right):
        await hands.key(key)
    await hands.wait(lambda: viewer.looking.shown_index == 7)
    values = tifffile.imread(slice_path(data, 7))
    count = round(np.hypot(b[0] - a[0], b[1] - a[1])) + 1
    x, y = np.linspace(a[0], b[0], count).astype(int), np.linspace(a[1], b[1], count).astype(int)
    await hands.wait(lambda: np.array_equal(tool.plot.y, values[y, x]))
    assert tool.outline() == [a, b]
    scene = hands.item("sliceView")._scene
    assert scene.marks.outline == [a, b]
    drawn = hands.item("profilePlot")._scene.curve.getData()[1]
    assert np.array_equal(drawn, values[y, x])


def test_a_profile_by_mouse(play, made):
    play(story_of_a_profile, made, data=str(made))


async def story_of_a_region(hands, data):
    viewer = await look_at(hands)
    tool, values = viewer.measuring, tifffile.imread(slice_path(data, 5))
    await hands.tap("regionButton")
    await hands.reach("contrastFromRegion")
    placement = viewer.looking.placement
    await hands.slide("sliceView", (0.3, 0.35), (0.55, 0.6))
    assert viewer.looking.placement == placement
    a, b = data_at(hands, (0.3, 0.35)), data_at(hands, (0.55, 0.6))
    left, top, right, bottom = whole_box(a, b, values.shape)
    await hands.wait(lambda: tool.region and near(tool.region.box, (left, top, right, bottom), 2))
    left, top, right, bottom = tool.region.box
    part = values[top:bottom, left:right].astype(np.float64)
    await hands.read(f"mean {part.mean():.6g} · standard deviation {part.std():.6g}")
    await hands.read(f"min {part.min():.6g} · max {part.max():.6g}")
    size = f"{right - left} × {bottom - top} px = {(right - left) * PIXEL_SIZE_UM:.4g} µm"
    await hands.read(f"{part.size} pixels · {size}")
    # Two fingers zoom; what one of them had begun to draw is no region.
    corners = tool.outline()
    await hands.pinch("sliceView", 2)
    assert viewer.looking.placement != placement
    assert tool.outline() == corners
    await a_second_finger_late(hands)
    assert tool.outline() == corners
    await hands.tap("contrastFromRegion")
    levels = auto_levels(sample_of(values[top:bottom, left:right]))
    await hands.wait(lambda: viewer.looking.levels == pytest.approx(levels))
    await hands.tap("stepOn")
    await hands.wait(lambda: viewer.looking.shown_index == 6)
    values = tifffile.imread(slice_path(data, 6))
    await hands.read(f"mean {values[top:bottom, left:right].astype(np.float64).mean():.6g}")
    # A second tap on the button puts it away, and one finger pans again.
    await hands.tap("regionButton")
    await hands.wait(lambda: not hands.items("contrastFromRegion"))
    placement = viewer.looking.placement
    await hands.slide("sliceView", (0.4, 0.4), (0.6, 0.6))
    assert viewer.looking.placement != placement


async def a_second_finger_late(hands):
    """One finger draws already when the other one comes, and both zoom."""
    view, window, placed = hands.item("sliceView"), hands.window, hands.app.viewer.looking.placement
    first = hands.point(await hands.reach("sliceView", place=(0.2, 0.2)), (0.2, 0.2))
    second = hands.point(view, (0.6, 0.6))
    drawn = hands.app.viewer.measuring.outline()

    async def touch(act):
        sequence = QTest.touchEvent(window, hands._screen, False)
        act(sequence)
        await hands._do(sequence.commit)
        await asyncio.sleep(0.016)

    await touch(lambda fingers: fingers.press(0, first, window))
    for far in range(1, 9):
        await touch(lambda fingers, far=far: fingers.move(0, first + QPoint(5 * far, 5 * far), window))
    assert hands.app.viewer.measuring.outline() != drawn
    end = first + QPoint(40, 40)
    await touch(lambda fingers: fingers.stationary(0).press(1, second, window))
    for far in range(1, 15):
        there, here = second + QPoint(6 * far, 6 * far), end - QPoint(6 * far, 6 * far)
        await touch(lambda fingers, a=here, b=there: fingers.move(0, a, window).move(1, b, window))
    await touch(lambda fingers: fingers.release(0, here, window).release(1, there, window))
    assert hands.app.viewer.looking.placement != placed


def test_a_region_by_touch(play, made):
    play(story_of_a_region, made, data=str(made))


async def story_of_tools_by_keys(hands):
    viewer = await look_at(hands)
    tool = viewer.measuring
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_P)
    assert tool.tool == "profile"
    a, b = tool.outline()
    await hands.key(Qt.Key.Key_Down, CTRL)
    by = tool.outline()[0][1] - a[1]
    assert by >= 1
    await hands.key(Qt.Key.Key_Down, CTRL)
    await hands.key(Qt.Key.Key_Right, CTRL)
    await hands.key(Qt.Key.Key_Left, CTRL | SHIFT, times=3)
    moved = [(a[0] + by, a[1] + 2 * by), (b[0] - 2 * by, b[1] + 2 * by)]
    assert tool.outline() == moved
    await hands.wait(lambda: f"{b[0] - a[0] - 3 * by:.1f} px" in tool.text)
    await hands.key(Qt.Key.Key_R)
    assert tool.tool == "region"
    await hands.wait(lambda: tool.hasRegion)
    await hands.key(Qt.Key.Key_Escape)
    assert (tool.tool, tool.outline()) == ("", [])
    await hands.key(Qt.Key.Key_R)
    await hands.key(Qt.Key.Key_R)
    assert tool.tool == ""
    # It lies there still when it is taken again.
    await hands.key(Qt.Key.Key_P)
    assert tool.outline() == moved
    await hands.key(Qt.Key.Key_Escape)
    # With nothing to put away Escape leads back to the table, where the viewer lies over it.
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("sliceView"))


def test_tools_by_keys(play, made):
    play(story_of_tools_by_keys, made, size=(1280, 800))


async def story_of_a_long_measuring(hands):
    """A region that takes long holds nothing but its own figures."""
    viewer = await look_at(hands)
    goes_on, begun = threading.Event(), threading.Event()
    region = measuring.region

    def slowly(*arguments):
        begun.set()
        assert goes_on.wait(60)
        return region(*arguments)

    measuring.region = slowly
    await hands.click("regionButton")
    await hands.wait(begun.is_set)
    assert hands.words("measured") == "Measuring…"
    await hands.click("stepOn")
    await hands.wait(lambda: viewer.looking.shown_index == 6)
    await hands.drag("sliceView", (0.2, 0.2), (0.4, 0.4))
    assert not viewer.measuring.hasRegion
    goes_on.set()
    corners = viewer.measuring.outline()
    await hands.wait(lambda: viewer.measuring.region and viewer.measuring.region.box[:2] == corners[0])


def test_measuring_does_not_hold_the_window(play, made):
    play(story_of_a_long_measuring, made)


def test_a_long_curve_keeps_its_peaks():
    x = np.arange(30_000.0)
    y = np.sin(x / 500)
    y[12_345], y[20_000], y[400:700] = 7, -7, np.nan
    thin_x, thin_y = thinned(x, y, 800)
    assert len(thin_x) == len(thin_y) == 800
    assert (np.nanmax(thin_y), np.nanmin(thin_y)) == (7, -7)
    at = thin_x[np.nanargmax(thin_y)]
    assert at <= 12_345 < at + 30_000 / 400
    assert np.isnan(thin_y).any()
    np.testing.assert_array_equal(thinned(x[:800], y[:800], 800)[1], y[:800])


def test_rows_of_a_sinogram_are_angles():
    pixel = PixelLength(0.5, "/r")
    assert line_um((0, 3), (80, 3), pixel, length_down=False) == 40
    assert line_um((0, 3), (80, 4), pixel, length_down=False) is None
    assert line_um((0, 0), (60, 80), pixel, length_down=True) == 50
    found = measuring.region(np.ones((10, 10), np.float32), (0, 0, 8, 6))
    assert region_words(found, pixel, length_down=False).endswith("48 pixels · 8 × 6 px = 4 µm wide")


# -- saving -------------------------------------------------------------------------------------


async def story_of_saving(hands, data):
    viewer = await look_at(hands)
    await hands.click("savePicture")
    await hands.reach("saveConfirm")
    pictures = Path(f"{data}_rec") / "pictures"
    assert hands.item("savePath").property("text") == str(pictures / "demo_0001_slice_5.png")
    await hands.click("saveKind_tiff")
    assert hands.item("savePath").property("text") == str(pictures / "demo_0001_slice_5.tif")
    for name in ("demo_0001_slice_5.tif", "demo_0001_slice_5_2.tif"):
        await hands.click("saveConfirm")
        await hands.wait(lambda: not hands.items("saveConfirm"))
        await hands.read(f"Saved {pictures / name}.")
        assert tifffile.imread(pictures / name).tobytes() == shown_data(viewer).tobytes()
        await hands.click("sliceView")
        await hands.key(Qt.Key.Key_S)
        await hands.reach("saveConfirm")
    with tifffile.TiffFile(pictures / name) as file:
        told = json.loads(file.pages.first.description)
    assert (told["scan"], told["slice"]) == ("demo_0001.h5", "slice 5")
    assert told["pixel_width_um"] == PIXEL_SIZE_UM
    await hands.click("saveKind_png")
    await type_into(hands, "savePath", "here.png")
    await hands.key(Qt.Key.Key_Return)
    await hands.read("Give the whole path of a file")
    await type_into(hands, "savePath", str(Path(data) / "demo_0001.h5" / "a.png"))
    await hands.key(Qt.Key.Key_Return)
    await hands.read("a.png was not saved: ")
    await type_into(hands, "savePath", str(Path(data).parent / "mine"))
    await hands.key(Qt.Key.Key_Return)
    await hands.wait(lambda: not hands.items("saveConfirm"))
    low, high = viewer.looking.levels
    return {"low": low, "high": high}


def test_saving_by_mouse_and_keys(play, scans):
    given = play(story_of_saving, scans, data=str(scans), settings={"color_map": "Inverted gray"})
    with Image.open(scans.with_name("mine.png")) as image:
        found = np.asarray(image)
    values = tifffile.imread(slice_path(scans, 5))
    for x, y in ((64, 64), (40, 50), (5, 5), (90, 70)):
        share = (values[y, x] - given["low"]) / (given["high"] - given["low"])
        assert found[y, x, 0] == pytest.approx(255 - 255 * min(max(share, 0), 1), abs=1.5)


async def story_of_a_candidate(hands, data):
    viewer = await look_at(hands, "try")
    await hands.tap("savePicture")
    await hands.reach("saveConfirm")
    cor = viewer.label.removeprefix("COR ")
    name = f"demo_0001_row_{viewer.row}_COR_{cor}.png"
    assert hands.item("savePath").property("text").endswith(f"scans_rec/pictures/{name}")
    await hands.tap("saveConfirm")
    await hands.wait((Path(f"{data}_rec") / "pictures" / name).exists)
    await hands.wait(lambda: not hands.items("saveConfirm"))


def test_saving_a_candidate_by_touch(play, scans):
    play(story_of_a_candidate, scans, data=str(scans))
