"""A CSV of CORs on a full disk and on a read-only one; run as a process in a mount namespace of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from machines.full_disk import fill
from tomobatch.cor.csv_file import CSV_NAME, read_csv, write_csv
from tomobatch.errors import TomoBatchError


def the_old_file_stays(disk, words):
    path = disk / CSV_NAME
    with pytest.raises(TomoBatchError, match=words) as caught:
        write_csv(path, {f"scan_{number}.h5": 2.0 for number in range(2000)})
    assert caught.value.code == "csv-not-written"
    assert str(path) in caught.value.sentence
    assert read_csv(path).cors_px == {"scan_1.h5": 1.0}
    assert not list(disk.glob(".*.part"))


def full(disk):
    fill(disk / "fill")
    # Room for the name of another file, but not for what is in it.
    (disk / "0").unlink()
    the_old_file_stays(disk, "No space left")


def read_only(disk):
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    the_old_file_stays(disk, "Read-only")


CASES = {case.__name__: case for case in (full, read_only)}

if __name__ == "__main__":
    here = Path(sys.argv[2]) / "disk"
    here.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=30", "none", here], check=True)
    try:
        write_csv(here / CSV_NAME, {"scan_1.h5": 1.0})
        CASES[sys.argv[1]](here)
    finally:
        subprocess.run(["umount", "--lazy", here], check=True)
