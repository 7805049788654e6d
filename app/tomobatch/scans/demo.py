"""A folder of demo scans for whoever has no data at hand."""

from __future__ import annotations

import shutil
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.formats.demo import write_demo_scans
from tomobatch.names import shown

SCANS, SIZE_PX = 5, 256


def make_demo_folder(folder: str, scans: int = SCANS, size_px: int = SIZE_PX) -> int:
    """Make a folder with demo scans, whole or not at all; gives their number, 0 where the folder is there.

    Runs in the worker process; TomoBatchError ``demo-not-written``, or as :func:`write_demo_scans`.
    """
    place = Path(folder)
    if place.exists():
        return 0
    partial = place.with_name(f".{place.name}.partial")
    try:
        # What an attempt left behind that was cut off.
        shutil.rmtree(partial, ignore_errors=True)
        made = write_demo_scans(partial, scans, size_px)
        partial.rename(place)
    except OSError as error:
        raise TomoBatchError(
            "demo-not-written", f"No demo scans in {shown(folder)}: {error.strerror}."
        ) from error
    return len(made)
