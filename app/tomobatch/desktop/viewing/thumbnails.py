"""Candidates made small, in a thread: what the wall shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from tomobatch.desktop.viewing.color_maps import table
from tomobatch.desktop.viewing.courier import Courier
from tomobatch.errors import TomoBatchError
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.contrast import Levels, to_8_bit
from tomobatch.volumes.frame import View, paint, read_slice
from tomobatch.volumes.placement import Placement
from tomobatch.volumes.reader import unforeseen
from tomobatch.volumes.source import Floats, LeftError, Source

SIDE_PX = 420


@dataclass(frozen=True)
class Thumbnail:
    """A candidate made small; without values it cannot be shown, `problem` says why.

    Parameters
    ----------
    values
        What is painted; nothing of the slice hangs on them.
    levels
        Its own.
    """

    index: int
    values: Floats | None
    levels: Levels = (0.0, 1.0)
    problem: str = ""

    def image(self, levels: Levels | None, color_map: str) -> QImage:
        """As it is painted with this contrast, its own where there is none, in these colours."""
        if self.values is None:
            return QImage()
        grey = to_8_bit(self.values, levels or self.levels, Buffers())
        height, width = grey.shape
        # A map of greys has one column for all three.
        colors = np.broadcast_to(table(color_map)[grey], (height, width, 3)).tobytes()
        return QImage(colors, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


class Thumbnails(QObject):
    """Makes the thumbnails of one wall after the other; lives in the window's thread."""

    made = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._left = Event()
        self._courier = Courier(self._take)

    def make(self, source: Source, indices: Sequence[int]) -> None:
        """Make these; those of the wall before are left."""
        self._left.set()
        self._left = left = Event()
        courier = self._courier
        args = source, list(indices), left.is_set, lambda one: courier.bring(left, one)
        # A daemon: a disk that never answers must not keep the program from ending.
        threading.Thread(target=_make, args=args, name="thumbnails", daemon=True).start()

    def leave(self) -> None:
        """Nobody waits for them any more."""
        self._left.set()

    def _take(self, left: Event, thumbnail: Thumbnail) -> None:
        if not left.is_set():
            self.made.emit(thumbnail)


def _make(
    source: Source, indices: Sequence[int], left: Callable[[], bool], told: Callable[[Thumbnail], None]
) -> None:
    buffers, view = Buffers(), View(Placement((SIDE_PX, SIDE_PX)))
    for index in indices:
        try:
            frame = paint(read_slice(source, index, buffers, left), view, buffers)
        except LeftError:
            return
        except TomoBatchError as error:
            told(Thumbnail(index, None, problem=error.sentence))
            continue
        except MemoryError:
            told(Thumbnail(index, None, problem="There is not enough memory for this one."))
            continue
        except Exception as error:  # noqa: BLE001 - see `unforeseen`
            told(Thumbnail(index, None, problem=unforeseen(error).sentence))
            continue
        if left():
            return
        told(Thumbnail(index, frame.values.copy(), frame.levels))
        # Or it would be held while the next one is read, and after the last one.
        del frame
