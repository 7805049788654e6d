"""The viewer in the live window: by mouse, by touch, by keys, and with what cannot be shown."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QPointF, Qt

from desktop.hands import MIDDLE
from desktop.steps import folder_is_read, picture_is_shown
from tomobatch.formats.demo import write_demo_scans
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place
from tomobatch.volumes import reader

ENGINE = "import sys; from tomobatch.cpu_engine.main import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two demo scans: one with a Try of 40 candidates and a Full, one with a Try of two rows."""
    folder = tmp_path_factory.mktemp("viewer") / "scans"
    first, second = write_demo_scans(folder, 2, 128)
    for scan, *options in (
        (first, "--reconstruction-type=try", "--center-search-width=10"),
        (first, "--reconstruction-type=full", "--end-row=12"),
        (second, "--reconstruction-type=try", "--center-search-width=3", "--nsino=[0.25,0.75]"),
    ):
        about = (f"--file-name={scan.path}", f"--rotation-axis={round(scan.cor_px)}")
        subprocess.run([sys.executable, "-c", ENGINE, *about, *options], check=True, capture_output=True)
    return folder


async def look_at(hands, mode, name="demo_0001.h5"):
    """Press the row's button; gives the viewer."""
    await folder_is_read(hands, 2)
    row = hands.row_id(name)
    await hands.click("viewTry" if mode == "try" else "viewFull", row)
    await picture_is_shown(hands, row, mode)
    await hands.frame()
    return hands.app.viewer


def below(hands, place=MIDDLE):
    """Where in the data a place of the picture lies."""
    item = hands.item("sliceView")
    return hands.app.viewer.looking.data_at((item.width() * place[0], item.height() * place[1]))


def scale(viewer):
    return viewer.looking.placement.on(viewer.looking.shape).scale


def near(one, other, within=1.5):
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < within


def pixel_at(hands, place):
    """Grey of the screen's pixel at a place of the picture, and where in the data its middle lies."""
    item = hands.item("sliceView")
    point = hands.point(item, place)
    middle = item.mapFromScene(QPointF(point) + QPointF(0.5, 0.5))
    at = hands.app.viewer.looking.data_at((middle.x(), middle.y()))
    return hands.window.grabWindow().pixelColor(point).red(), at


async def story_by_mouse(hands):
    viewer = await look_at(hands, "try")
    assert viewer.index == 19
    await hands.wheel("sliceView", -3)
    await hands.wait(lambda: viewer.index == 22)
    fitted = scale(viewer)
    held = below(hands)
    await hands.wheel("sliceView", 4, modifier=Qt.KeyboardModifier.ControlModifier)
    await hands.wait(lambda: scale(viewer) > 2 * fitted)
    assert near(below(hands), held)
    # One finger, or the mouse: what is held goes along.
    start, end = (0.3, 0.4), (0.5, 0.6)
    held = below(hands, start)
    await hands.drag("sliceView", start, end)
    assert near(below(hands, end), held, 4)
    before, levels = below(hands), viewer.looking.levels
    await hands.click("stepOn")
    await hands.wait(lambda: viewer.canUseCor and viewer.index == 23)
    assert (below(hands), viewer.looking.levels) == (before, levels)
    await hands.double_click("sliceView")
    await hands.wait(lambda: scale(viewer) == fitted)
    await hands.wheel("sliceView", 2, modifier=Qt.KeyboardModifier.ControlModifier)
    await hands.wait(lambda: scale(viewer) > fitted)
    await hands.click("fitPicture")
    await hands.wait(lambda: scale(viewer) == fitted)


def test_by_mouse(play, made):
    play(story_by_mouse, made)


async def story_of_values(hands, result):
    viewer = await look_at(hands, "full")
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_Home)
    await hands.wait(lambda: viewer.state == "shown" and viewer.label == "slice 0")
    values = tifffile.imread(Path(result) / "recon_00000.tiff")
    for place in ((0.3, 0.45), (0.45, 0.5), (0.6, 0.55)):
        await hands.hover("sliceView", place=place)
        await hands.wait(lambda: "x" in viewer.position)
        found = re.fullmatch(r"slice 0 of 0–11 · x (\d+) y (\d+) · (\S+)", viewer.position)
        x, y = int(found[1]), int(found[2])
        assert near((x + 0.5, y + 0.5), below(hands, place))
        assert float(found[3]) == pytest.approx(values[y, x], rel=1e-3)
        low, high = viewer.looking.levels
        grey, (x, y) = pixel_at(hands, place)
        expected = min(max((values[int(y), int(x)] - low) / (high - low), 0), 1) * 255
        assert grey == pytest.approx(expected, abs=1.5)


def test_values_and_greys_are_those_of_the_file(play, made):
    play(story_of_values, made, result=str(final_place(made / "demo_0001.h5", Kind.FULL)))


async def story_by_touch(hands):
    viewer = await look_at(hands, "try")
    fitted, held = scale(viewer), below(hands)
    await hands.pinch("sliceView", 2.5)
    await hands.wait(lambda: scale(viewer) > 1.5 * fitted)
    assert near(below(hands), held, 4)
    held = below(hands, (0.3, 0.4))
    await hands.slide("sliceView", (0.3, 0.4), (0.5, 0.6))
    assert near(below(hands, (0.5, 0.6)), held, 6)
    assert " x " in viewer.position
    await hands.tap("sliceView", times=2)
    await hands.wait(lambda: scale(viewer) == fitted)
    await hands.slide("sliceSlider", (0.5, 0.5), (0.98, 0.5))
    await hands.wait(lambda: viewer.index > 35)
    last = viewer.index
    await hands.long_press("stepBack")
    assert viewer.index < last - 3
    low, high = viewer.looking.levels
    # The upper handle stands a quarter below the top of the histogram, the lower one as far above its end.
    await hands.slide("contrastHands", (0.5, 0.25), (0.5, 0.45))
    assert viewer.looking.levels[0] == low
    assert viewer.looking.levels[1] < high - (high - low) / 4
    await hands.tap("autoContrast")
    await hands.wait(lambda: viewer.looking.levels[1] > high - (high - low) / 4)
    await hands.wait(lambda: viewer.canUseCor)
    cor = viewer.label.removeprefix("COR ")
    model, row = hands.app.scans, viewer.scanId
    await hands.tap("useThisCor")
    role = next(key for key, name in model.roleNames().items() if name == b"corText")
    await hands.wait(lambda: model.data(model.index(model.rowOf(row), 0), role) == cor)


def test_by_touch(play, made):
    play(story_by_touch, made)


async def story_by_keys(hands):
    viewer = await look_at(hands, "try")
    picked = []
    viewer.corPicked.connect(lambda *what: picked.append(what))
    await hands.click("sliceView")
    fitted = scale(viewer)
    for key, index in [
        (Qt.Key.Key_Right, 20), (Qt.Key.Key_PageDown, 25), (Qt.Key.Key_End, 39), (Qt.Key.Key_PageUp, 34),
        (Qt.Key.Key_Left, 33), (Qt.Key.Key_Home, 0), (Qt.Key.Key_Left, 0),
    ]:  # fmt: skip
        await hands.key(key)
        assert viewer.index == index
    await hands.key(Qt.Key.Key_Plus)
    assert scale(viewer) > fitted
    await hands.key(Qt.Key.Key_Minus)
    await hands.key(Qt.Key.Key_Minus)
    assert scale(viewer) < fitted
    await hands.key(Qt.Key.Key_F)
    assert scale(viewer) == fitted
    await hands.wait(lambda: viewer.canUseCor)
    shown = viewer.scanId, float(viewer.label.removeprefix("COR "))
    await hands.key(Qt.Key.Key_Return)
    assert picked == [shown]


def test_by_keys(play, made):
    play(story_by_keys, made)


async def story_of_two_rows(hands):
    viewer = await look_at(hands, "try", "demo_0002.h5")
    await hands.click("stepOn")
    await hands.wait(lambda: viewer.canUseCor)
    rows, label = list(viewer.rows), viewer.label
    assert (len(rows), viewer.row, viewer.count) == (2, rows[0], 12)
    first = viewer.looking.frame.slice.data.copy()
    await hands.click("viewerRow")
    await hands.click("viewerRow_1")
    await hands.wait(lambda: viewer.row == rows[1] and viewer.canUseCor)
    assert (viewer.label, viewer.count) == (label, 12)
    assert viewer.position.startswith(f"row {rows[1]} · 7 / 12")
    assert not np.array_equal(viewer.looking.frame.slice.data, first)
    # Another file by the drop-down: its Try has one row alone.
    await hands.click("viewerFile")
    await hands.click("viewerFile_0")
    await hands.wait(lambda: viewer.fileName == "demo_0001.h5" and viewer.canUseCor)
    assert not hands.is_shown("viewerRow")
    await hands.click("viewerMode_full")
    await hands.wait(lambda: (viewer.mode, viewer.state) == ("full", "shown"))
    assert not hands.is_shown("useThisCor")


def test_rows_and_files_are_chosen(play, made):
    play(story_of_two_rows, made)


async def story_of_a_slow_disk(hands):
    """A disk that does not answer holds the slice back, and nothing else."""
    viewer = await look_at(hands, "try")
    answers, asked = threading.Event(), threading.Event()
    read = reader.read_slice

    def slowly(*arguments):
        asked.set()
        assert answers.wait(60)
        return read(*arguments)

    reader.read_slice = slowly
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_End)
    await hands.wait(asked.is_set)
    await hands.wait(lambda: viewer.waiting)
    assert (viewer.index, viewer.canUseCor) == (39, False)
    assert viewer.position.startswith("row ")
    assert " 20 / 40" in viewer.position
    assert hands.is_shown("viewerWaiting")
    await hands.pinch("sliceView", 2)
    await hands.frame()
    answers.set()
    await hands.wait(lambda: viewer.canUseCor)
    assert not viewer.waiting
    assert " 40 / 40" in viewer.position


def test_a_disk_that_does_not_answer(play, made):
    play(story_of_a_slow_disk, made)


async def story_of_faults(hands, candidate, results):
    viewer = await look_at(hands, "try")
    await hands.click("sliceView")
    Path(candidate).write_bytes(b"no TIFF")
    await hands.key(Qt.Key.Key_End)
    await hands.wait(lambda: viewer.state == "error")
    assert Path(candidate).name in viewer.message
    assert Path(candidate).name in hands.words("viewerMessage")
    assert not viewer.canUseCor
    await hands.key(Qt.Key.Key_Home)
    await hands.wait(lambda: viewer.canUseCor)
    viewer.show(hands.row_id("demo_0002.h5"), "full")
    await hands.wait(lambda: viewer.state == "error")
    assert viewer.message == "demo_0002.h5 has no Full yet: press Full."
    assert (viewer.count, viewer.label) == (0, "")
    shutil.rmtree(results)
    viewer.show(hands.row_id("demo_0001.h5"), "full")
    await hands.wait(lambda: "demo_0001.h5 has no Full" in viewer.message)


def test_what_cannot_be_shown_is_said(play, scans):
    folder = final_place(scans / "demo_0001.h5", Kind.TRY)
    last = max(folder.glob("*.tiff"), key=lambda path: float(path.stem.rpartition("center")[2]))
    play(story_of_faults, scans, candidate=str(last), results=str(scans.with_name("scans_rec")))


async def story_of_a_new_run(hands, result):
    """Made anew while it is looked at: the new pixels, at the same place."""
    viewer = await look_at(hands, "full")
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_Plus)
    await hands.key(Qt.Key.Key_Home)
    await hands.wait(lambda: viewer.state == "shown" and viewer.label == "slice 0")
    place, levels = viewer.looking.placement, viewer.looking.levels
    for path in Path(result).glob("*.tiff"):
        beside = path.with_suffix(".new")
        tifffile.imwrite(beside, np.full((128, 128), 7, np.float32))
        beside.replace(path)
    viewer.refresh(viewer.scanId + 1)
    viewer.refresh(viewer.scanId)
    await hands.wait(lambda: viewer.looking.frame.slice.data[5, 5] == 7 and viewer.state == "shown")
    assert (viewer.label, viewer.looking.placement, viewer.looking.levels) == ("slice 0", place, levels)


def test_a_result_that_is_made_anew(play, scans):
    play(story_of_a_new_run, scans, result=str(final_place(scans / "demo_0001.h5", Kind.FULL)))
