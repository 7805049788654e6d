"""A source whose slices can be held up, and what a reader of it tells."""

import threading
from queue import Queue

from tomobatch.errors import TomoBatchError
from tomobatch.volumes.frame import Frame, View
from tomobatch.volumes.placement import Placement

VIEW = View(Placement((20.0, 20.0)), (0.0, 100.0))
SHAPE = (40, 40)
SLICE_BYTES = 5 * SHAPE[0] * SHAPE[1]
WAIT_S = 20


class Slices:
    """A source that can be held up, and keeps count of what is read."""

    rows, row, shape = (), None, SHAPE

    def __init__(self, count=100, broken=()):
        self.count, self.broken = count, set(broken)
        self.read_ones, self.closed = Queue(), threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def label(self, index):
        return f"slice {index}"

    def cor_px(self, index):
        return None

    def read(self, index, buffers, left):
        self.read_ones.put(index)
        assert self.gate.wait(WAIT_S)
        if index in self.broken:
            raise TomoBatchError("unreadable", f"{index} is broken.")
        values = buffers.empty(SHAPE)
        values[:] = index
        return values

    def close(self):
        self.closed.set()


class Growing(Slices):
    """Its slices are empty until it has grown."""

    lasting, value = True, 0

    def read(self, index, buffers, left):
        values, value = buffers.empty(SHAPE), self.value
        self.read_ones.put(index)
        assert self.gate.wait(WAIT_S)
        values[:] = value
        return values

    def grow(self):
        self.value = 5
        return True


def look(reader, told, index, view=VIEW):
    """Look at a slice and wait for it."""
    made = reader.look(index, view)
    while made is None or index_of(made) != index:
        made = told.get(timeout=WAIT_S)
    return made


def index_of(made):
    return made.slice.index if isinstance(made, Frame) else made.index


def settled(source, count):
    """The next reads, as many as are expected."""
    return {source.read_ones.get(timeout=WAIT_S) for _ in range(count)}
