import errno
import os
import re
import stat
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tomobatch.cor.csv_file import CSV_NAME, HEADER, csv_bytes, parse_csv, read_csv, write_csv
from tomobatch.errors import TomoBatchError

NAMES = st.binary(min_size=1, max_size=30).map(os.fsdecode) | st.text(min_size=1, max_size=20).filter(
    lambda name: not any("\ud800" <= char <= "\udfff" for char in name)
)
CORS = st.floats(0, 1e6, allow_nan=False)


@settings(deadline=None)
@given(st.dictionaries(NAMES, CORS))
def test_any_table_comes_back_as_it_was(cors_px):
    found = parse_csv(csv_bytes(cors_px))
    assert (found.cors_px, found.bad_lines, found.without_cor) == (cors_px, [], [])


@settings(deadline=None)
@given(st.dictionaries(NAMES, CORS), st.randoms())
def test_one_table_has_one_set_of_bytes(cors_px, random):
    shuffled = list(cors_px.items())
    random.shuffle(shuffled)
    assert csv_bytes(dict(shuffled)) == csv_bytes(cors_px)


def rows_told_of(data):
    found = parse_csv(data)
    return found, len(found.cors_px) + len(found.without_cor) + len(found.bad_lines)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [b"a.h5", b'"', b",", b";", b"\t", b"\r\n", b"\n", b"\r", b"1", b"1,5", b" ", b"\xff"]
        )
    )
)
def test_bytes_like_a_csvs_lose_no_line(pieces):
    data = b"".join(pieces)
    _, told = rows_told_of(data)
    # Without a quote each line with something in it is a row: a header is the one line not told of.
    lines = [line.strip(b",;\t ") for line in data.replace(b"\r", b"\n").split(b"\n")]
    if b'"' not in data:
        assert told >= sum(1 for line in lines if line)


def is_blank(line, delimiter):
    return not any(part.strip() for part in line.split(delimiter))


@settings(deadline=None, max_examples=300)
@given(
    st.booleans(),
    st.lists(
        st.sampled_from(
            ["a.h5", "b.h5", ",", ";", "\t", "\n", "\r\n", "\r", "1", "1,5", "-1", " ", "\x1c", "é"]
        )
        | st.characters(exclude_categories=["Cs"], exclude_characters='"')
    ),
)
def test_each_line_is_loaded_or_named_or_bad_by_its_number(header, pieces):
    data = ("Filename,COR\n" if header else "").encode() + "".join(pieces).encode()
    if data.startswith(b"\xef\xbb\xbf"):
        return
    lines = re.split("\r\n|\r|\n", data.decode())
    first = next((line for line in lines if line.strip()), "")
    delimiter = next((mark for mark in ";\t" if mark in first), ",")
    rows = [number for number, line in enumerate(lines, 1) if not is_blank(line, delimiter)]
    found = parse_csv(data)
    words = [part.strip().casefold() for part in lines[rows[0] - 1].split(delimiter)] if rows else []
    headers = 1 if {"filename", "cor"} <= set(words) else 0
    bad = [one.number for one in found.bad_lines]
    assert len(bad) + len(found.cors_px) + len(found.without_cor) == len(rows) - headers
    assert len(set(bad)) == len(bad)
    assert set(bad) <= set(rows[headers:])


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_a_crash(data):
    found, told = rows_told_of(data)
    assert all(bad.number >= 1 and bad.reason for bad in found.bad_lines)
    words = any(bytes([byte]).isalnum() for byte in data)
    header = b"filename" in data.lower() and b"cor" in data.lower()
    assert told or not words or header or data.startswith((b"\xff\xfe", b"\xfe\xff"))


@settings(deadline=None)
@given(
    st.dictionaries(st.text('abc é,;"\n.', min_size=1, max_size=8).filter(str.strip), CORS, min_size=1),
    st.integers(0),
)
def test_a_line_that_is_broken_takes_no_other_with_it(cors_px, place):
    lines = csv_bytes({name: cor for name, cor in cors_px.items() if "\n" not in name}).split(b"\n")
    place = 1 + place % len(lines)
    found = parse_csv(b"\n".join([*lines[:place], b'"broken,5', *lines[place:]]))
    assert found.cors_px == {name: cor for name, cor in cors_px.items() if "\n" not in name}
    assert [bad.number for bad in found.bad_lines] == [place + 1]


def test_the_format_to_the_letter():
    written = csv_bytes({"scan_0010.h5": 1025.2, "scan_0002.h5": 1024.5, "a,b.h5": 3, 'a"b.h5': 4.25})
    assert written == (
        b'Filename,COR\n"a""b.h5",4.25\n"a,b.h5",3.0\nscan_0002.h5,1024.5\nscan_0010.h5,1025.2\n'
    )


@pytest.mark.parametrize(
    "data",
    [
        b"Filename,COR\nscan 1.h5,1024.5\nscan 2.h5,7\n",
        b"\xef\xbb\xbfFilename;COR\r\nscan 1.h5;1024,5\r\nscan 2.h5;7\r\n",
        b"Filename\tCOR\rscan 1.h5\t1024.5\rscan 2.h5\t7",
        b'"Filename","COR"\n"scan 1.h5","1024,5"\n\n  \n,,\n"scan 2.h5"," 7 "\n\n',
        b"filename , cor \nscan 1.h5, 1024.5\nscan 2.h5,7.0\n",
        b"COR,Shape,Filename,Comment\n1024.5,9x9,scan 1.h5,good\n7,,scan 2.h5\n",
        b"Filename,COR\nscan 1.h5,1024.5,,\nscan 2.h5,7,,\n",
        b"scan 1.h5,1024.5\nscan 2.h5,7\n",
        "Filename\tCOR\r\nscan 1.h5\t1024,5\r\nscan 2.h5\t7\r\n".encode("utf-16"),
    ],
)
def test_what_spreadsheets_make_of_it(data):
    found = parse_csv(data)
    assert found.cors_px == {"scan 1.h5": 1024.5, "scan 2.h5": 7.0}
    assert found.bad_lines == []


def test_lines_that_cannot_be_read_are_told_by_number_and_the_rest_is_loaded():
    data = (
        b"Filename,COR\na.h5,1\nb.h5,nan\nc.h5,-3\nd.h5,x\n,5\ne.h5,1024,5\nf.h5,inf\n"
        b'"g.h5,6\n"h"x.h5,7\nj.h5\nk.h5,\nl.h5,8\na.h5,2\n'
    )
    found = parse_csv(data)
    assert found.cors_px == {"a.h5": 2.0, "l.h5": 8.0}
    assert found.without_cor == ["j.h5", "k.h5"]
    assert [bad.number for bad in found.bad_lines] == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert "line 14" in found.bad_lines[0].reason
    assert "cannot be negative" in found.bad_lines[2].reason


def test_a_header_of_another_kind_is_told_not_taken():
    found = parse_csv(b"File,Center\na.h5,1\n")
    assert found.cors_px == {"a.h5": 1.0}
    assert [bad.number for bad in found.bad_lines] == [1]


def test_a_name_may_span_lines():
    assert parse_csv(b'Filename,COR\n"a\r\nb.h5",1\nc.h5,2\n').cors_px == {"a\r\nb.h5": 1.0, "c.h5": 2.0}


def test_an_empty_file():
    assert parse_csv(b"").cors_px == {}


def test_a_table_is_written_whole_and_read_back(tmp_path):
    path = tmp_path / CSV_NAME
    write_csv(path, {os.fsdecode(b"t\xf6oth.h5"): 1.5})
    assert path.read_bytes() == b"Filename,COR\nt\xf6oth.h5,1.5\n"
    assert read_csv(path).cors_px == {os.fsdecode(b"t\xf6oth.h5"): 1.5}
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_written_through_and_the_mode_kept(tmp_path):
    real = tmp_path / "real.csv"
    real.write_text("old")
    real.chmod(0o664)
    link = tmp_path / CSV_NAME
    link.symlink_to(real)
    write_csv(link, {"a.h5": 1.0})
    assert link.is_symlink()
    assert real.read_text().startswith(",".join(HEADER))
    assert stat.S_IMODE(real.stat().st_mode) == 0o664


def test_an_error_while_writing_keeps_the_old_file(tmp_path):
    path = tmp_path / CSV_NAME
    path.write_text("old")
    fails = fail_next("os.rename", str(tmp_path))
    with pytest.raises(TomoBatchError) as caught:
        write_csv(path, {"a.h5": 1.0})
    assert fails == []
    assert caught.value.code == "csv-not-written"
    assert "another folder" in caught.value.sentence
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def fail_next(event, place):
    """Make the next such change below a place fail as on a full disk. The hook stays, spent."""
    left = [errno.ENOSPC]

    def hook(seen, args):
        if left and seen == event and str(args[0]).startswith(place):
            number = left.pop()
            raise OSError(number, os.strerror(number))

    sys.addaudithook(hook)
    return left


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(TomoBatchError) as caught:
        write_csv(tmp_path / "gone" / CSV_NAME, {})
    assert caught.value.code == "csv-not-written"
    with pytest.raises(TomoBatchError) as caught:
        read_csv(tmp_path / CSV_NAME)
    assert caught.value.code == "csv-unreadable"


def test_a_huge_file_is_refused(tmp_path):
    path = tmp_path / CSV_NAME
    with path.open("wb") as file:
        file.truncate(200 << 20)
    with pytest.raises(TomoBatchError) as caught:
        read_csv(path)
    assert caught.value.code == "csv-unreadable"


@pytest.mark.parametrize("start", ["", "\ufeff", "Filename;COR\n"])
def test_semicolons_and_decimal_commas_with_and_without_a_header(start):
    found = parse_csv(f"{start}scan_1.h5;63,25\nscan_2.h5;62,5\n".encode())
    assert found.cors_px == {"scan_1.h5": 63.25, "scan_2.h5": 62.5}
    assert not found.bad_lines


def test_binary_data_is_no_csv(tmp_path):
    file = tmp_path / "scan.csv"
    file.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(TomoBatchError, match="binary data"):
        read_csv(file)


def test_columns_beside_the_two_are_told():
    found = parse_csv(b"Shape,Filename, COR ,,Comment\n9x9,a.h5,1,,good\n")
    assert (found.cors_px, found.more_columns) == ({"a.h5": 1.0}, ["Shape", "Comment"])
    assert parse_csv(b"Filename,COR,\na.h5,1,\n").more_columns == []


def test_a_bad_line_names_its_file_where_it_has_one():
    found = parse_csv(b'Filename,COR\na.h5,x\n,5\n"b\n')
    assert [bad.name for bad in found.bad_lines] == ["a.h5", "", ""]


def test_a_named_pipe_of_that_name_is_no_csv(tmp_path):
    os.mkfifo(tmp_path / CSV_NAME)
    with pytest.raises(TomoBatchError) as caught:
        read_csv(tmp_path / CSV_NAME)
    assert caught.value.code == "csv-unreadable"


def test_a_link_in_the_place_of_the_temporary_file_leads_nowhere(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / f".{CSV_NAME}.{os.getpid()}.part").symlink_to(victim)
    write_csv(tmp_path / CSV_NAME, {"a.h5": 1.0})
    assert victim.read_text() == "precious"
    assert read_csv(tmp_path / CSV_NAME).cors_px == {"a.h5": 1.0}
