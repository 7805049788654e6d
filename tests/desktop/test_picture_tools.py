"""Contrast, scale bar, profile, region and saving in the live window."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from desktop.steps import folder_is_read, picture_is_shown
from tomobatch.config.settings import settings_path
from tomobatch.desktop.viewing.measure_words import line_um, region_words
from tomobatch.desktop.viewing.plot_scene import thinned
from tomobatch.formats.demo import PIXEL_SIZE_UM, write_demo_scans
from tomobatch.formats.dxchange import RESOLUTION
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place
from tomobatch.volumes import measuring
from tomobatch.volumes.contrast import auto_levels, sample_of
from tomobatch.volumes.lengths import PixelLength
from tomobatch.volumes.measuring import whole_box
from tomobatch.volumes.survey import survey_levels

ENGINE = "import sys; from tomobatch.cpu_engine.main import main; sys.exit(main(sys.argv[1:]))"
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SLICES = 12


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A demo scan with a Try and a Full whose slices have very different values."""
    folder = tmp_path_factory.mktemp("tools") / "scans"
    (scan,) = write_demo_scans(folder, 1, 128)
    for options in (
        ["--reconstruction-type=try", "--center-search-width=3"],
        ["--reconstruction-type=full", f"--end-row={SLICES}"],
    ):
        about = (f"--file-name={scan.path}", f"--rotation-axis={round(scan.cor_px)}")
        subprocess.run([sys.executable, "-c", ENGINE, *about, *options], check=True, capture_output=True)
    for number in range(SLICES):
        path = slice_path(folder, number)
        tifffile.imwrite(path, tifffile.imread(path) * np.float32(1 + number))
    return folder


@pytest.fixture
def scans(made, tmp_path):
    """A folder of one's own, to be spoilt."""
    for name in ("scans", "scans_rec"):
        shutil.copytree(made.with_name(name), tmp_path / name)
    return tmp_path / "scans"


def slice_path(folder, number):
    return final_place(Path(folder) / "demo_0001.h5", Kind.FULL) / f"recon_{number:05d}.tiff"


async def look_at(hands, mode="full"):
    await folder_is_read(hands, 1)
    row = hands.row_id("demo_0001.h5")
    await hands.click("viewTry" if mode == "try" else "viewFull", row)
    await picture_is_shown(hands, row, mode)
    await hands.frame()
    return hands.app.viewer


async def step(hands, viewer, number):
    """Go to a slice by the slider's buttons' keys."""
    while viewer.index != number:
        await hands.key(Qt.Key.Key_Right if number > viewer.index else Qt.Key.Key_Left)
    await hands.wait(lambda: viewer.state == "shown" and viewer.looking.shown_index == number)


async def type_into(hands, name, text):
    await hands.click(name)
    await hands.key(Qt.Key.Key_A, CTRL)
    await hands.type(text)


def data_at(hands, place):
    item = hands.item("sliceView")
    return hands.app.viewer.looking.data_at((item.width() * place[0], item.height() * place[1]))


def near(one, other, within):
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= within


def shown_data(viewer):
    return viewer.looking.frame.slice.data


# -- contrast -----------------------------------------------------------------------------------


async def story_of_modes(hands, data):
    viewer = await look_at(hands)
    files = [tifffile.imread(slice_path(data, number)) for number in range(SLICES)]
    # As it begins: by slices of the whole volume, whichever is shown.
    await hands.click("contrastButton")
    await hands.wait(lambda: "9 slices of the volume" in hands.words("contrastNote"))
    chosen = [int((place + 0.5) * SLICES / 9) for place in range(9)]
    volume = survey_levels([sample_of(files[number]) for number in chosen])
    assert viewer.looking.levels == pytest.approx(volume)
    await hands.click("stepOn")
    await hands.wait(lambda: viewer.looking.shown_index == 6)
    assert viewer.looking.levels == pytest.approx(volume)
    # By each slice.
    await hands.click("contrastMode_slice")
    for number in (6, 7, 8):
        await hands.wait(lambda number=number: viewer.looking.shown_index == number)
        own = auto_levels(sample_of(files[number]))
        await hands.wait(lambda own=own: viewer.looking.levels == pytest.approx(own))
        assert viewer.looking.frame.levels == viewer.looking.levels
        # Painted so where it was read, not once more in the window.
        await hands.wait(lambda: viewer.looking.frame.view.levels is None)
        await hands.click("stepOn")
    # Fixed: as it is now.
    await hands.wait(lambda: viewer.looking.shown_index == 9)
    await hands.click("contrastMode_fixed")
    fixed = viewer.looking.levels
    assert fixed == pytest.approx(auto_levels(sample_of(files[9])))
    await hands.click("stepBack")
    await hands.wait(lambda: viewer.looking.shown_index == 8)
    assert viewer.looking.levels == fixed
    await hands.click("contrastMode_volume")
    await hands.wait(lambda: viewer.looking.levels == pytest.approx(volume))
    # Auto: percentiles of this slice, from now on.
    await hands.click("autoContrast")
    await hands.wait(lambda: viewer.looking.levels == pytest.approx(auto_levels(sample_of(files[8]))))
    assert viewer.contrast.mode == "fixed"
    assert 'contrast_mode = "volume"' in await settings_text(hands, 'contrast_mode = "volume"')


async def settings_text(hands, words):
    await hands.wait(lambda: settings_path().exists() and words in settings_path().read_text())
    return settings_path().read_text()


def test_contrast_by_slice_by_volume_or_fixed(play, made):
    play(story_of_modes, made, data=str(made))


async def story_of_limits(hands):
    viewer = await look_at(hands, "try")
    picked = []
    viewer.corPicked.connect(lambda *what: picked.append(what))
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_C)
    await hands.reach("contrastLowField")
    await type_into(hands, "contrastLowField", "-0,5")
    await hands.key(Qt.Key.Key_Return)
    await type_into(hands, "contrastHighField", "1e-1")
    await hands.key(Qt.Key.Key_Return)
    assert viewer.looking.levels == (-0.5, 0.1)
    assert viewer.contrast.mode == "fixed"
    for wrong, why in (
        ("abc", "A limit is a number"),
        ("nan", "A limit is a number"),
        ("-0.5", "Low must be"),
    ):
        await type_into(hands, "contrastHighField", wrong)
        await hands.key(Qt.Key.Key_Return)
        await hands.read(why)
        assert viewer.looking.levels == (-0.5, 0.1)
    await type_into(hands, "contrastLowField", "0.1")
    await hands.key(Qt.Key.Key_Return)
    await hands.read("Low must be below high")
    assert hands.item("contrastHighField").property("text") == "0.1"
    index = viewer.index
    await hands.key(Qt.Key.Key_Left, times=9)
    assert (picked, viewer.index) == ([], index)
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("contrastPanel"))
    await hands.key(Qt.Key.Key_Left)
    assert viewer.index == index - 1


def test_limits_are_typed(play, made):
    play(story_of_limits, made)


async def story_of_handles(hands):
    """Tab reaches the two handles; up and down move them."""
    viewer = await look_at(hands)
    await hands.click("autoContrast")
    await hands.click("sliceView")
    for _ in range(20):
        await hands.key(Qt.Key.Key_Tab)
        if hands.focus_name() == "contrastLowHandle":
            break
    low, high = viewer.looking.levels
    await hands.key(Qt.Key.Key_Up, times=3)
    assert viewer.looking.levels == (pytest.approx(low + 0.03 * 2 * (high - low)), high)
    await hands.key(Qt.Key.Key_Tab)
    assert hands.focus_name() == "contrastHighHandle"
    low, high = viewer.looking.levels
    await hands.key(Qt.Key.Key_Down)
    assert viewer.looking.levels[0] == low
    assert viewer.looking.levels[1] < high
    # However long a key is held: never across the other one.
    await hands.key(Qt.Key.Key_Down, times=120)
    assert viewer.looking.levels[0] == low < viewer.looking.levels[1]
    # Nor out of sight.
    high = viewer.looking.levels[1]
    await hands.key(Qt.Key.Key_Up, times=120)
    view = hands.item("sliceView")
    assert viewer.looking.levels[1] - low > 3 * (high - low)
    assert 0 <= view.upperY < view.lowerY <= view.height()


def test_handles_by_keys(play, made):
    play(story_of_handles, made)


async def story_of_the_pad(hands):
    viewer = await look_at(hands)
    high = viewer.looking.levels[1]
    await hands.tap("contrastButton")
    await hands.tap("contrastLowField")
    for key in ("2", ".", "5", "±"):
        await hands.tap(f"pad{key}")
    await hands.tap("padOk")
    await hands.wait(lambda: viewer.looking.levels == (-2.5, high))
    await hands.wait(lambda: not hands.items("padOk"))
    await hands.tap("contrastHighField")
    for key in ("±", "3"):
        await hands.tap(f"pad{key}")
    await hands.tap("padOk")
    assert "Low must be below high" in hands.words("padNote")
    await hands.tap("padClose")
    assert viewer.looking.levels == (-2.5, high)
    await hands.tap("colorMap")
    await hands.tap("colorMap_2")
    assert viewer.contrast.colorMap == "Viridis"
    await settings_text(hands, 'color_map = "Viridis"')


def test_limits_and_colours_by_touch(play, made):
    play(story_of_the_pad, made)


async def story_of_what_was_left(hands):
    viewer = await look_at(hands)
    assert (viewer.contrast.mode, viewer.contrast.colorMap) == ("slice", "Magma")
    before = viewer.looking.levels
    await hands.click("stepOn")
    await hands.wait(lambda: viewer.looking.shown_index == viewer.index and viewer.looking.levels != before)


def test_the_choice_comes_back(play, made):
    play(story_of_what_was_left, made, settings={"contrast_mode": "slice", "color_map": "Magma"})


# -- scale bar ----------------------------------------------------------------------------------


def bar_um(viewer):
    number, unit = viewer.scaleBar.text.split()
    return float(number) * {"nm": 1e-3, "µm": 1, "mm": 1e3}[unit]


def bar_is_true(hands):
    viewer = hands.app.viewer
    line = hands.item("scaleBarLine")
    left, right = (hands.item("sliceView").mapFromItem(line, QPointF(x, 0)).x() for x in (0, line.width()))
    data = viewer.looking.data_at((right, 1))[0] - viewer.looking.data_at((left, 1))[0]
    return data * PIXEL_SIZE_UM == pytest.approx(bar_um(viewer))


async def story_of_the_bar(hands):
    viewer = await look_at(hands)
    assert bar_is_true(hands)
    before = bar_um(viewer)
    await hands.wheel("sliceView", 9, modifier=CTRL)
    await hands.wait(lambda: bar_um(viewer) < before / 3)
    assert bar_is_true(hands)
    # At once, whether the slice is painted anew already or not.
    viewer.looking.zoom((200, 200), 1.3)
    assert bar_is_true(hands)
    width = hands.item("sliceHands").width()
    assert width / 8 < hands.item("scaleBarLine").width() < width / 3
    # Its source, by a finger.
    assert not hands.items("scaleBarSource")
    await hands.tap("scaleBar")
    await hands.read(f"Pixel size: /{RESOLUTION.strip('/')}, um")
    await hands.tap("scaleBar")
    await hands.wait(lambda: not hands.items("scaleBarSource"))


def test_the_scale_bar_is_true_at_every_zoom(play, made):
    play(story_of_the_bar, made)


async def story_without_a_size(hands):
    viewer = await look_at(hands)
    assert not hands.items("scaleBar")
    await hands.click("profileButton")
    await hands.read("(no pixel size in the file)")
    await hands.click("savePicture")
    await hands.read("Without a scale bar: no pixel size in the file.")
    assert viewer.scaleBar.text == ""


def test_without_a_pixel_size_there_is_no_bar(play, scans):
    with h5py.File(scans / "demo_0001.h5", "r+") as file:
        del file[RESOLUTION]
    play(story_without_a_size, scans, allowed=())


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


# -- where it all lies --------------------------------------------------------------------------


async def story_of_places(hands):
    """Nothing is cut off, and nothing of it lies over another."""
    await look_at(hands)
    for name in (
        "autoContrast",
        "contrastButton",
        "profileButton",
        "regionButton",
        "savePicture",
        "fitPicture",
    ):
        await hands.reach(name)
    await hands.reach("scaleBar")
    await hands.click("contrastButton")
    for name in ("contrastMode_volume", "colorMap", "contrastLowField", "contrastHighField", "scaleBar"):
        await hands.reach(name)
    hands.grab("contrast")
    await hands.click("profileButton")
    for name in ("profilePlot", "scaleBar", "regionButton"):
        await hands.reach(name)
    # There is not room for both.
    assert not hands.items("contrastPanel")
    await hands.frame()
    hands.grab("profile")


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("size", [(1920, 1080), (1280, 800)])
def test_there_is_room_for_it(play, made, size, scale):
    play(story_of_places, made, size=size, settings={"text_scale": scale})


async def story_of_a_narrow_picture(hands):
    """Where the tools find no place side by side, a list has them."""
    viewer = await look_at(hands)
    assert not hands.items("profileButton")
    await hands.tap("moreTools")
    await hands.tap("tool_region")
    await hands.wait(lambda: viewer.measuring.hasRegion)
    await hands.tap("moreTools")
    await hands.tap("tool_contrast")
    await hands.reach("contrastMode_slice")
    await hands.reach("contrastFromRegion")
    assert hands.item("contrastLowField").width() > 150
    hands.grab("narrow")


def test_a_narrow_picture(play, made):
    play(story_of_a_narrow_picture, made, settings={"viewer_share": 0.2})
