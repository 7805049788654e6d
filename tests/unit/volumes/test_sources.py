"""Tries and Fulls, made by the engine or elsewhere, and what can be wrong with them."""

import os
import shutil

import h5py
import numpy as np
import pytest
import tifffile

from tomobatch.cor.scoring import negativity
from tomobatch.errors import TomoBatchError
from tomobatch.formats.demo import write_demo_scans
from tomobatch.recon.kinds import Kind
from tomobatch.volumes.opening import open_result
from tomobatch.volumes.pictures import binned_offset_px


def best_cor_px(source, buffers):
    scores = [negativity(source.read(index, buffers)) for index in range(source.count)]
    return source.cor_px(int(np.argmin(scores)))


def test_a_try_is_its_candidates_by_cor(demo, reconstruct, buffers):
    path, _ = demo
    folder = reconstruct(path, Kind.TRY, 30.0)
    source = open_result(path, Kind.TRY)
    cors_px = [source.cor_px(index) for index in range(source.count)]
    assert cors_px == [27.5 + step / 2 for step in range(12)]
    assert source.label(2) == "COR 28.50"
    assert source.shape == (64, 64)
    (name,) = folder.glob("*center28.50.tiff")
    np.testing.assert_array_equal(source.read(2, buffers), tifffile.imread(name))


def test_only_the_files_of_the_run_are_shown(demo, reconstruct):
    path, _ = demo
    folder = reconstruct(path, Kind.TRY, 30.0)
    shutil.copy(next(folder.glob("*.tiff")), folder / "recon_slice0000_center99.00.tiff")
    assert open_result(path, Kind.TRY).count == 12


def test_what_was_made_elsewhere_is_shown_too(demo, reconstruct):
    path, _ = demo
    folder = reconstruct(path, Kind.TRY, 30.0)
    (folder / "tomobatch.json").unlink()
    shutil.copy(next(folder.glob("*.tiff")), folder / "recon_slice0000_center-1.50.tiff")
    (folder / "notes.txt").write_text("by hand")
    source = open_result(path, Kind.TRY)
    assert (source.cor_px(0), source.label(0)) == (-1.5, "COR -1.50")


def test_rows_of_a_try_are_kept_apart(demo, reconstruct, buffers):
    path, _ = demo
    folder = reconstruct(path, Kind.TRY, 30.0, "--nsino=[0.25,0.75]")
    first = open_result(path, Kind.TRY)
    second = open_result(path, Kind.TRY, first.rows[1])
    assert len(first.rows) == 2
    assert (first.row, second.row) == first.rows
    assert first.count == second.count == 12
    (name,) = folder.glob(f"recon_slice{second.row:04d}_center30.00.tiff")
    np.testing.assert_array_equal(second.read(5, buffers), tifffile.imread(name))
    assert open_result(path, Kind.TRY, 12345).row == first.rows[0]


@pytest.mark.parametrize("binning", [0, 1, 2])
def test_a_binned_try_offers_the_true_cor(reconstruct, tmp_path, buffers, binning):
    made = write_demo_scans(tmp_path / "wide", 1, 256)[0]
    # The engine steps in binned pixels: half a detector pixel each.
    step_px = 0.5 / 2**binning
    reconstruct(made.path, Kind.TRY, round(made.cor_px), f"--binning={binning}", width_px=8, step_px=step_px)
    source = open_result(made.path, Kind.TRY)
    assert source.shape == (256 >> binning, 256 >> binning)
    assert source.binning == binning
    assert best_cor_px(source, buffers) == pytest.approx(made.cor_px, abs=max(0.5, 2**binning / 4))
    offsets_px = {source.cor_px(index) % 0.5 for index in range(source.count)}
    assert offsets_px == {0.0}


@pytest.mark.parametrize("save_format", ["tiff", "h5nolinks"])
def test_a_full_tells_its_binning(demo, reconstruct, save_format):
    path, cor_px = demo
    reconstruct(path, Kind.FULL, cor_px, "--binning=1", f"--save-format={save_format}")
    source = open_result(path, Kind.FULL)
    assert source.binning == 1
    source.close()


def test_the_offset_is_that_of_the_middle_of_a_binned_pixel():
    for binning in range(4):
        detector_px = np.arange(2**binning)
        assert binned_offset_px(binning) == detector_px.mean()


def test_a_full_is_its_slices_by_row(demo, reconstruct, buffers):
    path, cor_px = demo
    folder = reconstruct(path, Kind.FULL, cor_px, "--start-row=4", "--end-row=15")
    source = open_result(path, Kind.FULL)
    assert (source.count, source.label(0), source.label(10)) == (11, "slice 4", "slice 14")
    assert source.cor_px(0) is None
    assert (source.rows, source.row) == ((), None)
    np.testing.assert_array_equal(source.read(3, buffers), tifffile.imread(folder / "recon_00007.tiff"))


def test_rows_beyond_a_thousand_are_in_order(tmp_path, buffers):
    folder = tmp_path / "scans_rec" / "a_rec"
    folder.mkdir(parents=True)
    for row in (9, 100000, 99999, 10):
        tifffile.imwrite(folder / f"recon_{row:05d}.tiff", np.full((4, 4), row, np.float32))
    source = open_result(tmp_path / "scans" / "a.h5", Kind.FULL)
    assert [source.read(index, buffers)[0, 0] for index in range(4)] == [9, 10, 99999, 100000]


def test_a_volume_is_its_slices_without_what_the_crop_left_out(demo, reconstruct, buffers):
    path, cor_px = demo
    place = reconstruct(path, Kind.FULL, cor_px, "--start-row=4", "--end-row=15", "--save-format=h5nolinks")
    source = open_result(path, Kind.FULL)
    assert (source.count, source.label(0)) == (11, "slice 4")
    with h5py.File(place, "r", locking=False) as file:
        np.testing.assert_array_equal(source.read(3, buffers), file["exchange/data"][7])
    source.close()


def test_of_two_fulls_the_last_one_is_shown(demo, reconstruct):
    path, cor_px = demo
    folder = reconstruct(path, Kind.FULL, cor_px, "--end-row=3")
    volume = reconstruct(path, Kind.FULL, cor_px, "--end-row=5", "--save-format=h5nolinks")
    for older, newer, count in ((folder, volume, 5), (volume, folder, 3)):
        os.utime(older, (1, 1))
        os.utime(newer, (2, 2))
        source = open_result(path, Kind.FULL)
        assert source.count == count
        source.close()


@pytest.fixture
def volume(tmp_path):
    """Write an HDF5 volume of someone else: ``volume(make)``; gives the scan's path."""

    def write(make):
        (tmp_path / "scans_rec").mkdir()
        with h5py.File(tmp_path / "scans_rec" / "a_rec.h5", "w") as file:
            make(file)
        return tmp_path / "scans" / "a.h5"

    return write


@pytest.mark.parametrize("kind", ["<f4", ">f4", "<f8", "<u2"])
@pytest.mark.parametrize("chunks", [None, (1, 5, 3)])
def test_volumes_of_other_layouts_are_read(volume, buffers, kind, chunks):
    values = np.arange(4 * 5 * 6).reshape(4, 5, 6)
    path = volume(lambda file: file.create_dataset("exchange/data", data=values.astype(kind), chunks=chunks))
    source = open_result(path, Kind.FULL)
    made = source.read(2, buffers)
    source.close()
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made, values[2])


def test_a_virtual_volume_is_read_and_says_which_part_is_missing(volume, tmp_path, buffers):
    part = tmp_path / "scans_rec" / "part.h5"

    def make(file):
        with h5py.File(part, "w") as other:
            other["data"] = np.ones((3, 4, 5), np.float32)
        layout = h5py.VirtualLayout((3, 4, 5), np.float32)
        layout[:] = h5py.VirtualSource("part.h5", "data", (3, 4, 5))
        file.create_virtual_dataset("exchange/data", layout)

    path = volume(make)
    source = open_result(path, Kind.FULL)
    assert source.read(1, buffers).min() == 1
    source.close()
    part.unlink()
    with pytest.raises(TomoBatchError, match=r"part\.h5") as told:
        open_result(path, Kind.FULL)
    assert told.value.code == "broken-link"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda file: file.create_group("other"), "no-result"),
        (lambda file: file.create_dataset("exchange/data", data=np.zeros((3, 4))), "no-result"),
        (lambda file: file.create_dataset("exchange/data", data=np.full((1, 2, 2), b"a")), "not-a-slice"),
    ],
)
def test_a_volume_that_is_none_says_so(volume, make, code):
    path = volume(make)
    with pytest.raises(TomoBatchError, match=r"a_rec\.h5") as told:
        open_result(path, Kind.FULL)
    assert told.value.code == code


def test_a_broken_volume_says_so(volume):
    path = volume(lambda file: None)
    (path.parents[1] / "scans_rec" / "a_rec.h5").write_bytes(b"no HDF5")
    with pytest.raises(TomoBatchError) as told:
        open_result(path, Kind.FULL)
    assert told.value.code == "not-hdf5"


@pytest.mark.parametrize("kind", list(Kind))
def test_no_result_yet(tmp_path, kind):
    with pytest.raises(TomoBatchError, match=f"a.h5 has no {kind.word} yet") as told:
        open_result(tmp_path / "scans" / "a.h5", kind)
    assert told.value.code == "no-result"


def test_a_folder_without_pictures(tmp_path):
    (tmp_path / "scans_rec" / "try_center" / "a").mkdir(parents=True)
    with pytest.raises(TomoBatchError, match="no candidates") as told:
        open_result(tmp_path / "scans" / "a.h5", Kind.TRY)
    assert told.value.code == "no-result"


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "scans_rec").mkdir()
    (tmp_path / "scans_rec" / "a_rec").write_text("")
    with pytest.raises(TomoBatchError, match="cannot be listed") as told:
        open_result(tmp_path / "scans" / "a.h5", Kind.FULL)
    assert told.value.code == "unreadable"


def test_one_broken_file_does_not_hide_the_others(demo, reconstruct, buffers):
    path, _ = demo
    folder = reconstruct(path, Kind.TRY, 30.0)
    next(folder.glob("*center27.50.tiff")).write_bytes(b"broken")
    source = open_result(path, Kind.TRY)
    assert source.shape == (64, 64)
    with pytest.raises(TomoBatchError, match=r"center27\.50"):
        source.read(0, buffers)
    assert source.read(1, buffers).shape == (64, 64)


def test_a_real_tooth_is_sharpest_near_its_cor(shared_data, reconstruct, tmp_path, buffers):
    if shared_data is None:
        pytest.skip("the real scan is not beside this checkout")
    folder = tmp_path / "real"
    folder.mkdir()
    path = folder / "tooth.h5"
    path.symlink_to(shared_data / "tooth.h5")
    reconstruct(path, Kind.TRY, 295.0, width_px=5)
    source = open_result(path, Kind.TRY)
    assert best_cor_px(source, buffers) == pytest.approx(296, abs=1)
