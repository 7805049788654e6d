"""A last look before a job starts, at scan and disk; in a worker process, since a disk may hang."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tomobatch.batch.space import look_at_disk
from tomobatch.errors import TomoBatchError
from tomobatch.recon.request import ScanFile


def check_start(queued: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Check the scan, as :func:`check_scan`, and look at the disk of the result's place."""
    check_scan(queued)
    return look_at_disk(place)


def check_scan(queued: Mapping[str, Any]) -> None:
    """Raise unless the scan's file is the one that was queued.

    Parameters
    ----------
    queued
        A `ScanFile` as a mapping.

    Raises
    ------
    TomoBatchError
        ``scan-gone`` or ``scan-replaced``.
    """
    then = ScanFile(**queued)
    path = Path(then.path)
    try:
        now = ScanFile.of(path)
    except OSError as error:
        message = f"{path.name} cannot be read any more ({error.strerror}): it was not started."
        raise TomoBatchError("scan-gone", message) from error
    if now != then:
        message = f"{path.name} has changed since it was queued: look at its COR, then run it again."
        raise TomoBatchError("scan-replaced", message)
