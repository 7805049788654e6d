"""``tomobatch cor set``, ``save`` and ``load``."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from tomobatch.cli.show import console, folder_of, warn
from tomobatch.config.places import own_program
from tomobatch.cor.table import CorSource
from tomobatch.cor.value import parse_cor
from tomobatch.errors import TomoBatchError
from tomobatch.scans.catalogue import Catalogue
from tomobatch.worker.client import Worker
from tomobatch.workspace import Workspace


def change_cors(arguments: argparse.Namespace, _: list[str]) -> int:
    """Change, save or load the COR table of a folder."""
    asyncio.run(_change(arguments))
    return 0


async def _change(arguments: argparse.Namespace) -> None:
    folder = folder_of(arguments.folder)
    worker = Worker((*own_program(), "_worker"))
    try:
        workspace = Workspace(folder, worker)
        if arguments.action == "set":
            await _set(workspace, worker, arguments.file, arguments.value)
        else:
            (_save if arguments.action == "save" else _load)(workspace, arguments.csv)
    finally:
        await worker.close()


async def _set(workspace: Workspace, worker: Worker, file: str, value: str) -> None:
    name = Path(file).name
    catalogue = Catalogue(workspace.folder, worker)
    found = next((scan for scan in await catalogue.files() if scan.name == name), None)
    if found is None:
        raise TomoBatchError("scan-missing", f"There is no scan {name} in {workspace.folder}.")
    layout = (await catalogue.inspect(found)).layout
    cor_px = parse_cor(value, layout.columns if layout else None)
    workspace.cors.set_cors({name: cor_px}, CorSource.TYPED)
    console().print(f"{found.shown_name}: COR {cor_px:g}", markup=False)


def _csv(workspace: Workspace, named: str | None) -> Path:
    return Path(named).absolute() if named else workspace.csv_path


def _save(workspace: Workspace, named: str | None) -> None:
    path = _csv(workspace, named)
    count = workspace.save_csv(path)
    console().print(f"{count} CORs saved to {path}", markup=False)


def _load(workspace: Workspace, named: str | None) -> None:
    path = _csv(workspace, named)
    count, problems = workspace.load_csv(path)
    warn(problems)
    console().print(f"{count} CORs loaded from {path}", markup=False)
