"""Memory that is used again, and never while somebody looks at it."""

import gc
import mmap
import queue
import subprocess
import sys
import threading

import numpy as np
import pytest

from tomobatch import volumes
from tomobatch.volumes.buffers import Buffers


def place(array):
    return array.__array_interface__["data"][0]


def test_memory_comes_back_only_when_no_part_of_it_is_in_use():
    buffers = Buffers()
    array = buffers.empty((300, 300))
    array[:] = 1
    first, part = place(array), array[10:, ::3].T
    del array
    gc.collect()
    other = buffers.empty((300, 300))
    other[:] = 2
    assert part.min() == part.max() == 1
    del part
    gc.collect()
    assert place(buffers.empty((300, 300))) == first


def test_what_comes_back_beyond_a_few_pieces_is_let_go():
    buffers = Buffers()
    arrays = [buffers.empty((300, 300)) for _ in range(10)]
    places = {place(array) for array in arrays}
    del arrays
    again = [buffers.empty((300, 300)) for _ in range(10)]
    assert len(places & {place(array) for array in again[:2]}) == 2
    assert sum(len(free) for free in buffers._free.values()) == 0


def test_of_large_pieces_one_alone_is_kept():
    buffers = Buffers()
    arrays = [buffers.empty((160 << 20,), np.uint8) for _ in range(2)]
    del arrays
    assert [len(free) for free in buffers._free.values()] == [1]


def test_prepared_memory_is_used_first():
    buffers = Buffers()
    buffers.prepare(1 << 20, 1 << 21)
    piece = buffers._free[1 << 21].take()
    buffers._free[1 << 21].give_back(piece)
    array = buffers.empty((500_000,))
    assert not buffers._free[1 << 21]
    assert place(array) == place(np.frombuffer(piece, np.uint8))


def given_up(monkeypatch):
    """Takes down in which thread pieces of memory are freed."""
    freed = queue.SimpleQueue()

    class Piece(mmap.mmap):
        def close(self):
            super().close()
            freed.put(threading.current_thread().name)

    monkeypatch.setattr(volumes.buffers.mmap, "mmap", Piece)
    return freed


def test_memory_is_freed_in_a_thread_of_its_own(monkeypatch):
    """Gigabytes of small pages take 180 ms, and the window's thread may be the last to let go of them."""
    freed = given_up(monkeypatch)
    buffers = Buffers()
    arrays = [buffers.empty((300, 300)) for _ in range(5)]
    del arrays
    # Those beyond the two that are kept, then those as well, at last one that was still looked at.
    assert [freed.get(timeout=10) for _ in range(3)] == ["memory"] * 3
    array = buffers.empty((300, 300))
    del buffers
    assert freed.get(timeout=10) == "memory"
    del array
    assert freed.get(timeout=10) == "memory"


IN_USE_TO_THE_END = """
import atexit, threading, time
# Registered first, so it runs last: something else that ends takes its time.
atexit.register(time.sleep, 0.1)
from tomobatch.volumes.buffers import Buffers
buffers = Buffers()
arrays = [buffers.empty((1024, 1024)) for _ in range(4)]
def works():
    while True:
        for array in arrays:
            array += 1
threading.Thread(target=works, daemon=True).start()
time.sleep(0.2)
"""


def test_memory_that_a_thread_still_fills_stays_to_the_end_of_the_program():
    done = subprocess.run(
        [sys.executable, "-c", IN_USE_TO_THE_END], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shape", [(1 << 25, 1 << 25), (1 << 40, 1 << 40), (1 << 62,)])
def test_what_no_memory_is_there_for_is_said_as_numpy_says_it(shape):
    with pytest.raises(MemoryError):
        Buffers().empty(shape)


def test_shapes_and_kinds():
    buffers = Buffers()
    assert buffers.empty((3, 4)).dtype == np.float32
    grey = buffers.empty((1000, 777), np.uint8)
    assert (grey.shape, grey.dtype, grey.flags.c_contiguous) == ((1000, 777), np.uint8, True)
