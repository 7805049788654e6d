"""The colours of the picture in the live window: maps, and what is no number."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage

from desktop.steps import folder_is_read, picture_is_shown
from tomobatch.desktop.viewing.color_maps import table
from tomobatch.formats.demo import write_demo_scans
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place

SIZE = 3000
BAD = ((700, 900), (2100, 1500))


@pytest.fixture
def scans(tmp_path):
    """A scan with a Full of three large slices; one pixel of the middle one is NaN, another one infinite."""
    (scan,) = write_demo_scans(tmp_path / "scans", 1, 32)
    full = final_place(scan.path, Kind.FULL)
    full.mkdir(parents=True)
    values = np.add.outer(np.arange(SIZE), np.arange(SIZE)).astype(np.float32)
    tifffile.imwrite(full / "recon_00000.tiff", values)
    tifffile.imwrite(full / "recon_00002.tiff", values)
    values[BAD[0]], values[BAD[1]] = np.nan, -np.inf
    tifffile.imwrite(full / "recon_00001.tiff", values)
    return tmp_path / "scans"


def picture(hands):
    """Red, green and blue of the window where the slice is."""
    item = hands.item("sliceView")
    image = hands.window.grabWindow().convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    corner = item.mapToScene(QPointF(0, 0)).toPoint()
    strip = int(item.property("stripWidth"))
    part = pixels[corner.y() :, corner.x() :][: int(item.height()), : int(item.width()) - strip]
    return part.copy()


def odd_places(hands, color):
    """Where in the data pixels of a colour lie, as (row, column)."""
    looking = hands.app.viewer.looking
    found = np.argwhere((picture(hands) == np.array(color, np.uint8)).all(axis=2))
    return [tuple(reversed(looking.data_at((x + 0.5, y + 0.5)))) for y, x in found]


async def story_of_colours(hands):
    await folder_is_read(hands, 1)
    # What the first look needs was imported, though nobody has looked yet.
    assert "pyqtgraph" in sys.modules
    memory = sys.modules["tomobatch.desktop.viewing.looking"].BUFFERS
    await hands.wait(lambda: memory._free.get(64 << 20), "memory for a large slice is there")
    assert hands.app.viewer.looking is None
    pyqtgraph, painted_twice = sys.modules["pyqtgraph"], []
    paint_event = pyqtgraph.GraphicsView.paintEvent
    pyqtgraph.GraphicsView.paintEvent = lambda *what: (painted_twice.append(what), paint_event(*what))
    row = hands.row_id("demo_0001.h5")
    await hands.click("viewFull", row)
    await picture_is_shown(hands, row, "full")
    viewer, looking = hands.app.viewer, hands.app.viewer.looking
    assert viewer.label == "slice 1"
    assert viewer.position == "slice 1 of 0–2 · 1 NaN · 1 infinite"
    for name in ("Gray", "Viridis", "Inferno", "Gray"):
        looking.set_color_map(name)
        await hands.frame()
        hands.grab(f"colours-{name}")
        colors = table(name)
        scale = looking.placement.on(looking.shape).scale
        assert scale < 0.5
        places = odd_places(hands, colors[255])

        assert 1 <= len([place for place in places if near(place, BAD[0], 2 / scale)]) <= 4
        assert 1 <= len([place for place in places if near(place, BAD[1], 2 / scale)]) <= 4
        assert all(near(place, BAD[0], 2 / scale) or near(place, BAD[1], 2 / scale) for place in places)
        # Every colour of the picture is one of the map; the words over it aside.
        used = {tuple(color) for color in np.unique(picture(hands)[150:400, 100:400].reshape(-1, 3), axis=0)}
        assert len(used) > 50
        assert used <= {tuple(color) for color in colors}
    looking.set_color_map("no such map")
    assert looking.color_map == "Gray"
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_Home)
    await hands.wait(lambda: viewer.state == "shown" and viewer.label == "slice 0")
    await hands.frame()
    assert viewer.position.startswith("slice 0 of 0–2")
    assert "NaN" not in viewer.position
    assert odd_places(hands, table("Gray")[255]) == []
    # The widget behind the picture paints nothing for itself.
    assert painted_twice == []


def near(place, other, within):
    return max(abs(place[0] - other[0] - 0.5), abs(place[1] - other[1] - 0.5)) < within


def test_colours_of_values_and_of_what_is_no_number(play, scans):
    play(story_of_colours, scans)


async def story_of_parts(hands):
    """Only what changes is painted: it must be the same as if all of it was, around the slice, too."""
    await folder_is_read(hands, 1)
    row = hands.row_id("demo_0001.h5")
    await hands.click("viewFull", row)
    await picture_is_shown(hands, row, "full")
    viewer, view = hands.app.viewer, hands.item("sliceView")
    await hands.click("sliceView")

    async def is_whole():
        await hands.wait(lambda: viewer.state == "shown" and viewer.looking.shown_index == viewer.index)
        await hands.frame()
        parts = picture(hands)
        view._update_all()
        await hands.frame()
        np.testing.assert_array_equal(parts, picture(hands))

    await is_whole()
    seen = set()
    for key in [Qt.Key.Key_Home, *[Qt.Key.Key_Right] * 3, Qt.Key.Key_Plus, *[Qt.Key.Key_Left] * 3]:
        await hands.key(key)
        await is_whole()
        seen.add(viewer.looking.frame.slice.shape)
    for key in [*[Qt.Key.Key_Minus] * 3, *[Qt.Key.Key_Right] * 3, Qt.Key.Key_F, *[Qt.Key.Key_Left] * 3]:
        await hands.key(key)
        await is_whole()
    return sorted(seen)


def test_what_is_painted_in_parts_is_whole(play, tmp_path):
    (scan,) = write_demo_scans(tmp_path / "scans", 1, 32)
    full = final_place(scan.path, Kind.FULL)
    full.mkdir(parents=True)
    shapes = [(300, 300), (300, 150), (150, 300), (400, 80)]
    for number, shape in enumerate(shapes):
        values = np.random.default_rng(number).normal(size=shape).astype(np.float32)
        tifffile.imwrite(full / f"recon_{number:05d}.tiff", values + 2)
    seen = play(story_of_parts, tmp_path / "scans", size=(1280, 800))
    assert [tuple(shape) for shape in seen] == sorted(shapes)
