"""Which scans a folder holds, by name and number only: nothing is opened."""

from __future__ import annotations

import os
import stat
from typing import TypedDict

from tomobatch.errors import TomoBatchError
from tomobatch.names import natural_key, shown

ENDINGS = (".h5", ".hdf5", ".hdf", ".nxs")

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFDIR: "a folder",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Entry(TypedDict):
    """One name in a folder, as JSON carries it; `problem` is a sentence where it cannot be a scan."""

    name: str
    size_bytes: int
    mtime_ns: int
    inode: int
    device: int
    problem: str


def list_folder(folder: str) -> list[Entry]:
    """Names that look like scans, in natural order; hidden files are left out, links followed.

    Runs in the worker process: a folder on a hung mount never answers.

    Raises
    ------
    TomoBatchError
        ``folder-missing``, ``not-a-folder``, ``folder-unreadable``.
    """
    try:
        with os.scandir(folder) as found:
            entries = [_entry(item) for item in found if is_scan_name(item.name)]
    except OSError as error:
        raise why_not_listed(folder, error) from error
    return sorted(
        (entry for entry in entries if entry is not None), key=lambda entry: natural_key(entry["name"])
    )


def is_scan_name(name: str) -> bool:
    """Whether a file of this name is listed."""
    return name.lower().endswith(ENDINGS) and not name.startswith(".")


def _entry(item: os.DirEntry[str]) -> Entry | None:
    try:
        facts = item.stat()
    except FileNotFoundError:
        lost = "is a link to a file that is not there; put that file back or delete the link"
        return _as_entry(item.name, None, lost) if item.is_symlink() else None
    except OSError as error:
        return _as_entry(item.name, None, f"cannot be looked at: {error.strerror}")
    kind = _KINDS.get(stat.S_IFMT(facts.st_mode))
    return _as_entry(item.name, facts, f"is {kind}, not a file; it was not opened" if kind else "")


def _as_entry(name: str, facts: os.stat_result | None, problem: str) -> Entry:
    return Entry(
        name=name,
        size_bytes=facts.st_size if facts else 0,
        mtime_ns=facts.st_mtime_ns if facts else 0,
        inode=facts.st_ino if facts else 0,
        device=facts.st_dev if facts else 0,
        problem=f"{shown(name)} {problem}." if problem else "",
    )


def why_not_listed(folder: str, error: OSError) -> TomoBatchError:
    """Why a folder could not be listed, for people."""
    if isinstance(error, FileNotFoundError):
        return TomoBatchError("folder-missing", f"The folder {shown(folder)} does not exist; choose another.")
    if isinstance(error, NotADirectoryError):
        return TomoBatchError("not-a-folder", f"{shown(folder)} is not a folder; name the folder it lies in.")
    reason = error.strerror or str(error)
    return TomoBatchError("folder-unreadable", f"The folder {shown(folder)} cannot be listed: {reason}.")
