"""Scans, jobs and results made up for tests of the table, and an eye on a model's signals."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtTest import QAbstractItemModelTester

from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.states import JobState
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.scan_roles import ROLES
from tomobatch.desktop.selection import Selection
from tomobatch.formats.layout import ScanLayout
from tomobatch.machines.slots import Slot
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import Result, ResultState
from tomobatch.scans.scan import Scan, ScanFile, ScanState

# Not a folder of this machine: what a test writes beside it lies where tests may.
FOLDER = Path(tempfile.gettempdir()) / "data"
MTIME_NS = 1_700_000_000_000_000_000
NAMES = {role: name for name, role in ROLES.items()}
LAYOUT = ScanLayout(
    kind="dxchange", data_path="exchange/data", angles=1500, frames=1500, rows=2048, columns=2448,
    dtype="uint16", flats=10, darks=10, first_angle_deg=0.0, last_angle_deg=180.0, angles_from="file",
    expected_angles=1500, pixel_size=None, chunks=None, compression=None,
)  # fmt: skip


def file(name, size_bytes=1000, **changes):
    known = {"mtime_ns": MTIME_NS, "inode": 1, "device": 1, "seen_s": 0.0}
    return ScanFile(FOLDER / name, size_bytes, **{**known, **changes})


def files(*names):
    return [file(name) for name in names]


def scan(name, state=ScanState.READY, reason="", layout=LAYOUT, **changes):
    return Scan(file(name, **changes), state, reason, layout)


def result(kind, state=ResultState.COMPLETE, **facts):
    return Result(kind, f"/data_rec/{kind}", state, 2, **facts)


def job(name, state, kind=Kind.TRY, place=1, note="", path=None, **changes):
    request = {"engine": {"kind": "cpu"}, "cor_px": 7.0, "final": "/data_rec/final"}
    made = Job(f"j{place}", kind, path or str(FOLDER / name), "Local", "CPU", request, 0.0)
    return JobRow(made, state, place, 1, slot=Slot("CPU", "0"), note=note, **changes)


@dataclass
class Watched:
    """A model whose signals are gathered, under the eye of Qt's tester."""

    model: ScanModel = field(default_factory=ScanModel)
    signals: list = field(default_factory=list)

    def __post_init__(self):
        self.selection = Selection(self.model)
        fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
        self.tester = QAbstractItemModelTester(self.model, fatal)
        model, note = self.model, self.signals.append
        model.dataChanged.connect(
            lambda first, last, roles: note(("data", first.row(), last.row(), names(roles)))
        )
        model.rowsInserted.connect(lambda _, first, last: note(("inserted", first, last)))
        model.rowsRemoved.connect(lambda _, first, last: note(("removed", first, last)))
        model.layoutChanged.connect(lambda *_: note(("layout",)))
        model.modelReset.connect(lambda: note(("reset",)))

    def take(self):
        """Signals since the last call."""
        taken, self.signals[:] = list(self.signals), []
        return taken

    def open(self, *names, looked_at=True):
        """Fill the table, and have every row read as by a view that shows them all."""
        self.model.set_files(files(*names))
        if looked_at:
            self.model.set_scans([(scan(name), ()) for name in names])
        self.rows()
        self.take()
        return self

    def rows(self):
        """All roles of all rows as a view reads them."""
        model = self.model
        return [
            {name: model.data(model.index(row, 0), role) for name, role in ROLES.items()}
            for row in range(model.rowCount())
        ]

    def names(self):
        return [row["name"] for row in self.rows()]

    def row(self, name):
        return next(row for row in self.rows() if row["name"] == name)

    def id(self, name):
        return self.row(name)["scanId"]


def names(roles):
    return {NAMES.get(role, "display") for role in roles}


def later(row, **changes):
    """A job a moment later."""
    return replace(row, **changes)


__all__ = [
    "FOLDER",
    "LAYOUT",
    "MTIME_NS",
    "JobState",
    "Watched",
    "file",
    "files",
    "job",
    "later",
    "result",
    "scan",
]
