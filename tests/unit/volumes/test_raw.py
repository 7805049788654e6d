"""Raw data of both layouts: what is shown, in which values, and while it is acquired."""

import os
import signal

import h5py
import numpy as np
import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.formats.stack import Stack
from tomobatch.volumes.correction import Band, Bands, Mean
from tomobatch.volumes.source import LeftError
from tomobatch.volumes.wanted import Part
from unit.formats.files import ANGLES, COLUMNS, ROWS, pixels, write_dxchange, write_nxtomo
from unit.volumes.hdf5_aid import all_of, settle, stop

STORED = [{}, {"chunks": (1, ROWS, COLUMNS), "compression": "gzip"}, {"chunks": (5, 4, 3), "shuffle": True}]


@pytest.mark.parametrize("storage", STORED)
@pytest.mark.parametrize("kind", ["<u2", ">u2", "<f4", "<i4", "<f8"])
def test_projections_are_those_of_the_file(tmp_path, look, buffers, storage, kind):
    path = write_dxchange(tmp_path / "a.h5", pixels().astype(kind), **storage)
    source = look(path)
    assert (source.count, source.shape) == (ANGLES, (ROWS, COLUMNS))
    assert source.label(5) == "projection 5 · 75.00°"
    made = all_of(source, buffers)
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made, pixels())


def test_without_angles_none_are_told(tmp_path, look):
    assert look(write_dxchange(tmp_path / "a.h5", theta=None)).label(3) == "projection 3"


def test_projections_without_an_angle_are_left_out(tmp_path, look):
    assert look(write_dxchange(tmp_path / "a.h5", theta=7)).count == 7


def test_flats_and_darks_of_dxchange(tmp_path, look, buffers):
    path = write_dxchange(tmp_path / "a.h5")
    flats, darks = look(path, Part.FLATS), look(path, Part.DARKS)
    assert (flats.count, flats.label(2), darks.count, darks.label(1)) == (3, "flat 2", 2, "dark 1")
    assert [all_of(flats, buffers)[:, 1, 1].tolist(), all_of(darks, buffers)[:, 1, 1].tolist()] == [
        [1000, 1001, 1002],
        [10, 11],
    ]


@pytest.mark.parametrize("storage", [{}, {"chunks": (2, 3, 5), "compression": "gzip"}])
def test_the_kinds_of_nxtomo_are_kept_apart(tmp_path, look, buffers, storage):
    keys = [2, 1, 0, 0, 3, 0, 1, 2, 0, 3]
    path = write_nxtomo(tmp_path / "a.nxs", keys, **storage)
    assert all_of(look(path), buffers)[:, 2, 3].tolist() == [2, 3, 5, 8]
    assert all_of(look(path, Part.FLATS), buffers)[:, 2, 3].tolist() == [1, 6]
    assert all_of(look(path, Part.DARKS), buffers)[:, 2, 3].tolist() == [0, 7]
    assert [look(path).label(index) for index in (0, 3)] == ["projection 0 · 4.00°", "projection 3 · 16.00°"]
    # Flats are 3.5 and darks 3.5 in the mean: nothing can be divided by that.
    assert np.isnan(all_of(look(path, Part.CORRECTED), buffers)).all()


def noisy(path, rows=24, columns=20, angles=40, **storage):
    """A scan with an uneven beam and one dead pixel; what it must be once corrected."""
    rng = np.random.default_rng(3)
    dark = rng.integers(90, 110, (4, rows, columns)).astype(np.uint16)
    flat = rng.integers(3000, 5000, (6, rows, columns)).astype(np.uint16)
    flat[:, 4, 7] = 50
    data = rng.integers(100, 3000, (angles, rows, columns)).astype(np.uint16)
    with h5py.File(path, "w") as file:
        file.create_dataset("exchange/data", data=data, **storage)
        file["exchange/data_white"], file["exchange/data_dark"] = flat, dark
        file["exchange/theta"] = np.linspace(0, 180, angles)
    level, beam = dark.mean(axis=0, dtype=float), flat.mean(axis=0, dtype=float) - dark.mean(axis=0)
    beam[beam <= 0] = np.nan
    return (data - level) / beam


@pytest.mark.parametrize(
    "storage", [{}, {"chunks": (1, 24, 20), "compression": "gzip"}, {"chunks": (7, 5, 6)}]
)
def test_corrected_projections_and_sinograms(tmp_path, look, buffers, storage):
    path = tmp_path / "a.h5"
    expected = noisy(path, **storage)
    corrected, sinograms = look(path, Part.CORRECTED), look(path, Part.SINOGRAMS)
    assert corrected.label(0) == "projection 0 · 0.00°"
    np.testing.assert_allclose(all_of(corrected, buffers), expected, rtol=1e-5)
    assert (sinograms.count, sinograms.shape, sinograms.label(5)) == (24, (40, 20), "row 5")
    np.testing.assert_allclose(all_of(sinograms, buffers), expected.swapaxes(0, 1), rtol=1e-5)
    assert np.isnan(sinograms.read(4, buffers)[:, 7]).all()
    assert (corrected.notes, sinograms.notes) == ((), ())


@pytest.mark.parametrize(
    ("lacking", "word"), [({"flats": None}, "flats"), ({"darks": None}, "darks"), ({"darks": 0}, "darks")]
)
def test_without_flats_or_darks(tmp_path, look, buffers, lacking, word):
    path = settle(write_dxchange(tmp_path / "a.h5", **lacking))
    for part in (Part.CORRECTED, Part(word)):
        with pytest.raises(TomoBatchError, match=f"a.h5 has no {word}") as told:
            look(path, part)
        assert told.value.code == f"no-{word}"
    sinograms = look(path, Part.SINOGRAMS)
    (note,) = sinograms.notes
    assert note.startswith(f"Not corrected: a.h5 has no {word}")
    np.testing.assert_array_equal(all_of(sinograms, buffers), pixels().swapaxes(0, 1))


def test_flats_of_another_size_correct_nothing(tmp_path, look):
    path = write_dxchange(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        del file["exchange/data_white"]
        file["exchange/data_white"] = np.ones((2, ROWS, COLUMNS + 2), np.uint16)
    with pytest.raises(TomoBatchError, match="the projections 6 by 10") as told:
        look(settle(path), Part.CORRECTED)
    assert told.value.code == "flats-differ"
    assert "12 pixels" in look(path, Part.SINOGRAMS).notes[0]


@pytest.mark.parametrize("part", Part)
def test_what_is_no_scan_says_so(tmp_path, look, part):
    path = tmp_path / "a.h5"
    path.write_bytes(b"no HDF5")
    with pytest.raises(TomoBatchError, match=r"a\.h5 is not an HDF5 file"):
        look(settle(path), part)
    path.unlink()
    with pytest.raises(TomoBatchError, match="does not exist"):
        look(path, part)
    os.mkfifo(path)
    with pytest.raises(TomoBatchError, match="not a regular file"):
        look(settle(path), part)


def test_another_file_of_this_name_is_not_taken_for_the_one_that_was_opened(tmp_path, look, buffers):
    path = write_dxchange(tmp_path / "a.h5")
    source = look(path)
    other = write_dxchange(tmp_path / "b.h5", pixels() + 1000)
    other.replace(path)
    np.testing.assert_array_equal(source.read(3, buffers), pixels()[3])
    assert source.grow()
    np.testing.assert_array_equal(source.read(3, buffers), pixels()[3] + 1000)


class Left:
    """Nobody waits any more, from the given question on."""

    def __init__(self, after):
        self.after = after

    def __call__(self):
        self.after -= 1
        if self.after < 0:
            raise LeftError


@pytest.fixture
def deep(tmp_path):
    """Projections so large that they are read in several pieces."""
    frames = np.arange(10, dtype=np.uint16)[:, None, None] + np.arange(4, dtype=np.uint16)[:, None] * 100
    with h5py.File(tmp_path / "deep.h5", "w") as file:
        data = np.broadcast_to(frames, (10, 4, 1 << 20))
        yield Stack(file.create_dataset("data", data=data, chunks=(1, 4, 1 << 20)), ((0, 10),))


def test_a_sinogram_that_was_left_goes_on_where_it_was(deep):
    band = Band(deep, 0, 4)
    for _ in range(2):
        with pytest.raises(LeftError):
            band.row(2, Left(after=4))
    asked = Left(after=2)
    np.testing.assert_array_equal(band.row(2, asked)[:, 5], np.arange(10) + 200)
    assert asked.after == 0
    np.testing.assert_array_equal(band.row(3, Left(after=0))[:, 5], np.arange(10) + 300)


def test_a_mean_that_was_left_goes_on_where_it_was(deep):
    mean = Mean(deep)
    with pytest.raises(LeftError):
        mean.get(Left(after=6))
    np.testing.assert_array_equal(mean.get(Left(after=4))[:, 7], 4.5 + 100 * np.arange(4))


def test_no_more_than_two_bands_are_held(deep, monkeypatch):
    monkeypatch.setattr("tomobatch.volumes.correction._BAND_BYTES", 10 * (1 << 20) * 2)
    bands = Bands(deep)
    for row in (0, 1, 2, 1, 3):
        np.testing.assert_array_equal(bands.row(row, Left(after=99))[:, 9], np.arange(10) + 100 * row)
    assert list(bands._held) == [1, 3]
    bands.row(1, Left(after=0))


def test_a_sinogram_is_left_in_the_midst_of_it(tmp_path, look, buffers):
    path = tmp_path / "a.h5"
    expected = noisy(path, chunks=(1, 24, 20), compression="gzip")
    source = look(path, Part.SINOGRAMS)
    process = source._process.pid
    stop(process)
    with pytest.raises(LeftError):
        source.read(5, buffers, lambda: True)
    os.kill(process, signal.SIGCONT)
    np.testing.assert_allclose(source.read(6, buffers), expected[:, 6], rtol=1e-5)


@pytest.mark.parametrize(
    ("shape", "part", "code"),
    [
        ((1_000_001, 2, 2), Part.PROJECTIONS, "too-many"),
        ((2, 1_000_001, 2), Part.SINOGRAMS, "too-many"),
        ((1 << 40, 2, 2), Part.CORRECTED, "wrong-shape"),
    ],
)
def test_more_than_any_scan_has_is_not_told_one_by_one(tmp_path, look, shape, part, code):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("exchange/data", shape, np.uint16, chunks=(2, 2, 2))
    with pytest.raises(TomoBatchError) as told:
        look(settle(path), part)
    assert told.value.code == code


def test_a_real_tooth(shared_data, look, buffers):
    if shared_data is None:
        pytest.skip("the real scan is not beside this checkout")
    path = shared_data / "tooth.h5"
    with h5py.File(path, "r") as file:
        read = (file[f"exchange/{name}"][()] for name in ("data", "data_white", "data_dark"))
        data, flat, dark = (values.astype(float) for values in read)
    expected = (data - dark.mean(axis=0)) / (flat.mean(axis=0) - dark.mean(axis=0))
    source, sinograms = look(path), look(path, Part.SINOGRAMS)
    assert (source.count, source.shape, source.label(90)) == (181, (2, 640), "projection 90 · 89.50°")
    np.testing.assert_array_equal(source.read(90, buffers), data[90])
    for row in range(2):
        np.testing.assert_allclose(sinograms.read(row, buffers), expected[:, row], rtol=1e-4)
    np.testing.assert_allclose(look(path, Part.CORRECTED).read(3, buffers), expected[3], rtol=1e-4)
