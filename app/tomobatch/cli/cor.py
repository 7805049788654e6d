"""``tomobatch cor set``, ``save`` and ``load``."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Collection
from pathlib import Path

from tomobatch.cli.show import console, folder_of, warn
from tomobatch.config.places import worker_program
from tomobatch.cor.csv_sync import Answers, Question
from tomobatch.cor.merge import Conflict
from tomobatch.cor.other_files import read_center_txt, read_rot_cen
from tomobatch.cor.table import CorSource
from tomobatch.cor.value import parse_cor
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.scans.catalogue import Catalogue
from tomobatch.worker.client import Worker
from tomobatch.workspace import Workspace, known_scans

SHOWN_PROBLEMS = 5


def change_cors(arguments: argparse.Namespace, _: list[str]) -> int:
    """Change, save or load the COR table of a folder; 1 where a line of a CSV could not be used."""
    return asyncio.run(_change(arguments))


async def _change(arguments: argparse.Namespace) -> int:
    folder = folder_of(arguments.folder)
    worker = Worker(worker_program())
    try:
        workspace = Workspace(folder, worker)
        if arguments.action == "set":
            return await _set(workspace, worker, arguments.file, arguments.value)
        named = _named(workspace, arguments.csv)
        if arguments.action == "save":
            return _save(workspace, named, arguments.keep)
        return await _load(workspace, worker, named)
    finally:
        await worker.close()


async def _set(workspace: Workspace, worker: Worker, file: str, value: str) -> int:
    name = Path(file).name
    catalogue = Catalogue(workspace.folder, worker)
    found = next((scan for scan in await catalogue.files() if scan.name == name), None)
    if found is None:
        raise TomoBatchError("scan-missing", f"There is no scan {name} in {workspace.folder}.")
    known = known_scans([scan async for scan in catalogue.scans(files=[found])])
    cor_px = parse_cor(value, known.columns.get(name))
    workspace.cors.set_cors({name: cor_px}, CorSource.TYPED, known.files)
    console().print(f"{found.shown_name}: COR {cor_px:g}", markup=False)
    return 0


def _named(workspace: Workspace, csv: str | None) -> Path:
    return Path(csv).absolute() if csv else workspace.csv_path


def _save(workspace: Workspace, path: Path, keep: str | None) -> int:
    if path != workspace.csv_path:
        console().print(f"{_cors(workspace.save_copy(path))} saved to {path}", markup=False)
        return 0
    answer = workspace.save_csv()
    if isinstance(answer, Question):
        warn(answer.losses)
    if isinstance(answer, Question) and keep is not None:
        decided = dict.fromkeys(answer.conflicts, keep == "theirs")
        answer = workspace.save_csv(Answers(decided, frozenset(answer.losses)))
    if isinstance(answer, Question):
        warn(map(_conflict, answer.conflicts))
        raise TomoBatchError("csv-changed", f"{path} was not written: give --keep=mine or --keep=theirs.")
    console().print(f"{_cors(answer.count)} saved to {path}", markup=False)
    return 0


def _conflict(one: Conflict) -> str:
    ours = "no COR" if one.ours_px is None else f"{one.ours_px:g}"
    theirs = "no COR" if one.theirs_px is None else f"{one.theirs_px:g}"
    return f"{shown(one.name)}: {ours} here, {theirs} in the CSV, which another program has changed."


async def _load(workspace: Workspace, worker: Worker, path: Path) -> int:
    there = {file.name for file in await Catalogue(workspace.folder, worker).files()}
    loaded, problems = _taken_over(workspace, path, there)
    warn(problems[:SHOWN_PROBLEMS])
    if len(problems) > SHOWN_PROBLEMS:
        warn([f"… and {len(problems) - SHOWN_PROBLEMS} more lines that cannot be used"])
    strangers = sorted(name for name in loaded if name not in there)
    warn(
        f"{name} is no scan of this folder; its COR is kept for later." for name in strangers[:SHOWN_PROBLEMS]
    )
    console().print(f"{_cors(len(loaded))} loaded from {path}", markup=False)
    return 1 if problems or not loaded else 0


def _taken_over(
    workspace: Workspace, path: Path, there: Collection[str]
) -> tuple[Collection[str], list[str]]:
    if path.suffix == ".json":
        return workspace.take_over(read_rot_cen(path, workspace.folder))
    if path.suffix == ".txt":
        return workspace.take_over(read_center_txt(path, workspace.folder, there, None))
    return workspace.load_csv(path)


def _cors(count: int) -> str:
    return "1 COR" if count == 1 else f"{count} CORs"
