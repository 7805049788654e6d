"""An open data folder: its scans, their CORs, and the results that lie beside it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tomobatch.cor.csv_file import CSV_NAME, drop_lines, write_csv
from tomobatch.cor.csv_sync import NO_ANSWERS, Answers, CsvSync, Question, Saved
from tomobatch.cor.known_scans import KnownScans
from tomobatch.cor.other_files import OtherCors, read_other_csv
from tomobatch.cor.table import CorEntry, CorSource, CorTable, Identity
from tomobatch.errors import TomoBatchError
from tomobatch.names import natural_key
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import Result, ResultState
from tomobatch.scans.catalogue import Catalogue
from tomobatch.scans.listing import is_scan_name
from tomobatch.scans.scan import Scan, ScanFile, ScanState
from tomobatch.worker.client import Worker

RESULTS = "tomobatch.recon.results:inspect_results"


@dataclass(frozen=True)
class ScanRow:
    """A scan with all that is known of it, at one moment.

    Attributes
    ----------
    cor
        None when the table has none, or one that is not believed: then `doubt` says why.
    results
        What lies on disk for it.
    doubt, doubt_mark
        ``its COR 1024.5 is of another scan of this name`` and ``of another scan``, or empty texts.
    """

    scan: Scan
    cor: CorEntry | None
    results: tuple[Result, ...]
    doubt: str = field(default="", init=False)
    doubt_mark: str = field(default="", init=False)

    def __post_init__(self) -> None:
        if self.cor is not None and (doubt := doubt_of(self.cor, self.scan)):
            object.__setattr__(self, "doubt", doubt.why)
            object.__setattr__(self, "doubt_mark", doubt.mark)
            object.__setattr__(self, "cor", None)

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


class Doubt(NamedTuple):
    """Why a COR is not believed: part of a sentence, and a mark for where there is little room."""

    why: str
    mark: str


def doubt_of(cor: CorEntry, scan: Scan) -> Doubt | None:
    """Why a scan's COR is not believed, None where it is."""
    if not cor.is_of(identity_of(scan)):
        return Doubt(f"its COR {cor.value_px:g} is of another scan of this name", "of another scan")
    columns = scan.layout.columns if scan.layout else None
    if columns is not None and cor.value_px > columns - 1:
        why = f"its COR {cor.value_px:g} lies outside its detector, 0 to {columns - 1}"
        return Doubt(why, f"outside 0–{columns - 1}")
    return None


def identity_of(scan: Scan) -> Identity | None:
    """Which file a scan is; None while it is being written, when it changes without being another."""
    if scan.state is ScanState.ACQUIRING:
        return None
    return Identity(scan.file.size_bytes, scan.file.mtime_ns)


def doubts(cors: Mapping[str, CorEntry], scans: Iterable[Scan]) -> list[str]:
    """A sentence for each scan whose COR is not believed."""
    found = ((scan, doubt_of(cors[scan.file.name], scan)) for scan in scans if scan.file.name in cors)
    return [f"{scan.file.shown_name}: {doubt.why}." for scan, doubt in found if doubt is not None]


def known_scans(scans: Iterable[Scan]) -> KnownScans:
    """What CORs from outside are held against."""
    seen = list(scans)
    files = {scan.file.name: file for scan in seen if (file := identity_of(scan)) is not None}
    return KnownScans(files, {scan.file.name: scan.layout.columns for scan in seen if scan.layout})


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
        self.csv = CsvSync(folder, folder / CSV_NAME, self.cors)
        self._worker = worker
        self._catalogue = catalogue or Catalogue(folder, worker)

    @property
    def csv_path(self) -> Path:
        """Where CORs are saved to and loaded from unless another file is named."""
        return self.csv.path

    async def load(self) -> list[ScanRow]:
        """All scans in natural order, with their CORs and results."""
        scans = [scan async for scan in self._catalogue.scans()]
        scans.sort(key=lambda scan: natural_key(scan.file.name))
        cors, worker = self.cors.entries, self._worker
        return [
            ScanRow(scan, cors.get(scan.file.name), await results_of(worker, scan.file)) for scan in scans
        ]

    def load_csv_by_itself(self, known: KnownScans = KnownScans()) -> list[str]:  # noqa: B008 - frozen
        """Take over the folder's CSV where there is one; gives sentences about what a person should know of.

        A COR that was typed, picked or found here and differs from the CSV's stays: it may be newer.
        """
        notes = [self.cors.problem] if self.cors.problem else []
        return notes + self.csv.load_by_itself(known)

    def load_csv(
        self,
        path: Path | None = None,
        known: KnownScans = KnownScans(),  # noqa: B008
    ) -> tuple[Collection[str], list[str]]:
        """Take over a CSV, whatever the table said; the folder's own where none is named.

        Gives the names it has a COR for, and sentences about the lines that were not used.
        """
        if path is None or path == self.csv_path:
            return self.csv.load(known)
        return self.take_over(read_other_csv(path), known)

    def take_over(
        self,
        found: OtherCors,
        known: KnownScans = KnownScans(),  # noqa: B008
    ) -> tuple[Collection[str], list[str]]:
        """Take over CORs that another program wrote; as `load_csv`."""
        cors_px, outside = known.inside(found.cors_px)
        self.cors.set_cors(cors_px, CorSource.FILE, known.looked_up(self.folder, cors_px))
        return cors_px.keys(), [*found.problems, *outside.values()]

    def save_csv(
        self,
        answers: Answers = NO_ANSWERS,
        known: KnownScans = KnownScans(),  # noqa: B008
    ) -> Saved | Question:
        """Save all CORs, those of files that are not here now too; see `CsvSync.save`."""
        return self.csv.save(answers, known)

    def save_copy(self, path: Path) -> int:
        """Write all CORs to another file than the folder's CSV; gives their number.

        TomoBatchError ``csv-not-written``, also where that would write over a scan.
        """
        if any(is_scan_name(os.path.basename(one)) for one in (path, os.path.realpath(path))):  # noqa: PTH119
            sentence = f"{path} is the name of a scan: CORs are not written there. Choose another name."
            raise TomoBatchError("csv-not-written", sentence)
        cors_px = {name: entry.value_px for name, entry in self.cors.entries.items()}
        write_csv(path, cors_px)
        return len(cors_px)

    def forget_cors(self, names: Collection[str]) -> None:
        """Take the CORs of scans that were deleted out of the table, and their lines out of the folder's CSV.

        TomoBatchError as `CorTable.remove`, ``csv-unreadable``, ``csv-not-written``.
        """
        self.cors.remove(names)
        if self.csv_path.is_file():
            drop_lines(self.csv_path, frozenset(names))
        self.csv.forget(names)


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
