"""From a scan in a table to a job: a snapshot of all that its run rests on."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tomobatch.batch.job import Job, new_uid
from tomobatch.cor.table import CorSource
from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import Engine, Offer
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import Value
from tomobatch.recon.request import ScanFile, make_request
from tomobatch.recon.results import refuse_taken
from tomobatch.scans.scan import ScanState
from tomobatch.station.slot_book import slot_kind
from tomobatch.station.words import without_name
from tomobatch.workspace import ScanRow

AUTO_COR = "rotation-axis-auto"


@dataclass(frozen=True)
class Prepared:
    """A job that may be queued.

    Attributes
    ----------
    disk_bytes
        Forecast of the space its result needs.
    notes
        Sentences a person should know of.
    """

    job: Job
    disk_bytes: int
    notes: tuple[str, ...]


def refuse_busy(kind: Kind, scan: ScanRow, busy: Collection[tuple[str, Kind]]) -> None:
    """TomoBatchError ``already-queued`` for a scan whose Try or Full is among those that wait or run."""
    if (str(scan.scan.file.path), kind) in busy:
        sentence = f"{scan.scan.file.shown_name} is not queued again: its {kind.word} waits or runs already."
        raise TomoBatchError("already-queued", sentence)


def prepare(
    kind: Kind,
    row: ScanRow,
    machine: str,
    engine: tuple[Engine, Offer],
    options: Mapping[str, Value],
    *,
    keep: bool = False,
) -> Prepared:
    """Make a job of a scan, or refuse it with a TomoBatchError that names the scan and the reason.

    With `keep` the result that is there now is kept beside the new one.
    """
    scan, name = row.scan, row.scan.file.shown_name
    if scan.state is not ScanState.READY or scan.layout is None:
        raise TomoBatchError("not-ready", f"{name} is {scan.state.value}: {without_name(scan.reason, name)}")
    wanted, notes = _about_cor(kind, row, options)
    if row.doubt and kind is Kind.FULL and wanted.get(AUTO_COR) != "auto":
        sentence = f"{scan.file.shown_name} is not run: {row.doubt}. Look at a Try of it and set the COR."
        raise TomoBatchError("no-cor", sentence)
    uid = new_uid()
    request = make_request(
        job_id=uid,
        scan=ScanFile(str(scan.file.path), scan.file.size_bytes, scan.file.mtime_ns, scan.file.inode),
        layout=scan.layout.kind,
        kind=kind,
        cor_px=row.cor.value_px if row.cor else None,
        cor_source=row.cor.source.value if row.cor else "middle",
        shape=(scan.layout.angles, scan.layout.rows, scan.layout.columns),
        options=wanted,
        engine=engine[0],
        offer=engine[1],
        keep=keep,
    )
    refuse_taken(row.results, request.final, scan.file.name)
    path, where = str(scan.file.path), slot_kind(engine[0])
    job = Job(uid, kind, path, machine, where, request.to_dict(), time.time())
    return Prepared(job, request.expected(request.cor_px).disk_bytes, notes)


def _about_cor(
    kind: Kind, row: ScanRow, options: Mapping[str, Value]
) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Options that fit what is known of the COR: what a person set is not searched for again."""
    wanted, name = dict(options), row.scan.file.shown_name
    if row.cor and row.cor.source is not CorSource.AUTOMATIC and wanted.pop(AUTO_COR, None):
        return wanted, (f"{name}: its COR {row.cor.value_px:g} ({row.cor.source}) is used.",)
    if kind is Kind.TRY and row.cor is None and wanted.get(AUTO_COR) != "auto":
        why = f"{name}: {row.doubt}" if row.doubt else f"{name} has no COR"
        return wanted, (f"{why}: its Try starts from the middle.",)
    return wanted, ()
