"""A folder of demo scans: whole, or not there at all."""

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.scans import demo
from tomobatch.scans.demo import make_demo_folder


def test_it_is_made_once(tmp_path):
    folder = tmp_path / "demo" / "scans"
    assert make_demo_folder(str(folder), 2, 32) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["demo_0001.h5", "demo_0002.h5", "true_cor.csv"]
    assert [path.name for path in folder.parent.iterdir()] == ["scans"]
    assert make_demo_folder(str(folder), 3, 32) == 0
    assert len(list(folder.iterdir())) == 3


def test_an_attempt_that_was_cut_off_leaves_nothing_that_looks_whole(tmp_path, monkeypatch):
    folder = tmp_path / "scans"

    def cut_off(partial, *_):
        partial.mkdir()
        (partial / "demo_0001.h5").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(demo, "write_demo_scans", cut_off)
        with pytest.raises(KeyboardInterrupt):
            make_demo_folder(str(folder), 1, 32)
    assert not folder.exists()
    assert make_demo_folder(str(folder), 1, 32) == 1
    assert (folder / "demo_0001.h5").stat().st_size > 0


def test_where_it_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TomoBatchError, match="No demo scans"):
        make_demo_folder(str(tmp_path / "file" / "scans"), 1, 32)
