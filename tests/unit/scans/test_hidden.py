"""Scans that were taken off the list, kept for each folder."""

import json
import threading

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.scans.hidden import HiddenScans


def test_what_is_hidden_is_found_again_and_shown_again(tmp_path):
    hidden = HiddenScans(tmp_path)
    assert hidden.read() == {}
    assert hidden.change({"a.h5": (1, 2), "odd \udcff\n": (3, 4)}, ()) == {
        "a.h5": (1, 2),
        "odd \udcff\n": (3, 4),
    }
    assert HiddenScans(tmp_path).change({"b.h5": (5, 6)}, ["a.h5"]) == hidden.read()
    assert hidden.read() == {"odd \udcff\n": (3, 4), "b.h5": (5, 6)}


def test_each_folder_has_its_own_by_whatever_path(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("one")
    HiddenScans(tmp_path / "one").change({"a.h5": (1, 2)}, ())
    assert HiddenScans(tmp_path / "link").read() == {"a.h5": (1, 2)}
    assert HiddenScans(tmp_path / "two").read() == {}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"hidden": 3}', '{"hidden": {"a": 3}}', '{"hidden": {"a": [1]}}']
)
def test_a_damaged_file_hides_nothing_and_is_mended(tmp_path, text, caplog):
    hidden = HiddenScans(tmp_path)
    hidden.change({"a.h5": (1, 2)}, ())
    hidden.path.write_text(text)
    assert hidden.read() == {}
    assert "damaged" in caplog.text
    hidden.change({"b.h5": (1, 2)}, ())
    assert json.loads(hidden.path.read_text())["hidden"] == {"b.h5": [1, 2]}


def test_changes_of_several_programs_are_all_kept(tmp_path):
    names = [f"{number}.h5" for number in range(20)]
    threads = [
        threading.Thread(target=lambda name=name: HiddenScans(tmp_path).change({name: (1, 1)}, ()))
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(HiddenScans(tmp_path).read()) == sorted(names)


def test_where_it_cannot_be_kept_it_is_said(tmp_path):
    hidden = HiddenScans(tmp_path)
    hidden.path.parent.write_text("a file in its place")
    with pytest.raises(TomoBatchError, match="cannot be kept") as caught:
        hidden.change({"a.h5": (1, 2)}, ())
    assert caught.value.code == "hidden-not-kept"
    with pytest.raises(TomoBatchError):
        hidden.read()
