"""TIFF files, plain and other, whole and broken."""

import os
import struct
from contextlib import suppress

import numpy as np
import pytest
import tifffile

from tomobatch.errors import TomoBatchError
from tomobatch.volumes.tiff_file import TiffSlices


@pytest.fixture
def values():
    return np.random.default_rng(1).normal(size=(33, 21)).astype(np.float32)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"byteorder": ">"}, {"compression": "zlib"}, {"rowsperstrip": 4}, {"tile": (16, 16)},
        {"bigtiff": True}, {"description": "slice of a tooth" * 50},
    ],
    ids=str,
)  # fmt: skip
def test_layouts(tmp_path, values, buffers, options):
    tiffs = TiffSlices()
    for number in range(3):
        path = tmp_path / f"{number}.tiff"
        tifffile.imwrite(path, values + number, **options)
        np.testing.assert_array_equal(tiffs.read(path, buffers), values + number)


@pytest.mark.parametrize("kind", ["u1", "i2", "u4", "f2", "f8"])
def test_other_numbers_become_float32(tmp_path, buffers, kind):
    values = np.arange(12).reshape(3, 4).astype(kind)
    tifffile.imwrite(tmp_path / "a.tiff", values)
    made = TiffSlices().read(tmp_path / "a.tiff", buffers)
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made, values)


def test_whoever_asked_for_the_shape_has_the_file_explored(tmp_path, values, buffers, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tiff", values)
    tiffs = TiffSlices()
    assert tiffs.shape(tmp_path / "a.tiff") == values.shape
    monkeypatch.delattr(tifffile, "TiffFile")
    np.testing.assert_array_equal(tiffs.read(tmp_path / "a.tiff", buffers), values)


def test_files_of_the_same_length_that_differ_in_shape_are_told_apart(tmp_path, buffers):
    tiffs = TiffSlices()
    for number, shape in enumerate([(6, 4), (4, 6), (3, 8), (6, 4)]):
        path = tmp_path / f"{number}.tiff"
        tifffile.imwrite(path, np.zeros(shape, np.float32))
        assert tiffs.read(path, buffers).shape == shape


def test_pixels_are_as_in_the_file_nan_and_infinity_too(tmp_path, values, buffers):
    values[3, 4], values[5, 6], values[7, 8] = np.nan, np.inf, -np.inf
    tifffile.imwrite(tmp_path / "a.tiff", values)
    np.testing.assert_array_equal(TiffSlices().read(tmp_path / "a.tiff", buffers), values)


def refusal(path, buffers, before=None):
    tiffs = TiffSlices()
    if before is not None:
        tiffs.read(before, buffers)
    with pytest.raises(TomoBatchError, match=path.name) as told:
        tiffs.read(path, buffers)
    return told.value.code


def test_what_is_no_slice(tmp_path, buffers):
    tifffile.imwrite(tmp_path / "colours.tiff", np.zeros((5, 5, 3), np.uint8), photometric="rgb")
    tifffile.imwrite(tmp_path / "pages.tiff", np.zeros((2, 5, 5), np.float32), photometric="minisblack")
    tifffile.imwrite(tmp_path / "complex.tiff", np.zeros((5, 5), np.complex64))
    codes = {refusal(tmp_path / f"{name}.tiff", buffers) for name in ("colours", "pages", "complex")}
    assert codes == {"not-a-slice"}


def test_what_cannot_be_read(tmp_path, values, buffers):
    whole = tmp_path / "whole.tiff"
    tifffile.imwrite(whole, values)
    data = whole.read_bytes()
    broken = {"empty": b"", "text": b"no TIFF at all", "cut": data[:-100], "head": data[:20]}
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        assert refusal(tmp_path / name, buffers, whole) == "unreadable"
        assert refusal(tmp_path / name, buffers) == "unreadable"
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    assert refusal(tmp_path / "folder", buffers) == "unreadable"
    assert refusal(tmp_path / "fifo", buffers) == "unreadable"
    assert refusal(tmp_path / "gone.tiff", buffers) == "missing"


def test_random_damage_is_refused_or_read_but_never_a_crash(tmp_path, values, buffers):
    whole = tmp_path / "whole.tiff"
    tifffile.imwrite(whole, values, compression="zlib")
    noise, data = np.random.default_rng(2), whole.read_bytes()
    for _ in range(150):
        damaged = bytearray(data)
        for place in noise.integers(0, min(300, len(data)), 3):
            damaged[place] = noise.integers(256)
        (tmp_path / "damaged.tiff").write_bytes(damaged)
        # Anything but a TomoBatchError fails here.
        with suppress(TomoBatchError):
            assert TiffSlices().read(tmp_path / "damaged.tiff", buffers).ndim == 2


def write_with_directory_last(path, values):
    """As libtiff writes: header, pixels, and only then what they are."""
    rows, columns = values.shape
    tags = [
        (256, 4, columns), (257, 4, rows), (258, 3, 32), (259, 3, 1), (262, 3, 1), (273, 4, 8),
        (277, 3, 1), (278, 4, rows), (279, 4, values.nbytes), (339, 3, 3),
    ]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8 + values.nbytes) + values.tobytes() + directory)


def test_files_that_tell_their_shape_at_the_end(tmp_path, values, buffers):
    tiffs = TiffSlices()
    for number, shape in enumerate([(33, 21), (21, 33), (33, 21)]):
        path = tmp_path / f"{number}.tiff"
        write_with_directory_last(path, values.reshape(shape))
        np.testing.assert_array_equal(tiffs.read(path, buffers), values.reshape(shape))


def test_a_lie_about_the_size_takes_no_memory(tmp_path, buffers):
    """A gigabyte, the header says; there are a few bytes."""
    path = tmp_path / "huge.tiff"
    tifffile.imwrite(path, np.zeros((5, 7), np.float32))
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        tags = tiff.pages.first.tags
        places = {name: tags[name].valueoffset for name in ("ImageLength", "RowsPerStrip", "StripByteCounts")}
    for name, value in (
        ("ImageLength", 40_000_000),
        ("RowsPerStrip", 40_000_000),
        ("StripByteCounts", 1120_000_000),
    ):
        data[places[name] : places[name] + 4] = struct.pack("<I", value)
    path.write_bytes(data)
    asked = []
    buffers.empty = lambda shape: asked.append(shape) or np.empty((1, 1), np.float32)
    assert refusal(path, buffers) == "unreadable"
    assert not asked
