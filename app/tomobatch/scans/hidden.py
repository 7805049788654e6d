"""Scans that were taken off the list: kept for each data folder in the user's state folder.

A scan is known by its name, size and time: another one that comes under the same name is not hidden.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from tomobatch.config.places import state_folder
from tomobatch.errors import TomoBatchError

SCHEMA = 1
log = logging.getLogger(__name__)

Identity = tuple[int, int]
"""Size in bytes, and time of the last change in nanoseconds since 1970."""
Hidden = Mapping[str, Identity]


class HiddenScans:
    """The hidden scans of one data folder, by file name. All but `path` touches the disk.

    Raises
    ------
    TomoBatchError
        ``hidden-not-kept`` where the state folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def path(self) -> Path:
        """The file; the same for all ways to write the folder's path."""
        digest = hashlib.sha256(os.fsencode(os.path.realpath(self._folder))).hexdigest()
        return state_folder() / "hidden" / f"{digest[:32]}.json"

    def read(self) -> dict[str, Identity]:
        """All that is hidden; nothing where the file is damaged, which is logged: hiding destroys nothing."""
        try:
            return self._read()
        except OSError as error:
            raise self._not_kept(error) from error

    def change(self, hide: Hidden, show: Collection[str]) -> dict[str, Identity]:
        """Hide scans, and show others; gives all that is hidden now, on disk before this returns."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.path.with_suffix(".lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                gone = set(show)
                after = {name: kept for name, kept in {**self._read(), **hide}.items() if name not in gone}
                self._write(after)
        except OSError as error:
            raise self._not_kept(error) from error
        return after

    def _not_kept(self, error: OSError) -> TomoBatchError:
        sentence = f"What is off the list cannot be kept in {self.path.parent}: {error.strerror}."
        return TomoBatchError("hidden-not-kept", sentence)

    def _read(self) -> dict[str, Identity]:
        try:
            plain = json.loads(self.path.read_bytes())
            return {name: (int(size), int(mtime_ns)) for name, (size, mtime_ns) in plain["hidden"].items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            log.warning("%s is damaged: all scans are shown", self.path)
            return {}

    def _write(self, hidden: Hidden) -> None:
        text = json.dumps({"schema": SCHEMA, "folder": os.fspath(self._folder), "hidden": hidden}, indent=1)
        beside = self.path.with_suffix(".part")
        beside.write_text(text, encoding="ascii")
        beside.replace(self.path)
