"""``tomobatch list`` and ``tomobatch demo``."""

from __future__ import annotations

import argparse
import asyncio
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tomobatch.batch.job import JobRow
from tomobatch.cli.show import console, folder_of, print_json, table, warn
from tomobatch.station.on_disk import other_cor
from tomobatch.station.station import Station
from tomobatch.station.status import Status, status_of
from tomobatch.station.words import cor_text, size_text
from tomobatch.workspace import ScanRow, Workspace


def list_scans(arguments: argparse.Namespace, _: list[str]) -> int:
    """Print the scans of a folder."""
    folder = folder_of(arguments.folder)
    rows = asyncio.run(_load(folder))
    if arguments.json:
        print_json([_as_json(row, status) for row, status in rows])
    elif rows:
        console().print(_as_table(rows))
    else:
        console().print(f"No scans (.h5, .hdf5, .hdf, .nxs) in {folder}", markup=False)
    return 0


async def _load(folder: Path) -> list[tuple[ScanRow, Status]]:
    async with Station() as station:
        workspace = Workspace(folder, station.looking)
        warn(workspace.load_csv_by_itself())
        jobs: defaultdict[str, list[JobRow]] = defaultdict(list)
        for job in station.journal.rows():
            jobs[job.job.path].append(job)
        rows = await workspace.load()
        return [(row, status_of(row, jobs[str(row.scan.file.path)])) for row in rows]


def _shape(row: ScanRow) -> str:
    layout = row.scan.layout
    return f"{layout.angles} × {layout.rows} × {layout.columns}" if layout else ""


def _as_table(rows: list[tuple[ScanRow, Status]]) -> object:
    lines = []
    for row, status in rows:
        cor = cor_text(row.cor.value_px) if row.cor else "–"
        source = row.cor.source.value if row.cor else ""
        name, size = row.scan.file.shown_name, size_text(row.scan.file.size_bytes)
        note = "; ".join(filter(None, (status.note, row.doubt, other_cor(row))))
        lines.append((name, _shape(row), size, cor, source, status.words, note))
    titles = ("Filename", "Shape", "Size", "COR", "from", "Status", "")
    return table(titles, lines, right=("Size", "COR"))


def _as_json(row: ScanRow, status: Status) -> dict[str, Any]:
    layout = row.scan.layout
    return {
        "file": row.scan.file.name,
        "state": row.scan.state.value,
        "reason": row.scan.reason,
        "shape": [layout.angles, layout.rows, layout.columns] if layout else None,
        "size_bytes": row.scan.file.size_bytes,
        "cor_px": row.cor.value_px if row.cor else None,
        "cor_source": row.cor.source.value if row.cor else None,
        "cor_doubt": row.doubt,
        "status": status.words,
        "note": status.note,
        "results": [asdict(result) for result in row.results],
    }


def make_demo(arguments: argparse.Namespace, _: list[str]) -> int:
    """Write demo scans."""
    from tomobatch.formats.demo import write_demo_scans

    folder = Path(arguments.folder).absolute()
    made = write_demo_scans(folder, arguments.scans, arguments.size)
    lines = [(scan.path.name, f"{scan.cor_px:.2f}") for scan in made]
    console().print(table(("Filename", "true COR"), lines, right=("true COR",)))
    console().print(f"{len(made)} demo scans in {folder}; their CORs are in true_cor.csv", markup=False)
    return 0
