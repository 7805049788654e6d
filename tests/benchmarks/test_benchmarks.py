"""The benchmarks run, and give figures: how fast anything is, no test decides."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.peers import PEERS, is_there

TESTS = Path(__file__).resolve().parents[1]


def figures_of(value):
    """All numbers below a value read from JSON."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for item in value for number in figures_of(item)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


@pytest.fixture
def bench(tmp_path):
    def run(part):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks", part, "--quick", "--results", str(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        (file,) = tmp_path.glob("*.json")
        figures = json.loads(file.read_text())[part]
        assert all(math.isfinite(number) for number in figures_of(figures))
        return figures, done.stdout

    return run


@pytest.mark.slow
def test_the_engine_is_measured_beside_the_peers_that_are_there(bench):
    figures, text = bench("engine")
    sizes = {row["size"] for row in figures["speed"]}
    for row in figures["speed"]:
        assert min(row["full_s"], row["few_rows_s"], row["try_s"], row["limit_s"]) > 0
        # a slice beside the true one by a row or by the factor 4/π would be far beyond
        assert all(0 < error < 0.05 and abs(offset) < 0.002 for error, offset in row["errors"].values())
    for name, module, _, _ in PEERS:
        rows = [row for row in figures["peers"] if row["program"] == name]
        assert {row["size"] for row in rows} == (sizes if is_there(module) else set())
        assert all(row["rms_error"] < 0.05 for row in rows)
        assert name in text
    assert len(figures["start"]) == 3


@pytest.mark.slow
def test_the_queue_is_measured_beside_xargs(bench):
    figures, text = bench("queue")
    for run in figures["runs"]:
        assert 0 < figures["ideal_s"] < run["span_s"] < run["whole_s"]
        assert 0 < run["gap_median_ms"] <= run["gap_90_ms"] <= run["gap_max_ms"]
    assert {run["program"] for run in figures["runs"]} == {"tomobatch run", "xargs"}
    assert "xargs" in text


@pytest.mark.slow
def test_machines_are_measured_beside_xargs_and_with_many_jobs(bench):
    figures, text = bench("machines")
    beside, hosts = figures["beside"], figures["hosts"]
    assert [run["program"] for run in beside["runs"]] == ["tomobatch run", "tomobatch run, tomo1", "xargs"]
    assert all(0 < run["gap_median_ms"] <= run["gap_max_ms"] for run in beside["runs"])
    assert [row["each"]["span_s"] for row in beside["ratios"]] == [
        [pytest.approx(run["span_s"] / beside["runs"][2]["span_s"])] for run in beside["runs"][:2]
    ]
    for row in hosts["rows"]:
        assert 0 < row["loop_cpu_s"] <= row["cpu_s"]
        assert 0 <= row["late_50_ms"] <= row["late_max_ms"]
        assert row["peak_mib"] > 10
        # a job is at least a wrapper, where they could be counted
        assert row["ours"] is None or row["ours"] > row["jobs"]
    assert [row["jobs"] for row in hosts["rows"]] == [12, 4, 4]
    assert [row["jobs"] for row in figures["constant"]] == [8, 16]
    assert all(row["loop_cpu_ms"] > 0 for row in figures["constant"])
    assert "in pairs" in text


@pytest.mark.slow
def test_the_window_is_measured_beside_a_bare_one(bench):
    figures, text = bench("window")
    assert {len(runs) for runs in figures["start"]["runs"].values()} == {2}
    for row in figures["table"]:
        assert 0 < row["frame_s"] < row["names_s"] < row["inspected_s"]
    assert [row["jobs"] for row in figures["holds"]] == [0, 12, 12]
    for row in figures["holds"]:
        assert 0 <= row["late_50_ms"] <= row["late_99_ms"] <= row["late_max_ms"]
    assert "bare" in text


@pytest.mark.slow
def test_looking_is_measured_beside_a_plain_image_view(bench):
    figures, text = bench("viewing")
    assert [row["picture"] for row in figures["rows"]] == ["fitted", "fitted", "zoomed", "Try"]
    for row in figures["rows"]:
        for program in ("ours", "image_view", "limit"):
            assert 0 < row[f"{program}_median_ms"] <= row[f"{program}_worst_ms"]
            assert row[f"{program}_first_ms"] > 0
        assert row["ratio_image_view"] == pytest.approx(row["ours_fps"] / row["image_view_fps"])
    assert len(figures["holds"]) == 2
    for row in figures["holds"]:
        assert 0 < row["late_99_ms"] <= row["late_max_ms"]
    assert "napari" in figures["napari"]
    assert "ImageView" in text
