"""A column of CORs as it comes from a spreadsheet's clipboard; knows no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tomobatch.cor.csv_file import HEADER
from tomobatch.cor.value import parse_cor
from tomobatch.desktop.scan_display import Known
from tomobatch.errors import TomoBatchError


@dataclass
class Pasted:
    """What was pasted: CORs by file name, and sentences about lines that were not used."""

    cors_px: dict[str, float] = field(default_factory=dict)
    bad_lines: list[str] = field(default_factory=list)


def read_paste(rows: Sequence[Known], text: str, find: Callable[[str], Known | None]) -> Pasted:
    """Read lines of CORs, or of names and CORs parted by a tab.

    Parameters
    ----------
    rows
        Rows that lines without a name mean, one after the other; an empty line leaves its row as it is.
    find
        Gives the row of a file name.
    """
    pasted = Pasted()
    lines = text.replace("\r\n", "\n").rstrip().split("\n")
    header = lines[0].rpartition("\t")[2].strip().casefold() == HEADER[1].casefold()
    for place, line in enumerate(lines[header:]):
        if line.strip():
            try:
                _take(rows[place : place + 1], line, find, pasted)
            except TomoBatchError as error:
                pasted.bad_lines.append(f"Line {place + 1 + header}: {error.sentence}")
    return pasted


def _take(row: Sequence[Known], line: str, find: Callable[[str], Known | None], pasted: Pasted) -> None:
    name, _, value = line.rpartition("\t")
    if name.strip():
        known = find(name.strip())
        if known is None:
            raise TomoBatchError("scan-missing", f"There is no scan {name.strip()} in this folder.")
    elif row:
        known = row[0]
    else:
        raise TomoBatchError("scan-missing", "There is no row left for it.")
    if value.strip():
        pasted.cors_px[known.name] = parse_cor(value, known.columns)
