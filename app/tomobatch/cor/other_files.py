"""CORs as other programs leave them: another CSV, ``rot_cen.json``, ``center_of_rotation.txt``.

TomoGUI keeps ``rot_cen.json`` in the data folder: one object, the absolute path of a scan to its COR, a
number or a list that begins with one. The searches by a network in tomocupy and TomoGUI append what they
chose to ``<folder>_rec/try_center/<scan>/center_of_rotation.txt``, one number a line and without a name: the
last line is the newest, and the folder names the scan. Lines of a name, or a path, and a number are what
people write. The ``rotation_axis.json`` of tomopy-cli, names below running numbers, is not read.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tomobatch.cor.csv_file import parse_csv, read_bytes
from tomobatch.cor.csv_sync import bad_lines, without_cor
from tomobatch.cor.value import parse_cor
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown

LONGEST_LINE = 4200
"""A path and a number; the time to part a line grows with the square of its length."""

_LONE = re.compile(r"\S+")
_PAIR = re.compile(r"(?P<name>.+?)(?:\s*[;\t=:]\s*|\s*,\s+|\s+|,)(?P<cor>[^\s;\t]+)")


@dataclass
class OtherCors:
    """CORs by file name, and sentences about what was not used."""

    cors_px: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_other_csv(path: Path) -> OtherCors:
    """Read a CSV like the folder's own; TomoBatchError ``csv-unreadable``."""
    found = parse_csv(read_bytes(path))
    return OtherCors(found.cors_px, [*bad_lines(path, found), *without_cor(path, found)])


def read_rot_cen(path: Path, folder: Path) -> OtherCors:
    """Read a ``rot_cen.json``; entries of other folders are counted, and not used.

    TomoBatchError ``csv-unreadable`` where there is none, ``json-unreadable`` where it is something else.
    """
    try:
        plain = json.loads(read_bytes(path))
    except (ValueError, RecursionError) as error:
        raise TomoBatchError("json-unreadable", f"{path} cannot be read: it is no JSON ({error}).") from error
    if not isinstance(plain, dict):
        raise TomoBatchError(
            "json-unreadable", f"{path} cannot be read: it does not name files with their CORs."
        )
    found, here = OtherCors(), _Here(folder, path.parent)
    elsewhere = 0
    for key, value in plain.items():
        name = here.name_of(key)
        if name is None:
            elsewhere += 1
        else:
            _take(found, name, _first(value), f"{path.name}, {shown(name)}")
    if elsewhere:
        entries = "1 entry is" if elsewhere == 1 else f"{elsewhere} entries are"
        found.problems.append(f"{path.name}: {entries} of other folders and not used")
    return found


def read_center_txt(path: Path, folder: Path, names: Collection[str], chosen: str | None) -> OtherCors:
    """Read a ``center_of_rotation.txt``.

    Parameters
    ----------
    names
        Scans of the open folder.
    chosen
        The one scan that is selected: numbers without a name are its own, unless the file's folder names one.

    Raises
    ------
    TomoBatchError
        ``csv-unreadable``; ``no-scan-named`` for lone numbers that belong to no scan.
    """
    text = read_bytes(path).decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    found, here = OtherCors(), _Here(folder, folder)
    lone = [(number, line) for number, line in lines if _LONE.fullmatch(line) and _is_cor(line)]
    if lone:
        name = _named_by_folder(path, names) or chosen
        if name is None:
            raise TomoBatchError(
                "no-scan-named",
                f"{path} says a COR, but not of which scan: select that scan alone, and load it again.",
            )
        found.cors_px[name] = parse_cor(lone[-1][1])
    for number, line in lines:
        if (number, line) not in lone:
            _take_line(found, line, f"{path.name}, line {number}", here)
    return found


def _take_line(found: OtherCors, line: str, where: str, here: _Here) -> None:
    parts = _PAIR.fullmatch(line) if len(line) <= LONGEST_LINE else None
    name = here.name_of(parts["name"].strip().strip('"')) if parts else None
    if parts is None:
        found.problems.append(f"{where}: it is no name with a COR")
    elif name is None:
        found.problems.append(f"{where}: it is of another folder")
    else:
        _take(found, name, parts["cor"], where)


def _take(found: OtherCors, name: str, value: str, where: str) -> None:
    try:
        found.cors_px[name] = parse_cor(value)
    except TomoBatchError as error:
        found.problems.append(f"{where}: {error.sentence}")


def _is_cor(text: str) -> bool:
    try:
        parse_cor(text)
    except TomoBatchError:
        return False
    return True


def _first(value: object) -> str:
    """A number, a text, or the first of a list, as text; what is something else is no number."""
    first = value[0] if isinstance(value, list) and value else value
    return repr(first) if isinstance(first, float) else str(first)


def _can_be_a_path(key: str) -> bool:
    """JSON carries halves of characters, too."""
    try:
        os.fsencode(key)
    except UnicodeEncodeError:
        return False
    return True


def _named_by_folder(path: Path, names: Collection[str]) -> str | None:
    """The scan in whose ``try_center`` folder a file lies."""
    found = [name for name in names if Path(name).stem == path.parent.name]
    return found[0] if len(found) == 1 else None


class _Here:
    """Tells which paths lie in the open folder, however they are written."""

    def __init__(self, folder: Path, relative_to: Path) -> None:
        self._folder, self._relative_to = os.path.realpath(folder), relative_to
        self._real: dict[str, str] = {}

    def name_of(self, key: str) -> str | None:
        """Name of a file of the open folder; None for one of another folder."""
        for path in self._ways(key):
            if self._real_folder(path.parent) == self._folder:
                return path.name
        return None

    def _ways(self, key: str) -> Iterator[Path]:
        if "\0" in key or not key.strip() or not _can_be_a_path(key):
            return
        path = self._relative_to / key
        yield path
        # A link elsewhere to a scan of this folder.
        yield Path(os.path.realpath(path))

    def _real_folder(self, folder: Path) -> str:
        text = str(folder)
        if text not in self._real:
            self._real[text] = os.path.realpath(text)
        return self._real[text]
