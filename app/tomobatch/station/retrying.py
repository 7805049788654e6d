"""Running jobs once more: what was asked then, of the scans and CORs as they are now."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tomobatch.batch.again import undone
from tomobatch.batch.chunks import Chunks
from tomobatch.batch.job import JobRow
from tomobatch.cor.table import CorEntry, CorTable
from tomobatch.errors import TomoBatchError
from tomobatch.recon.chunk import GPU_MEMORY, OPTION, retry_words, smaller_chunk
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.options import Value
from tomobatch.recon.request import ReconRequest
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


def smaller_again(jobs: Iterable[JobRow]) -> list[JobRow]:
    """Of jobs of one scan those that ran out of GPU memory, and may do with half of what they had there."""
    return [row for row in undone(jobs) if next_chunk(row)]


def next_chunk(row: JobRow) -> int:
    """Half of the chunk of a job that ran out of GPU memory; 0 of any other, and where that is too little."""
    if row.code != GPU_MEMORY or row.slot is None:
        return 0
    try:
        return smaller_chunk(_request(row), row.slot.chunk)
    except TomoBatchError:
        # Another version of the program queued it.
        return 0


def retry_text(row: JobRow) -> str:
    """What the button says that runs such a job again: ``Retry with chunk 4``."""
    return retry_words(_request(row), next_chunk(row))


def options_with_half(row: JobRow, engine: Engine, chunks: Chunks) -> dict[str, Value]:
    """Options of a job for another run: with half of the chunk where the GPU's memory was too small for it.

    That is remembered for this GPU.
    """
    options = options_again(row, engine)
    if engine.uses_gpu and row.slot is not None and next_chunk(row):
        options[OPTION] = chunks.halve(_request(row), row.job.machine, row.slot)
    return options


def _request(row: JobRow) -> ReconRequest:
    return ReconRequest.from_dict(row.job.request)


@dataclass(frozen=True)
class ScansNow:
    """Scans as they are now.

    Attributes
    ----------
    scans
        By path, with their CORs but without their results; those that are gone are left out.
    problems
        Why a folder cannot be read, by its path.
    """

    scans: dict[Path, ScanRow] = field(default_factory=dict)
    problems: dict[Path, str] = field(default_factory=dict)

    def missing(self, jobs: Iterable[JobRow]) -> list[str]:
        """What is said of jobs whose scans are not among these, each sentence once."""
        left = [row for row in jobs if Path(row.job.path) not in self.scans]
        said = (self.problems.get(Path(row.job.path).parent) or _gone_text(row) for row in left)
        return list(dict.fromkeys(said))


async def scans_now(worker: Worker, paths: Collection[Path]) -> ScansNow:
    """Look at scans; a folder that cannot be read keeps nobody from those of the others."""
    by_folder = defaultdict(set)
    for path in paths:
        by_folder[path.parent].add(path)
    now = ScansNow()
    for folder, wanted in by_folder.items():
        try:
            now.scans.update(await _scans_in(folder, wanted, worker))
        except TomoBatchError as error:
            now.problems[folder] = error.sentence
    return now


async def _scans_in(folder: Path, wanted: Collection[Path], worker: Worker) -> dict[Path, ScanRow]:
    catalogue = Catalogue(folder, worker)
    files = [file for file in await catalogue.files() if file.path in wanted]
    cors = await asyncio.to_thread(_cors_of, folder)
    found = catalogue.scans(files=files)
    return {scan.file.path: ScanRow(scan, cors.get(scan.file.name), ()) async for scan in found}


def _cors_of(folder: Path) -> dict[str, CorEntry]:
    return dict(CorTable(folder).entries)


def _gone_text(row: JobRow) -> str:
    return f"{row.job.file_name} is not there any more, and its {row.job.kind.word} is not run again."
