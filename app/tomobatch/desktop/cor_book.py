"""The COR table and the CSV of one folder, for the one thread that reads and writes them; knows no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.worker.client import Worker
from tomobatch.workspace import Workspace

Entries = Mapping[str, CorEntry]


class Loaded(NamedTuple):
    """What a CSV brought: rows as they were before, names it has a COR for, sentences about its lines."""

    before: Entries
    names: list[str]
    problems: list[str]


class CorBook:
    """All but `entries` touches the disk: call it in the thread that writes.

    Parameters
    ----------
    folder
        Absolute.
    """

    def __init__(self, folder: Path, worker: Worker) -> None:
        self.folder, self._worker = folder, worker
        self._opened: Workspace | None = None
        self.entries: Entries = {}
        """Rows as they were read or written last; replaced whole, so that any thread may look."""

    def _workspace(self) -> Workspace:
        # Here and not before: a state folder that hangs, or may not be written, is met in the thread.
        if self._opened is None:
            self._opened = Workspace(self.folder, self._worker)
        return self._opened

    def _note(self) -> None:
        self.entries = dict(self._workspace().cors.entries)

    def reload(self) -> None:
        """Read what others wrote."""
        self._workspace().cors.reload()
        self._note()

    def load_by_itself(self) -> list[str]:
        """See `Workspace.load_csv_by_itself`."""
        self.reload()
        workspace = self._workspace()
        try:
            return workspace.load_csv_by_itself()
        finally:
            # Told once is enough.
            workspace.cors.problem = ""
            self._note()

    def load_csv(self) -> Loaded:
        """See `Workspace.load_csv`."""
        self.reload()
        before = self.entries
        names, problems = self._workspace().load_csv()
        self._note()
        return Loaded(before, list(names), problems)

    def save_csv(self) -> int:
        """See `Workspace.save_csv`."""
        self.reload()
        return self._workspace().save_csv()

    def write(self, change: Mapping[str, CorEntry | None]) -> None:
        """Set rows with the sources they have, or take them out where there is None."""
        cors = self._workspace().cors
        gone = [name for name, entry in change.items() if entry is None]
        if gone:
            cors.remove(gone)
        for source in CorSource:
            rows = {name: row.value_px for name, row in change.items() if row and row.source is source}
            if rows:
                cors.set_cors(rows, source)
        self._note()
