"""Folders and files, to walk to a file of CORs or to a place for one."""

from __future__ import annotations

import os
from typing import TypedDict

from tomobatch.errors import TomoBatchError
from tomobatch.names import natural_key, shown


class Place(TypedDict):
    """What lies in a folder, as JSON carries it, in natural order; and a file in it that was asked for."""

    path: str
    folders: list[str]
    files: list[str]
    chosen: str


def look_at_place(path: str) -> Place:
    """Look at a folder, or at the folder of a file; hidden entries are left out, links followed.

    Runs in the worker process: a folder on a hung mount never answers.

    Raises
    ------
    TomoBatchError
        ``folder-unreadable``.
    """
    folder, chosen = path, ""
    if os.path.isfile(path):  # noqa: PTH113 - any bytes in a name
        folder, chosen = os.path.split(path)
    try:
        with os.scandir(folder) as found:
            entries = [(item.name, _is_folder(item)) for item in found if not item.name.startswith(".")]
    except OSError as error:
        sentence = f"{shown(folder)} cannot be looked at: {error.strerror}."
        raise TomoBatchError("folder-unreadable", sentence) from error
    entries.sort(key=lambda entry: natural_key(entry[0]))
    return Place(
        path=folder,
        folders=[name for name, is_folder in entries if is_folder],
        files=[name for name, is_folder in entries if not is_folder],
        chosen=chosen,
    )


def _is_folder(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_dir()
    except OSError:
        return False
