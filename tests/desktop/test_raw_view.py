"""Raw data in the live window: projections, sinograms, and what is not there."""

from __future__ import annotations

import os
import select
import signal

import h5py
import numpy as np
from PySide6.QtCore import Qt

from desktop.live import demo_scans
from desktop.steps import folder_is_read, picture_is_shown
from tomobatch.volumes.wanted import Part


async def story_of_raw_data(hands, path):
    await folder_is_read(hands, 2)
    viewer, row = hands.app.viewer, hands.row_id("demo_0001.h5")
    viewer.show(row, "raw")
    await picture_is_shown(hands, row, "raw")
    with h5py.File(path, "r") as file:
        data = file["exchange/data"][()]
    angles, rows, columns = data.shape
    assert (viewer.count, viewer.index) == (angles, (angles - 1) // 2)
    assert viewer.label == f"projection {viewer.index} · {viewer.index * 180 / angles:.2f}°"
    np.testing.assert_array_equal(viewer.looking.frame.slice.data, data[viewer.index])
    hands.grab("projections")
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_Right)
    await hands.wait(lambda: viewer.looking.shown_index == viewer.index)
    np.testing.assert_array_equal(viewer.looking.frame.slice.data, data[viewer.index])
    for part, shape, label in (
        (Part.CORRECTED, (rows, columns), f"projection {(angles - 1) // 2} · 89.50°"),
        (Part.SINOGRAMS, (angles, columns), f"row {(rows - 1) // 2}"),
        (Part.FLATS, (rows, columns), "flat 4"),
        (Part.DARKS, (rows, columns), "dark 4"),
    ):
        viewer.part = part.value
        await hands.wait(lambda part=part: (viewer.part, viewer.state) == (part.value, "shown"))
        assert viewer.looking.shape == shape
        if part is not Part.CORRECTED:
            assert viewer.label == label
        await hands.frame()
        hands.grab(part.value)


def test_raw_data_is_shown(play, tmp_path):
    folder = demo_scans(tmp_path, 2, 128)
    play(story_of_raw_data, folder, path=str(folder / "demo_0001.h5"))


async def story_of_a_dead_disk(hands):
    """The process that reads waits for its disk: the slice does not come, and all else goes on."""
    await folder_is_read(hands, 2)
    viewer, row = hands.app.viewer, hands.row_id("demo_0001.h5")
    viewer.show(row, "raw")
    await picture_is_shown(hands, row, "raw")
    viewer.part = "sinograms"
    await hands.wait(lambda: (viewer.part, viewer.state) == ("sinograms", "shown"))
    process = viewer._source._process.pid
    pidfd = os.pidfd_open(process)
    os.kill(process, signal.SIGSTOP)
    await hands.click("sliceView")
    await hands.key(Qt.Key.Key_Home)
    await hands.wait(lambda: viewer.waiting)
    await hands.frame()
    hands.grab("waiting")
    other = hands.row_id("demo_0002.h5")
    viewer.show(other, "raw")
    await hands.wait(lambda: (viewer.scanId, viewer.state, viewer.label) == (other, "shown", "row 7"))
    await hands.wait(lambda: select.select([pidfd], [], [], 0)[0], "it was ended")
    os.close(pidfd)


def test_a_disk_that_does_not_answer_holds_nothing_else(play, tmp_path):
    play(story_of_a_dead_disk, demo_scans(tmp_path, 2))
