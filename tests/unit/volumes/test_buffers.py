"""Memory that is used again, and never while somebody looks at it."""

import gc

import numpy as np
import pytest

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
    (piece,) = buffers._free[1 << 21]
    array = buffers.empty((500_000,))
    assert not buffers._free[1 << 21]
    assert place(array) == place(np.frombuffer(piece, np.uint8))


@pytest.mark.parametrize("shape", [(1 << 25, 1 << 25), (1 << 40, 1 << 40), (1 << 62,)])
def test_what_no_memory_is_there_for_is_said_as_numpy_says_it(shape):
    with pytest.raises(MemoryError):
        Buffers().empty(shape)


def test_shapes_and_kinds():
    buffers = Buffers()
    assert buffers.empty((3, 4)).dtype == np.float32
    grey = buffers.empty((1000, 777), np.uint8)
    assert (grey.shape, grey.dtype, grey.flags.c_contiguous) == ((1000, 777), np.uint8, True)
