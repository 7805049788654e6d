"""Processes as a user starts them, timed from outside."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

T = TypeVar("T")

TOMOBATCH = str(Path(sys.executable).with_name("tomobatch"))


class Cost(NamedTuple):
    """Seconds by the clock, and seconds of all cores."""

    wall_s: float
    cpu_s: float


def own_home(folder: Path) -> dict[str, str]:
    """An environment in which nothing touches the real home, or the locks of other programs."""
    locks = folder / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    xdg = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("STATE", "CONFIG", "CACHE", "DATA")}
    return {**os.environ, **xdg, "HOME": str(folder), "TOMOBATCH_LOCK_FOLDER": str(locks)}


def run_timed(argv: Sequence[str], env: Mapping[str, str], stdin: Path | None = None) -> Cost:
    """Run a program to its end; it must succeed."""
    with Path(stdin or os.devnull).open("rb") as given:
        began = time.perf_counter()
        child = subprocess.Popen(
            argv, env=env, stdin=given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        said = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        child.stderr.close()
    if child.returncode != 0:
        raise RuntimeError(f"{argv[:3]} ended with status {child.returncode}: {said[-2000:]}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime)


def call_timed(work: Callable[[], T]) -> tuple[Cost, T]:
    """Call a function of this process; its result beside what it cost."""
    began, began_cpu = time.perf_counter(), time.process_time()
    result = work()
    return Cost(time.perf_counter() - began, time.process_time() - began_cpu), result


def median(costs: Sequence[Cost]) -> Cost:
    """Middle of several runs, clock and cores each by itself."""
    return Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
