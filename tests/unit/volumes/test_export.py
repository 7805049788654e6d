"""Slices as files, read back."""

import json
import os
import resource
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import tifffile
from PIL import Image

from tomobatch.desktop.qml_files import MODULE, qml_root
from tomobatch.errors import TomoBatchError
from tomobatch.volumes import export
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.export import About, Look, write_png, write_tiff
from tomobatch.volumes.lengths import PixelLength
from tomobatch.volumes.new_file import write_new
from tomobatch.volumes.tiff_file import TiffSlices

FONT = qml_root() / MODULE / "fonts/TomoBatchSans-Regular.ttf"
GRAYS = np.repeat(np.arange(256, dtype=np.uint8)[:, np.newaxis], 3, axis=1)
ODD = (230, 0, 126)
ABOUT = About("a µ.h5", "COR 296.00", 296.0, PixelLength(0.5, "/r, um"), row=7)


def look(low=0.0, high=255.0, table=GRAYS):
    return Look((low, high), np.vstack((table[:255], ODD)).astype(np.uint8), FONT)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture
def data():
    made = np.random.default_rng(1).normal(0, 1e-3, (300, 400)).astype(np.float32)
    made[3, 4], made[5, 6] = np.nan, np.inf
    return made


def test_values_come_back_bit_for_bit(data, tmp_path):
    path = write_tiff(tmp_path / "new" / "a.tif", data, ABOUT)
    assert path == tmp_path / "new" / "a.tif"
    assert tifffile.imread(path).tobytes() == data.tobytes()
    assert TiffSlices().read(path, Buffers()).tobytes() == data.tobytes()
    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        told = json.loads(page.description)
        # 0.5 µm a pixel are 20,000 of them a centimetre.
        assert page.get_resolution("CENTIMETER") == (20_000, 20_000)
    assert (told["scan"], told["slice"], told["cor_px"], told["row"]) == ("a µ.h5", "COR 296.00", 296.0, 7)


def test_rows_of_a_sinogram_are_no_length(data, tmp_path):
    about = About("a.h5", "row 3", pixel=PixelLength(0.5, "/r"), length_down=False)
    path = write_tiff(tmp_path / "a.tif", data, about)
    with tifffile.TiffFile(path) as file:
        told = json.loads(file.pages.first.description)
        assert file.pages.first.tags["ResolutionUnit"].value == 1
    assert told == {"scan": "a.h5", "slice": "row 3", "pixel_width_um": 0.5, "pixel_source": "/r"}


def test_a_picture_has_the_slices_own_pixels(tmp_path):
    data = np.tile(np.arange(400, dtype=np.float32), (300, 1))
    data[10, 20] = np.nan
    table = GRAYS.copy()
    table[254] = (1, 2, 3)
    found = pixels(write_png(tmp_path / "a.png", data, ABOUT, look(0, 254, table)))
    assert found.shape[0] > 300
    assert found.shape[1] == 400
    assert found[0, :254, 0].tolist() == list(range(254))
    assert found[50, 300].tolist() == [1, 2, 3]
    assert found[10, 20].tolist() == list(ODD)
    # Words stand below the slice.
    assert found[300:].max() > 100


def longest_white(line):
    best = run = 0
    for white in line:
        run = run + 1 if white else 0
        best = max(best, run)
    return best


def test_the_bar_is_as_long_as_it_says(tmp_path):
    data = np.zeros((300, 400), np.float32)
    found = pixels(write_png(tmp_path / "a.png", data, ABOUT, look()))
    white = (found[:300] == 255).all(axis=2)
    # 400 pixels of 0.5 µm are 200 µm: a bar of 50 µm, 100 pixels.
    assert max(longest_white(line) for line in white) == 100
    without = pixels(write_png(tmp_path / "b.png", data, About("a.h5", "slice 1"), look()))
    assert not without[:300].any()


def test_a_huge_slice_is_reduced_and_so_is_its_bar(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "MOST_SIDE_PX", 200)
    data = np.tile(np.arange(400, dtype=np.float32) // 2, (300, 1))
    assert export.reduction(data) == 2
    found = pixels(write_png(tmp_path / "a.png", data, ABOUT, look()))
    np.testing.assert_allclose(found[0, :200, 0], np.arange(200), atol=1)
    white = (found[100:150, :200] == 255).all(axis=2)
    # A pixel is 1 µm now: 50 µm.
    assert max(longest_white(line) for line in white) == 50


def test_a_reduced_pixel_is_a_whole_square(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "MOST_SIDE_PX", 60)
    down, along = np.indices((300, 400))
    # Alike in each square of seven; one of them without a number, one with a part of it.
    data = (3 * (down // 7) + along // 7).astype(np.float32)
    data[14:21, 7:14] = np.nan
    data[28:30, 28:30] = np.inf
    found = pixels(write_png(tmp_path / "a.png", data, About("a.h5", "slice 1"), look()))
    expected = 3 * np.arange(42)[:, np.newaxis] + np.arange(57)
    # Both: what is no number takes the whole square.
    odd = ((2, 1), (4, 4))
    assert [found[place].tolist() for place in odd] == [list(ODD)] * 2
    found = found[:42, :57, 0].copy()
    for place in odd:
        found[place] = expected[place]
    np.testing.assert_allclose(found, expected, atol=1)


def test_nothing_is_overwritten(data, tmp_path):
    path = tmp_path / "a.tif"
    path.write_text("mine")
    assert write_tiff(path, data, ABOUT) == tmp_path / "a_2.tif"
    assert write_tiff(path, data, ABOUT) == tmp_path / "a_3.tif"
    assert path.read_text() == "mine"
    assert {place.name for place in tmp_path.iterdir()} == {"a.tif", "a_2.tif", "a_3.tif"}


def test_nothing_is_overwritten_without_hard_links(data, tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.tif"
    assert write_tiff(path, data, ABOUT) == path
    assert write_tiff(path, data, ABOUT) == tmp_path / "a_2.tif"


def test_two_that_are_saved_at_once_under_one_name_are_not_mixed(tmp_path):
    both = threading.Barrier(2, timeout=20)

    def save(number):
        def write(path):
            path.write_text(number)
            # Both are written by now, and none has its name yet.
            both.wait()

        return write_new(tmp_path / "a.txt", write)

    with ThreadPoolExecutor(2) as pool:
        places = list(pool.map(save, "12"))
    assert [place.read_text() for place in places] == ["1", "2"]
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("um", [1e-300, 1e-12, 1e12, 1e300])
def test_strange_pixel_sizes_keep_no_slice_from_being_saved(data, tmp_path, um):
    about = replace(ABOUT, pixel=PixelLength(um, "/r"))
    assert tifffile.imread(write_tiff(tmp_path / "a.tif", data, about)).tobytes() == data.tobytes()
    assert write_png(tmp_path / "a.png", data, about, look()).exists()


def test_a_disk_that_takes_no_more(data, tmp_path):
    """What is half written goes, and the reason is told; a limit on files is what a test can set."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(TomoBatchError, match=r"a\.tif was not saved: the disk takes no more") as raised:
            write_tiff(tmp_path / "a.tif", data, ABOUT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert raised.value.code == "not-saved"
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be(data, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TomoBatchError, match="was not saved"):
        write_tiff(tmp_path / "file" / "a.tif", data, ABOUT)
