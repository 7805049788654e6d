"""``tomobatch remove``: deletes scans from disk, after the same checks as the window."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from tomobatch.cli.exits import EXIT_FAILED
from tomobatch.cli.show import console, folder_of, warn
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.scans.catalogue import Catalogue
from tomobatch.scans.scan import Scan
from tomobatch.station.removing import Check, Remover, Target
from tomobatch.station.station import Station
from tomobatch.station.words import size_text
from tomobatch.worker.client import Worker
from tomobatch.workspace import Workspace


def remove_scans(arguments: argparse.Namespace, _: list[str]) -> int:
    """Delete scans; 1 where one of them was not deleted."""
    return asyncio.run(_remove(arguments))


async def _remove(arguments: argparse.Namespace) -> int:
    folder = folder_of(arguments.folder)
    async with Station() as station:
        targets = await _targets(folder, station.looking, arguments.files)
        remover = Remover(station.looking, station.journal, station.marking.station)
        check = await remover.check(folder, targets, lambda *_: None)
        warn(error.sentence for error in check.refused.values())
        warn(check.unsearched)
        if not check.files:
            return EXIT_FAILED
        _confirm(check, arguments.yes)
        complete = await _delete(remover, check, station.looking)
    return 0 if complete and len(check.files) == len(targets) else EXIT_FAILED


async def _targets(folder: Path, worker: Worker, names: list[str]) -> list[Target]:
    """The scans of these names; TomoBatchError ``scan-missing`` names one that is not there."""
    catalogue = Catalogue(folder, worker)
    files = {file.name: file for file in await catalogue.files()}
    wanted = dict.fromkeys(_name_in(folder, name) for name in names)
    for name in wanted:
        if name not in files:
            raise TomoBatchError("scan-missing", f"There is no scan {shown(name)} in {folder}.")
    scans: dict[str, Scan] = {}
    async for scan in catalogue.scans(files=[files[name] for name in wanted]):
        scans[scan.file.name] = scan
    return [Target(files[name], scans.get(name)) for name in wanted]


def _name_in(folder: Path, text: str) -> str:
    """The name of a file of this folder; a path to another folder's file is never taken for it."""
    parent, name = os.path.split(text)
    if parent and os.path.realpath(parent) != os.path.realpath(folder):
        raise TomoBatchError("scan-missing", f"{shown(text)} does not lie in {folder}: nothing was deleted.")
    return name


def _confirm(check: Check, sure: bool) -> None:
    """Have the number of files typed; TomoBatchError ``not-confirmed``."""
    if sure:
        return
    count, size = len(check.files), size_text(sum(file.size_bytes for file in check.files.values()))
    if not sys.stdin.isatty():
        raise TomoBatchError("not-confirmed", f"{_files(count)} would be deleted ({size}): --yes says so.")
    for file in check.files.values():
        console().print(file.shown_name, markup=False)
    sys.stdout.write(f"{_files(count)}, {size}, are deleted from disk for good. Type {count} to go on: ")
    sys.stdout.flush()
    if sys.stdin.readline().strip() != str(count):
        raise TomoBatchError("not-confirmed", "Nothing was deleted.")


async def _delete(remover: Remover, check: Check, worker: Worker) -> bool:
    deleted, failed = list[str](), list[str]()

    def told(name: str, error: TomoBatchError | None) -> None:
        if error is None:
            deleted.append(name)
            console().print(f"{shown(name)}: deleted from disk", markup=False)
        else:
            failed.append(name)
            warn([error.sentence])

    try:
        await remover.delete(check, told, asyncio.Event())
    finally:
        if deleted:
            Workspace(check.folder, worker).forget_cors(deleted)
    return not failed


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
