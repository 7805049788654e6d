"""Earlier results that are kept beside the one that took their place, each named by the job that made it."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import HDF5, TIFF, final_place
from tomobatch.recon.receipt import RECEIPT_FILE, Receipt, read_receipt

_H5 = ".h5"
_MARK = ".kept-"
_BEFORE = ".before-"
_JOB = re.compile(r"[A-Za-z0-9_-]+")


def kept_place(final: Path, job_id: str) -> Path | None:
    """Where the result of a job is kept once another takes its place; None where that is no job's name.

    ``tooth_rec`` → ``tooth_rec.kept-<job>``, ``tooth_rec.h5`` → ``tooth_rec.kept-<job>.h5``: no result of any
    scan has such a name, nor is it one of a run under way.
    """
    if not _JOB.fullmatch(job_id):
        return None
    stem, ending = _parts(final)
    return final.with_name(f"{stem}{_MARK}{job_id}{ending}")


def before_place(final: Path, job_id: str) -> Path:
    """Where a result is kept that no job's name stands for, once that of a job takes its place."""
    stem, ending = _parts(final)
    return final.with_name(f"{stem}{_BEFORE}{job_id}{ending}")


def kept_job(final: Path, name: str) -> str | None:
    """The job whose result is kept under a name beside a final place; None for any other name."""
    stem, ending = _parts(final)
    inner = name.removeprefix(stem + _MARK).removesuffix(ending)
    whole = f"{stem}{_MARK}{inner}{ending}"
    return inner if name == whole and _JOB.fullmatch(inner) else None


def _parts(final: Path) -> tuple[str, str]:
    name = final.name
    return (name.removesuffix(_H5), _H5) if name.endswith(f"_rec{_H5}") else (name, "")


def finals_of(scan_path: Path, kind: Kind) -> tuple[Path, ...]:
    """All places that a Try or a Full of a scan may take."""
    formats = (TIFF,) if kind is Kind.TRY else (TIFF, HDF5)
    return tuple(final_place(scan_path, kind, save_format) for save_format in formats)


def kept_receipt(scan_path: Path, kind: Kind, name: str) -> tuple[Path, Receipt] | None:
    """Place and receipt of a result that is kept for this very scan; None where the name means nothing else.

    The receipt must name the job and the scan: a folder that only happens to be called so is nobody's.
    """
    for final in finals_of(scan_path, kind):
        job_id = kept_job(final, name)
        if job_id is None or final.with_name(name).is_symlink():
            continue
        place = final.with_name(name)
        receipt = read_receipt(place)
        if receipt is not None and (receipt.job_id, _scan_of(receipt)) == (job_id, scan_path.name):
            return place, receipt
    return None


def _scan_of(receipt: Receipt) -> str:
    return Path(receipt.scan.path).name


def remove_kept(scan_path: str, kind: str, name: str) -> dict[str, Any]:
    """Remove a kept result from disk; runs in the worker process.

    Parameters
    ----------
    scan_path
        Absolute.
    kind
        ``try`` or ``full``.
    name
        Of the place.

    Returns
    -------
    dict
        ``removed``: the place.

    Raises
    ------
    TomoBatchError
        ``not-kept`` for whatever is no kept result of this scan, ``cannot-remove``.
    """
    found = kept_receipt(Path(scan_path), Kind(kind), name)
    if found is None:
        sentence = f"{shown(name)} is not removed: it is no earlier result of {shown(Path(scan_path).name)}."
        raise TomoBatchError("not-kept", sentence)
    place, receipt = found
    try:
        _remove(place, receipt)
    except OSError as error:
        sentence = f"{shown(place)} could not be removed: {error.strerror or error}."
        raise TomoBatchError("cannot-remove", sentence) from error
    return {"removed": os.fspath(place)}


def _remove(place: Path, receipt: Receipt) -> None:
    if place.is_file():
        place.unlink()
        return
    # The receipt goes last: cut off before, what is left can still be removed.
    for name in (*receipt.files, "rec_line.txt", RECEIPT_FILE):
        if Path(name).name == name:
            (place / name).unlink(missing_ok=True)
    try:
        place.rmdir()
    except OSError as error:
        # Somebody put something beside it, which is not ours to remove.
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise
