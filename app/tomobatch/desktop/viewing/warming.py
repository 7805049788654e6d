"""What the first look would wait for, done before anybody looks."""

from __future__ import annotations

import threading

from PySide6.QtGui import QImage, QPainter

import tomobatch.desktop.viewing.looking
import tomobatch.volumes.opening  # noqa: F401 - so that nobody waits for it
from tomobatch.desktop.viewing.color_maps import GRAY
from tomobatch.desktop.viewing.looking import BUFFERS
from tomobatch.desktop.viewing.slice_scene import SliceScene
from tomobatch.volumes.contrast import sample_of
from tomobatch.volumes.frame import Slice, View, paint
from tomobatch.volumes.placement import Placement

_AREA, _STRIP = (64, 48), 16
# One slice of 2048² pixels, and one of 4096².
_READY_BYTES = (16 << 20, 64 << 20)


def rehearse() -> None:
    """Paint a slice that nobody sees: some 10 ms that the first one would take longer.

    In the window's thread alone: Qt's Python types are made as they are first used, which is not safe in two
    threads at once. pyqtgraph imported in another one crashed the program while it painted.
    """
    data = BUFFERS.empty((3 * _AREA[1], 3 * _AREA[0]))
    data[:] = 0
    view = View(Placement((float(_AREA[0]), float(_AREA[1]))))
    frame = paint(Slice(0, data, sample_of(data)), view, BUFFERS)
    scene = SliceScene()
    scene.resize(_AREA[0] + _STRIP, _AREA[1], _STRIP)
    scene.set_color_map(GRAY)
    scene.place(view.placement.on(frame.slice.shape))
    scene.paint_levels(frame.levels, frame.levels)
    scene.paint_frame(frame)
    scene.paint_histogram(frame, frame.levels)
    image = QImage(_AREA[0] + _STRIP, _AREA[1], QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setClipRect(image.rect())
    scene.render(painter)
    painter.end()
    scene.close()
    # Memory that was never used takes longest to get where the machine is a virtual one.
    threading.Thread(target=BUFFERS.prepare, args=_READY_BYTES, name="buffers", daemon=True).start()
