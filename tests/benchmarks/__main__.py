"""Measure, print tables, keep the figures: ``python -m benchmarks [PART]``, where PART is one of `PARTS`.

``--quick`` takes small sizes, to see that all of it works.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

from benchmarks import desktop, engine, folders, jobs, machines, viewing

PARTS = {
    "engine": engine,
    "queue": jobs,
    "machines": machines,
    "window": desktop,
    "folders": folders,
    "viewing": viewing,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=[*PARTS, "all"])
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--results", type=Path, default=Path("bench-results"), help="folder of the figures")
    arguments = parser.parse_args()
    figures: dict[str, object] = {"machine": machine(), "quick": arguments.quick}
    print(" | ".join(f"{name} {value}" for name, value in figures["machine"].items()), end="\n\n")
    for name in PARTS if arguments.part == "all" else [arguments.part]:
        figures[name] = PARTS[name].measure(arguments.quick)
        print(PARTS[name].report(figures[name]), flush=True)
    figures["load at the end"] = os.getloadavg()[0]
    print(f"load at the end {figures['load at the end']:.1f}; figures in {keep(figures, arguments.results)}")
    return 0


def machine() -> dict[str, object]:
    """What the figures hold for."""
    models = [line.partition(": ")[2] for line in _cpu_info() if line.startswith("model name")]
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "Python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def _cpu_info() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def keep(figures: dict[str, object], folder: Path) -> Path:
    """Write the figures as JSON, named by the time."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{time.strftime('%Y%m%dT%H%M%S')}.json"
    file.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


if __name__ == "__main__":
    sys.exit(main())
