"""Deleting scans from disk: each file looked at once more just before it goes. Runs in the worker process.

Everything is done relative to the open data folder, by name: no path is followed, so that a folder or a file
that is swapped meanwhile cannot lead anywhere else.
"""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypedDict

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.scans.listing import why_not_listed

GROWING_S = 10.0
"""A file that was written to so lately may still be."""


class Wanted(TypedDict):
    """A file to delete, as its row knows it: for a link, what it points to; zeros for a link to nothing."""

    name: str
    size_bytes: int
    mtime_ns: int
    inode: int
    device: int


class Looked(TypedDict):
    """What a first look found: which folder it is (device, inode), who is a link, who is refused and why."""

    folder: list[int]
    links: list[str]
    refused: dict[str, list[str]]


def look_at_files(folder: str, wanted: Sequence[Wanted], growing_s: float = GROWING_S) -> Looked:
    """Say before anything is deleted which files would be refused.

    Raises
    ------
    TomoBatchError
        ``folder-missing``, ``not-a-folder``, ``folder-unreadable``.
    """
    with _open_folder(folder) as place:
        facts = os.fstat(place)
        looked = Looked(folder=[facts.st_dev, facts.st_ino], links=[], refused={})
        for file in wanted:
            try:
                if _check(place, file, growing_s):
                    looked["links"].append(file["name"])
            except TomoBatchError as error:
                looked["refused"][file["name"]] = [error.code, error.sentence]
    return looked


def delete_file(
    folder: str, folder_id: Sequence[int], wanted: Wanted, is_link: bool, growing_s: float = GROWING_S
) -> None:
    """Delete one file of a folder, or say why not; a link goes itself, never what it points to.

    Parameters
    ----------
    folder_id, is_link
        As `look_at_files` found them.

    Raises
    ------
    TomoBatchError
        ``folder-swapped``, ``file-gone``, ``file-changed``, ``file-growing``, ``not-a-file``,
        ``not-deleted``; as `look_at_files`.
    """
    name = shown(wanted["name"])
    with _open_folder(folder) as place:
        facts = os.fstat(place)
        if [facts.st_dev, facts.st_ino] != list(folder_id):
            sentence = (
                f"{name} was not deleted: {shown(folder)} is another folder now. Open it again and look."
            )
            raise TomoBatchError("folder-swapped", sentence)
        if _check(place, wanted, growing_s) != is_link:
            raise _changed(name)
        try:
            os.unlink(wanted["name"], dir_fd=place)
        except OSError as error:
            sentence = f"{name} could not be deleted: {error.strerror}. Ask whoever owns {shown(folder)}."
            raise TomoBatchError("not-deleted", sentence) from error


@contextmanager
def _open_folder(folder: str) -> Iterator[int]:
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise why_not_listed(folder, error) from error
    try:
        yield place
    finally:
        os.close(place)


def _check(place: int, wanted: Wanted, growing_s: float) -> bool:
    """Raise unless a file may be deleted and is the one that was listed; True where it is a link."""
    name = wanted["name"]
    if "/" in name or name in ("", ".", ".."):
        raise TomoBatchError("not-a-file", f"{shown(name)} is no name of a file.")
    facts = _look(place, name)
    if stat.S_ISLNK(facts.st_mode):
        _check_target(place, wanted)
        return True
    if not (stat.S_ISREG(facts.st_mode) or stat.S_ISFIFO(facts.st_mode)):
        sentence = f"{shown(name)} is not a file: only files, links and named pipes are deleted here."
        raise TomoBatchError("not-a-file", sentence)
    _refuse_another(facts, wanted)
    if stat.S_ISREG(facts.st_mode):
        _refuse_growing(place, name, facts, growing_s)
    return False


def _look(place: int, name: str) -> os.stat_result:
    try:
        return os.lstat(name, dir_fd=place)
    except FileNotFoundError as error:
        raise TomoBatchError("file-gone", f"{shown(name)} is not there any more.") from error
    except OSError as error:
        sentence = f"{shown(name)} cannot be looked at: {error.strerror}."
        raise TomoBatchError("not-deleted", sentence) from error


def _check_target(place: int, wanted: Wanted) -> None:
    """A link must still lead where it led when it was listed: to the same file, or to none."""
    try:
        target = os.stat(wanted["name"], dir_fd=place)
    except OSError as error:
        if wanted["inode"]:
            raise _changed(shown(wanted["name"])) from error
        return
    _refuse_another(target, wanted)


def _refuse_another(facts: os.stat_result, wanted: Wanted) -> None:
    now = (facts.st_size, facts.st_mtime_ns, facts.st_ino, facts.st_dev)
    if now != (wanted["size_bytes"], wanted["mtime_ns"], wanted["inode"], wanted["device"]):
        raise _changed(shown(wanted["name"]))


def _changed(name: str) -> TomoBatchError:
    return TomoBatchError("file-changed", f"{name} has changed since it was listed: look at it again first.")


def _refuse_growing(place: int, name: str, facts: os.stat_result, growing_s: float) -> None:
    lately = abs(time.time() - facts.st_mtime) < growing_s
    if lately or _is_open_for_writing(place, name):
        how = "was written to a moment ago" if lately else "is open for writing in another program"
        sentence = f"{shown(name)} {how}: wait until it is complete."
        raise TomoBatchError("file-growing", sentence)


def _is_open_for_writing(place: int, name: str) -> bool:
    """Whether a program of this host has it open for writing, as far as the kernel tells.

    A read lease is given only where nobody writes. Network file systems, and files of other users, give none.
    """
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=place)
    except OSError:
        return False  # it may not be read; deleting is another right
    try:
        return _lease_refused(file)
    finally:
        os.close(file)


def _lease_refused(file: int) -> bool:
    # Whoever opens it for writing meanwhile has the kernel send this, which would end the process.
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        signal.signal(signal.SIGIO, before)
    return False
