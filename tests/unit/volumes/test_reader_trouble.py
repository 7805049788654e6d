"""Threads that are stuck, and what nobody thought of: whoever looks gets the slice all the same."""

import threading
from queue import Empty, Queue

import numpy as np
import pytest

from tomobatch.volumes.frame import Failure, Frame, Sampled
from tomobatch.volumes.reader import SPARES, THREADS, Reader
from unit.volumes.reader_aid import SHAPE, SLICE_BYTES, VIEW, WAIT_S, Slices, index_of, look, settled


def test_what_is_wanted_is_read_though_all_threads_are_stuck(begin):
    source = Slices()
    reader, told = begin(source)
    look(reader, told, 99)
    settled(source, 2)
    source.gate.clear()
    reader.look(0, VIEW)
    assert settled(source, THREADS) == {0, 1}
    # Those never come back before it.
    source.read = lambda index, buffers, left: np.full(SHAPE, index, np.float32)
    assert isinstance(look(reader, told, 50), Frame)
    assert not source.gate.is_set()
    source.gate.set()


def test_threads_are_few_however_many_slices_are_stuck(begin):
    source = Slices()
    reader, told = begin(source)
    look(reader, told, 99)
    settled(source, 2)
    source.gate.clear()
    for number in range(THREADS + SPARES):
        reader.look(10 * number, VIEW, ahead=False)
        assert source.read_ones.get(timeout=WAIT_S) == 10 * number
    assert reader._working == len(reader._busy) == THREADS + SPARES
    reader.look(90, VIEW, ahead=False)
    source.gate.set()
    assert isinstance(look(reader, told, 90), Frame)


def test_what_nobody_thought_of_ends_no_thread(begin, caplog):
    source = Slices(count=20)
    plain = source.read

    def read(index, buffers, left):
        if index < 10:
            raise ValueError("could not broadcast")
        return plain(index, buffers, left)

    source.read = read
    reader, told = begin(source)
    for index in range(2 * (THREADS + SPARES)):
        failure = look(reader, told, index)
        assert (type(failure), failure.error.code) == (Failure, "unforeseen")
        assert "ValueError: could not broadcast" in failure.error.sentence
    reader.survey([0, 1, 2, 3])
    samples = [told.get(timeout=WAIT_S) for _ in range(4)]
    assert {(type(sample), sample.values.size) for sample in samples} == {(Sampled, 0)}
    assert isinstance(look(reader, told, 12), Frame)
    assert "could not broadcast" in caplog.text


def test_a_survey_that_was_meant_for_another_source_harms_none(begin):
    source = Slices(count=11)
    reader, told = begin(source)
    reader.survey([3, 111, 333, 555])
    # And the first picture comes first.
    with pytest.raises(Empty):
        told.get(timeout=0.2)
    assert reader.look(5, VIEW, ahead=False) is None
    found = [told.get(timeout=WAIT_S) for _ in range(2)]
    assert sorted((type(one).__name__, index_of(one)) for one in found) == [("Frame", 5), ("Sampled", 3)]
    assert isinstance(look(reader, told, 8), Frame)


def test_what_is_wanted_is_read_though_all_threads_are_stuck_in_a_survey(begin):
    source = Slices()
    reader, told = begin(source, cache_bytes=20 * SLICE_BYTES)
    look(reader, told, 0)
    stuck, plain, gate = Queue(), source.read, threading.Event()

    def read(index, buffers, left):
        if index >= 40:
            stuck.put(index)
            assert gate.wait(WAIT_S)
        return plain(index, buffers, left)

    source.read = read
    reader.survey([40, 60])
    assert {stuck.get(timeout=WAIT_S) for _ in range(2)} == {40, 60}
    assert isinstance(look(reader, told, 20), Frame)
    gate.set()


def test_what_nobody_thought_of_is_told_where_a_source_is_opened():
    told = Queue()
    reader = Reader(lambda: 1 // 0, told.put)
    failure = told.get(timeout=WAIT_S)
    assert (type(failure), failure.index, failure.error.code) == (Failure, -1, "unforeseen")
    reader.close()


def test_what_nobody_thought_of_ends_no_thread_where_a_source_grows(begin, caplog):
    source, asked = Slices(), Queue()

    def grow():
        asked.put(None)
        raise ValueError("it shrank")

    source.grow = grow
    reader, told = begin(source)
    for _ in range(THREADS + 1):
        reader.grow()
        asked.get(timeout=WAIT_S)
    assert isinstance(look(reader, told, 5), Frame)
    assert "it shrank" in caplog.text
