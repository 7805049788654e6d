"""HDF5 slices by a process of their own: it may crash or hang, be left or killed; nothing stays behind."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time

import h5py
import numpy as np
import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.recon.kinds import Kind
from tomobatch.volumes import slice_process
from tomobatch.volumes.frame import View
from tomobatch.volumes.opening import open_result
from tomobatch.volumes.placement import Placement
from tomobatch.volumes.reader import Reader
from tomobatch.volumes.source import LeftError, abandoned
from unit.volumes.hdf5_aid import WAIT_S, InThread, children, has_ended, open_files, stop, write_volume

VIEW = View(Placement((20.0, 20.0)), (0.0, 1.0))
VALUES = np.arange(6 * 40 * 50, dtype=np.float32).reshape(6, 40, 50)


@pytest.fixture
def packed(tmp_path):
    """A compressed volume, open: its slices can only be had from the process."""
    source = open_result(write_volume(tmp_path, VALUES, chunks=(1, 40, 50), compression="gzip"), Kind.FULL)
    yield source
    source.close()


def pid_of(source):
    return source._process.pid


def test_a_process_that_crashes_is_told_and_replaced(packed, buffers):
    first = pid_of(packed)
    stop(first)
    reading = InThread(lambda: packed.read(1, buffers))
    # It has been asked, and cannot answer.
    while not packed._process._owes:
        time.sleep(0.001)
    os.kill(first, signal.SIGSEGV)
    os.kill(first, signal.SIGCONT)
    told = reading.result()
    assert isinstance(told, TomoBatchError)
    assert told.code == "reader-died"
    assert "a_rec.h5 ended by SIGSEGV" in told.sentence
    np.testing.assert_array_equal(packed.read(2, buffers), VALUES[2])
    assert pid_of(packed) != first
    assert first not in children()


def test_a_volume_that_changed_behind_a_crash_is_not_mixed_with_the_old_one(packed, tmp_path, buffers):
    process = pid_of(packed)
    os.kill(process, signal.SIGKILL)
    write_volume(tmp_path, VALUES[:2], compression="gzip")
    with pytest.raises(TomoBatchError):
        packed.read(0, buffers)
    with pytest.raises(TomoBatchError, match="has changed") as told:
        packed.read(0, buffers)
    assert told.value.code == "changed"


def test_closing_does_not_wait_for_a_process_that_hangs(packed, tmp_path, buffers):
    process = pid_of(packed)
    pidfd = os.pidfd_open(process)
    stop(process)
    reading = InThread(lambda: packed.read(1, buffers))
    packed.close()
    assert isinstance(reading.result(), LeftError)
    assert has_ended(pidfd)
    os.close(pidfd)
    # And the next one is none the worse for it.
    (tmp_path / "next").mkdir()
    source = open_result(write_volume(tmp_path / "next", VALUES, compression="gzip"), Kind.FULL)
    np.testing.assert_array_equal(source.read(3, buffers), VALUES[3])
    source.close()


def test_a_process_that_hangs_while_it_is_idle_is_ended_too(packed):
    process = pid_of(packed)
    pidfd = os.pidfd_open(process)
    stop(process)
    packed.close()
    assert has_ended(pidfd)
    os.close(pidfd)


def test_a_read_is_left_and_its_late_answer_is_not_taken_for_the_next_one(packed, buffers):
    process = pid_of(packed)
    stop(process)
    with pytest.raises(LeftError):
        packed.read(1, buffers, lambda: True)
    os.kill(process, signal.SIGCONT)
    np.testing.assert_array_equal(packed.read(2, buffers), VALUES[2])
    np.testing.assert_array_equal(packed.read(1, buffers), VALUES[1])
    assert pid_of(packed) == process


def test_who_waits_for_its_turn_notices_that_it_is_left(packed, buffers):
    process = pid_of(packed)
    stop(process)
    left = threading.Event()
    reading = InThread(lambda: packed.read(1, buffers))
    waiting = InThread(lambda: packed.read(2, buffers, left.is_set))
    left.set()
    assert isinstance(waiting.result(), LeftError)
    assert reading.is_alive()
    os.kill(process, signal.SIGCONT)
    np.testing.assert_array_equal(reading.result(), VALUES[1])


def test_a_source_that_cannot_be_opened_for_a_dead_disk_can_be_left(tmp_path):
    path = write_volume(tmp_path, VALUES, compression="gzip")
    slice_process.end()
    slice_process.prepare()
    (process,) = children()
    pidfd = os.pidfd_open(process)
    stop(process)
    left = threading.Event()

    def opened():
        abandoned.set(left.is_set)
        return open_result(path, Kind.FULL)

    opening = InThread(opened)
    left.set()
    assert isinstance(opening.result(), LeftError)
    assert has_ended(pidfd)
    os.close(pidfd)


def test_a_reader_that_is_closed_while_it_opens_ends(tmp_path):
    path = write_volume(tmp_path, VALUES, compression="gzip")
    slice_process.end()
    slice_process.prepare()
    (process,) = children()
    stop(process)
    asked = threading.Event()

    def opened():
        asked.set()
        return open_result(path, Kind.FULL)

    reader = Reader(opened, lambda what: None)
    assert asked.wait(WAIT_S)
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "volume-0"]
    reader.close()
    thread.join(WAIT_S)
    assert not thread.is_alive()


def test_several_threads_read_at_once(packed, buffers):
    order = [index for index in range(6) for _ in range(5)]
    reads = [InThread(lambda index=index: packed.read(index, buffers).copy()) for index in order]
    for index, read in zip(order, reads, strict=True):
        np.testing.assert_array_equal(read.result(), VALUES[index])


@pytest.mark.parametrize("storage", [{"chunks": (1, 64, 64)}, {"chunks": (1, 2200, 2200)}, {}])
@pytest.mark.parametrize("kind", ["<u2", ">f4"])
def test_a_slice_that_is_larger_than_what_is_shared_comes_in_pieces(tmp_path, buffers, storage, kind):
    values = (np.arange(2200 * 2200) % 60_000).reshape(1, 2200, 2200).astype(kind)
    source = open_result(write_volume(tmp_path, values, **storage), Kind.FULL)
    assert values.size * 4 > slice_process.PIXEL_BYTES
    np.testing.assert_array_equal(source.read(0, buffers), values[0])
    source.close()


def test_a_damaged_slice_says_so_and_the_others_are_shown(tmp_path, buffers):
    path = write_volume(tmp_path, VALUES, chunks=(1, 40, 50), compression="gzip")
    place = path.parents[1] / "scans_rec" / "a_rec.h5"
    with h5py.File(place, "r") as file:
        chunk = file["exchange/data"].id.get_chunk_info(4)
    with place.open("r+b") as file:
        file.seek(chunk.byte_offset)
        file.write(b"\0" * chunk.size)
    source = open_result(path, Kind.FULL)
    with pytest.raises(TomoBatchError, match=r"a_rec\.h5 is damaged") as told:
        source.read(4, buffers)
    assert told.value.code == "unreadable"
    np.testing.assert_array_equal(source.read(5, buffers), VALUES[5])
    source.close()


def test_a_slice_that_no_memory_is_there_for_does_not_hold_the_next_ones(tmp_path):
    place = tmp_path / "scans_rec" / "a_rec.h5"
    place.parent.mkdir()
    with h5py.File(place, "w") as file:
        file.create_dataset("exchange/data", (3, 1 << 25, 1 << 25), "f4", chunks=(1, 64, 64))
    told = queue.Queue()
    reader = Reader(lambda: open_result(tmp_path / "scans" / "a.h5", Kind.FULL), told.put)
    assert told.get(timeout=WAIT_S).count == 3
    for index in (0, 1, 2, 0):
        assert reader.look(index, VIEW) is None
        made = told.get(timeout=WAIT_S)
        assert (made.index, made.error.code) == (index, "too-large")
    reader.close()


def test_nothing_is_left_behind(tmp_path, buffers):
    slice_process.end()
    path = write_volume(tmp_path, VALUES, compression="gzip")

    def look(crash):
        source = open_result(path, Kind.FULL)
        source.read(0, buffers)
        if crash:
            os.kill(pid_of(source), signal.SIGKILL)
            with pytest.raises(TomoBatchError):
                source.read(1, buffers)
        source.close()

    look(crash=True)
    before = open_files()
    for number in range(50):
        look(crash=number % 10 == 0)
    for thread in threading.enumerate():
        if thread.name == "slices-end":
            thread.join(WAIT_S)
    # Spares, at most two, each with two pipes and its memory.
    assert len(children()) <= 2
    assert "Z" not in children().values()
    assert open_files() <= before + 3
    slice_process.end()
    assert children() == {}


PROGRAM = """
import sys
from pathlib import Path
from tomobatch.volumes.volume import Volume
from tomobatch.volumes import slice_process
from tomobatch.volumes.buffers import Buffers
source = Volume(Path(sys.argv[1]))
source.read(0, Buffers())
print(*(process.pid for process in slice_process._spares._all), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("killed", [True, False])
def test_they_end_with_the_program(tmp_path, killed):
    path = write_volume(tmp_path, VALUES, compression="gzip")
    place = path.parents[1] / "scans_rec" / "a_rec.h5"
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", PROGRAM, str(place)]
    with contextlib.ExitStack() as stack:
        program = stack.enter_context(
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
        pids = [int(pid) for pid in program.stdout.readline().split()]
        assert len(pids) == 2
        ends = [os.pidfd_open(pid) for pid in pids]
        for end in ends:
            stack.callback(os.close, end)
        if killed:
            program.kill()
        program.stdin.close()
        assert all(has_ended(end) for end in ends)
        assert program.stderr.read() == ""


def test_what_no_process_can_be_started_for_is_said(tmp_path, monkeypatch):
    path = write_volume(tmp_path, VALUES)
    slice_process.end()
    monkeypatch.setattr(slice_process, "slices_program", lambda: (str(tmp_path / "nothing"),))
    with pytest.raises(TomoBatchError, match="could not be started") as told:
        open_result(path, Kind.FULL)
    assert told.value.code == "reader-died"
    slice_process.prepare()
