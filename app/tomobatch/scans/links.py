"""Which files of a folder need which others: by links in HDF5 files, and plain ones. Runs in the worker."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import h5py

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import explained, open_hdf5
from tomobatch.names import shown
from tomobatch.scans.listing import is_scan_name, why_not_listed

MOST_OBJECTS = 100_000
"""A file with more objects than this is searched no further."""
_NUMBERED = re.compile(r"%\d*b")


def files_that_may_link(folder: str) -> list[list[object]]:
    """Name, size, time and inode of each scan and plain link of a folder: what `links_of` is asked about.

    TomoBatchError as `list_folder`.
    """
    try:
        with os.scandir(folder) as found:
            items = [item for item in found if item.is_symlink() or is_scan_name(item.name)]
            return [[item.name, *_identity(item)] for item in items]
    except OSError as error:
        raise why_not_listed(folder, error) from error


def _identity(item: os.DirEntry[str]) -> tuple[int, int, int]:
    try:
        facts = item.stat()
    except OSError:
        return (0, 0, 0)
    return facts.st_size, facts.st_mtime_ns, facts.st_ino


def links_of(folder: str, name: str) -> list[str]:
    """Names of the files of a folder that one of them needs.

    That is by external links in it, as sources of its virtual datasets, as its raw storage, or because it
    is a plain link itself.

    Raises
    ------
    TomoBatchError
        ``too-many-objects``, or as `open_hdf5`, where a file cannot be searched.
    """
    path = Path(folder, name)
    found: set[str] = set()
    if path.is_symlink():
        found |= _in_folder(folder, [os.path.join(folder, os.readlink(path))])  # noqa: PTH118, PTH115 - any bytes
    if is_scan_name(name):
        here = {folder, os.path.dirname(os.path.realpath(path))}  # noqa: PTH120
        for target in set(_targets(path)):
            found |= _in_folder(folder, [os.path.join(place, target) for place in here])  # noqa: PTH118
    return sorted(found - {name})


def _in_folder(folder: str, candidates: Iterable[str]) -> set[str]:
    """Names in the folder by which candidates are reached: as they are written, and where they lead."""
    found: set[str] = set()
    for candidate in candidates:
        # A file that moved with its folder is looked for beside the one that links to it.
        beside = os.path.join(folder, os.path.basename(candidate))  # noqa: PTH118, PTH119
        for path in (
            candidate,
            os.path.realpath(candidate),
            *(() if os.path.lexists(candidate) else (beside,)),
        ):
            found |= _names_at(folder, path)
    return found


def _names_at(folder: str, path: str) -> set[str]:
    parent, name = os.path.split(path)
    try:
        if not os.path.samefile(parent, folder):  # noqa: PTH121
            return set()
    except OSError:
        return set()
    if "%" not in name:
        return {name}
    # A virtual dataset may number its sources, and doubles a percent sign in a name.
    numbered = re.compile(_NUMBERED.sub(r"\\d+", re.escape(name).replace("%%", "%")))
    return {name, *filter(numbered.fullmatch, os.listdir(folder))}  # noqa: PTH208


def _targets(path: Path) -> Iterator[str]:
    """File names that stand in an HDF5 file, as they are written there."""
    with open_hdf5(path) as file, explained(shown(path.name)):
        names = _names(file)
        if len(names) > MOST_OBJECTS:
            raise TomoBatchError("too-many-objects", f"{shown(path.name)} has too many parts to search.")
        for name in names:
            link = file.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                yield os.fsdecode(link.filename)
            elif isinstance(link, h5py.HardLink):
                yield from _sources(file, name)


def _names(file: h5py.File) -> list[str]:
    names: list[str] = []

    def note(name: str, _: object) -> bool | None:
        names.append(name)
        return True if len(names) > MOST_OBJECTS else None

    file.visititems_links(note)
    return names


def _sources(file: h5py.File, name: str) -> Iterator[str]:
    found = file[name]
    if not isinstance(found, h5py.Dataset):
        return
    if found.is_virtual:
        yield from (os.fsdecode(source.file_name) for source in found.virtual_sources())
    for raw, _, _ in found.external or ():
        yield os.fsdecode(raw)
