"""Lines of deleted scans go from a CSV; all others stay as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomobatch.cor.csv_file import csv_bytes, drop_lines, parse_csv, without_lines
from tomobatch.errors import TomoBatchError

BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Filename,COR\na.h5,1\nb.h5,2\n", b"Filename,COR\nb.h5,2\n"),
        (BOM + b"Filename;COR;who\r\nb.h5;2,5;I\r\na.h5;1,5;x", BOM + b"Filename;COR;who\r\nb.h5;2,5;I\r\n"),
        (b"COR,note,filename\n\n1,\"x\ny\",a.h5\nrubbish\n", b"COR,note,filename\n\nrubbish\n"),
        (b"a.h5,1\nxa.h5,2\n", b"xa.h5,2\n"),
        (b"\xff\xff\nc.h5,1", b"\xff\xff\nc.h5,1"),
        ("Filename,COR\na.h5,1\nü.h5,2\n".encode("utf-16"), "Filename,COR\nü.h5,2\n".encode("utf-16")),
        (b"\xff\xfea", b"\xff\xfea"),
        (b"", b""),
    ],
)  # fmt: skip
def test_only_these_lines_go(before, after):
    assert without_lines(before, {"a.h5"}) == after


NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=12)


@given(st.dictionaries(NAMES, st.floats(0, 5000), max_size=6), st.sets(NAMES, max_size=3), st.data())
def test_what_is_left_is_what_would_have_been_written(cors_px, gone, data):
    gone |= set(data.draw(st.lists(st.sampled_from(sorted(cors_px)), max_size=3))) if cors_px else set()
    before = csv_bytes(cors_px)
    kept = {name: cor for name, cor in cors_px.items() if name not in gone}
    assert parse_csv(without_lines(before, gone - {"Filename"})).cors_px == parse_csv(csv_bytes(kept)).cors_px


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_nothing_else_is_lost(data):
    assert without_lines(data, {"not there.h5"}) == data


def test_it_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "cors.csv"
    path.write_bytes(b"a.h5,1\nb.h5,2\n")
    drop_lines(path, {"a.h5"})
    assert path.read_bytes() == b"b.h5,2\n"
    assert [found.name for found in tmp_path.iterdir()] == ["cors.csv"]
    with pytest.raises(TomoBatchError) as caught:
        drop_lines(tmp_path / "gone.csv", {"a.h5"})
    assert caught.value.code == "csv-unreadable"
