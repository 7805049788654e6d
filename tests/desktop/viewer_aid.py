"""What stories of the viewer share: results to look at, and a source that needs no disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from desktop.steps import folder_is_read, picture_is_shown
from tomobatch.desktop.viewing import viewer as viewing
from tomobatch.formats.demo import write_demo_scans
from tomobatch.volumes.source import Source, never
from tomobatch.volumes.wanted import Mode

ENGINE = "import sys; from tomobatch.cpu_engine.main import main; sys.exit(main(sys.argv[1:]))"


def make_results(folder: Path) -> Path:
    """Two demo scans: one with a Try of 40 candidates and a Full of 12 slices, one with a Try of two rows."""
    first, second = write_demo_scans(folder, 2, 128)
    for scan, *options in (
        (first, "--reconstruction-type=try", "--center-search-width=10"),
        (first, "--reconstruction-type=full", "--end-row=12"),
        (second, "--reconstruction-type=try", "--center-search-width=3", "--nsino=[0.25,0.75]"),
    ):
        about = (f"--file-name={scan.path}", f"--rotation-axis={round(scan.cor_px)}")
        subprocess.run([sys.executable, "-c", ENGINE, *about, *options], check=True, capture_output=True)
    return folder


class Made(Source):
    """Slices of one value each, by their number, of a file that has any number of them."""

    def __init__(self, name="projection", count=200, notes=(), empties=()):
        self.count, self.shape, self.notes = count, (48, 64), tuple(notes)
        self._name, self._empties = name, empties

    def label(self, index):
        return f"{self._name} {index}"

    def empty(self, index):
        return "This slice is empty: it lies outside the crop." if index in self._empties else ""

    def read(self, index, buffers, left=never):
        data = buffers.empty(self.shape)
        data[:] = index
        data[:, 32:] += 1000
        return data


def raw_is_made(**made):
    """From now on, raw data of any scan are a `Made`, called by its part; the rest is opened as always."""
    opened = viewing._open

    def stand_in(wanted):
        return Made(wanted.part.value, **made) if wanted.mode is Mode.RAW else opened(wanted)

    viewing._open = stand_in


async def look_at(hands, mode, name="demo_0001.h5"):
    """Press the row's button; gives the viewer."""
    await folder_is_read(hands, 2)
    row = hands.row_id(name)
    await hands.click("viewTry" if mode == "try" else "viewFull", row)
    await picture_is_shown(hands, row, mode)
    await hands.frame()
    return hands.app.viewer


async def is_shown(hands):
    """Wait until the slice that is wanted is on the screen."""
    viewer = hands.app.viewer
    await hands.wait(lambda: viewer.state == "shown", "a slice is shown")
    await hands.frame()


def scale(viewer):
    return viewer.looking.placement.on(viewer.looking.shape).scale
