"""Reading ahead: in the direction of travel, within bounds, and nothing for slices that were left."""

import threading
from queue import Queue

import numpy as np
import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.volumes import reader as reader_module
from tomobatch.volumes.frame import Failure, Frame, Grown, View
from tomobatch.volumes.placement import Placement
from tomobatch.volumes.reader import MOST_AHEAD, MOST_HELD, THREADS, Reader
from unit.volumes.reader_aid import SHAPE, SLICE_BYTES, VIEW, WAIT_S, Growing, Slices, index_of, look, settled


def test_a_slice_is_read_and_painted(begin):
    reader, told = begin(Slices())
    frame = look(reader, told, 7)
    assert frame.slice.data.shape == SHAPE
    assert frame.values.shape == (20, 20)
    assert np.unique(frame.values).tolist() == [7]
    assert np.unique(frame.grey).tolist() == [round(7 * 2.54)]
    assert (frame.slice.value_at(3.2, 39.9), frame.slice.value_at(40, 3)) == (7, None)


def test_what_lies_ahead_is_read_and_one_behind(begin):
    source = Slices()
    reader, told = begin(source)
    look(reader, told, 50)
    assert settled(source, MOST_AHEAD + 2) == {49, *range(50, 51 + MOST_AHEAD)}


def test_backwards_what_lies_behind_is_ahead(begin):
    source = Slices()
    reader, told = begin(source)
    look(reader, told, 50)
    settled(source, MOST_AHEAD + 2)
    look(reader, told, 40)
    assert settled(source, MOST_AHEAD + 2) == {41, *range(40 - MOST_AHEAD, 41)}


def test_a_slice_that_was_read_ahead_is_there_at_once(begin):
    source = Slices()
    reader, told = begin(source)
    look(reader, told, 10)
    while not isinstance(reader.look(11, VIEW), Frame):
        told.get(timeout=WAIT_S)
    assert isinstance(reader.look(11, VIEW), Frame)


def test_nothing_beyond_the_ends(begin):
    source = Slices(count=3)
    reader, told = begin(source)
    look(reader, told, 1)
    assert settled(source, 3) == {0, 1, 2}
    look(reader, told, 2)
    assert source.read_ones.empty()


def test_slices_that_were_left_before_their_turn_are_never_read(begin):
    source = Slices()
    reader, told = begin(source)
    look(reader, told, 99)
    settled(source, 2)
    source.gate.clear()
    reader.look(0, VIEW)
    assert settled(source, THREADS) == {0, 1}
    for index in range(1, 80):
        reader.look(index, VIEW)
    source.gate.set()
    look(reader, told, 79)
    reads = settled(source, MOST_AHEAD)
    assert reads <= set(range(78, 80 + MOST_AHEAD))


def test_the_first_picture_is_read_alone(begin):
    source = Slices()
    source.gate.clear()
    reader, told = begin(source)
    reader.look(50, VIEW)
    assert settled(source, 1) == {50}
    assert reader._order() == [50]
    source.gate.set()
    assert index_of(told.get(timeout=WAIT_S)) == 50
    assert settled(source, MOST_AHEAD + 1) == {49, *range(51, 51 + MOST_AHEAD)}


def test_slices_that_are_huge_are_not_read_by_more_threads(begin):
    for fitting, threads in ((4, THREADS), (1, 1)):
        reader, told = begin(Slices(), cache_bytes=fitting * SLICE_BYTES)
        look(reader, told, 5)
        assert reader._working == threads


def test_what_was_read_for_a_slice_on_the_way_is_told(begin):
    source = Slices()
    reader, told = begin(source)
    source.gate.clear()
    reader.look(5, VIEW)
    assert source.read_ones.get(timeout=WAIT_S) == 5
    reader.look(60, VIEW)
    source.gate.set()
    seen = set()
    while seen != {5, 60}:
        seen.add(index_of(told.get(timeout=WAIT_S)))


def test_another_view_paints_anew_without_reading(begin):
    source = Slices(count=1)
    reader, told = begin(source)
    look(reader, told, 0)
    settled(source, 1)
    near = View(Placement((20.0, 20.0), 10.0, (5.0, 5.0)), (0.0, 100.0))
    frame = reader.look(0, near)
    while frame is None or frame.view != near:
        frame = told.get(timeout=WAIT_S)
    assert frame.box == (3, 3, 7, 7)
    assert source.read_ones.empty()


def test_without_ahead_the_neighbours_are_left_alone(begin):
    source = Slices()
    reader, told = begin(source)
    assert reader.look(50, VIEW, ahead=False) is None
    assert index_of(told.get(timeout=WAIT_S)) == 50
    assert reader.look(90, VIEW, ahead=False) is None
    assert index_of(told.get(timeout=WAIT_S)) == 90
    assert settled(source, 2) == {50, 90}
    assert source.read_ones.empty()


@pytest.mark.parametrize("slices", [0, 3, 7, 12, 1000])
def test_memory_is_bounded(begin, slices):
    source = Slices()
    bound = slices * SLICE_BYTES
    reader, told = begin(source, cache_bytes=bound)
    for index in [*range(60), *range(60, 20, -3)]:
        look(reader, told, index)
        held = reader.held_bytes
        assert held <= max(bound - (2 * THREADS - 1) * SLICE_BYTES, 1.5 * SLICE_BYTES)
        assert held <= MOST_HELD * 1.5 * SLICE_BYTES


def test_a_broken_slice_is_told_and_the_others_go_on(begin):
    source = Slices(broken={4})
    reader, told = begin(source)
    failure = look(reader, told, 4)
    assert isinstance(failure, Failure)
    assert failure.error.sentence == "4 is broken."
    assert isinstance(look(reader, told, 5), Frame)
    # It may have been mended: who comes back to it sees it read again.
    source.broken.clear()
    assert isinstance(look(reader, told, 4), Frame)


def test_a_slice_that_does_not_fit_into_memory(begin, monkeypatch):
    def too_large(*_):
        raise MemoryError

    reader, told = begin(Slices())
    monkeypatch.setattr(reader_module, "read_slice", too_large)
    assert look(reader, told, 4).error.sentence == "There is not enough memory for slice 4."


def test_what_was_read_before_the_source_grew_is_not_kept(begin):
    source = Growing()
    reader, told = begin(source)
    source.gate.clear()
    assert reader.look(3, VIEW) is None
    assert source.read_ones.get(timeout=WAIT_S) == 3
    reader.grow()
    assert isinstance(told.get(timeout=WAIT_S), Grown)
    source.gate.set()
    while index_of(made := told.get(timeout=WAIT_S)) != 3 or made.slice.blank:
        pass
    assert made.slice.data.max() == 5


def test_a_source_that_cannot_be_opened_is_told():
    told = Queue()

    def refuse():
        raise TomoBatchError("no-result", "There is none.")

    Reader(refuse, told.put)
    assert told.get(timeout=WAIT_S).error.code == "no-result"


def test_closed_while_it_reads_it_tells_nothing_and_closes_the_source_at_the_end(begin):
    source = Slices()
    reader, told = begin(source)
    source.gate.clear()
    reader.look(0, VIEW)
    assert source.read_ones.get(timeout=WAIT_S) == 0
    reader.close()
    assert not source.closed.is_set()
    source.gate.set()
    assert source.closed.wait(WAIT_S)
    assert told.empty()


def test_closed_while_it_opens_it_closes_the_source():
    gate, source, told = threading.Event(), Slices(), Queue()

    def slow():
        assert gate.wait(WAIT_S)
        return source

    reader = Reader(slow, told.put)
    reader.close()
    gate.set()
    assert source.closed.wait(WAIT_S)
    assert told.empty()


def test_odd_pixels_are_counted(begin):
    class Odd(Slices):
        def read(self, index, buffers, left):
            values = super().read(index, buffers, left)
            values[0, :3] = np.nan, np.inf, -np.inf
            return values

    reader, told = begin(Odd())
    frame = look(reader, told, 9)
    assert (frame.slice.nan, frame.slice.inf) == (1, 2)
    assert frame.slice.odd_text == "1 NaN · 2 infinite"
    assert frame.grey[0].tolist() == [255, 255, *[23] * 18]
    assert np.isfinite(frame.slice.sample).all()
    assert frame.values[1:].min() == 9


def test_the_memory_can_be_halved_and_given_back(begin):
    source = Slices()
    reader, told = begin(source, cache_bytes=40 * SLICE_BYTES)
    look(reader, told, 20)
    settled(source, MOST_AHEAD + 2)
    reader.hold_at_most(6 * SLICE_BYTES)
    assert reader.held_bytes <= 3 * SLICE_BYTES
    look(reader, told, 40)
    # No room to read ahead: nothing but what is looked at.
    assert settled(source, 1) == {40}
    reader.hold_at_most(40 * SLICE_BYTES)
    look(reader, told, 60)
    assert settled(source, MOST_AHEAD + 2) == {*range(60, 61 + MOST_AHEAD), 59}
