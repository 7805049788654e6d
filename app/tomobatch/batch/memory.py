"""Memory of a host: how many jobs may hold a whole scan in it at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tomobatch.errors import TomoBatchError
from tomobatch.recon.geometry import geometry_of
from tomobatch.recon.options import BY_NAME, needs_steps
from tomobatch.recon.request import ReconRequest

MEMORY_FULL = "memory-full"
SHARE = 0.8
"""Part of a host's memory for such jobs; the rest is for the system, for files and for other programs."""
_FLOAT32_BYTES = 4


def whole_scan_bytes(request: Mapping[str, Any]) -> int:
    """Memory of the host that a job takes because its engine holds the whole scan; 0 for one that does not.

    ``recon_steps`` of tomocupy (``rec_steps.py``) keeps all projections, cropped and binned, as float32, and
    beside them the array it filters them into, which for ``double_fov`` is twice as wide. So the estimate is
    angles × rows × columns × 4 bytes, times 2, or times 3 for ``double_fov``; chunks, flats and libraries
    are small against that.

    Parameters
    ----------
    request
        As a job carries it; one that cannot be read takes nothing, since it will not run.
    """
    options = request.get("options") or {}
    if not all(name in BY_NAME for name in options) or not needs_steps(options):
        return 0
    try:
        wanted = ReconRequest.from_dict(request)
        sizes = geometry_of(wanted.shape, wanted.options)
    except TomoBatchError:
        return 0
    angles = sizes.end_projection - sizes.start_projection
    return _FLOAT32_BYTES * angles * sizes.row_count * (sizes.width + sizes.size)


def why_no_room(machine: str, memory_bytes: int | None, taken_bytes: int, needed_bytes: int) -> str:
    """Why a job cannot start beside those that run, a sentence; empty where it can.

    One alone always can: nobody could run it otherwise. Where the memory is not known there is no limit.
    """
    if memory_bytes is None or not taken_bytes or not needed_bytes:
        return ""
    most_bytes = int(SHARE * memory_bytes)
    if taken_bytes + needed_bytes <= most_bytes:
        return ""
    return (
        f"waits for memory on {machine}: its engine holds the whole scan, {_words(needed_bytes)}, and"
        f" {_words(taken_bytes)} of {_words(most_bytes)} are taken"
    )


def _words(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e8 else f"{size_bytes / 1e6:.1f} MB"
