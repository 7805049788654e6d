import os

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.scans import subfolders
from tomobatch.scans.subfolders import count_scans, list_subfolders


@pytest.fixture
def place(tmp_path):
    for name in ("run_10", "run_2", ".hidden", os.fsdecode(b"odd\xff")):
        (tmp_path / name).mkdir()
    for name in ("run_2/a.h5", "run_2/b.nxs", "run_2/.c.h5", "run_2/notes.txt", "d.h5", "e.txt"):
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to("run_2")
    (tmp_path / "lost").symlink_to("nowhere")
    (tmp_path / "folder.h5").mkdir()
    return tmp_path


def test_folders_in_natural_order_links_followed_hidden_ones_left_out(place):
    below = list_subfolders(str(place))
    assert below == {"folders": ["folder.h5", "link", "odd\udcff", "run_2", "run_10"], "scans": 1}


def test_scans_are_counted_where_they_can_be(place):
    assert count_scans(str(place), ["run_10", "link", "run_2", "gone"]) == [0, 2, 2, -1]


def test_another_disk_is_not_looked_into(place, small_disk):
    (place / "disk").symlink_to(small_disk)
    assert count_scans(str(place), ["disk", "run_2"]) == [-1, 2]


def test_counting_takes_no_longer_than_a_moment(place, monkeypatch):
    monkeypatch.setattr(subfolders, "COUNTING_S", 0.0)
    assert count_scans(str(place), ["run_2"]) == [-1]


def test_why_there_is_no_list(place):
    for name, code in {"gone": "folder-missing", "e.txt": "not-a-folder"}.items():
        with pytest.raises(TomoBatchError) as refused:
            list_subfolders(str(place / name))
        assert refused.value.code == code
