"""Running jobs once more: what was asked then, of the scans and CORs as they are now."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from tomobatch.batch.job import JobRow
from tomobatch.cor.table import CorEntry, CorTable
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.options import Value
from tomobatch.scans.catalogue import Catalogue
from tomobatch.station.preparing import AUTO_COR
from tomobatch.worker.client import Worker
from tomobatch.workspace import ScanRow


def options_again(row: JobRow, engine: Engine) -> dict[str, Value]:
    """Options of a job for another run; a search for the COR alone hangs on the engine."""
    options = dict(row.job.request.get("options", {}))
    if engine.kind is not EngineKind.CPU:
        options.pop(AUTO_COR, None)
    return options


async def scans_now(worker: Worker, paths: Collection[Path]) -> dict[Path, ScanRow]:
    """Scans as they are now, with their CORs but without their results; those that are gone are left out.

    TomoBatchError where a folder cannot be read.
    """
    by_folder = defaultdict(set)
    for path in paths:
        by_folder[path.parent].add(path)
    found = {}
    for folder, wanted in by_folder.items():
        catalogue = Catalogue(folder, worker)
        files = [file for file in await catalogue.files() if file.path in wanted]
        cors = await asyncio.to_thread(_cors_of, folder)
        async for scan in catalogue.scans(files=files):
            found[scan.file.path] = ScanRow(scan, cors.get(scan.file.name), ())
    return found


def _cors_of(folder: Path) -> dict[str, CorEntry]:
    return dict(CorTable(folder).entries)


def gone_text(row: JobRow) -> str:
    """What is said of a job whose scan is not there any more."""
    return f"{row.job.file_name} is not there any more, and its {row.job.kind.word} is not run again."
