"""The queue: short jobs on a few slots through the whole program, beside ``xargs -P`` in turns."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np
import tifffile

from benchmarks.processes import TOMOBATCH, own_home, run_timed
from benchmarks.table import Column, table
from tomobatch.recon.receipt import read_receipt

ENGINE = Path(__file__).with_name("sleeping_engine.sh")
SLOTS = 4
PIXELS = 16


@dataclass(frozen=True)
class Stamp:
    """The engine's own word: ``begin`` or ``end``, seconds since 1970, and its slot."""

    word: str
    time_s: float
    slot: str


def measure(quick: bool) -> dict[str, object]:
    """All figures of the queue."""
    jobs, seconds, rounds = (8, 0.1, 1) if quick else (40, 0.5, 3)
    with tempfile.TemporaryDirectory(prefix="tomobatch-bench-") as name:
        bench = _Bench(Path(name), jobs, seconds)
        runs = [run for number in range(rounds) for run in (bench.ours(number), bench.xargs(number))]
    programs = ("tomobatch run", "xargs")
    middle = {program: _middle([run for run in runs if run["program"] == program]) for program in programs}
    ratios = {key: middle[programs[0]][key] / middle[programs[1]][key] for key in ("span_s", "whole_s")}
    ideal_s = -(-jobs // SLOTS) * seconds
    return {"jobs": jobs, "seconds": seconds, "ideal_s": ideal_s, "runs": runs, "median": middle} | {
        "ratio": ratios
    }


class _Bench:
    def __init__(self, folder: Path, jobs: int, seconds: float) -> None:
        self._folder, self._scans = folder, folder / "scans"
        self._results = folder / "scans_rec"
        self._jobs = jobs
        picture = folder / "slice.tiff"
        tifffile.imwrite(picture, np.random.default_rng(1).random((PIXELS, PIXELS), np.float32))
        self._env = own_home(folder / "home") | {
            "BENCH_SLICE": str(picture),
            "BENCH_SECONDS": str(seconds),
        }
        self._scans.mkdir()
        names = [f"scan_{number:04d}.h5" for number in range(jobs)]
        for name in names:
            write_scan(self._scans / name)
        cors = "".join(f"{name},{PIXELS / 2}\n" for name in names)
        (self._scans / "batch_cor_values.csv").write_text(f"Filename,COR\n{cors}")

    def ours(self, number: int) -> dict[str, object]:
        argv = [TOMOBATCH, "run", "full", self._scans, "--engine-command", ENGINE, "--gpus", SLOTS]
        run = self._run("tomobatch run", number, list(map(str, argv)))
        run |= _gaps(gap for slot in _by_slot(run["stamps"]) for gap in _gaps_on_slot(slot))
        self._keep_arguments()
        return _without_stamps(run)

    def xargs(self, number: int) -> dict[str, object]:
        argv = ["xargs", "-0", "-n", str(self._width), "-P", str(SLOTS), str(ENGINE)]
        run = self._run("xargs", number, argv, self._folder / "arguments")
        run |= _gaps(_gaps_in_order(run["stamps"]))
        return _without_stamps(run)

    def _run(
        self, program: str, number: int, argv: list[str], stdin: Path | None = None
    ) -> dict[str, object]:
        shutil.rmtree(self._results, ignore_errors=True)
        stamps_file = self._folder / f"{program}-{number}"
        cost = run_timed(argv, self._env | {"BENCH_STAMPS": str(stamps_file)}, stdin)
        stamps = sorted(_read(stamps_file), key=lambda stamp: stamp.time_s)
        if [stamp.word for stamp in stamps].count("end") != self._jobs:
            raise RuntimeError(f"{program} did not run every job")
        return {
            "program": program,
            "round": number + 1,
            "stamps": stamps,
            "whole_s": cost.wall_s,
            "span_s": stamps[-1].time_s - stamps[0].time_s,
        }

    def _keep_arguments(self) -> None:
        """Write down the very argument lists that the jobs were run with, for xargs."""
        receipts = [read_receipt(result) for result in sorted(self._results.iterdir()) if result.is_dir()]
        commands = [receipt.plain["run"]["command"][1:] for receipt in receipts if receipt is not None]
        (self._width,) = {len(command) for command in commands}
        text = "".join(f"{argument}\0" for command in commands for argument in command)
        (self._folder / "arguments").write_text(text)


def write_scan(path: Path) -> None:
    """A small whole scan."""
    with h5py.File(path, "w") as file:
        file["exchange/data"] = np.full((6, 2, PIXELS), 700, np.uint16)
        file["exchange/data_white"] = np.full((2, 2, PIXELS), 1000, np.uint16)
        file["exchange/data_dark"] = np.full((2, 2, PIXELS), 10, np.uint16)
        file["exchange/theta"] = np.linspace(0, 180, 6)


def _read(file: Path) -> Iterator[Stamp]:
    for line in file.read_text().splitlines():
        word, time_s, slot = line.split()
        yield Stamp(word, float(time_s), slot)


def _by_slot(stamps: list[Stamp]) -> list[list[Stamp]]:
    return [
        [stamp for stamp in stamps if stamp.slot == slot] for slot in sorted({stamp.slot for stamp in stamps})
    ]


def _gaps_on_slot(stamps: list[Stamp]) -> Iterator[float]:
    """Seconds from each end to the next begin, which take turns on a slot."""
    for before, after in pairwise(stamps):
        if before.word == after.word:
            raise RuntimeError("two jobs ran on one slot at a time")
        if before.word == "end":
            yield after.time_s - before.time_s


def _gaps_in_order(stamps: list[Stamp]) -> Iterator[float]:
    """The same without slots: whatever begins after the first few takes the place that became free first."""
    begins = [stamp.time_s for stamp in stamps if stamp.word == "begin"][SLOTS:]
    ends = [stamp.time_s for stamp in stamps if stamp.word == "end"]
    return (begin - end for end, begin in zip(ends, begins, strict=False))


def _gaps(gaps: Iterable[float]) -> dict[str, object]:
    in_ms = 1000 * np.array(list(gaps))
    return {
        "gap_median_ms": float(np.median(in_ms)),
        "gap_90_ms": float(np.quantile(in_ms, 0.9)),
        "gap_max_ms": float(in_ms.max()),
    }


def _without_stamps(run: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in run.items() if key != "stamps"}


def _middle(runs: list[dict[str, object]]) -> dict[str, object]:
    numbers = [key for key, value in runs[0].items() if isinstance(value, float)]
    return {"program": runs[0]["program"]} | {
        key: statistics.median(run[key] for run in runs) for key in numbers
    }


_COLUMNS: tuple[Column, ...] = (
    ("program", "program", ""),
    ("round", "round", ""),
    ("first begin to last end, s", "span_s", ".3f"),
    ("whole command, s", "whole_s", ".3f"),
    ("gap median, ms", "gap_median_ms", ".1f"),
    ("90 %", "gap_90_ms", ".1f"),
    ("most", "gap_max_ms", ".1f"),
)


def report(figures: dict[str, object]) -> str:
    """Table of what `measure` gives."""
    title = (
        f"Queue: {figures['jobs']} jobs of {figures['seconds']} s on {SLOTS} slots, "
        f"{figures['ideal_s']:.1f} s at best"
    )
    rows = [*figures["runs"], *({**run, "round": "median"} for run in figures["median"].values())]
    rows.append({"program": "ratio", "round": "", **figures["ratio"]})
    return table(title, _COLUMNS, rows)
