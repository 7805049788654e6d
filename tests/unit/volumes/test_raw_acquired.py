"""Raw data that is being acquired, lies in other files, or was made anew behind the window."""

import contextlib
import queue
import subprocess
import sys

import h5py
import numpy as np
import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.volumes.frame import Frame, Grown, View
from tomobatch.volumes.placement import Placement
from tomobatch.volumes.reader import Reader
from tomobatch.volumes.wanted import Part
from unit.formats.files import ANGLES, COLUMNS, ROWS, pixels, write_dxchange
from unit.volumes.hdf5_aid import WAIT_S, all_of, settle


@pytest.mark.parametrize("part", [Part.PROJECTIONS, Part.FLATS])
def test_pixels_that_lie_in_another_file_are_taken_from_there(tmp_path, look, buffers, part):
    path = write_dxchange(tmp_path / "linked.h5")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        # As long as the other one: what lies at the same place in it would be taken without a word.
        file["something"] = np.full(path.stat().st_size, 7, np.uint8)
        for name in ("data", "data_white", "data_dark", "theta"):
            file[f"exchange/{name}"] = h5py.ExternalLink("linked.h5", f"/exchange/{name}")
    made, expected = (all_of(look(tmp_path / name, part), buffers) for name in ("a.h5", "linked.h5"))
    np.testing.assert_array_equal(made, expected)


def test_a_linked_scan_grows_though_nothing_is_written_to_the_link(acquire, look, buffers):
    path, take, end = acquire("plain")
    take()
    link = path.with_name("link.h5")
    with h5py.File(link, "w") as file:
        for name in ("data", "data_white", "data_dark"):
            file[f"exchange/{name}"] = h5py.ExternalLink(path.name, f"/exchange/{name}")
    settle(link)
    source = look(link)
    assert (source.count, source.growing) == (1, True)
    take()
    assert source.grow()
    assert source.read(1, buffers)[0, 0] == 102
    end()
    settle(path)
    assert source.grow()
    assert not source.growing


def test_pixels_beyond_float32_are_infinite_without_a_warning(tmp_path, look, buffers):
    path = write_dxchange(tmp_path / "a.h5", np.full((ANGLES, ROWS, COLUMNS), 1e300))
    assert np.isinf(look(path).read(0, buffers)).all()


def wait_for(made, told, lines):
    """For the sinogram of row 2, as it is now."""
    while not (isinstance(made, Frame) and made.slice.index == 2):
        made = told.get(timeout=WAIT_S)
    assert made.slice.shape[0] == lines


def test_a_sinogram_that_was_read_is_read_again_once_there_are_more_lines(acquire, look):
    path, take, _ = acquire("plain")
    take()
    told = queue.Queue()
    reader = Reader(lambda: look(path, Part.SINOGRAMS), told.put)
    assert told.get(timeout=WAIT_S).count == 4
    view = View(Placement((20.0, 20.0)), (0.0, 1.0))
    wait_for(reader.look(2, view), told, 1)
    take()
    told_grown = False
    while not told_grown:
        # It is not looked at while somebody reads.
        reader.grow()
        with contextlib.suppress(queue.Empty):
            told_grown = isinstance(told.get(timeout=0.1), Grown)
    wait_for(reader.look(2, view), told, 2)
    reader.close()


@pytest.mark.parametrize("storage", [{}, {"chunks": (1, ROWS, COLUMNS), "compression": "gzip"}])
def test_a_scan_that_was_made_anew_with_fewer_projections(tmp_path, look, buffers, storage):
    path = write_dxchange(tmp_path / "a.h5", **storage)
    source = look(path)
    path.unlink()
    write_dxchange(path, pixels()[:3], **storage)
    assert source.grow()
    assert source.count == 3
    # A thread may have been about to read one that was there before.
    with pytest.raises(TomoBatchError, match=r"a.h5 holds 3 slices by now"):
        source.read(5, buffers)
    np.testing.assert_array_equal(source.read(2, buffers), pixels()[2])


WRITER = """
import sys
import h5py
import numpy as np

path, how = sys.argv[1:]
with h5py.File(path, "w", libver="latest" if how == "swmr" else None, locking=False) as file:
    data = file.create_dataset("exchange/data", (0, 4, 6), np.uint16, maxshape=(None, 4, 6), chunks=(1, 4, 6))
    file["exchange/data_white"] = np.full((2, 4, 6), 1000, np.uint16)
    file["exchange/data_dark"] = np.full((2, 4, 6), 100, np.uint16)
    file["process/acquisition/rotation/num_angles"] = 5
    if how == "swmr":
        file.swmr_mode = True
    for line in sys.stdin:
        data.resize(data.shape[0] + 1, axis=0)
        data[-1] = 100 + data.shape[0]
        file.flush()
        print(data.shape[0], flush=True)
"""


@pytest.fixture
def acquire(tmp_path):
    """A detector in a process of its own: ``path, take, end = acquire("swmr")``, for five projections."""
    with contextlib.ExitStack() as stack:

        def start(how):
            path = tmp_path / f"{how}.h5"
            writer = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", WRITER, str(path), how],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )

            def take():
                writer.stdin.write("\n")
                writer.stdin.flush()
                return int(writer.stdout.readline())

            def end():
                writer.stdin.close()
                writer.wait()

            stack.callback(end)
            return path, take, end

        yield start


@pytest.mark.parametrize("how", ["swmr", "plain"])
def test_a_scan_that_is_acquired(acquire, look, buffers, how):
    path, take, end = acquire(how)
    assert take() == 1
    source, sinograms = look(path), look(path, Part.SINOGRAMS)
    assert (source.count, source.growing) == (1, True)
    assert sinograms.read(2, buffers).shape == (1, 6)
    for frames in (2, 3, 4, 5):
        assert take() == frames
        assert source.grow()
        assert source.count == frames
        assert source.read(frames - 1, buffers)[0, 0] == 100 + frames
    assert sinograms.grow()
    np.testing.assert_allclose(sinograms.read(2, buffers)[:, 3], np.arange(1, 6) / 900, rtol=1e-6)
    end()
    settle(path)
    assert source.grow()
    assert not source.growing
    assert not source.grow()


def test_a_scan_that_cannot_be_opened_yet(tmp_path, look, buffers):
    path = tmp_path / "a.h5"
    path.write_bytes(b"")
    source = look(path)
    assert (source.count, source.growing) == (1, True)
    assert source.empty(0) == "a.h5 is empty: nothing was written into it."
    with pytest.raises(TomoBatchError, match="nothing was written"):
        source.read(0, buffers)
    assert not source.grow()
    write_dxchange(path)
    assert source.grow()
    assert (source.count, source.shape, source.empty(0)) == (ANGLES, (ROWS, COLUMNS), "")
    np.testing.assert_array_equal(source.read(2, buffers), pixels()[2])


def test_a_scan_that_never_comes_is_given_up(tmp_path, look):
    path = tmp_path / "a.h5"
    path.write_bytes(b"half of it")
    source = look(path)
    settle(path)
    assert source.grow()
    assert not source.growing
    assert "not an HDF5 file" in source.empty(0)


def test_a_scan_that_is_half_written_for_a_moment_keeps_what_was_known(tmp_path, look, buffers):
    path = write_dxchange(tmp_path / "a.h5", chunks=(1, ROWS, COLUMNS))
    source = look(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    source.grow()
    assert (source.count, source.growing) == (ANGLES, True)
    path.write_bytes(whole)
    np.testing.assert_array_equal(source.read(2, buffers), pixels()[2])


@pytest.mark.parametrize("angles", [4, 9])
def test_a_scan_that_is_half_written_for_a_moment_and_then_another_one(tmp_path, look, buffers, angles):
    """Its sinograms have more lines by then, or fewer: none is read as if it was the one before."""
    path = write_dxchange(tmp_path / "a.h5", pixels()[:6], chunks=(1, ROWS, COLUMNS))
    source = look(path, Part.SINOGRAMS)
    path.write_bytes(path.read_bytes()[:100])
    source.grow()
    write_dxchange(path, pixels()[:angles], chunks=(1, ROWS, COLUMNS))
    with pytest.raises(TomoBatchError) as told:
        source.read(2, buffers)
    assert told.value.code == "changed"
    assert source.grow()
    assert source.read(2, buffers).shape == (angles, COLUMNS)


def test_a_reader_shows_what_was_not_written_before(tmp_path, look):
    path = write_dxchange(tmp_path / "a.h5", np.zeros((ANGLES, ROWS, COLUMNS), np.uint16))
    told = queue.Queue()
    reader = Reader(lambda: look(path), told.put)
    assert told.get(timeout=WAIT_S).count == ANGLES
    view = View(Placement((20.0, 20.0)), (0.0, 100.0))
    assert reader.look(3, view) is None
    while not (isinstance(made := told.get(timeout=WAIT_S), Frame) and made.slice.index == 3):
        pass
    assert made.slice.blank
    with h5py.File(path, "r+", locking=False) as file:
        file["exchange/data"][3] = 5
    reader.grow()
    while not isinstance(told.get(timeout=WAIT_S), Grown):
        pass
    made = reader.look(3, view)
    while not (isinstance(made, Frame) and made.slice.index == 3):
        made = told.get(timeout=WAIT_S)
    assert (made.slice.blank, made.slice.data.max()) == (False, 5)
    reader.close()
