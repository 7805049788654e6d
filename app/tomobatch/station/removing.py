"""Deleting raw data: what must be refused is found first and said, then each file is looked at once more."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tomobatch.batch.journal import Journal
from tomobatch.batch.marks import Mark, mark_from_json, marks_folder
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.kinds import Kind
from tomobatch.scans.removal import GROWING_S
from tomobatch.scans.scan import Scan, ScanFile, ScanState
from tomobatch.worker.client import Worker

LOOK = "tomobatch.scans.removal:look_at_files"
DELETE = "tomobatch.scans.removal:delete_file"
LINKERS = "tomobatch.scans.links:files_that_may_link"
LINKS_OF = "tomobatch.scans.links:links_of"
READ_MARKS = "tomobatch.batch.marks:read_marks"
FOLDER_S, FILE_S, DELETE_S = 60.0, 20.0, 60.0
FLATS = ("flat-file-name", "dark-file-name")
"""Options of jobs that name another scan."""
AT_A_TIME = 200
MARKS_AGAIN_S = 2.0
"""What other stations do is asked again so often while files are deleted."""

Progress = Callable[[int, int], None]
Told = Callable[[str, TomoBatchError | None], None]


@dataclass(frozen=True)
class Target:
    """A file to delete as its row knows it, and the scan; None before any look."""

    file: ScanFile
    scan: Scan | None = None


@dataclass
class Check:
    """What would become of a deletion.

    Attributes
    ----------
    files
        Those that would be deleted, by name: first those that need others, then the others.
    refused
        Why not, by name.
    unsearched
        Sentences about files that could not be searched for links.
    """

    folder: Path
    files: dict[str, ScanFile] = field(default_factory=dict)
    refused: dict[str, TomoBatchError] = field(default_factory=dict)
    unsearched: list[str] = field(default_factory=list)
    folder_id: Sequence[int] = ()
    links: Collection[str] = ()
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def refuse(self, name: str, error: TomoBatchError) -> list[str]:
        """Take a file out, and what it needs; gives the names of those that were in until now."""
        out, left = [], [(name, error)]
        while left:
            one, why = left.pop()
            if self.files.pop(one, None) is None:
                continue
            self.refused[one] = why
            out.append(one)
            left += [(other, _needed(other, one)) for other in self.needs.get(one, ())]
        return out


class Remover:
    """Deletes scans of folders; remembers what it found in files that have not changed.

    Parameters
    ----------
    worker
        Does what touches the disk; its own, since it is ended when somebody stops the search.
    station
        How this station signs its marks, see `tomobatch.station.marking.Marking`.
    growing_s
        A file that was written to so lately is not deleted.
    """

    def __init__(self, worker: Worker, journal: Journal, station: str, growing_s: float = GROWING_S) -> None:
        self._worker, self._journal, self._station = worker, journal, station
        self._growing_s = growing_s
        self._found: dict[tuple[Path, str, object], tuple[list[str], str]] = {}

    # -- before -----------------------------------------------------------------------------

    async def check(self, folder: Path, targets: Sequence[Target], progress: Progress) -> Check:
        """Find out what may be deleted.

        Parameters
        ----------
        progress
            Called with how many files were searched for links, and how many there are.

        Raises
        ------
        TomoBatchError
            As `list_folder`; ``no-answer``, ``worker-died``, ``worker-closed``, ``marks-unreadable``.
        """
        check = Check(folder, {target.file.name: target.file for target in targets})
        await self._look(check)
        for target in targets:
            if target.scan is not None and target.scan.state is ScanState.ACQUIRING:
                sentence = f"{target.file.shown_name} is being acquired: {target.scan.reason}"
                check.refuse(target.file.name, TomoBatchError("file-growing", sentence))
        await self._refuse_busy(check)
        await self._refuse_needed(check, progress)
        return check

    async def _look(self, check: Check) -> None:
        links: set[str] = set()
        files = list(check.files.values())
        for start in range(0, len(files), AT_A_TIME):
            wanted = [_wanted(file) for file in files[start : start + AT_A_TIME]]
            looked = await self._call(LOOK, check.folder, wanted, self._growing_s, timeout_s=FOLDER_S)
            check.folder_id = looked["folder"]
            links.update(looked["links"])
            for name, (code, sentence) in looked["refused"].items():
                check.refuse(name, TomoBatchError(code, sentence))
        check.links = links

    async def _call(self, name: str, folder: Path, *arguments: object, timeout_s: float) -> Any:  # noqa: ANN401
        return await self._worker.call(
            name, str(folder), *arguments, timeout_s=timeout_s, about=shown(folder)
        )

    async def _refuse_busy(self, check: Check) -> None:
        active = self._journal.active_scans()
        for name, kind in await asyncio.to_thread(_names_in, check.folder, active):
            check.refuse(name, _busy_here(name, kind))
        for name in await self._read_by_jobs(check.folder):
            check.refuse(name, _read_here(name))
        for mark in await self._others(check.folder):
            check.refuse(mark.scan, _busy_there(mark, check.folder))

    async def _read_by_jobs(self, folder: Path) -> set[str]:
        """Names of files that jobs are to read: as flats or darks, and as scans by links of other folders."""
        paths = {path for path, _ in self._journal.active_scans()} | self._journal.active_files(FLATS)
        return await asyncio.to_thread(_names_of, folder, paths)

    async def _others(self, folder: Path) -> list[Mark]:
        """Marks of other stations; those of this one say nothing that its journal does not."""
        found = await self._call(READ_MARKS, folder, timeout_s=FOLDER_S)
        return [mark for mark in map(mark_from_json, found) if mark.station != self._station]

    async def _refuse_needed(self, check: Check, progress: Progress) -> None:
        """Refuse what a file needs that stays, and put those that need others first."""
        entries = await self._call(LINKERS, check.folder, timeout_s=FOLDER_S)
        needs: dict[str, Sequence[str]] = {}
        for number, (name, *identity) in enumerate(entries):
            progress(number, len(entries))
            if number % AT_A_TIME == 0:
                await asyncio.sleep(0)
            needs[name], problem = await self._needs_of(check.folder, name, tuple(identity))
            if problem and name not in check.files:
                check.unsearched.append(problem)
        progress(len(entries), len(entries))
        check.needs = needs
        for name in [name for name in needs if name not in check.files]:
            for other in needs[name]:
                check.refuse(other, _needed(other, name))
        # Beside the caller: a window may not stand still while thousands are put in order.
        order = await asyncio.to_thread(_needing_first, tuple(check.files), needs)
        check.files = {name: check.files[name] for name in order}

    async def _needs_of(self, folder: Path, name: str, identity: object) -> tuple[list[str], str]:
        key = (folder, name, identity)
        if key not in self._found:
            self._found[key] = await self._search(folder, name)
        return self._found[key]

    async def _search(self, folder: Path, name: str) -> tuple[list[str], str]:
        try:
            return await self._call(LINKS_OF, folder, name, timeout_s=FILE_S), ""
        except TomoBatchError as error:
            if error.code == "worker-closed":
                raise
            # What nobody can open needs nothing.
            return [], "" if error.code in _CANNOT_LINK else error.sentence

    # -- deleting ---------------------------------------------------------------------------

    async def delete(self, check: Check, told: Told, stop: asyncio.Event) -> None:
        """Delete what was checked, one file after the other; a failure stops nothing.

        Parameters
        ----------
        told
            Called with each name when it is deleted, or with the reason why it is not.
        stop
            Set to end after the file that is under way.
        """
        asked_s = -MARKS_AGAIN_S
        for name in tuple(check.files):
            if stop.is_set():
                return
            if name not in check.files:
                continue
            try:
                if time.monotonic() - asked_s >= MARKS_AGAIN_S:
                    others, read = await self._others(check.folder), await self._read_by_jobs(check.folder)
                    asked_s = time.monotonic()
                await self._delete(check, name, others, read)
            except TomoBatchError as error:
                if error.code == "worker-closed":
                    raise
                for out in check.refuse(name, error):
                    told(out, check.refused[out])
            else:
                told(name, None)

    async def _delete(self, check: Check, name: str, others: Iterable[Mark], read: Collection[str]) -> None:
        for mark in others:
            if mark.scan == name:
                raise _busy_there(mark, check.folder)
        for busy, kind in await asyncio.to_thread(_names_in, check.folder, self._journal.active_scans()):
            if busy == name:
                raise _busy_here(name, kind)
        if name in read:
            raise _read_here(name)
        wanted = _wanted(check.files[name])
        is_link = name in check.links
        await self._call(
            DELETE, check.folder, check.folder_id, wanted, is_link, self._growing_s, timeout_s=DELETE_S
        )


_CANNOT_LINK = {"not-hdf5", "missing"}


def _wanted(file: ScanFile) -> dict[str, object]:
    return {
        "name": file.name,
        "size_bytes": file.size_bytes,
        "mtime_ns": file.mtime_ns,
        "inode": file.inode,
        "device": file.device,
    }


def _names_in(folder: Path, active: Iterable[tuple[str, Kind]]) -> list[tuple[str, Kind]]:
    """Names of the scans of a folder that wait or run, by whatever path it was opened."""
    here = os.path.realpath(folder)
    found, inside = [], {str(folder): True}
    for path, kind in active:
        parent, _, name = path.rpartition("/")
        if parent not in inside:
            inside[parent] = os.path.realpath(parent) == here
        if inside[parent]:
            found.append((name, kind))
    return found


def _names_of(folder: Path, paths: Iterable[str]) -> set[str]:
    """Names in a folder by which paths are reached: as they are written, and where they lead."""
    here = os.path.realpath(folder)
    split = {os.path.split(way) for path in paths for way in (path, os.path.realpath(path))}
    inside = {parent for parent in {parent for parent, _ in split} if os.path.realpath(parent) == here}
    return {name for parent, name in split if parent in inside}


def _needing_first(files: Iterable[str], needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Names so that each comes before those it needs; where they need one another, in any order."""
    order: list[str] = []
    seen: set[str] = set()
    for first in reversed(tuple(files)):
        stack = [(first, False)]
        while stack:
            name, done = stack.pop()
            if done:
                order.append(name)
            elif name not in seen:
                seen.add(name)
                stack += [(name, True), *((other, False) for other in needs.get(name, ()))]
    wanted = set(files)
    return [name for name in reversed(order) if name in wanted]


def _needed(name: str, by: str) -> TomoBatchError:
    return TomoBatchError("linked-to", f"{shown(name)} is not deleted: {shown(by)} stays and links to it.")


def _busy_here(name: str, kind: Kind) -> TomoBatchError:
    sentence = f"{shown(name)} is not deleted: its {kind.word} waits or runs. Cancel that first."
    return TomoBatchError("busy-here", sentence)


def _read_here(name: str) -> TomoBatchError:
    sentence = f"{shown(name)} is not deleted: a job of another file that waits or runs reads it."
    return TomoBatchError("busy-here", sentence)


def _busy_there(mark: Mark, folder: Path) -> TomoBatchError:
    word = {kind.value: kind.word for kind in Kind}.get(mark.kind, shown(mark.kind))
    since = time.strftime("%d %b %H:%M", time.localtime(mark.since_s))
    who = f"{shown(mark.user)} on {shown(mark.host)}, since {since}"
    what = f"{shown(mark.scan)} is not deleted: its {word} waits or runs at another station ({who})."
    file = shown(marks_folder(folder) / f"{mark.uid}.json")
    return TomoBatchError("busy-there", f"{what} If that station is gone for good, delete {file}.")
