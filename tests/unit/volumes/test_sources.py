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
from tomobatch.volumes.frame import read_slice
from tomobatch.volumes.opening import open_result
from tomobatch.volumes.pictures import binned_offset_px
from tomobatch.volumes.source import never
from tomobatch.volumes.volume import Volume
from unit.volumes.hdf5_aid import write_parts, write_volume


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
    assert source.notes == ("Rows 4 to 14 of 16 were made; the others are empty.",)
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


def test_a_virtual_volume_is_its_parts_without_the_one_that_is_missing(tmp_path, buffers):
    values = np.arange(1, 1 + 8 * 4 * 5, dtype=np.float32).reshape(8, 4, 5)
    path = write_parts(tmp_path, values, rows_each=3, height=12, first=2)
    part = tmp_path / "scans_rec" / "a_rec_parts" / "p0001.h5"
    part.rename(part.with_name("away"))
    source = open_result(path, Kind.FULL)
    assert (source.count, source.label(0), source.growing) == (8, "slice 2", True)
    assert source.notes == (
        "Rows 2 to 9 of 12 were made; the others are empty.",
        "3 of 8 slices lie in files that are not there.",
    )
    for index in (0, 1, 2, 6, 7):
        assert source.empty(index) == ""
        np.testing.assert_array_equal(source.read(index, buffers), values[index])
    for index in (3, 4, 5):
        assert source.empty(index) == f"{part} is not there."
        with pytest.raises(TomoBatchError, match=r"p0001\.h5 is not there"):
            source.read(index, buffers)
    assert not source.grow()
    part.with_name("away").rename(part)
    assert source.grow()
    assert (source.growing, source.empty(4)) == (False, "")
    np.testing.assert_array_equal(source.read(4, buffers), values[4])
    source.close()


def test_a_part_that_is_lost_or_broken_behind_a_volume_is_told(tmp_path, buffers):
    values = np.ones((8, 4, 5), np.float32)
    path = write_parts(tmp_path, values, rows_each=4)
    source = open_result(path, Kind.FULL)
    assert source.notes == ()
    part = tmp_path / "scans_rec" / "a_rec_parts" / "p0001.h5"
    with h5py.File(part, "r+") as file:
        del file["exchange/data"]
    with pytest.raises(TomoBatchError, match=r"p0001\.h5 holds no exchange/data") as told:
        source.read(5, buffers)
    assert told.value.code == "part-missing"
    part.write_bytes(b"")
    with pytest.raises(TomoBatchError, match=r"p0001\.h5 is empty"):
        source.read(5, buffers)
    part.unlink()
    with pytest.raises(TomoBatchError, match=r"p0001\.h5 is not there"):
        source.read(5, buffers)
    np.testing.assert_array_equal(source.read(3, buffers), values[3])
    source.close()


def test_parts_that_lie_over_one_another_hide_no_rows(tmp_path, buffers):
    path = write_parts(tmp_path, np.ones((6, 4, 5), np.float32), 6)
    parts = tmp_path / "scans_rec" / "a_rec_parts"
    with h5py.File(parts / "over.h5", "w") as file:
        file["exchange/data"] = np.full((2, 4, 5), 2, np.float32)
    layout = h5py.VirtualLayout((6, 4, 5), np.float32)
    for name, first, end in (("p0000", 0, 6), ("over", 1, 3)):
        place = f"a_rec_parts/{name}.h5"
        layout[first:end] = h5py.VirtualSource(place, "exchange/data", (end - first, 4, 5), np.float32)
    with h5py.File(tmp_path / "scans_rec" / "a_rec.h5", "w") as file:
        file.create_virtual_dataset("exchange/data", layout)
    source = open_result(path, Kind.FULL)
    assert (source.count, source.notes) == (6, ())
    assert [source.read(row, buffers)[0, 0] for row in range(6)] == [1, 2, 2, 1, 1, 1]
    source.close()


def test_a_part_without_an_end_is_read(tmp_path, buffers):
    place = tmp_path / "scans_rec" / "a_rec.h5"
    place.parent.mkdir()
    with h5py.File(place.with_name("part.h5"), "w") as file:
        file.create_dataset("data", data=np.full((3, 4, 5), 7, np.float32), maxshape=(None, 4, 5))
    layout = h5py.VirtualLayout((3, 4, 5), np.float32, maxshape=(None, 4, 5))
    part = h5py.VirtualSource("part.h5", "data", (3, 4, 5), np.float32, maxshape=(None, 4, 5))
    layout[: h5py.h5s.UNLIMITED] = part[: h5py.h5s.UNLIMITED]
    with h5py.File(place, "w") as file:
        file.create_virtual_dataset("exchange/data", layout)
    source = open_result(tmp_path / "scans" / "a.h5", Kind.FULL)
    assert source.count == 3
    assert source.read(2, buffers)[3, 4] == 7
    source.close()


@pytest.mark.parametrize("slices", [1_000_001, 1 << 40])
def test_a_volume_of_more_slices_than_there_can_be_says_so(volume, slices):
    path = volume(lambda file: file.create_dataset("exchange/data", (slices, 2, 2), "f4", chunks=(64, 2, 2)))
    with pytest.raises(TomoBatchError, match="that is damage, or no scan") as told:
        open_result(path, Kind.FULL)
    assert told.value.code == "too-many"


def test_parts_that_were_moved_along_with_their_volume_are_found(tmp_path, buffers):
    """HDF5 looks beside the volume where a part is named by a place that is no more."""
    values = np.full((4, 4, 5), 3, np.float32)
    path = write_parts(tmp_path, values, rows_each=4)
    place, part = tmp_path / "scans_rec" / "a_rec.h5", tmp_path / "scans_rec" / "a_rec_parts" / "p0000.h5"
    layout = h5py.VirtualLayout((4, 4, 5), np.float32)
    layout[:] = h5py.VirtualSource("/gone/p0000.h5", "exchange/data", (4, 4, 5), np.float32)
    with h5py.File(place, "w") as file:
        file.create_virtual_dataset("exchange/data", layout)
    part.rename(place.with_name("p0000.h5"))
    source = open_result(path, Kind.FULL)
    np.testing.assert_array_equal(source.read(2, buffers), values[2])
    source.close()


def test_a_virtual_volume_of_which_nothing_is_there_is_refused(tmp_path):
    path = write_parts(tmp_path, np.ones((4, 4, 5), np.float32), rows_each=4)
    (tmp_path / "scans_rec" / "a_rec_parts" / "p0000.h5").unlink()
    with pytest.raises(TomoBatchError, match=r"p0000\.h5") as told:
        open_result(path, Kind.FULL)
    assert told.value.code == "broken-link"


@pytest.mark.parametrize("chunks", [None, (1, 4, 5)])
def test_a_slice_of_zeros_is_said_to_be_blank(tmp_path, buffers, chunks):
    values = np.zeros((3, 400, 500), np.float32)
    values[1, 7, 11] = 1e-30
    values[2] = np.nan
    source = open_result(write_volume(tmp_path, values, chunks=chunks), Kind.FULL)
    blank = [read_slice(source, index, buffers, never).blank for index in range(3)]
    source.close()
    assert blank == [True, False, False]


def test_a_volume_that_is_being_written(tmp_path, buffers):
    place = tmp_path / "recon.h5"
    place.write_bytes(b"")
    source = Volume(place, growing=True)
    assert (source.count, source.growing) == (1, True)
    assert "is empty" in source.empty(0)
    with h5py.File(place, "w", locking=False) as file:
        data = file.create_dataset("exchange/data", (3, 4, 5), np.float32)
        data[0] = 1
        file.flush()
        assert source.grow()
        assert (source.count, source.empty(0)) == (3, "")
        assert source.read(1, buffers).max() == 0
        data[1] = 2
        file.flush()
        assert source.read(1, buffers).max() == 2
    source.close()


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
