"""Requests and outputs of small runs, made on the spot."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile

from tomobatch.recon.engines import EMBEDDED_OFFER, Engine, EngineKind, Offer
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import OPTIONS, parse_options
from tomobatch.recon.request import ScanFile, make_request

CPU = Engine(EngineKind.CPU, ("/opt/tomobatch",), "1.0")
TOMOCUPY = Engine(EngineKind.TOMOCUPY, ("tomocupy",), "1.1.0")
NOT_IN_RECON = tuple(option.name for option in OPTIONS if option.steps_only)
TOMOCUPY_OFFER = Offer(
    frozenset(option.name for option in OPTIONS) - frozenset(NOT_IN_RECON),
    frozenset(option.name for option in OPTIONS),
)
SHORT_TRY = ("--center-search-width=2", "--center-search-step=1")


@pytest.fixture
def scan(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    path = folder / "tooth.h5"
    path.write_bytes(b"scan")
    return path


@pytest.fixture
def ask(scan):
    """Make a request: ``ask(Kind.FULL, "--binning=1", cor_px=7)``."""

    def make(kind=Kind.FULL, *pairs, engine=CPU, offer=None, **changes):
        values = {
            "job_id": "job1",
            "scan": ScanFile.of(scan),
            "layout": "dxchange",
            "kind": kind,
            "cor_px": 8.0,
            "cor_source": "typed",
            "shape": (9, 5, 16),
            "options": parse_options(pairs),
            "engine": engine,
            "offer": offer or (EMBEDDED_OFFER if engine is CPU else TOMOCUPY_OFFER),
        }
        return make_request(**(values | changes))

    return make


@pytest.fixture
def make_outputs():
    """Write what a good run of this request would leave in its partial folder; each picture differs."""

    def make(request, found_cor_px=None, seed=1):
        expected = request.expected(found_cor_px)
        noise = np.random.default_rng(seed)
        folder = Path(request.partial)
        folder.mkdir(parents=True)
        if expected.volume_rows:
            with h5py.File(folder / expected.files[0], "w") as file:
                shape = (expected.volume_rows, *expected.slice_shape)
                volume = file.create_dataset("exchange/data", shape, "float32")
                for row in expected.rows:
                    volume[row] = noise.random(expected.slice_shape)
            return folder
        for name in expected.files:
            tifffile.imwrite(folder / name, noise.random(expected.slice_shape, dtype=np.float32))
        if request.kind is Kind.FULL:
            (folder / "rec_line.txt").write_text("tomocupy recon")
        return folder

    return make
