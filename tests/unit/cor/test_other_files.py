"""CORs as other programs leave them."""

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tomobatch.cor.other_files import read_center_txt, read_other_csv, read_rot_cen
from tomobatch.errors import TomoBatchError


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "scans"
    made.mkdir()
    return made


def rot_cen(folder, plain):
    path = folder / "rot_cen.json"
    path.write_text(json.dumps(plain))
    return read_rot_cen(path, folder)


def center(folder, text, names=("a.h5", "b.h5"), chosen=None, place="center_of_rotation.txt"):
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_center_txt(path, folder, names, chosen)


def told(read):
    """What was read, or the code of the refusal."""
    try:
        return read(), ""
    except TomoBatchError as error:
        return None, error.code


# -- rot_cen.json -----------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1024.5, [1024.5], [1024.5, 3], "1024.5", ["1024.5"]])
def test_a_number_a_text_or_a_list_that_begins_with_one(folder, value):
    found = rot_cen(folder, {f"{folder}/a.h5": value})
    assert (found.cors_px, found.problems) == ({"a.h5": 1024.5}, [])


@pytest.mark.parametrize("value", [None, True, [], {}, "x", -1, [[3]], float("nan"), float("inf"), "1e999"])
def test_what_is_no_cor_is_named(folder, value):
    found = rot_cen(folder, {f"{folder}/a.h5": value, f"{folder}/b.h5": 7})
    assert found.cors_px == {"b.h5": 7.0}
    (problem,) = found.problems
    assert problem.startswith("rot_cen.json, a.h5: ")


def test_entries_of_other_folders_are_counted_and_not_used(folder, tmp_path):
    found = rot_cen(
        folder, {f"{folder}/a.h5": 1, "/elsewhere/a.h5": 2, f"{tmp_path}/b.h5": 3, "": 4, "a\0": 5}
    )
    assert found.cors_px == {"a.h5": 1.0}
    assert found.problems == ["rot_cen.json: 4 entries are of other folders and not used"]
    assert rot_cen(folder, {"/x/a.h5": 1}).problems == [
        "rot_cen.json: 1 entry is of other folders and not used"
    ]


def test_a_folder_is_the_same_however_it_is_written(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    (folder / "d.h5").touch()
    (tmp_path / "d_link.h5").symlink_to(folder / "d.h5")
    keys = [f"{tmp_path}/link/a.h5", f"{folder}/../scans/b.h5", "c.h5", f"{tmp_path}/d_link.h5"]
    found = rot_cen(folder, dict.fromkeys(keys, 5))
    assert (found.cors_px, found.problems) == (dict.fromkeys(["a.h5", "b.h5", "c.h5", "d.h5"], 5.0), [])
    path = folder / "rot_cen.json"
    assert read_rot_cen(path, tmp_path / "link").cors_px == found.cors_px


@pytest.mark.parametrize("text", ["", "[]", "3", "{", '{"a": ', "[" * 100_000, "\xff"])
def test_what_is_no_such_file_is_said(folder, text):
    path = folder / "rot_cen.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(TomoBatchError) as caught:
        read_rot_cen(path, folder)
    assert caught.value.code == "json-unreadable"


# -- center_of_rotation.txt -------------------------------------------------------------------


def test_the_last_number_counts_and_the_folder_names_the_scan(folder):
    found = center(
        folder, "1024.0\n1025.5\n", chosen="b.h5", place="scans_rec/try_center/a/center_of_rotation.txt"
    )
    assert (found.cors_px, found.problems) == ({"a.h5": 1025.5}, [])


def test_a_number_alone_is_the_selected_scans(folder):
    assert center(folder, "\ufeff 1024,5 \r\n\r\n", chosen="b.h5").cors_px == {"b.h5": 1024.5}


def test_a_number_alone_is_nobodys_where_none_is_named(folder):
    with pytest.raises(TomoBatchError) as caught:
        center(folder, "1024.5")
    assert caught.value.code == "no-scan-named"
    # Two scans of this name but for the ending.
    with pytest.raises(TomoBatchError):
        center(folder, "1024.5", ("a.h5", "a.nxs"), place="a/center_of_rotation.txt")


@pytest.mark.parametrize(
    "line",
    [
        "a.h5 1024.5",
        "a.h5,1024.5",
        "a.h5, 1024.5",
        "a.h5;1024,5",
        "a.h5\t1024.5",
        "a.h5: 1024.5",
        "a.h5 = 1024.5",
    ],
)
def test_a_name_and_a_number(folder, line):
    found = center(folder, f"# made by hand\n{line}\nmy scan 2.h5 7\n{folder}/c.h5 8\n")
    assert (found.cors_px, found.problems) == ({"a.h5": 1024.5, "my scan 2.h5": 7.0, "c.h5": 8.0}, [])


def test_lines_that_are_neither_are_named_by_their_number(folder):
    found = center(folder, "a.h5 1\n/elsewhere/b.h5 2\nb.h5 two\nwhat\n")
    assert found.cors_px == {"a.h5": 1.0}
    assert [problem.partition(":")[0] for problem in found.problems] == [
        f"center_of_rotation.txt, line {number}" for number in (2, 3, 4)
    ]


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text("ab.h5 ,;:\t1234.\n#/").map(str.encode))
def test_any_bytes_lose_no_line_in_silence(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("scans")
    found, refusal = told(lambda: center(folder, data, chosen="b.h5"))
    if found is None:
        assert refusal == "csv-unreadable"
        return
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    assert bool(found.cors_px or found.problems) == bool(lines)
    assert len(found.problems) <= len(lines)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_read_or_refused(tmp_path_factory, plain):
    folder = tmp_path_factory.mktemp("scans")
    found, refusal = told(lambda: rot_cen(folder, plain))
    assert (refusal == "json-unreadable") == (not isinstance(plain, dict))
    if found is None:
        return
    assert bool(found.cors_px or found.problems) == bool(plain)


# -- another CSV ------------------------------------------------------------------------------


def test_another_csv(folder):
    path = folder / "mine.csv"
    path.write_bytes(os.fsencode("Filename,COR\na.h5,1\nb.h5,x\nc.h5,\n"))
    found = read_other_csv(path)
    assert found.cors_px == {"a.h5": 1.0}
    assert found.problems[0].startswith("mine.csv, line 3: ")
    assert found.problems[1] == "mine.csv: c.h5 has no COR"


def test_a_name_that_no_file_can_have_takes_no_other_with_it(folder):
    found = rot_cen(folder, {f"{folder}/\ud800.h5": 5, f"{folder}/a.h5": 6})
    assert found.cors_px == {"a.h5": 6.0}
    assert found.problems == ["rot_cen.json: 1 entry is of other folders and not used"]


def test_a_line_longer_than_any_path_is_not_parted(folder):
    found = center(folder, "x" * 5000 + " 5\na.h5 6\n")
    assert (found.cors_px, len(found.problems)) == ({"a.h5": 6.0}, 1)
