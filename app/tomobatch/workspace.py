"""An open data folder: its scans, their CORs, and the results that lie beside it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tomobatch.cor.csv_file import CSV_NAME, read_csv, write_csv
from tomobatch.cor.table import CorEntry, CorSource, CorTable
from tomobatch.errors import TomoBatchError
from tomobatch.names import natural_key
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import Result, ResultState
from tomobatch.scans.catalogue import Catalogue
from tomobatch.scans.scan import Scan, ScanFile, ScanState
from tomobatch.worker.client import Worker

RESULTS = "tomobatch.recon.results:inspect_results"


@dataclass(frozen=True)
class ScanRow:
    """A scan with all that is known of it, at one moment.

    Attributes
    ----------
    cor
        None when the table has none.
    results
        What lies on disk for it.
    """

    scan: Scan
    cor: CorEntry | None
    results: tuple[Result, ...]

    def result(self, kind: Kind) -> Result | None:
        """The Try or the Full on disk, a complete one before any other."""
        found = [result for result in self.results if result.kind is kind]
        found.sort(key=lambda result: result.state is not ResultState.COMPLETE)
        return found[0] if found else None

    @property
    def status(self) -> str:
        """Status when no job runs or waits: the better of what is complete, Full before Try."""
        if self.scan.state is not ScanState.READY:
            return self.scan.state.value
        for kind in (Kind.FULL, Kind.TRY):
            result = self.result(kind)
            if result is not None and result.state is ResultState.COMPLETE:
                return f"{kind.word} Complete"
        return self.scan.state.value


class Workspace:
    """One data folder.

    Parameters
    ----------
    folder
        Absolute.
    worker
        Looks at files, so that a hung disk cannot hold this process.
    """

    def __init__(self, folder: Path, worker: Worker, catalogue: Catalogue | None = None) -> None:
        self.folder = folder
        self.cors = CorTable(folder)
        self._worker = worker
        self._catalogue = catalogue or Catalogue(folder, worker)

    @property
    def csv_path(self) -> Path:
        """Where CORs are saved to and loaded from unless another file is named."""
        return self.folder / CSV_NAME

    async def load(self) -> list[ScanRow]:
        """All scans in natural order, with their CORs and results."""
        scans = [scan async for scan in self._catalogue.scans()]
        scans.sort(key=lambda scan: natural_key(scan.file.name))
        cors, worker = self.cors.entries, self._worker
        return [
            ScanRow(scan, cors.get(scan.file.name), await results_of(worker, scan.file)) for scan in scans
        ]

    def load_csv_by_itself(self) -> list[str]:
        """Take over the folder's CSV where there is one; gives sentences about what a person should know of.

        A COR that was typed, picked or found here and differs from the CSV's stays: it may be newer.
        """
        notes = [self.cors.problem] if self.cors.problem else []
        if not self.csv_path.is_file():
            return notes
        found = read_csv(self.csv_path)
        notes += [f"{CSV_NAME}, line {bad.number}: {bad.reason}" for bad in found.bad_lines]
        before = self.cors.entries
        for name, mine in self.cors.offer(found.cors_px, CorSource.CSV).items():
            theirs_px = found.cors_px[name]
            notes.append(
                f"{name}: the COR {mine.value_px:g} ({mine.source}) is kept; {CSV_NAME} says {theirs_px:g}."
            )
        for name, cor_px in found.cors_px.items():
            old = before.get(name)
            if old is not None and old.source is CorSource.CSV and old.value_px != cor_px:
                notes.append(f"{name}: the COR {old.value_px:g} was replaced by {cor_px:g} of {CSV_NAME}.")
        return notes

    def load_csv(self, path: Path | None = None) -> tuple[Collection[str], list[str]]:
        """Take over a CSV, whatever the table said.

        Gives the names it has a COR for, and sentences about the lines that were not used.
        """
        path = path or self.csv_path
        found = read_csv(path)
        self.cors.set_cors(found.cors_px, CorSource.CSV)
        problems = [f"{path.name}, line {bad.number}: {bad.reason}" for bad in found.bad_lines]
        problems += [f"{path.name}: {name} has no COR" for name in found.without_cor]
        return found.cors_px.keys(), problems

    def save_csv(self, path: Path | None = None) -> int:
        """Write all CORs of the table, those of files that are not here now too; gives their number."""
        cors_px = {name: entry.value_px for name, entry in self.cors.entries.items()}
        write_csv(path or self.csv_path, cors_px)
        return len(cors_px)


async def results_of(worker: Worker, scan: ScanFile, timeout_s: float = 30.0) -> tuple[Result, ...]:
    """What lies on disk for a scan; nothing where it cannot be looked at just now.

    TomoBatchError ``worker-closed`` when the program ends.
    """
    try:
        found = await worker.call(
            RESULTS, str(scan.path), timeout_s=timeout_s, about=f"the results of {scan.shown_name}"
        )
    except TomoBatchError as error:
        if error.code == "worker-closed":
            raise
        return ()
    return tuple(Result.from_dict(plain) for plain in found)
