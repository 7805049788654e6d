"""Scrubbing through a volume: from a step of the slider to the painted frame, beside plain pyqtgraph.

Each program has a process of its own, off the screen, without GPU. The slices lie in the page cache and each
is looked at once: reading is included, and no cache of slices helps anybody.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np
import tifffile

from benchmarks.table import table

PANELS = ((700, 700), (1600, 900))
SIZES = (2048, 4096)
_DIFFERENT_FILES = 8
_HEAD_BYTES = 4096
_OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software", "QSG_RENDER_LOOP": "basic"}
_SCENE = b"""
import QtQuick
import TomoBatch.Core
Window { visible: true; SliceView { objectName: "sliceView"; anchors.fill: parent } }
"""


def measure(quick: bool) -> dict[str, object]:
    """Rows of figures: a size of slices and a panel each."""
    sizes, steps = ((256,), 20) if quick else (SIZES, 150)
    return {"rows": [row for size in sizes for row in _measured(size, steps)], "steps": steps}


def report(figures: dict[str, object]) -> str:
    """The figures as a table."""
    columns = (
        ("slice", "slice", ""), ("panel", "panel", ""), ("TomoBatch f/s", "ours_fps", ".0f"),
        ("worst step ms", "ours_worst_ms", ".0f"), ("first picture ms", "ours_first_ms", ".0f"),
        ("ImageView f/s", "peer_fps", ".0f"), ("ratio", "ratio", ".1f"), ("reading f/s", "limit_fps", ".0f"),
    )  # fmt: skip
    return table(f"Scrubbing, {figures['steps']} slices, each once", columns, figures["rows"])


def _measured(size: int, steps: int) -> Iterator[dict[str, object]]:
    with _volume(size, steps + 1) as scan:
        for panel in PANELS:
            ours, peer, limit = (_child(what, scan, panel) for what in ("ours", "peer", "limit"))
            yield {
                "slice": f"{size}²",
                "panel": f"{panel[0]}×{panel[1]}",
                "ours_fps": ours["fps"],
                "ours_worst_ms": ours["worst_ms"],
                "ours_first_ms": ours["first_ms"],
                "peer_fps": peer["fps"],
                "limit_fps": limit["fps"],
                "ratio": ours["fps"] / peer["fps"],
            }


@contextmanager
def _volume(size: int, count: int) -> Iterator[Path]:
    """A scan with a Full of `count` slices, some of them names of the same file to spare the disk."""
    with tempfile.TemporaryDirectory(prefix="tomobatch-viewing-") as place:
        scan = Path(place) / "scans" / "scan.h5"
        full = Path(place) / "scans_rec" / "scan_rec"
        full.mkdir(parents=True)
        noise = np.random.default_rng(1)
        for row in range(count):
            path = full / f"recon_{row:05d}.tiff"
            if row < _DIFFERENT_FILES:
                tifffile.imwrite(path, noise.normal(size=(size, size)).astype(np.float32))
            else:
                path.hardlink_to(full / f"recon_{row % _DIFFERENT_FILES:05d}.tiff")
        yield scan


def _child(what: str, scan: Path, panel: tuple[int, int]) -> dict[str, float]:
    argv = [sys.executable, "-m", "benchmarks.viewing", what, str(scan), *map(str, panel)]
    done = subprocess.run(argv, env={**os.environ, **_OFFSCREEN}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{what} ended with status {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


# -- in the child ---------------------------------------------------------------------------------


def _steps_of(show: Callable[[int], None], count: int) -> dict[str, float]:
    """Figures of showing slices 1 … count - 1, one after the other."""
    times = [perf_counter()]
    for index in range(1, count):
        show(index)
        times.append(perf_counter())
    steps_s = [later - earlier for earlier, later in pairwise(times)]
    return {
        "fps": len(steps_s) / sum(steps_s),
        "median_ms": 1000 * statistics.median(steps_s),
        "worst_ms": 1000 * max(steps_s),
    }


def _files(scan: Path) -> list[Path]:
    return sorted((scan.parents[1] / "scans_rec" / "scan_rec").glob("*.tiff"))


def _read(path: Path) -> np.ndarray:
    """The pixels as fast as can be: tifffile writes them last, after a short head."""
    pixels = np.fromfile(path, np.float32, offset=path.stat().st_size % _HEAD_BYTES)
    size = int(len(pixels) ** 0.5)
    return pixels.reshape(size, size)


def limit(scan: Path, panel: tuple[int, int]) -> dict[str, float]:
    """Reading alone."""
    files = _files(scan)

    def show(index: int) -> None:
        _read(files[index])

    return _steps_of(show, len(files))


def peer(scan: Path, panel: tuple[int, int]) -> dict[str, float]:
    """Plain pyqtgraph: each slice read and handed to an ImageView, contrast and place left as they are."""
    import pyqtgraph as pg

    application = pg.mkQApp()
    files = _files(scan)
    view = pg.ImageView()
    view.resize(*panel)
    view.setImage(_read(files[0]), levels=(-3, 3), axes={"y": 0, "x": 1})
    view.show()
    application.processEvents()

    def show(index: int) -> None:
        view.setImage(_read(files[index]), autoRange=False, autoLevels=False, autoHistogramRange=False)
        view.ui.graphicsView.viewport().repaint()

    return _steps_of(show, len(files))


def ours(scan: Path, panel: tuple[int, int]) -> dict[str, float]:
    """The viewer's own item in a QML scene, the index moved as the slider does."""
    import PySide6.QtQuick  # noqa: F401 - or the root object would be a bare QWindow
    import shiboken6
    from PySide6.QtCore import QEventLoop, QObject
    from PySide6.QtQml import QQmlApplicationEngine
    from PySide6.QtWidgets import QApplication

    import tomobatch.desktop.viewing.slice_view  # noqa: F401 - it registers the item
    from tomobatch.desktop.viewing.viewer import Found, Viewer, warm_up

    application = QApplication([])
    warm_up()
    viewer = Viewer(lambda _: Found(scan, scan.name), lambda _: None)
    engine = QQmlApplicationEngine()
    engine.loadData(_SCENE)
    window = engine.rootObjects()[0]
    window.resize(*panel)
    window.findChild(QObject, "sliceView").setProperty("viewer", viewer)
    painted = -1

    def swapped() -> None:
        nonlocal painted
        painted = -1 if viewer.looking is None else viewer.looking.shown_index

    window.frameSwapped.connect(swapped)

    def show(index: int) -> None:
        viewer.setProperty("index", index)
        while painted != index:
            application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    began = perf_counter()
    viewer.show(0, "full")
    while painted < 0:
        application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    first_ms = 1000 * (perf_counter() - began)
    show(0)
    figures = _steps_of(show, viewer.property("count"))
    viewer.looking.close()
    shiboken6.delete(window)
    return figures | {"first_ms": first_ms}


def main() -> None:
    """Measure one program in this process: its figures as JSON."""
    what, scan, width, height = sys.argv[1:]
    programs = {"ours": ours, "peer": peer, "limit": limit}
    print(json.dumps(programs[what](Path(scan), (int(width), int(height)))))


if __name__ == "__main__":
    main()
