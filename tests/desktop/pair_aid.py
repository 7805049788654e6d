"""Results whose values tell where in the sample a pixel lies; invented, for two pictures side by side."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict

import numpy as np
import tifffile

from tomobatch.formats.demo import write_demo_scans
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place, full_file_name, try_file_name
from tomobatch.recon.request import ScanFile

SIZE = 128
ROW_VALUE = 1000


def sample_values(binning=0):
    """A slice with x + 1000 y of the sample at each pixel's middle, in unbinned pixels."""
    middles = (np.arange(SIZE >> binning) + 0.5) * 2**binning
    return (middles + ROW_VALUE * middles[:, np.newaxis]).astype(np.float32)


def write_full(scan_path, rows=12, binning=0, shape=None):
    """A Full whose receipt tells how it was binned; of a `shape`, only a corner of the slices."""
    names = [full_file_name(row) for row in range(rows)]
    return _write(scan_path, Kind.FULL, names, binning, shape or (SIZE, SIZE))


def write_try(scan_path, cors_px, row=3):
    return _write(scan_path, Kind.TRY, [try_file_name(row, cor_px) for cor_px in cors_px], 0)


def _write(scan_path, kind, names, binning, shape=(SIZE, SIZE)):
    folder = final_place(scan_path, kind)
    folder.mkdir(parents=True)
    for name in names:
        tifffile.imwrite(folder / name, sample_values(binning)[: shape[0], : shape[1]])
    receipt = {
        "schema": 1,
        "job": "invented",
        "kind": kind.value,
        "cor_px": 8.0,
        "cor_source": "typed",
        "scan": asdict(ScanFile.of(scan_path)),
        "files": names,
        "options": {"binning": binning},
    }
    (folder / "tomobatch.json").write_text(json.dumps(receipt))
    return folder


def two_scans(folder):
    """Two scans, the first with a Full and a Try, the second with a binned Full and a Try; the third bare."""
    first, second, _ = (scan.path for scan in write_demo_scans(folder, 3, 32))
    write_full(first)
    write_full(second, rows=6, binning=1)
    write_try(first, [8 + step / 2 for step in range(8)])
    write_try(second, [9 + step / 2 for step in range(8)])
    return folder


def told_value(position):
    """Value below the pointer, as a position's words tell it, and the place (x, y)."""
    found = re.search(r"x (\d+) y (\d+) · (\S+)", position)
    assert found, position
    return float(found[3]), (int(found[1]), int(found[2]))


class AtOnce:
    """Tasks that have ended when they are started."""

    def __init__(self):
        self.names = []

    def start(self, work, name):
        self.names.append(name)
        asyncio.run(work)
