"""The window: its first frame beside a bare QML window, a full table, and how free it is while jobs run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from benchmarks.jobs import PIXELS, write_scans
from benchmarks.lateness import HOLDS, lateness
from benchmarks.processes import TOMOBATCH, own_home, run_timed
from benchmarks.table import Column, table
from benchmarks.window_stories import fill_the_table, tick_busy, tick_idle
from desktop.live import Play, Story, offscreen

HERE = Path(__file__).parent
SIZE = (1920, 1080)
SLOTS = 8
START_S = 60
LOOK_EVERY_S = 0.005


def measure(quick: bool) -> dict[str, object]:
    """All figures of the window."""
    starts, scans, jobs = (2, 50, 12) if quick else (9, 1000, 200)
    with tempfile.TemporaryDirectory(prefix="tomobatch-bench-") as name:
        folder = Path(name)
        few, many = _folder(folder / "few", 3), _folder(folder / "many", scans)
        return {
            "start": _starts(folder, few, starts),
            "table": [_table(folder, many, scans, number) for number in range(1 if quick else 3)],
            "holds": [_idle(folder), _bystander(folder, jobs), _runner(folder, jobs)],
        }


def _folder(folder: Path, scans: int) -> Path:
    write_scans(folder, scans)
    return folder


# The first frame


def _starts(folder: Path, scans: Path, runs: int) -> dict[str, object]:
    """Both programs in turns, after one of each that fills the disk's cache and does not count."""
    what = {"bare": ["bare"], "tomobatch": ["tomobatch", "--", str(scans)]}
    taken: dict[str, list[float]] = {name: [] for name in what}
    for number in range(runs + 1):
        for name, arguments in what.items():
            taken_s = _first_frame(folder / f"start-{name}-{number}", arguments)
            if number:
                taken[name].append(taken_s)
    middle = {name: statistics.median(values) for name, values in taken.items()}
    return {"runs": taken, "median": middle, "ratio": middle["tomobatch"] / middle["bare"]}


def _first_frame(folder: Path, arguments: Sequence[str]) -> float:
    """Seconds from the start of a process to its first painted frame."""
    folder.mkdir()
    stamp = folder / "stamp"
    env = own_home(folder / "home") | offscreen(folder, SIZE)
    began_s = time.monotonic()
    program = subprocess.Popen(
        [sys.executable, str(HERE / "first_frame.py"), str(stamp), *arguments],
        env=env,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while not stamp.exists():
            if program.poll() is not None or time.monotonic() - began_s > START_S:
                raise RuntimeError(f"{arguments[0]} painted nothing: {program.communicate()[1][-2000:]}")
            time.sleep(LOOK_EVERY_S)
    finally:
        program.kill()
        program.communicate()
        Play.clean_up(folder / "home")
    return float(stamp.read_text()) - began_s


# A full table


def _table(folder: Path, scans: Path, files: int, number: int) -> dict[str, object]:
    home = folder / f"table-{number}"
    play = Play(home / "live")
    began_s = time.monotonic()
    env = own_home(home)
    at = play(fill_the_table, scans, size=SIZE, timeout_s=120, env=env, files=files)
    return {"round": number + 1, "files": files} | {name: at_s - began_s for name, at_s in at.items()}


# Holds of the event loop


def _idle(folder: Path) -> dict[str, object]:
    env, scans = _station(folder / "idle", 1)
    told = _play(folder / "idle", tick_idle, scans, env, files=1, until=None)
    return {"window": "idle", "jobs": 0, **lateness(told["late_ms"], told["span_s"])}


def _bystander(folder: Path, jobs: int) -> dict[str, object]:
    """What the machine's load alone does to a window: the same jobs, run by another program."""
    env, scans = _station(folder / "bystander", 1)
    others_env, others = _station(folder / "other", jobs)
    ended = folder / "ended"
    command = [TOMOBATCH, "run", "full", str(others), "--gpus", str(SLOTS)]
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(run_timed, command, others_env)
        other.add_done_callback(lambda _: ended.touch())
        told = _play(folder / "bystander", tick_idle, scans, env, files=1, until=str(ended))
        other.result()
    return {
        "window": "idle, jobs of another program",
        "jobs": jobs,
        **lateness(told["late_ms"], told["span_s"]),
    }


def _runner(folder: Path, jobs: int) -> dict[str, object]:
    env, scans = _station(folder / "runner", jobs)
    told = _play(folder / "runner", tick_busy, scans, env, files=jobs, slots=SLOTS)
    return {"window": "runs the jobs", "jobs": jobs, **lateness(told["late_ms"], told["span_s"])}


def _play(home: Path, story: Story, scans: Path, env: Mapping[str, str], **about: object) -> dict[str, Any]:
    try:
        return Play(home / "live")(story, scans, size=SIZE, timeout_s=300, env=env, **about)
    finally:
        Play.clean_up(home)


def _station(home: Path, scans: int) -> tuple[Mapping[str, str], Path]:
    """A home with an engine, and scans."""
    env = own_home(home) | _engine(home)
    return env, _folder(home / "scans", scans)


def _engine(home: Path) -> Mapping[str, str]:
    """An engine that prints much and sleeps, where tomocupy is looked for."""
    programs, picture = home / "bin", home / "slice.tiff"
    programs.mkdir()
    (programs / "tomocupy").symlink_to(HERE / "sleeping_engine.sh")
    tifffile.imwrite(picture, np.random.default_rng(1).random((PIXELS, PIXELS), np.float32))
    path = f"{programs}:{os.environ['PATH']}"
    chatter = {"BENCH_CHATTER": "2000", "BENCH_SECONDS": "0.3", "BENCH_STAMPS": str(home / "stamps")}
    return {"PATH": path, "BENCH_SLICE": str(picture), **chatter}


# Tables

_START: tuple[Column, ...] = (
    ("window", "name", ""),
    ("runs", "runs", "d"),
    ("median, s", "median_s", ".3f"),
    ("least", "least_s", ".3f"),
    ("most", "most_s", ".3f"),
    ("ratio", "ratio", ".2f"),
)
_TABLE: tuple[Column, ...] = (
    ("round", "round", "d"),
    ("files", "files", "d"),
    ("first frame, s", "frame_s", ".3f"),
    ("names", "names_s", ".3f"),
    ("all looked at", "inspected_s", ".3f"),
)
_COLUMNS: tuple[Column, ...] = (("window", "window", ""), ("jobs", "jobs", "d"), *HOLDS)


def report(figures: dict[str, object]) -> str:
    """Tables of what `measure` gives."""
    start = figures["start"]
    rows = [
        {
            "name": name,
            "runs": len(runs),
            "median_s": statistics.median(runs),
            "least_s": min(runs),
            "most_s": max(runs),
            "ratio": statistics.median(runs) / start["median"]["bare"],
        }
        for name, runs in start["runs"].items()
    ]
    title = (
        f"Event loop: how late a timer comes, idle and while short jobs run on {SLOTS} slots and print much"
    )
    return "\n".join(
        [
            table("Start: to the first painted frame", _START, rows),
            table("Table: from the start of the program", _TABLE, figures["table"]),
            table(title, _COLUMNS, figures["holds"]),
        ]
    )
