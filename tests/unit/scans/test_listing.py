import os

import h5py
import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.scans.listing import is_scan_name, list_folder


def names(folder):
    return [entry["name"] for entry in list_folder(str(folder))]


def test_names_of_scans_in_natural_order(tmp_path):
    wanted = [
        "a.HDF5",
        "b.hdf",
        "scan_1.h5",
        "scan_2.nxs",
        "Scan_9.H5",
        "scan_10.h5",
        "scan_010.h5",
        "scan_100.h5",
    ]
    for name in [
        *wanted,
        ".hidden.h5",
        "._scan_1.h5",
        "scan.h5.partial",
        "scan.txt",
        "h5",
        "batch_cor_values.csv",
    ]:
        (tmp_path / name).write_text("")
    assert sorted(names(tmp_path)) == sorted(wanted)
    assert names(tmp_path)[:5] == wanted[:5]
    assert names(tmp_path)[-1] == "scan_100.h5"


def test_what_is_known_without_opening(tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes(b"12345")
    path.chmod(0)
    (entry,) = list_folder(str(tmp_path))
    facts = path.stat()
    assert entry == {
        "name": "a.h5",
        "size_bytes": 5,
        "mtime_ns": facts.st_mtime_ns,
        "inode": facts.st_ino,
        "device": facts.st_dev,
        "problem": "",
    }


def test_what_is_no_file_is_listed_with_the_reason(tmp_path):
    os.mkfifo(tmp_path / "pipe.h5")
    (tmp_path / "folder.h5").mkdir()
    (tmp_path / "whole.bin").write_text("x")
    (tmp_path / "link.h5").symlink_to("whole.bin")
    (tmp_path / "lost.h5").symlink_to("gone.h5")
    (tmp_path / "loop.h5").symlink_to("loop.h5")
    (tmp_path / "to_pipe.h5").symlink_to("pipe.h5")
    problems = {entry["name"]: entry["problem"] for entry in list_folder(str(tmp_path))}
    assert problems.pop("link.h5") == ""
    for name, part in [
        ("pipe", "named pipe"),
        ("folder", "a folder"),
        ("lost", "not there"),
        ("to_pipe", "pipe"),
    ]:
        assert part in problems.pop(f"{name}.h5")
    assert "cannot be looked at" in problems.pop("loop.h5")
    assert problems == {}


def test_names_that_are_not_utf8(tmp_path):
    with open(os.fsencode(tmp_path) + b"/sc\xff\n.h5", "wb"):  # noqa: PTH123 - a Path would decode it
        pass
    assert names(tmp_path) == ["sc\udcff\n.h5"]


@pytest.mark.parametrize(
    ("name", "is_scan"), [("A.NXS", True), ("a.nx", False), (".h5", False), ("a.h5", True)]
)
def test_scan_names(name, is_scan):
    assert is_scan_name(name) is is_scan


def test_folders_that_cannot_be_listed(tmp_path):
    with h5py.File(tmp_path / "file.h5", "w"):
        pass
    for folder, code in [
        ("gone", "folder-missing"),
        ("file.h5", "not-a-folder"),
        ("a" * 300, "folder-unreadable"),
    ]:
        with pytest.raises(TomoBatchError) as caught:
            list_folder(str(tmp_path / folder))
        assert caught.value.code == code
