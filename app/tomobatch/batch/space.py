"""Space on the disk of the results: no job starts that would fill it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tomobatch.errors import TomoBatchError

MOST_RESERVED_BYTES = 10_000_000_000
RESERVED_PART = 0.01
NEARLY_FULL = "disk-nearly-full"


class HoldQueueError(TomoBatchError):
    """Nothing can start now, whatever waits: a reason that is not one job's own."""


def look_at_disk(place: str) -> dict[str, Any]:
    """Device, free bytes, reserve of the disk of a result, and its folder; runs in a worker process.

    Parameters
    ----------
    place
        Absolute; what of it is not there yet will be on the disk of the nearest folder that is.
    """
    folder = Path(place)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    reserve = min(MOST_RESERVED_BYTES, int(RESERVED_PART * usage.total))
    device = os.stat(folder).st_dev  # noqa: PTH116
    return {
        "device": device,
        "free_bytes": usage.free,
        "reserve_bytes": reserve,
        "folder": str(folder),
    }


@dataclass
class Claims:
    """What running jobs will still write, by job: device and bytes.

    Parameters
    ----------
    runs
        Whether a job still runs: one that nobody watches any more may end unseen.
    """

    runs: Callable[[str], bool]
    _claims: dict[str, tuple[int | None, int]] = field(default_factory=dict)

    def claim(self, uid: str, about: str, needed_bytes: int, disk: dict[str, Any]) -> None:
        """Count a job in that is about to start, or raise `HoldQueueError` where there is no room for it.

        Parameters
        ----------
        about
            What the job is, in words.
        disk
            What `look_at_disk` gave.
        """
        device, free_bytes, reserve_bytes = disk["device"], disk["free_bytes"], disk["reserve_bytes"]
        self._claims = {
            name: claim for name, claim in self._claims.items() if name != uid and self.runs(name)
        }
        others = sum(size for there, size in self._claims.values() if there in (None, device))
        if free_bytes - others - needed_bytes < reserve_bytes:
            sentence = (
                f"The disk of the results is nearly full: {about} needs {_words(needed_bytes)},"
                f" {_words(max(0, free_bytes - others))} are left. Free some space, and the queue goes on."
            )
            raise HoldQueueError(NEARLY_FULL, sentence)
        self._claims[uid] = (device, needed_bytes)

    def count_in(self, uid: str, needed_bytes: int) -> None:
        """Count in a job that runs already and that an earlier scheduler started: on whichever disk."""
        self._claims.setdefault(uid, (None, needed_bytes))

    def settle(self, uid: str) -> None:
        """Count a job out whose output is written, or never will be."""
        self._claims.pop(uid, None)


def _words(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.1f} MB"
