"""Folders below a folder, to walk to the one that holds the scans."""

from __future__ import annotations

import os
import time
from typing import TypedDict

from tomobatch.names import natural_key
from tomobatch.scans.listing import is_scan_name, why_not_listed

COUNTING_S = 1.0


class Below(TypedDict):
    """What lies in a folder, as JSON carries it: its sub-folders, and how many scans beside them."""

    folders: list[str]
    scans: int


def list_subfolders(folder: str) -> Below:
    """Names of sub-folders in natural order; hidden ones are left out, links followed.

    Runs in the worker process: a folder on a hung mount never answers.

    Raises
    ------
    TomoBatchError
        ``folder-missing``, ``not-a-folder``, ``folder-unreadable``.
    """
    try:
        with os.scandir(folder) as found:
            entries = [(item.name, _is_folder(item)) for item in found if not item.name.startswith(".")]
    except OSError as error:
        raise why_not_listed(folder, error) from error
    folders = sorted((name for name, is_folder in entries if is_folder), key=natural_key)
    return Below(
        folders=folders, scans=sum(is_scan_name(name) for name, is_folder in entries if not is_folder)
    )


def count_scans(folder: str, names: list[str]) -> list[int]:
    """How many scans lie in each of these sub-folders; −1 where that is not known within a moment.

    Those on another disk are not looked into: it may hang, or be mounted by the look alone.
    """
    until, device = time.monotonic() + COUNTING_S, os.stat(folder).st_dev  # noqa: PTH116 - any bytes in a name
    return [
        _count(os.path.join(folder, name), device) if time.monotonic() < until else -1  # noqa: PTH118
        for name in names
    ]


def _count(folder: str, device: int) -> int:
    try:
        if os.stat(folder).st_dev != device:  # noqa: PTH116
            return -1
        with os.scandir(folder) as found:
            return sum(is_scan_name(item.name) for item in found)
    except OSError:
        return -1


def _is_folder(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_dir()
    except OSError:
        return False
