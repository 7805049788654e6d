"""Looking through a volume: from View Full to the first picture, from a step to the painted frame.

Each program has a process of its own, without GPU; all take turns, so that a busy machine is as busy for one
as for the other, and the middle of the rounds counts. The slices lie in the page cache and each is looked at
once: reading is included, and no cache of slices helps anybody. napari needs OpenGL: it is given a screen of
its own (Xvfb) with Mesa's software renderer, the others none.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile

from benchmarks import viewing_programs
from benchmarks.table import table

PANELS = ((700, 700), (1600, 900))
_DIFFERENT_FILES = 8
_CANDIDATES = 200
_OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
_NAPARI = Path(__file__).resolve().parents[2] / "build" / "napari"
_NAPARI_NEEDS = ("napari>=0.6,<1", "PySide6-Essentials<6.12")
_LONGEST_S = 300


@dataclass(frozen=True)
class Plan:
    """What is measured: slices' sizes and how many of each, rounds, and whether peers are fetched."""

    slices: tuple[tuple[int, int], ...]
    zoomed: int
    rounds: int
    fetch: bool


_FULL = Plan(((1024, 100), (2048, 100), (4096, 50)), 2048, 3, True)
_QUICK = Plan(((256, 20),), 256, 1, False)


def measure(quick: bool) -> dict[str, object]:
    """Rows of figures: a size of slices and a panel each."""
    plan = _QUICK if quick else _FULL
    python, why = _napari_python(plan.fetch)
    programs = ["ours", "image_view", "limit", *(["napari"] if python else [])]
    rows = [row for size, count in plan.slices for row in _measured(size, count, programs, plan, python)]
    return {"rows": rows, "holds": _holds(), "napari": why, "load": os.getloadavg()[0]}


def report(figures: dict[str, object]) -> str:
    """The figures as tables."""
    what = (("slice", "slice", ""), ("panel", "panel", ""), ("picture", "picture", ""))
    speed = (
        *what, ("TomoBatch f/s", "ours_fps", ".0f"), ("ImageView", "image_view_fps", ".0f"),
        ("napari", "napari_fps", ".0f"), ("reading alone", "limit_fps", ".0f"),
        ("ratio to ImageView", "ratio_image_view", ".1f"), ("to napari", "ratio_napari", ".1f"),
    )  # fmt: skip
    steps = (
        *what, ("TomoBatch median ms", "ours_median_ms", ".1f"), ("worst", "ours_worst_ms", ".0f"),
        ("ImageView median", "image_view_median_ms", ".1f"), ("worst", "image_view_worst_ms", ".0f"),
        ("napari median", "napari_median_ms", ".1f"), ("worst", "napari_worst_ms", ".0f"),
    )  # fmt: skip
    first = (
        *what, ("TomoBatch ms", "ours_first_ms", ".0f"), ("ImageView", "image_view_first_ms", ".0f"),
        ("napari", "napari_first_ms", ".0f"), ("reading alone", "limit_first_ms", ".0f"),
        ("TomoBatch MiB", "ours_memory_mib", ".0f"), ("ImageView", "image_view_memory_mib", ".0f"),
        ("napari", "napari_memory_mib", ".0f"), ("reading alone", "limit_memory_mib", ".0f"),
    )  # fmt: skip
    holds = (
        ("what", "what", ""), ("99 % of turns late by ms", "late_99_ms", ".1f"),
        ("longest", "late_max_ms", ".1f"),
        ("picture after the stop ms", "arrived_ms", ".0f"), ("memory MiB", "memory_mib", ".0f"),
    )  # fmt: skip
    rows = figures["rows"]
    return "\n".join(
        (
            table(
                "Frames a second held while slices are stepped through, each once, reading included",
                speed,
                rows,
            ),
            table("From a step to the painted frame", steps, rows),
            table(
                "First picture after View Full; most memory above what the program took before", first, rows
            ),
            table("How long the window is held while somebody scrubs", holds, figures["holds"]),
            f"  {figures['napari']}; load {figures['load']:.1f}",
            "",
        )
    )


def _measured(
    size: int, count: int, programs: Sequence[str], plan: Plan, python: str
) -> Iterator[dict[str, object]]:
    with _scan(size, count + 1) as scan:
        for panel in PANELS:
            yield _row(scan, size, panel, "fitted", programs, plan, python)
        if size == plan.zoomed:
            yield _row(scan, size, PANELS[0], "zoomed", programs, plan, python)
            yield _row(scan, size, PANELS[0], "Try", ["ours_try", *programs[1:]], plan, python)


def _row(
    scan: Path,
    size: int,
    panel: tuple[int, int],
    picture: str,
    programs: Sequence[str],
    plan: Plan,
    python: str,
) -> dict[str, object]:
    rounds = [
        {what: _child(what, scan, panel, picture, python) for what in programs} for _ in range(plan.rounds)
    ]
    row: dict[str, object] = {"slice": f"{size}²", "panel": f"{panel[0]}×{panel[1]}", "picture": picture}
    for what in programs:
        name = what.removesuffix("_try")
        for key in rounds[0][what]:
            row[f"{name}_{key}"] = statistics.median(figures[what][key] for figures in rounds)
    for peer in set(programs) - {programs[0], "limit"}:
        row[f"ratio_{peer}"] = statistics.median(
            figures[programs[0]]["fps"] / figures[peer]["fps"] for figures in rounds
        )
    return row


def _holds() -> list[dict[str, object]]:
    cases = {"slow_disk": "a disk that takes 500 ms a slice", "wide_slices": "slices of 30000 × 2000"}
    return [
        {"what": words} | _child(what, Path("/none"), PANELS[0], "fitted", "")
        for what, words in cases.items()
    ]


@contextmanager
def _scan(size: int, count: int) -> Iterator[Path]:
    """A scan with a Full of `count` slices and a Try, most of them names of the same few files."""
    with tempfile.TemporaryDirectory(prefix="tomobatch-viewing-") as place:
        results = Path(place) / "scans_rec"
        full, tried = results / "scan_rec", results / "try_center" / "scan"
        full.mkdir(parents=True)
        tried.mkdir(parents=True)
        noise = np.random.default_rng(1)
        for row in range(_DIFFERENT_FILES):
            tifffile.imwrite(
                full / f"recon_{row:05d}.tiff", noise.normal(size=(size, size)).astype(np.float32)
            )
        for row in range(_DIFFERENT_FILES, count):
            (full / f"recon_{row:05d}.tiff").hardlink_to(full / f"recon_{row % _DIFFERENT_FILES:05d}.tiff")
        for number in range(_CANDIDATES):
            name = f"recon_slice00000_center{size / 2 + number / 2:.2f}.tiff"
            (tried / name).hardlink_to(full / f"recon_{number % _DIFFERENT_FILES:05d}.tiff")
        yield Path(place) / "scans" / "scan.h5"


def _child(what: str, scan: Path, panel: tuple[int, int], picture: str, python: str) -> dict[str, float]:
    program, env = [sys.executable], {**os.environ, **_OFFSCREEN}
    if what == "napari":
        program = ["xvfb-run", "--auto-servernum", "--server-args=-screen 0 1920x1200x24", python]
        env = {**os.environ, "LIBGL_ALWAYS_SOFTWARE": "1", "PYTHONWARNINGS": "ignore"}
        # What it keeps for itself stays out of the user's home.
        env |= {name: str(_NAPARI) for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    argv = [*program, "-P", viewing_programs.__file__, what, str(scan), *map(str, panel), picture]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=_LONGEST_S)
    if done.returncode != 0:
        raise RuntimeError(f"{what} ended with status {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _napari_python(fetch: bool) -> tuple[str, str]:
    """The Python that napari is in, and what is to be said of it; no Python where there is none.

    It lies in an environment of its own: with all it needs it takes 900 MB.
    """
    python = _NAPARI / "bin" / "python"
    if shutil.which("xvfb-run") is None:
        return "", "napari: not measured, it needs a screen with OpenGL (xvfb-run)"
    if not python.exists() and not fetch:
        return "", "napari: not installed"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", _NAPARI], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_NAPARI_NEEDS]
    if fetch and (done := subprocess.run(pip, capture_output=True, text=True, check=False)).returncode != 0:
        return "", f"napari: not installed ({done.stderr.strip().splitlines()[-1]})"
    return _napari_that_paints(str(python))


def _napari_that_paints(python: str) -> tuple[str, str]:
    with _scan(64, _DIFFERENT_FILES) as scan:
        try:
            _child("napari", scan, (300, 300), "fitted", python)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            return "", f"napari: installed, but it cannot paint here ({str(error).splitlines()[-1]})"
    asked = [python, "-W", "ignore", "-c", "import napari; print(napari.__version__)"]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()[-1]
    return python, f"napari {version}, by OpenGL in software on a screen of its own"
