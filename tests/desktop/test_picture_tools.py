"""Contrast and scale bar in the live window, and where the tools lie."""

from __future__ import annotations

import h5py
import pytest
import tifffile
from PySide6.QtCore import QPointF, Qt

from desktop.picture_aid import (
    CTRL,
    SLICES,
    look_at,
    make_results,
    slice_path,
    type_into,
)
from tomobatch.config.settings import settings_path
from tomobatch.formats.demo import PIXEL_SIZE_UM
from tomobatch.formats.dxchange import RESOLUTION
from tomobatch.volumes.contrast import auto_levels, sample_of
from tomobatch.volumes.survey import survey_levels


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("tools") / "scans")


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
    assert viewer.scaleBar.source.endswith(f" · /{RESOLUTION.strip('/')}, um")
    await hands.read("Pixel size: " + viewer.scaleBar.source)
    await hands.tap("scaleBar")
    await hands.wait(lambda: not hands.items("scaleBarSource"))
    # A tap elsewhere puts it away, too.
    await hands.tap("scaleBar")
    await hands.wait(lambda: hands.items("scaleBarSource"))
    await hands.tap("sliceView")
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
