"""A scan to be looked at, and how to look at it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import tifffile
from PySide6.QtCore import Qt

from desktop.steps import folder_is_read, picture_is_shown
from tomobatch.formats.demo import write_demo_scans
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place

ENGINE = "import sys; from tomobatch.cpu_engine.main import main; sys.exit(main(sys.argv[1:]))"
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SLICES = 12


def make_results(folder):
    """A demo scan with a Try and a Full whose slices have very different values."""
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


def slice_path(folder, number):
    return final_place(Path(folder) / "demo_0001.h5", Kind.FULL) / f"recon_{number:05d}.tiff"


async def look_at(hands, mode="full"):
    await folder_is_read(hands, 1)
    row = hands.row_id("demo_0001.h5")
    await hands.click("viewTry" if mode == "try" else "viewFull", row)
    await picture_is_shown(hands, row, mode)
    await hands.frame()
    return hands.app.viewer


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
