"""Marks: one small file a job beside its results, by which stations that share a data folder see each other.

``<folder>_rec/.tomobatch/<job>.json``, of the real folder, whatever link it was opened by.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tomobatch.batch.job import Job
from tomobatch.errors import TomoBatchError
from tomobatch.formats.plain_file import read_plain
from tomobatch.names import shown
from tomobatch.recon.outputs import results_folder

SCHEMA = 1
LARGEST_BYTES = 65536
LATEST_S = 253_402_300_799.0
"""The end of the year 9999: no calendar goes further."""


@dataclass(frozen=True)
class Mark:
    """A job that waits or runs, as other stations see it.

    Attributes
    ----------
    uid
        Name of the job.
    scan
        Name of the scan's file; may hold surrogates.
    kind
        ``try`` or ``full``.
    station
        Which journal it stands in; no two stations have the same.
    host, user
        For people to read.
    since_s
        Seconds since 1970.
    machine
        Where it is to run.
    """

    uid: str
    scan: str
    kind: str
    station: str
    host: str
    user: str
    since_s: float
    machine: str

    @classmethod
    def of(cls, job: Job, station: str, host: str, user: str) -> Mark:
        """The mark of a job."""
        return cls(job.uid, job.file_name, job.kind.value, station, host, user, job.created_s, job.machine)


def marks_folder(data_folder: str | os.PathLike[str]) -> Path:
    """Where the marks of a data folder's jobs lie."""
    return results_folder(Path(os.path.realpath(data_folder))) / ".tomobatch"


def write_mark(folder: Path, mark: Mark) -> None:
    """Write a mark into a folder of marks, made if need be; OSError where it cannot be."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{mark.uid}.part"
    try:
        beside.write_text(json.dumps({"schema": SCHEMA, **asdict(mark)}), encoding="ascii")
        beside.replace(folder / f"{mark.uid}.json")
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def remove_mark(folder: Path, uid: str) -> None:
    """Take a mark away, if it is there; OSError where it cannot be."""
    (folder / f"{uid}.json").unlink(missing_ok=True)


def read_marks(data_folder: str) -> list[dict[str, Any]]:
    """All marks that lie beside a data folder; what is no mark is passed over. Runs in the worker process.

    TomoBatchError ``marks-unreadable`` where nobody can say what other stations do.
    """
    folder = marks_folder(data_folder)
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".json")]  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        sentence = f"It cannot be seen which scans other stations work on: {shown(folder)}: {error.strerror}."
        raise TomoBatchError("marks-unreadable", sentence) from error
    return [asdict(mark) for name in sorted(names) if (mark := _read(folder / name)) is not None]


def _read(path: Path) -> Mark | None:
    try:
        mark = mark_from_json(json.loads(read_plain(path, LARGEST_BYTES)))
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        # Removed meanwhile, or not ours: the rename shows whole marks only.
        return None
    # It is taken away by its uid, which must lead nowhere else.
    return mark if path.name == f"{mark.uid}.json" and 0 <= mark.since_s <= LATEST_S else None


def mark_from_json(plain: Mapping[str, Any]) -> Mark:
    """A mark as it was read; later versions may have written more into it."""
    known = {name: str(plain[name]) for name in ("uid", "scan", "kind", "station", "host", "user", "machine")}
    return Mark(since_s=float(plain["since_s"]), **known)
