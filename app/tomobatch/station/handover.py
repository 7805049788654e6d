"""Handing the queue over: a scheduler without a window gives way to a window that has come back."""

from __future__ import annotations

import json
from pathlib import Path

from tomobatch.machines.processes import lives, look


class Wish:
    """A window's wish to have the lease, written into the journal's folder for its holder to see.

    Only a scheduler that was left behind by a window heeds it; one that a person started does not.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "scheduler.wanted"

    def make(self, pid: int) -> None:
        """Say that a process wants the lease; OSError where that cannot be written."""
        process = look(pid)
        if process is None:
            return
        if self._said() == (process.pid, process.start_time):
            # Writing wakes all who watch the journal's folder, its writer among them.
            return
        beside = self._path.with_suffix(".part")
        beside.write_text(json.dumps([process.pid, process.start_time]), encoding="ascii")
        beside.replace(self._path)

    def withdraw(self) -> None:
        """Say that nobody wants it any more."""
        self._path.unlink(missing_ok=True)

    @property
    def made(self) -> bool:
        """Whether a process that still runs wants the lease."""
        said = self._said()
        return said is not None and lives(*said)

    def _said(self) -> tuple[int, int] | None:
        try:
            pid, start_time = json.loads(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError, TypeError):
            return None
        return (pid, start_time) if isinstance(pid, int) and isinstance(start_time, int) else None
