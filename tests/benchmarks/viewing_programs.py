"""Programs that show slices, each in a process of its own: ``WHAT SCAN WIDTH HEIGHT PICTURE``.

Nothing of the benchmarks is imported, so that a peer's own environment can run it. A program gives a picture
of the first slice, then of each other one as soon as the one before is painted.
"""

from __future__ import annotations

import json
import os
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np

HEAD_BYTES = 4096
MIB = 1 << 20
SCENE = b"""
import QtQuick
import TomoBatch.Core
Window { visible: true; SliceView { objectName: "sliceView"; anchors.fill: parent } }
"""
ZOOM = 2.0


class Memory:
    """How much more memory a program takes than when it began to look."""

    def __init__(self) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self._before = pages * resource.getpagesize()

    def grown_mib(self) -> float:
        # Not that of getrusage: a process begins with the most its parent ever had.
        peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
        return max(0, int(peak[1]) * 1024 - self._before) / MIB


def steps_of(show: Callable[[int], None], count: int) -> dict[str, float]:
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


def files_of(scan: Path) -> list[Path]:
    return sorted((scan.parents[1] / "scans_rec" / "scan_rec").glob("*.tiff"))


def pixels_of(path: Path) -> np.ndarray:
    """The pixels as fast as can be: tifffile writes them last, after a short head."""
    pixels = np.fromfile(path, np.float32, offset=path.stat().st_size % HEAD_BYTES)
    size = int(len(pixels) ** 0.5)
    return pixels.reshape(size, size)


def limit(scan: Path, panel: tuple[int, int], zoomed: bool) -> dict[str, float]:
    """Reading alone."""
    files, memory = files_of(scan), Memory()
    began = perf_counter()
    pixels_of(files[0])
    first_ms = 1000 * (perf_counter() - began)

    def show(index: int) -> None:
        pixels_of(files[index])

    figures = steps_of(show, len(files))
    return figures | {"first_ms": first_ms, "memory_mib": memory.grown_mib()}


def image_view(scan: Path, panel: tuple[int, int], zoomed: bool) -> dict[str, float]:
    """Plain pyqtgraph: each slice read and handed to an ImageView, contrast and place left as they are."""
    import pyqtgraph as pg

    application = pg.mkQApp()
    files = files_of(scan)
    view = pg.ImageView()
    view.resize(*panel)
    view.show()
    application.processEvents()
    memory, began = Memory(), perf_counter()
    view.setImage(pixels_of(files[0]), levels=(-3, 3), axes={"y": 0, "x": 1})
    view.ui.graphicsView.viewport().repaint()
    first_ms = 1000 * (perf_counter() - began)
    if zoomed:
        view.getView().scaleBy((1 / ZOOM, 1 / ZOOM))
    application.processEvents()

    def show(index: int) -> None:
        view.setImage(pixels_of(files[index]), autoRange=False, autoLevels=False, autoHistogramRange=False)
        view.ui.graphicsView.viewport().repaint()

    return steps_of(show, len(files)) | {"first_ms": first_ms, "memory_mib": memory.grown_mib()}


def napari(scan: Path, panel: tuple[int, int], zoomed: bool) -> dict[str, float]:
    """An image layer of napari, given one slice after the other; painted once its canvas has been drawn."""
    import napari as program
    from qtpy.QtWidgets import QApplication

    files = files_of(scan)
    viewer = program.Viewer(show=False)
    window = viewer.window._qt_window
    window.show()
    canvas = viewer.window._qt_viewer.canvas.native
    # The canvas as large as the panel, whatever napari has around it.
    window.resize(window.width() + panel[0] - canvas.width(), window.height() + panel[1] - canvas.height())
    QApplication.processEvents()
    painted = [0]
    viewer.window._qt_viewer.canvas._scene_canvas.events.draw.connect(
        lambda event: painted.__setitem__(0, painted[0] + 1), position="last"
    )

    def frame(change: Callable[[], object]) -> None:
        before = painted[0]
        change()
        until = perf_counter() + 20
        while painted[0] == before:
            if perf_counter() > until:
                raise RuntimeError("napari painted nothing")
            QApplication.processEvents()

    memory, began, layers = Memory(), perf_counter(), []
    frame(lambda: layers.append(viewer.add_image(pixels_of(files[0]), contrast_limits=(-3, 3))))
    first_ms = 1000 * (perf_counter() - began)
    if zoomed:
        frame(lambda: setattr(viewer.camera, "zoom", viewer.camera.zoom * ZOOM))
    figures = steps_of(
        lambda index: frame(lambda: setattr(layers[0], "data", pixels_of(files[index]))), len(files)
    )
    return figures | {"first_ms": first_ms, "memory_mib": memory.grown_mib()}


class OurWindow:
    """The viewer's own item in a QML scene, the index moved as the slider does."""

    def __init__(self, scan: Path, panel: tuple[int, int]) -> None:
        import PySide6.QtQuick  # noqa: F401 - or the root object would be a bare QWindow
        from PySide6.QtCore import QEventLoop, QObject
        from PySide6.QtQml import QQmlApplicationEngine
        from PySide6.QtWidgets import QApplication

        import tomobatch.desktop.viewing.warming  # noqa: F401 - it is measured what comes on top of it
        from tomobatch.desktop.start import _choose_renderer
        from tomobatch.desktop.viewing.found import Found
        from tomobatch.desktop.viewing.slice_view import SliceView  # noqa: F401 - it registers the item
        from tomobatch.desktop.viewing.viewer import Viewer
        from tomobatch.desktop.viewing.warming import rehearse

        _choose_renderer()
        self.application, self.memory = QApplication([]), Memory()
        rehearse()
        self.viewer = Viewer(lambda _: Found(scan, scan.name), lambda _: None)
        self._engine = QQmlApplicationEngine()
        self._engine.loadData(SCENE)
        self.window = self._engine.rootObjects()[0]
        self.window.resize(*panel)
        self.window.findChild(QObject, "sliceView").setProperty("viewer", self.viewer)
        self._wait = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        self.painted = -1
        self.window.frameSwapped.connect(self._swapped)
        # As in a window that stood there for a while.
        self.breathe(0.5)

    def _swapped(self) -> None:
        self.painted = -1 if self.viewer.looking is None else self.viewer.looking.shown_index

    def breathe(self, span_s: float) -> None:
        until = perf_counter() + span_s
        while perf_counter() < until:
            self.application.processEvents()
            time.sleep(0.001)

    def open(self, mode: str) -> float:
        """From View Full to the first picture, in ms."""
        began = perf_counter()
        self.viewer.show(0, mode)
        while self.painted < 0:
            self.application.processEvents(self._wait)
        return 1000 * (perf_counter() - began)

    def show(self, index: int) -> None:
        self.viewer.setProperty("index", index)
        while self.painted != index:
            self.application.processEvents(self._wait)

    def close(self) -> None:
        import shiboken6

        if self.viewer.looking is not None:
            self.viewer.looking.close()
        shiboken6.delete(self.window)


def ours(scan: Path, panel: tuple[int, int], zoomed: bool, mode: str = "full") -> dict[str, float]:
    window = OurWindow(scan, panel)
    first_ms = window.open(mode)
    window.show(0)
    looking = window.viewer.looking
    if zoomed:
        looking.zoom((looking.placement.area[0] / 2, looking.placement.area[1] / 2), ZOOM)
        window.breathe(0.5)
    figures = steps_of(window.show, window.viewer.property("count"))
    window.close()
    return figures | {"first_ms": first_ms, "memory_mib": window.memory.grown_mib()}


def ours_try(scan: Path, panel: tuple[int, int], zoomed: bool) -> dict[str, float]:
    return ours(scan, panel, zoomed, "try")


# -- disks that hang, slices that are huge ----------------------------------------------------------

SCRUB_S, STEP_S = 4.0, 0.02


def holds(
    scan: Path, panel: tuple[int, int], zoomed: bool, shape: tuple[int, int], wait_s: float
) -> dict[str, float]:
    """How long the window is held while somebody scrubs, and when the slice where they stop is there."""
    from PySide6.QtCore import Qt, QTimer

    from tomobatch.desktop.viewing import viewer as viewing
    from tomobatch.volumes.source import Source

    class Slices(Source):
        count = 1000

        def __init__(self) -> None:
            self.shape = shape

        def label(self, index: int) -> str:
            return f"slice {index}"

        def read(self, index, buffers, left=None):
            time.sleep(wait_s)
            data = buffers.empty(shape)
            data[:] = index
            return data

    viewing._open = lambda wanted: Slices()
    window = OurWindow(scan, panel)
    window.open("full")
    turns_s, timer = [], QTimer(interval=1, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: turns_s.append(perf_counter()))
    timer.start()
    until, index = perf_counter() + SCRUB_S, window.viewer.property("index")
    while perf_counter() < until:
        index += 1
        window.viewer.setProperty("index", index)
        after = perf_counter() + STEP_S
        while perf_counter() < after:
            window.application.processEvents(window._wait)
    stopped = perf_counter()
    window.show(index)
    arrived_ms = 1000 * (perf_counter() - stopped)
    timer.stop()
    late_ms = sorted(1000 * (later - earlier) - 1 for earlier, later in pairwise(turns_s))
    window.close()
    return {
        "late_99_ms": late_ms[int(0.99 * len(late_ms))],
        "late_max_ms": late_ms[-1],
        "arrived_ms": arrived_ms,
        "memory_mib": window.memory.grown_mib(),
    }


def slow_disk(scan: Path, panel: tuple[int, int], zoomed: bool) -> dict[str, float]:
    return holds(scan, panel, zoomed, (512, 512), 0.5)


def wide_slices(scan: Path, panel: tuple[int, int], zoomed: bool) -> dict[str, float]:
    return holds(scan, panel, zoomed, (2000, 30000), 0.0)


PROGRAMS = {
    "ours": ours, "ours_try": ours_try, "image_view": image_view, "napari": napari, "limit": limit,
    "slow_disk": slow_disk, "wide_slices": wide_slices,
}  # fmt: skip


def main() -> None:
    """Measure one program in this process: its figures as JSON, in the last line."""
    what, scan, width, height, zoomed = sys.argv[1:]
    figures = PROGRAMS[what](Path(scan), (int(width), int(height)), zoomed == "zoomed")
    print(json.dumps(figures), flush=True)
    # Some peers do not like to be taken apart.
    os._exit(0)


if __name__ == "__main__":
    main()
