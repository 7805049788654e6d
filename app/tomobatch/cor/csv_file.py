"""CORs as CSV: written one way, read as spreadsheets and people make of it."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tomobatch.cor.value import parse_cor
from tomobatch.errors import TomoBatchError
from tomobatch.formats.plain_file import read_plain
from tomobatch.names import natural_key

CSV_NAME = "batch_cor_values.csv"
HEADER = ("Filename", "COR")
LARGEST_CSV_BYTES = 64 << 20

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_DELIMITERS = ";\t"
# A quoted name may span lines; one that goes on for longer is a quote too many.
_MOST_LINES_A_NAME = 64


@dataclass(frozen=True)
class BadLine:
    """A line that was not loaded as it stands: its number, from 1, why, and its file's name if it has one."""

    number: int
    reason: str
    name: str = ""


@dataclass
class CsvCors:
    """What a CSV holds.

    Parameters
    ----------
    cors_px
        COR by file name; a name that is not UTF-8 carries its bytes as surrogate escapes.
    without_cor
        Names whose COR is left empty.
    bad_lines
        Lines that could not be read, and those overruled by a later line for the same file.
    more_columns
        Titles of columns beside these two.
    """

    cors_px: dict[str, float] = field(default_factory=dict)
    without_cor: list[str] = field(default_factory=list)
    bad_lines: list[BadLine] = field(default_factory=list)
    more_columns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Columns:
    name: int
    cor: int
    count: int


@dataclass(frozen=True)
class _Row:
    number: int
    fields: tuple[str, ...]


def read_csv(path: Path) -> CsvCors:
    """Read a CSV; TomoBatchError ``csv-unreadable`` when there is none or it may not be read."""
    return parse_csv(read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """Bytes of a file of text; TomoBatchError ``csv-unreadable`` where it cannot be one."""
    try:
        data = read_plain(path, LARGEST_CSV_BYTES + 1)
    except OSError as error:
        raise TomoBatchError("csv-unreadable", f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > LARGEST_CSV_BYTES:
        raise TomoBatchError("csv-unreadable", f"{path} is far too large for a table of CORs.")
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TomoBatchError("csv-unreadable", f"{path} is no table of CORs: it holds binary data.")
    return data


def parse_csv(data: bytes) -> CsvCors:
    """Read a CSV's bytes; whatever they are, each line is loaded, or named as without a COR, or as bad."""
    lines = _LINE.findall(_decode(data))
    delimiter = _delimiter(lines)
    found = CsvCors()
    columns: _Columns | None = None
    lines_of_names: dict[str, int] = {}
    for row in _rows(lines, delimiter, found.bad_lines):
        if columns is None:
            columns = _header(row.fields)
            if columns is not None:
                found.more_columns = [title.strip() for title in row.fields if _is_more(title)]
                continue
            columns = _Columns(0, 1, 2)
        _take(row, columns, found, lines_of_names)
    found.bad_lines.sort(key=lambda bad: bad.number)
    return found


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")


def _delimiter(lines: list[str]) -> str:
    """The one the first line is parted by: comma, semicolon or tab.

    A semicolon or a tab outside quotes parts; the commas beside it are decimal ones, or parts of names.
    """
    first = next((line for line in lines if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return next((mark for mark in _DELIMITERS if mark in bare), ",")


def _rows(lines: list[str], delimiter: str, bad_lines: list[BadLine]) -> Iterator[_Row]:
    at = 0
    while at < len(lines):
        used, fields = _record(lines, at, delimiter)
        if fields is None:
            bad_lines.append(BadLine(at + 1, "its quotes do not match"))
        elif any(part.strip() for part in fields):
            yield _Row(at + 1, fields)
        at += used


def _record(lines: list[str], at: int, delimiter: str) -> tuple[int, tuple[str, ...] | None]:
    """Lines used and fields of the record at a line; None for one line that is no record."""
    text, most = "", min(len(lines) - at, _MOST_LINES_A_NAME)
    for used in range(1, most + 1):
        text += lines[at + used - 1]
        if text.count('"') % 2 == 0:
            fields = _fields(text, delimiter)
            return (1, None) if fields is None else (used, fields)
    return 1, None


def _fields(text: str, delimiter: str) -> tuple[str, ...] | None:
    try:
        records = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return tuple(records[0]) if len(records) == 1 else None


def _header(fields: tuple[str, ...]) -> _Columns | None:
    """Where the columns are, if this is a header."""
    words = [part.strip().casefold() for part in fields]
    name, cor = (word.casefold() for word in HEADER)
    if name in words and cor in words:
        return _Columns(words.index(name), words.index(cor), len(words))
    return None


def _is_more(title: str) -> bool:
    word = title.strip().casefold()
    return bool(word) and word not in (title.casefold() for title in HEADER)


def _take(row: _Row, columns: _Columns, found: CsvCors, lines_of_names: dict[str, int]) -> None:
    reason = _why_bad(row.fields, columns)
    if reason:
        found.bad_lines.append(BadLine(row.number, reason))
        return
    name = row.fields[columns.name]
    cor_text = row.fields[columns.cor].strip() if columns.cor < len(row.fields) else ""
    if not cor_text:
        found.without_cor.append(name)
        return
    try:
        cor_px = parse_cor(cor_text)
    except TomoBatchError as error:
        found.bad_lines.append(BadLine(row.number, error.sentence, name))
        return
    if name in lines_of_names:
        overruled = BadLine(
            lines_of_names[name], f"line {row.number} gives the same file again and counts", name
        )
        found.bad_lines.append(overruled)
    lines_of_names[name] = row.number
    found.cors_px[name] = cor_px


def _why_bad(fields: tuple[str, ...], columns: _Columns) -> str:
    if columns.name >= len(fields) or not fields[columns.name]:
        return "it names no file"
    if len(fields) > columns.count and any(part.strip() for part in fields[columns.count :]):
        return f"it has {len(fields)} columns where there should be {columns.count}"
    return ""


def csv_bytes(cors_px: Mapping[str, float]) -> bytes:
    """The one CSV of a table: natural order of names, the same bytes for the same table."""
    rows = ((name, repr(float(cors_px[name]))) for name in sorted(cors_px, key=natural_key))
    return _text([HEADER, *rows]).encode("utf-8", "surrogateescape")


def _text(rows: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{_quoted(name)},{cor}\n" for name, cor in rows)


def _quoted(name: str) -> str:
    if any(char in name for char in '",;\t\r\n'):
        return '"' + name.replace('"', '""') + '"'
    return name


def write_csv(path: Path, cors_px: Mapping[str, float]) -> None:
    """Write the CSV whole or not at all; TomoBatchError ``csv-not-written``, the old file kept."""
    _replace(path, csv_bytes(cors_px))


def drop_lines(path: Path, names: Collection[str]) -> None:
    """Take the lines of some files out of a CSV; all others stay as they are, byte for byte.

    TomoBatchError as :func:`read_csv` and :func:`write_csv`.
    """
    data = read_bytes(path)
    kept = without_lines(data, names)
    if kept != data:
        _replace(path, kept)


def without_lines(data: bytes, names: Collection[str]) -> bytes:
    """A CSV's bytes without the lines of some files."""
    codec, mark = _codec(data)
    lines = _LINE.findall(_decode(data))
    if mark + "".join(lines).encode(codec, "surrogateescape") != data:
        return data  # damaged: better left alone
    delimiter, column, kept, at = _delimiter(lines), None, [], 0
    while at < len(lines):
        used, fields = _record(lines, at, delimiter)
        if column is None and fields is not None and any(part.strip() for part in fields):
            header = _header(fields)
            column = header.name if header else 0
        if not (fields and column is not None and column < len(fields) and fields[column] in names):
            kept += lines[at : at + used]
        at += used
    return mark + "".join(kept).encode(codec, "surrogateescape")


def _codec(data: bytes) -> tuple[str, bytes]:
    """How text is written as in these bytes, and the mark they begin with."""
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if data.startswith(mark):
            return codec, mark
    return "utf-8", b""


def _replace(path: Path, data: bytes) -> None:
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        _write_through(beside, data)
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise TomoBatchError(
            "csv-not-written", f"{path} could not be written: {error.strerror}. Save it to another folder."
        ) from error


def _write_through(path: Path, data: bytes) -> None:
    # Anew: a link that somebody laid there would lead elsewhere.
    path.unlink(missing_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
