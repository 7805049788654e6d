"""What lies on disk for a scan: made by TomoBatch and complete, made of another file, or made elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import h5py

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import open_hdf5
from tomobatch.names import alike, shown
from tomobatch.recon.judge import DATASET
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import HDF5, TIFF, final_place
from tomobatch.recon.receipt import Receipt, read_receipt
from tomobatch.recon.request import ScanFile

_PICTURES = {
    Kind.TRY: re.compile(r"recon_slice\d+_center(?P<cor_px>-?\d+(\.\d+)?)\.tiff?"),
    Kind.FULL: re.compile(r"recon_\d+\.tiff?"),
}


class ResultState(StrEnum):
    """Complete by its receipt; incomplete against it; made of another file of this name; or without one."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    STALE = "of another file"
    ELSEWHERE = "made elsewhere"


@dataclass(frozen=True)
class Result:
    """A result on disk.

    Parameters
    ----------
    kind, place
        Try or Full, and the folder or HDF5 file it lies in.
    state
        Whether it can be trusted.
    count
        Pictures there; for an HDF5 volume its rows.
    expected
        Pictures its receipt lists; None without a receipt, and for a volume.
    cor_px, cor_source, job_id, scan
        From the receipt: what it was made with, and the scan's file as it was then.
    candidates_px
        Lowest and highest COR that a Try shows by its receipt; None for anything else.
    """

    kind: Kind
    place: str
    state: ResultState
    count: int
    expected: int | None = None
    cor_px: float | None = None
    cor_source: str = ""
    job_id: str = ""
    scan: ScanFile | None = None
    candidates_px: tuple[float, float] | None = None

    def as_of(self, size_bytes: int, mtime_ns: int) -> Result:
        """The same where the scan's file is as it was; else `ResultState.STALE`.

        Without a receipt nobody knows what it was made of. The inode is not asked: a folder may be copied.
        """
        then = self.scan
        if then is None or (then.size_bytes, then.mtime_ns) == (size_bytes, mtime_ns):
            return self
        return replace(self, state=ResultState.STALE)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Result:
        """Read what :func:`inspect_results` gives."""
        scan, candidates_px = plain["scan"], plain["candidates_px"]
        return cls(
            **{**plain, "kind": Kind(plain["kind"]), "state": ResultState(plain["state"])}
            | {"scan": None if scan is None else ScanFile(**scan)}
            | {"candidates_px": None if candidates_px is None else tuple(candidates_px)}
        )


def inspect_results(scan_path: str) -> list[dict[str, Any]]:
    """Results of a scan as plain values; runs in the worker process. ``scan_path`` is absolute."""
    return [asdict(result) for result in find_results(Path(scan_path))]


def find_results(scan_path: Path) -> tuple[Result, ...]:
    """Results of a scan: its Try, its Full as pictures, its Full as a volume, where they are."""
    found = (
        _pictures(Kind.TRY, final_place(scan_path, Kind.TRY)),
        _pictures(Kind.FULL, final_place(scan_path, Kind.FULL, TIFF)),
        _volume(final_place(scan_path, Kind.FULL, HDF5)),
    )
    results = [result for result in found if result is not None]
    if not results:
        return ()
    try:
        now = scan_path.stat()
    except OSError:
        # It is gone: that is said elsewhere.
        return tuple(results)
    return tuple(result.as_of(now.st_size, now.st_mtime_ns) for result in results)


def refuse_taken(results: Iterable[Result], final: str, scan_name: str) -> None:
    """TomoBatchError ``place-taken`` where a result would replace that of another scan.

    Some file systems tell names apart neither by upper and lower case nor by how an accent is written: there
    ``A.h5`` and ``a.h5`` have one place for both their results.
    """
    for result in results:
        if result.place == final and result.scan is not None:
            refuse_other_scan(result.kind, final, Path(result.scan.path).name, scan_name)


def refuse_other_scan(kind: Kind, final: str, made_of: str, scan_name: str) -> None:
    """TomoBatchError ``place-taken`` where two names differ, but not to every file system."""
    if made_of == scan_name or not alike(made_of, scan_name):
        return
    raise TomoBatchError(
        "place-taken",
        f"{shown(final)} holds the {kind.word} of {shown(made_of)}, and that of {shown(scan_name)} would "
        "take its place: rename one of the two, so that more than upper and lower case or an accent differs.",
    )


def _pictures(kind: Kind, folder: Path) -> Result | None:
    try:
        names = {entry.name for entry in folder.iterdir()}
    except OSError:
        return None
    receipt = read_receipt(folder)
    if receipt is None:
        count = sum(1 for name in names if _PICTURES[kind].fullmatch(name))
        return Result(kind, str(folder), ResultState.ELSEWHERE, count) if count else None
    count = len(names.intersection(receipt.files))
    state = ResultState.COMPLETE if count == len(receipt.files) else ResultState.INCOMPLETE
    return _by_receipt(kind, folder, state, count, receipt)


def _volume(path: Path) -> Result | None:
    if not path.is_file():
        return None
    receipt, rows = read_receipt(path), _volume_rows(path)
    if receipt is None:
        return Result(Kind.FULL, str(path), ResultState.ELSEWHERE, rows)
    state = ResultState.COMPLETE if rows else ResultState.INCOMPLETE
    return _by_receipt(Kind.FULL, path, state, rows, receipt)


def _by_receipt(kind: Kind, place: Path, state: ResultState, count: int, receipt: Receipt) -> Result:
    volume = place.suffix == ".h5" and place.is_file()
    return Result(
        kind=kind,
        place=str(place),
        state=state,
        count=count,
        expected=None if volume else len(receipt.files),
        cor_px=receipt.cor_px,
        cor_source=receipt.cor_source,
        job_id=receipt.job_id,
        scan=receipt.scan,
        candidates_px=_candidates_px(receipt) if kind is Kind.TRY else None,
    )


def _candidates_px(receipt: Receipt) -> tuple[float, float] | None:
    found = [_PICTURES[Kind.TRY].fullmatch(name) for name in receipt.files]
    cors_px = [float(match["cor_px"]) for match in found if match is not None]
    return (min(cors_px), max(cors_px)) if cors_px else None


def _volume_rows(path: Path) -> int:
    """Rows of a volume; 0 when it cannot be read."""
    try:
        with open_hdf5(path) as file:
            dataset = file.get(DATASET)
            return int(dataset.shape[0]) if isinstance(dataset, h5py.Dataset) and dataset.ndim else 0
    except (TomoBatchError, OSError, RuntimeError, KeyError):
        return 0
