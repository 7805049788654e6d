"""``tomobatch cor set``, ``save`` and ``load``."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from tomobatch.cli.show import console, folder_of, warn
from tomobatch.config.places import worker_program
from tomobatch.cor.table import CorSource
from tomobatch.cor.value import parse_cor
from tomobatch.errors import TomoBatchError
from tomobatch.scans.catalogue import Catalogue
from tomobatch.worker.client import Worker
from tomobatch.workspace import Workspace

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
        if arguments.action == "save":
            return _save(workspace, arguments.csv)
        return await _load(workspace, worker, arguments.csv)
    finally:
        await worker.close()


async def _set(workspace: Workspace, worker: Worker, file: str, value: str) -> int:
    name = Path(file).name
    catalogue = Catalogue(workspace.folder, worker)
    found = next((scan for scan in await catalogue.files() if scan.name == name), None)
    if found is None:
        raise TomoBatchError("scan-missing", f"There is no scan {name} in {workspace.folder}.")
    layout = (await catalogue.inspect(found)).layout
    cor_px = parse_cor(value, layout.columns if layout else None)
    workspace.cors.set_cors({name: cor_px}, CorSource.TYPED)
    console().print(f"{found.shown_name}: COR {cor_px:g}", markup=False)
    return 0


def _csv(workspace: Workspace, named: str | None) -> Path:
    return Path(named).absolute() if named else workspace.csv_path


def _save(workspace: Workspace, named: str | None) -> int:
    path = _csv(workspace, named)
    count = workspace.save_csv(path)
    console().print(f"{_cors(count)} saved to {path}", markup=False)
    return 0


async def _load(workspace: Workspace, worker: Worker, named: str | None) -> int:
    path = _csv(workspace, named)
    loaded, problems = workspace.load_csv(path)
    warn(problems[:SHOWN_PROBLEMS])
    if len(problems) > SHOWN_PROBLEMS:
        warn([f"… and {len(problems) - SHOWN_PROBLEMS} more lines that cannot be used"])
    there = {file.name for file in await Catalogue(workspace.folder, worker).files()}
    strangers = sorted(name for name in loaded if name not in there)
    warn(
        f"{name} is no scan of this folder; its COR is kept for later." for name in strangers[:SHOWN_PROBLEMS]
    )
    console().print(f"{_cors(len(loaded))} loaded from {path}", markup=False)
    return 1 if problems or not loaded else 0


def _cors(count: int) -> str:
    return "1 COR" if count == 1 else f"{count} CORs"
