"""Folders of pictures as strangers leave them: angles of a laminography search, sizes, names, faults."""

import json

import numpy as np
import pytest
import tifffile

from tomobatch.errors import TomoBatchError
from tomobatch.recon.kinds import Kind
from tomobatch.volumes.opening import open_result

SIDE = 512


@pytest.fixture
def folder(tmp_path):
    """Write files of a folder: ``folder(Kind.TRY, {"name.tiff": shape})``; gives the scan's path."""

    def write(kind, pictures):
        rec = tmp_path / "scans_rec"
        place = rec / "try_center" / "a" if kind is Kind.TRY else rec / "a_rec"
        place.mkdir(parents=True, exist_ok=True)
        for name, shape in pictures.items():
            tifffile.imwrite(place / name, np.zeros(shape, np.float32))
        return tmp_path / "scans" / "a.h5", place

    return write


def candidates(*values):
    return {f"recon_slice0008_center{value:05.2f}.tiff": (SIDE, SIDE) for value in values}


def labels(source):
    return [source.label(index) for index in range(source.count)]


def test_a_laminography_search_is_shown_by_its_angles(folder):
    path, _ = folder(Kind.TRY, candidates(20.75, 20.5, -1.25, 9))
    source = open_result(path, Kind.TRY)
    assert labels(source) == ["-1.25°", "9.00°", "20.50°", "20.75°"]
    assert [source.cor_px(index) for index in range(4)] == [None] * 4
    assert source.notes == ("Shown as angles of a laminography search: no COR lies so far out.",)


def test_beside_a_try_it_is_left_out_and_said(folder):
    path, _ = folder(Kind.TRY, candidates(20.75, 20.5, 255.5, 256))
    source = open_result(path, Kind.TRY)
    assert labels(source) == ["COR 255.50", "COR 256.00"]
    assert source.notes == ("2 pictures of a laminography search lie beside these, and are left out.",)


def test_small_cors_of_narrow_slices_are_no_angles(folder):
    path, place = folder(Kind.TRY, dict.fromkeys(candidates(20.5, 31), (64, 64)))
    assert labels(open_result(path, Kind.TRY)) == ["COR 20.50", "COR 31.00"]
    # Nor is anything said where no file tells its size.
    for picture in place.iterdir():
        picture.write_bytes(b"broken")
    with pytest.raises(TomoBatchError, match="cannot be read"):
        open_result(path, Kind.TRY)


@pytest.mark.parametrize(("kind", "label"), [("try", "COR 20.50"), ("try_lamino", "20.50°")])
def test_the_receipt_decides_where_there_is_one(folder, kind, label):
    path, place = folder(Kind.TRY, candidates(20.5))
    scan = {"path": str(path), "size_bytes": 1, "mtime_ns": 1, "inode": 1}
    receipt = {"schema": 1, "job": "j", "cor_px": None, "cor_source": "", "scan": scan}
    receipt |= {"files": list(candidates(20.5)), "run": {"command": [f"--reconstruction-type={kind}"]}}
    (place / "tomobatch.json").write_text(json.dumps(receipt))
    assert labels(open_result(path, Kind.TRY)) == [label]


def test_a_scan_that_is_called_like_such_a_search_is_none(folder):
    path, place = folder(Kind.TRY, candidates(20.5))
    scan = {"path": str(path), "size_bytes": 1, "mtime_ns": 1, "inode": 1}
    receipt = {"schema": 1, "job": "j", "cor_px": None, "cor_source": "", "scan": scan}
    command = ["tomocupy", "recon", "--reconstruction-type=try", "--file-name=/data/try_lamino/a.h5"]
    receipt |= {"files": list(candidates(20.5)), "run": {"command": command}}
    (place / "tomobatch.json").write_text(json.dumps(receipt))
    assert labels(open_result(path, Kind.TRY)) == ["COR 20.50"]


def test_pictures_of_another_run_are_left_out_and_said(demo, reconstruct):
    path, _ = demo
    place = reconstruct(path, Kind.TRY, 30.0)
    assert open_result(path, Kind.TRY).notes == ()
    for name in ("recon_slice0008_center99.00.tiff", "recon_slice0008_center99.50.tiff", "notes.txt"):
        (place / name).write_bytes(b"")
    source = open_result(path, Kind.TRY)
    assert source.count == 12
    assert source.notes == ("2 pictures of another run lie beside these, and are left out.",)


def test_pictures_that_are_not_there_any_more_are_counted(demo, reconstruct):
    path, _ = demo
    place = reconstruct(path, Kind.TRY, 30.0)
    for picture in sorted(place.glob("*.tiff"))[:2]:
        picture.unlink()
    source = open_result(path, Kind.TRY)
    assert (source.count, source.notes) == (10, ("2 of the 12 pictures of this run are missing.",))


@pytest.mark.parametrize("digits", [10, 400, 5000])
def test_names_of_endless_numbers_are_no_slices(folder, digits, monkeypatch):
    number = "9" * digits
    path, _ = folder(Kind.FULL, {"recon_00001.tiff": (4, 4)})
    names = [f"recon_{number}.tiff", f"recon_slice{number}_center1.tiff", "recon_00001.tiff"]
    monkeypatch.setattr("tomobatch.volumes.opening.os.listdir", lambda _: names)
    assert labels(open_result(path, Kind.FULL)) == ["slice 1"]
    folder(Kind.TRY, {"recon_slice0001_center01.00.tiff": (4, 4)})
    names = [
        f"recon_slice0001_center{number}.tiff",
        f"recon_slice0001_center1.{number}.tiff",
        f"recon_slice{number}_center1.tiff",
        "recon_slice0001_center01.00.tiff",
    ]
    assert labels(open_result(path, Kind.TRY)) == ["COR 1.00"]


def test_many_broken_files_do_not_hide_the_others(folder, buffers):
    path, place = folder(Kind.FULL, {f"recon_{row:05d}.tiff": (4, 6) for row in range(10)})
    for row in (*range(7), 9):
        (place / f"recon_{row:05d}.tiff").write_bytes(b"broken")
    source = open_result(path, Kind.FULL)
    assert (source.count, source.shape) == (10, (4, 6))
    with pytest.raises(TomoBatchError, match=r"recon_00000\.tiff cannot be read"):
        source.read(0, buffers)
    assert source.read(8, buffers).shape == (4, 6)


def test_each_slice_has_its_own_size(folder, buffers):
    path, _ = folder(Kind.FULL, {"recon_00000.tiff": (8, 8), "recon_00001.tiff": (4, 6)})
    source = open_result(path, Kind.FULL)
    assert source.shape == (8, 8)
    assert [source.read(index, buffers).shape for index in (0, 1, 0)] == [(8, 8), (4, 6), (8, 8)]
