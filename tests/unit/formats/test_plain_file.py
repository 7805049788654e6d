"""Files from strangers are read at once, or not at all."""

import os
from pathlib import Path

import pytest

from tomobatch.formats.plain_file import read_plain

OPEN = Path("/proc/self/fd")


def test_a_file_is_read_as_far_as_is_asked_for(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert (read_plain(path, 3), read_plain(path, 9)) == (b"123", b"12345")


def test_a_named_pipe_is_refused_and_not_waited_at(tmp_path):
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(OSError, match="no file"):
        read_plain(tmp_path / "a.json", 9)


def test_a_folder_is_refused_and_nothing_is_left_open(tmp_path):
    before = len(list(OPEN.iterdir()))
    for _ in range(5):
        with pytest.raises(OSError, match="no file"):
            read_plain(tmp_path, 9)
    assert len(list(OPEN.iterdir())) == before
