"""Receipts: what a result was made with, told by the result itself.

In a folder of pictures the receipt is the file ``tomobatch.json``; in an HDF5 volume it is the attribute
``tomobatch`` of the root group. Whatever else lies there was not made by TomoBatch, or not finished.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import h5py

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import open_hdf5
from tomobatch.recon.request import ReconRequest, ScanFile

RECEIPT_FILE = "tomobatch.json"
RECEIPT_ATTRIBUTE = "tomobatch"
SCHEMA = 1
# More than any receipt of a Full of a hundred thousand slices.
_LARGEST_BYTES = 16 << 20


@dataclass(frozen=True)
class RunFacts:
    """What is known of a run once it has ended.

    Parameters
    ----------
    command
        Argument list it was started with.
    machine, slot
        Where it ran: ``Local``, ``GPU 1 (GPU-5c…)``.
    started, ended
        Seconds since 1970.
    found_cor_px
        The COR the engine found, where it did.
    """

    command: tuple[str, ...]
    machine: str
    slot: str
    started: float
    ended: float
    found_cor_px: float | None = None

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> RunFacts:
        """Read ``dataclasses.asdict`` of it back."""
        return cls(**{**plain, "command": tuple(plain["command"])})


@dataclass(frozen=True)
class Receipt:
    """A receipt, read.

    Parameters
    ----------
    job_id
        The job that made the result.
    cor_px, cor_source
        COR in force and where it came from.
    scan
        The scan's file as it was then.
    files
        Names of the result's files; a viewer shows these and no others.
    plain
        All of it, as written.
    """

    job_id: str
    cor_px: float | None
    cor_source: str
    scan: ScanFile
    files: tuple[str, ...]
    plain: Mapping[str, Any]

    def to_json(self) -> str:
        """Text as it is written."""
        return json.dumps(self.plain, indent=1)


def result_files(request: ReconRequest, found_cor_px: float | None) -> tuple[str, ...]:
    """Names of a result's files: in its folder, or the name of the volume itself."""
    expected = request.expected(found_cor_px)
    return (Path(request.final).name,) if expected.volume_rows else expected.files


def make_receipt(request: ReconRequest, facts: RunFacts, check: str) -> Receipt:
    """Receipt of a run whose outputs were judged good; ``check`` is that verdict's sentence."""
    cor_px = facts.found_cor_px if request.finds_cor else request.cor_px
    plain = {
        "schema": SCHEMA,
        "job": request.job_id,
        "kind": request.kind.value,
        "scan": asdict(request.scan),
        "shape": list(request.shape),
        "cor_px": cor_px,
        "cor_source": "engine" if request.finds_cor else request.cor_source,
        "options": dict(request.options),
        "engine": asdict(request.engine),
        "run": asdict(facts),
        "check": check,
        "slice_shape": list(request.expected(facts.found_cor_px).slice_shape),
        "files": list(result_files(request, facts.found_cor_px)),
    }
    return _receipt(json.loads(json.dumps(plain)))


def _receipt(plain: Mapping[str, Any]) -> Receipt:
    """KeyError, TypeError or ValueError for anything that is no receipt."""
    if plain["schema"] != SCHEMA or not all(isinstance(name, str) for name in plain["files"]):
        raise ValueError("schema")
    return Receipt(
        job_id=str(plain["job"]),
        cor_px=None if plain["cor_px"] is None else float(plain["cor_px"]),
        cor_source=str(plain["cor_source"]),
        scan=ScanFile(**plain["scan"]),
        files=tuple(plain["files"]),
        plain=plain,
    )


def parse_receipt(text: str | bytes) -> Receipt | None:
    """The receipt in a text; None when it is broken, another program's, or of a schema not known here."""
    try:
        plain = json.loads(text)
        return _receipt(plain) if isinstance(plain, dict) else None
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None


def write_receipt(place: Path, receipt: Receipt) -> None:
    """Write a receipt into a result that is not swapped in yet: a folder, or an HDF5 file."""
    if place.is_dir():
        _write_file(place / RECEIPT_FILE, receipt.to_json())
        return
    with h5py.File(place, "r+", locking=False) as file:
        file.attrs[RECEIPT_ATTRIBUTE] = receipt.to_json()


def _write_file(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.part")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read_receipt(place: Path) -> Receipt | None:
    """The receipt of a result (a folder, or an HDF5 file); None when there is none that can be read."""
    if place.is_dir():
        return _read_file(place / RECEIPT_FILE)
    with contextlib.suppress(TomoBatchError, OSError, RuntimeError), open_hdf5(place) as file:
        text = file.attrs.get(RECEIPT_ATTRIBUTE)
        return parse_receipt(text) if isinstance(text, (str, bytes)) else None
    return None


def _read_file(path: Path) -> Receipt | None:
    try:
        with path.open("rb") as file:
            return parse_receipt(file.read(_LARGEST_BYTES))
    except OSError:
        return None


def binning_of(receipt: Receipt | None) -> int:
    """A result's pixel is 2^this of the detector's wide; 0 where no receipt tells."""
    options = receipt.plain.get("options") if receipt is not None else None
    found = options.get("binning", 0) if isinstance(options, dict) else 0
    return found if isinstance(found, int) and 0 <= found <= 8 else 0
