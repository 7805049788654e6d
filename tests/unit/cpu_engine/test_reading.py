"""Any layout, read once or nearly so, in bounded memory."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile

from tomobatch.cpu_engine import sinograms
from tomobatch.cpu_engine.machine import memory_budget_bytes, thread_count
from tomobatch.cpu_engine.memory import share_of_full, share_of_try
from tomobatch.cpu_engine.sinograms import SinogramSource
from tomobatch.formats.reader import ScanReader, open_scan
from tomobatch.recon.geometry import geometry_of

MB = 1_000_000


def volume(folder):
    return np.stack([tifffile.imread(path) for path in sorted(folder.glob("*.tiff"))])


@pytest.mark.parametrize("chunks", [(1, 12, 64), (10, 4, 32), (60, 1, 64)])
@pytest.mark.parametrize("crop", [(), ("--start-row=3", "--start-proj=7", "--binning=1")])
def test_layout_and_passes_make_no_difference(make_scan, full, monkeypatch, chunks, crop):
    whole, _ = make_scan("whole.h5", rows=12)
    packed, _ = make_scan("packed.h5", rows=12, chunks=chunks)
    expected = volume(full(whole, "--rotation-axis=30", *crop, out="whole"))
    # Little memory for many passes, small blocks for many readings.
    monkeypatch.setenv("TOMOBATCH_MEMORY_MB", "1")
    monkeypatch.setattr(sinograms, "BLOCK_BYTES", 5_000)
    made = volume(full(packed, "--rotation-axis=30", *crop, out="packed"))
    np.testing.assert_allclose(made, expected, atol=2e-4 * np.ptp(expected))


def nxtomo(path, recipe):
    """The same scan as NXtomo, flats and darks in between, one frame invalid."""
    frame = (recipe.rows, recipe.columns)
    data = np.round(100 + (recipe.counts - 100) * np.exp(-recipe.attenuation()))
    frames = [np.full((2, *frame), recipe.counts), np.full((2, *frame), 100), np.zeros((1, *frame)), data]
    keys = [1, 1, 2, 2, 3, *[0] * recipe.angles]
    with h5py.File(path, "w") as file:
        entry = file.create_group("entry1/tomo_entry")
        entry["instrument/detector/data"] = np.concatenate(frames).astype("uint16")
        entry["instrument/detector/image_key"] = keys
        entry["sample/rotation_angle"] = np.concatenate((np.zeros(5), recipe.angles_deg))


def test_nxtomo_gives_the_same_slices(make_scan, full, tmp_path):
    scan, recipe = make_scan()
    nxtomo(tmp_path / "sample.nxs", recipe)
    made = volume(full(tmp_path / "sample.nxs", "--rotation-axis=30", out="nxtomo"))
    assert np.array_equal(made, volume(full(scan, "--rotation-axis=30")))


@pytest.fixture
def frames_read(monkeypatch):
    """Spans of frames and rows that were read."""
    spans = []
    projections = ScanReader.projections

    def note(self, start, end, rows, columns):
        spans.append((start, end, rows))
        return projections(self, start, end, rows, columns)

    monkeypatch.setattr(ScanReader, "projections", note)
    return spans


def test_packed_projections_are_unpacked_once_where_memory_allows(make_scan, full, frames_read):
    scan, _ = make_scan(rows=40, chunks=(1, 40, 64))
    full(scan)
    assert sum(end - start for start, end, _ in frames_read) == 60


def test_rows_of_a_try_that_share_chunks_are_unpacked_once(make_scan, recon, tmp_path, frames_read):
    scan, _ = make_scan(rows=40, chunks=(1, 40, 64))
    few = ("--nsino=[0.1,0.5,0.9]", "--center-search-width=1")
    assert recon(f"--file-name={scan}", f"--out-path-name={tmp_path / 'out'}", *few)[0] == 0
    assert sum(end - start for start, end, _ in frames_read) == 60


def test_chunks_of_several_projections_are_not_split(make_scan, full, frames_read, monkeypatch):
    monkeypatch.setattr(sinograms, "BLOCK_BYTES", 5_000)
    scan, _ = make_scan(rows=12, chunks=(25, 3, 64))
    full(scan, "--start-proj=7")
    assert {(start, end) for start, end, _ in frames_read} == {(7, 25), (25, 50), (50, 60)}
    bands = sorted({(rows.start, rows.stop) for _, _, rows in frames_read})
    assert bands[0][0] == 0
    assert bands[-1][1] == 12
    assert all(before[1] == after[0] and after[0] % 3 == 0 for before, after in itertools.pairwise(bands))


@pytest.mark.parametrize(("given", "expected"), [("3", 3), ("0", None), ("x", None), ("", None), ("²", None)])
def test_threads_from_the_environment(monkeypatch, given, expected):
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert thread_count() == (expected or len(os.sched_getaffinity(0)))


def test_memory_from_the_environment_or_the_machine(monkeypatch):
    monkeypatch.setenv("TOMOBATCH_MEMORY_MB", "700")
    assert memory_budget_bytes() == 700 * MB
    monkeypatch.delenv("TOMOBATCH_MEMORY_MB")
    assert 10 * MB < memory_budget_bytes() <= 8_000 * MB


def test_less_memory_means_fewer_rows_then_fewer_threads(make_scan):
    scan, _ = make_scan(rows=40, chunks=(1, 40, 64))
    with open_scan(scan) as reader:
        geometry = geometry_of((60, 40, 64), {})
        source = SinogramSource(reader, geometry, minus_log=True)
        for share_of in (share_of_full, share_of_try):
            shares = [
                share_of(source, geometry, budget, 4) for budget in (0, 191_700_000, 193 * MB, 400 * MB)
            ]
            assert shares[0].threads == 1
            assert shares[0].rows == 2
            assert shares[-1].threads == 4
            assert [share.rows for share in shares] == sorted(share.rows for share in shares)
            assert 1 < shares[1].threads < 4 or shares[1].rows < 40


PEAK = (
    "import sys; from tomobatch.cpu_engine.main import main; status = main(sys.argv[1:]);"
    "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'));"
    "print(status, peak.split()[1])"
)


def peak_bytes(*arguments, budget_mb):
    """Most memory an engine process of its own had at a time."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3] / "app",
        env=os.environ | {"TOMOBATCH_MEMORY_MB": str(budget_mb), "OMP_NUM_THREADS": "2"},
    )
    status, peak_kib = done.stdout.splitlines()[-1].split()
    assert status == "0", done.stderr
    return int(peak_kib) * 1024


def tall_scan(path, chunks):
    """300 angles, 1000 rows and 256 columns of float32: 307 MB, all of it holes that read as zeros."""
    with h5py.File(path, "w") as file:
        file.create_dataset("exchange/data", (300, 1000, 256), "float32", chunks=chunks)
        file["exchange/data_white"] = np.ones((2, 1000, 256), np.float32)
        file["exchange/data_dark"] = np.zeros((2, 1000, 256), np.float32)
        file["exchange/theta"] = np.arange(300) * 0.6


@pytest.mark.parametrize("chunks", [pytest.param(None, marks=pytest.mark.slow), (1, 1000, 256)])
def test_memory_stays_within_the_budget_whatever_the_height(tmp_path, chunks):
    scan = tmp_path / "tall.h5"
    tall_scan(scan, chunks)
    arguments = (f"--file-name={scan}", "--reconstruction-type=full", "--save-format=h5nolinks")
    peak = peak_bytes(*arguments, f"--out-path-name={tmp_path / 'out'}", budget_mb=260)
    assert peak < 260 * MB
    rows = ("--nsino=[0,0.3,0.6,0.9,1]", "--center-search-width=5", f"--out-path-name={tmp_path / 'try'}")
    assert peak_bytes(f"--file-name={scan}", *rows, budget_mb=260) < 260 * MB


@pytest.mark.slow
def test_more_memory_is_used_where_it_is_given(tmp_path):
    """Else the test above would prove nothing."""
    scan = tmp_path / "tall.h5"
    tall_scan(scan, (1, 1000, 256))
    arguments = (f"--file-name={scan}", "--reconstruction-type=full", "--save-format=h5nolinks")
    assert peak_bytes(*arguments, f"--out-path-name={tmp_path / 'out'}", budget_mb=2000) > 350 * MB
