"""Folders of 100, 1,000 and 10,000 scans: until they are listed and looked at, and how free the window is."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.folder_stories import live_with_a_folder
from benchmarks.jobs import write_scan
from benchmarks.processes import own_home
from benchmarks.table import Column, table
from desktop.live import Play
from tomobatch.scans.facts import inspect_file

SIZE = (1920, 1080)


def measure(quick: bool) -> dict[str, object]:
    """All figures of big folders, each beside a plain loop over the same files."""
    with tempfile.TemporaryDirectory(prefix="tomobatch-bench-") as name:
        rounds = [_measure_one(Path(name), files) for files in ((30, 100) if quick else (100, 1000, 10_000))]
    return {"folders": rounds}


def _measure_one(home: Path, files: int) -> dict[str, object]:
    place = home / f"{files}"
    folder = _folder(place / "scans", files)
    play, env = Play(place / "live"), own_home(place)
    try:
        told = play(live_with_a_folder, size=SIZE, timeout_s=400, env=env, place=str(folder), files=files)
    finally:
        Play.clean_up(place)
    steps = [{"files": files, **_step(step)} for step in told.pop("steps")]
    return {"files": files, **_plain_loop(folder), **told, "steps": steps}


def _step(step: dict[str, object]) -> dict[str, object]:
    late = np.array(step.pop("late_ms"))
    return step | {
        "late_99_ms": float(np.quantile(late, 0.99)),
        "late_max_ms": float(late.max()),
        "over_50_ms": int((late > 50).sum()),
    }


def _plain_loop(folder: Path) -> dict[str, float]:
    """What the disk and HDF5 alone take: all names with their facts, then a look into each file."""
    began_s = time.perf_counter()
    with os.scandir(folder) as found:
        names = [(item.name, item.stat().st_size) for item in found]
    listed_s = time.perf_counter() - began_s
    for name, _ in names:
        inspect_file(str(folder / name))
    return {"plain_names_s": listed_s, "plain_inspected_s": time.perf_counter() - began_s}


def _folder(folder: Path, files: int) -> Path:
    folder.mkdir(parents=True)
    first = folder / "scan_00000.h5"
    write_scan(first)
    for number in range(1, files):
        shutil.copyfile(first, folder / f"scan_{number:05d}.h5")
    return folder


_FOLDERS: tuple[Column, ...] = (
    ("scans", "files", "d"),
    ("names, s", "names_s", ".3f"),
    ("plain loop", "plain_names_s", ".3f"),
    ("all looked at", "inspected_s", ".2f"),
    ("plain loop", "plain_inspected_s", ".2f"),
    ("a scan, ms", "each_ms", ".3f"),
    ("refresh, s", "refresh_s", ".2f"),
    ("memory for it, MB", "memory_mb", ".0f"),
    ("kB a scan", "memory_each_kb", ".1f"),
)
_STEPS: tuple[Column, ...] = (
    ("scans", "files", "d"),
    ("step", "step", ""),
    ("span, s", "span_s", ".2f"),
    ("late by, ms: 99 %", "late_99_ms", ".1f"),
    ("most", "late_max_ms", ".1f"),
    ("over 50 ms", "over_50_ms", "d"),
)


def report(figures: dict[str, object]) -> str:
    """Tables of what `measure` gives."""
    rounds = figures["folders"]
    return "\n".join(
        [
            table("Folders: from opening one in a window at rest", _FOLDERS, [_row(one) for one in rounds]),
            table(
                "Event loop: how late a timer comes meanwhile",
                _STEPS,
                [step for one in rounds for step in one["steps"]],
            ),
        ]
    )


def _row(one: dict[str, object]) -> dict[str, object]:
    steps = {step["step"]: step for step in one["steps"]}
    took_bytes = one["memory_opened_bytes"] - one["memory_before_bytes"]
    return {
        **one,
        "names_s": steps["open"]["names_s"],
        "inspected_s": steps["open"]["inspected_s"],
        "each_ms": 1000 * steps["open"]["inspected_s"] / one["files"],
        "refresh_s": steps["refresh"]["span_s"],
        "memory_mb": took_bytes / 1e6,
        "memory_each_kb": took_bytes / 1e3 / one["files"],
    }
