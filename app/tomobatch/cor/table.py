"""The COR table of a data folder: the owner of its CORs, saved at each change.

It lies in the user's state folder, not beside the data: data folders may be read-only, and two folders of one
name are told apart by their whole path. Several programs may hold one table: each change reads the file again
and writes its own rows into it, under a lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tomobatch.config.places import state_folder
from tomobatch.cor.value import check_cor
from tomobatch.errors import TomoBatchError

SCHEMA = 2
"""1: entries without the file they are of, and no source `file`."""
LOCK_WAIT_S = 5.0
_LOCK_RETRY_S = 0.01

_log = logging.getLogger(__name__)


class CorSource(StrEnum):
    """Where a COR came from; the value is the word people read."""

    TYPED = "typed"
    CSV = "CSV"
    FILE = "file"
    PICKED = "picked"
    AUTOMATIC = "automatic"


class Identity(NamedTuple):
    """Which file a scan is: another one under the same name differs. A copy by rsync does not."""

    size_bytes: int
    mtime_ns: int


Identities = Mapping[str, Identity]
NOBODY: Identities = MappingProxyType({})


@dataclass(frozen=True)
class CorEntry:
    """A COR in unbinned full-frame pixels, where it came from, and when (seconds since 1970).

    Parameters
    ----------
    size_bytes, mtime_ns
        The scan's file when the COR was set; None where that was not known.
    """

    value_px: float
    source: CorSource
    when: float
    size_bytes: int | None = None
    mtime_ns: int | None = None

    @classmethod
    def made(cls, cor_px: float, source: CorSource, when: float, file: Identity | None) -> CorEntry:
        """An entry for a file, None where that is not known."""
        return cls(float(cor_px), source, when, *(file or (None, None)))

    @property
    def file(self) -> Identity | None:
        """The file it was set for, None where that is not known."""
        if self.size_bytes is None or self.mtime_ns is None:
            return None
        return Identity(self.size_bytes, self.mtime_ns)

    def is_of(self, file: Identity | None) -> bool:
        """Whether it was set for this file; also where that is not known."""
        return file is None or self.file in (None, file)


_Entries = dict[str, CorEntry]


def table_path(folder: Path) -> Path:
    """File of a data folder's table; the same for all ways to write that folder's path."""
    digest = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()
    return state_folder() / "cor" / f"{digest[:32]}.json"


def tables_folder() -> Path:
    """Folder of all tables, made on first use; TomoBatchError ``state-folder``."""
    folder = state_folder() / "cor"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        sentence = f"The COR tables cannot be kept in {folder}: {error.strerror}."
        raise TomoBatchError("state-folder", sentence) from error
    return folder


class CorTable:
    """CORs of one data folder, by file name. Names that are not in the folder are kept.

    Parameters
    ----------
    folder
        The data folder; it need not be there.
    lock_wait_s
        How long to wait for another program's change.

    Attributes
    ----------
    problem
        A sentence when a broken table was set aside, else empty.
    """

    def __init__(self, folder: Path, *, lock_wait_s: float = LOCK_WAIT_S) -> None:
        self._folder = os.path.realpath(folder)
        self._path = table_path(folder)
        self._lock_wait_s = lock_wait_s
        self._entries: _Entries = {}
        self.problem = ""
        self.reload()

    @property
    def entries(self) -> Mapping[str, CorEntry]:
        """All rows, as they were read or changed last."""
        return MappingProxyType(self._entries)

    def reload(self) -> None:
        """Read what other programs wrote since."""
        with self._locked():
            self._entries = self._read()

    def set_cors(
        self,
        cors_px: Mapping[str, float],
        source: CorSource,
        files: Identities = NOBODY,
        *,
        when: Callable[[], float] = time.time,
    ) -> None:
        """Set CORs by file name, on disk before this returns. TomoBatchError as :func:`check_cor`.

        ``files`` are the scans' files as far as they are known.
        """
        for cor_px in cors_px.values():
            check_cor(cor_px)
        now = when()
        self.put(
            {name: CorEntry.made(cor_px, source, now, files.get(name)) for name, cor_px in cors_px.items()}
        )

    def put(self, change: Mapping[str, CorEntry | None]) -> None:
        """Set rows as they are given, or take them out where there is None; on disk before this returns."""

        def changed(entries: _Entries) -> _Entries:
            rows = {**entries, **change}
            return {name: row for name, row in rows.items() if row is not None}

        self._change(changed)

    def offer(
        self,
        cors_px: Mapping[str, float],
        source: CorSource,
        files: Identities = NOBODY,
        *,
        when: Callable[[], float] = time.time,
    ) -> dict[str, CorEntry]:
        """Set CORs where there is none, one from the same source, or one of another scan of this name.

        What a person set for this scan stays.

        Returns
        -------
        dict
            The entries that stayed although another value was offered, by file name.
        """
        stayed: dict[str, CorEntry] = {}
        now = when()

        def change(entries: _Entries) -> _Entries:
            rows = dict(entries)
            for name, cor_px in cors_px.items():
                mine, file = entries.get(name), files.get(name)
                again = mine is not None and mine.source is source and mine.value_px != cor_px
                if mine is None or again or not mine.is_of(file):
                    rows[name] = CorEntry.made(cor_px, source, now, file)
                elif mine.value_px != cor_px:
                    stayed[name] = mine
            return rows

        for cor_px in cors_px.values():
            check_cor(cor_px)
        self._change(change)
        return stayed

    def remove(self, names: Iterable[str]) -> None:
        """Take rows out; a name without one is none the worse."""
        gone = frozenset(names)
        self._change(lambda entries: {name: row for name, row in entries.items() if name not in gone})

    def _change(self, change: Callable[[_Entries], _Entries]) -> None:
        with self._locked():
            before = self._read()
            after = change(before)
            if after != before:
                self._write(after)
            self._entries = after

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._path.with_suffix(".lock").open("ab") as lock:
                self._lock(lock.fileno())
                yield
        except OSError as error:
            raise TomoBatchError(
                "cor-table-not-saved",
                f"The COR table of {self._folder} cannot be kept in {self._path.parent}: {error.strerror}.",
            ) from error

    def _lock(self, descriptor: int) -> None:
        until = time.monotonic() + self._lock_wait_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise TomoBatchError(
                        "cor-table-busy",
                        f"Another program holds the COR table of {self._folder}: try again when it is done.",
                    ) from None
                time.sleep(_LOCK_RETRY_S)
            else:
                return

    def _read(self) -> _Entries:
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        entries, whole = _parse(text)
        if not whole:
            self._set_aside(entries)
        return entries

    def _set_aside(self, good: _Entries) -> None:
        aside = self._path.with_suffix(f".broken-{time.time_ns()}")
        self._path.replace(aside)
        self._write(good)
        self.problem = (
            f"The COR table of {self._folder} was damaged: {len(good)} rows could be read, "
            f"the damaged file was kept as {aside}."
        )
        _log.warning("%s", self.problem)

    def _write(self, entries: _Entries) -> None:
        rows = {name: asdict(entries[name]) for name in sorted(entries)}
        text = json.dumps({"schema": SCHEMA, "folder": self._folder, "cors": rows}, indent=1)
        beside = self._path.with_suffix(".part")
        with beside.open("w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)


def _parse(text: bytes) -> tuple[_Entries, bool]:
    """Rows that can be read, and whether that is all of the file."""
    try:
        plain = json.loads(text)
        schema, rows = plain["schema"], dict(plain["cors"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}, False
    if isinstance(schema, int) and schema > SCHEMA:
        raise TomoBatchError(
            "cor-table-newer", "The COR table was written by a newer TomoBatch: use that one."
        )
    entries = {name: row for name, row in ((name, _entry(plain)) for name, plain in rows.items()) if row}
    return entries, len(entries) == len(rows)


def _entry(plain: object) -> CorEntry | None:
    try:
        row = CorEntry(**plain)  # type: ignore[arg-type]
        file = None if row.size_bytes is None else _identity(row)
        entry = CorEntry.made(row.value_px, CorSource(row.source), float(row.when), file)
        check_cor(entry.value_px)
    except (TypeError, ValueError, OverflowError, TomoBatchError):
        return None
    return entry


def _identity(row: CorEntry) -> Identity:
    size_bytes, mtime_ns = row.size_bytes, row.mtime_ns
    if type(size_bytes) is not int or type(mtime_ns) is not int:
        raise ValueError("no file is described like this")
    return Identity(size_bytes, mtime_ns)
