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
OURS, XARGS = "tomobatch run", "xargs"


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
        bench = Bench(Path(name), jobs, seconds)
        runs = [run for number in range(rounds) for run in (bench.ours(number), bench.xargs(number))]
    programs = (OURS, XARGS)
    middle = {program: middle_of([run for run in runs if run["program"] == program]) for program in programs}
    ratios = {key: middle[programs[0]][key] / middle[programs[1]][key] for key in ("span_s", "whole_s")}
    ideal_s = -(-jobs // SLOTS) * seconds
    return {"jobs": jobs, "seconds": seconds, "ideal_s": ideal_s, "runs": runs, "median": middle} | {
        "ratio": ratios
    }


class Bench:
    """A folder of scans and an engine that sleeps.

    Attributes
    ----------
    engine
        What the engine must find in its environment, wherever it runs.
    env
        The environment of our own program.
    """

    def __init__(self, folder: Path, jobs: int, seconds: float) -> None:
        self._folder, self._scans = folder, folder / "scans"
        self._results = folder / "scans_rec"
        self._stamps = folder / "stamps"
        self._jobs = jobs
        self.engine = engine_variables(folder, seconds)
        self.env = own_home(folder / "home") | self.engine
        write_scans(self._scans, jobs)

    def ours(self, number: int, machine: str = "") -> dict[str, object]:
        """A run of our own program, on this host or on another machine."""
        argv = [TOMOBATCH, "run", "full", self._scans, "--engine-command", ENGINE, "--gpus", SLOTS]
        argv += ["--machine", machine] if machine else []
        run = self._run(f"{OURS}, {machine}" if machine else OURS, number, list(map(str, argv)))
        run |= gaps_on_slots(run["stamps"])
        self._keep_arguments()
        return _without_stamps(run)

    def xargs(self, number: int) -> dict[str, object]:
        """The same engine with the same arguments by ``xargs``."""
        argv = ["xargs", "-0", "-n", str(self._width), "-P", str(SLOTS), str(ENGINE)]
        run = self._run(XARGS, number, argv, self._folder / "arguments")
        run |= _gaps(_gaps_in_order(run["stamps"]))
        return _without_stamps(run)

    def _run(
        self, program: str, number: int, argv: list[str], stdin: Path | None = None
    ) -> dict[str, object]:
        shutil.rmtree(self._results, ignore_errors=True)
        self._stamps.unlink(missing_ok=True)
        cost = run_timed(argv, self.env, stdin)
        stamps = read_stamps(self._stamps)
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


def engine_variables(folder: Path, seconds: float, chatter: int = 0) -> dict[str, str]:
    """What the engine reads from its environment; its slice is made, its stamps go into `folder`."""
    picture = folder / "slice.tiff"
    tifffile.imwrite(picture, np.random.default_rng(1).random((PIXELS, PIXELS), np.float32))
    variables = {"BENCH_SLICE": str(picture), "BENCH_SECONDS": str(seconds)}
    variables |= {"BENCH_CHATTER": str(chatter)} if chatter else {}
    return variables | {"BENCH_STAMPS": str(folder / "stamps")}


def write_scans(folder: Path, count: int) -> None:
    """A folder of small whole scans, each with a COR."""
    folder.mkdir()
    names = [f"scan_{number:04d}.h5" for number in range(count)]
    for name in names:
        write_scan(folder / name)
    cors = "".join(f"{name},{PIXELS / 2}\n" for name in names)
    (folder / "batch_cor_values.csv").write_text(f"Filename,COR\n{cors}")


def write_scan(path: Path) -> None:
    """A small whole scan."""
    with h5py.File(path, "w") as file:
        file["exchange/data"] = np.full((6, 2, PIXELS), 700, np.uint16)
        file["exchange/data_white"] = np.full((2, 2, PIXELS), 1000, np.uint16)
        file["exchange/data_dark"] = np.full((2, 2, PIXELS), 10, np.uint16)
        file["exchange/theta"] = np.linspace(0, 180, 6)


def read_stamps(file: Path) -> list[Stamp]:
    """What the engines wrote, in the order of time."""
    lines = (line.split() for line in file.read_text().splitlines())
    stamps = [Stamp(word, float(time_s), slot) for word, time_s, slot in lines]
    return sorted(stamps, key=lambda stamp: stamp.time_s)


def gaps_on_slots(stamps: list[Stamp]) -> dict[str, float]:
    """How long a slot stood still between two jobs."""
    return _gaps(gap for slot in _by_slot(stamps) for gap in _gaps_on_slot(slot))


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


def _gaps(gaps: Iterable[float]) -> dict[str, float]:
    in_ms = 1000 * np.array(list(gaps))
    return {
        "gap_median_ms": float(np.median(in_ms)),
        "gap_90_ms": float(np.quantile(in_ms, 0.9)),
        "gap_max_ms": float(in_ms.max()),
    }


def _without_stamps(run: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in run.items() if key != "stamps"}


def middle_of(runs: list[dict[str, object]]) -> dict[str, object]:
    """Medians of all figures of several runs."""
    numbers = [key for key, value in runs[0].items() if isinstance(value, float)]
    return {"program": runs[0]["program"]} | {
        key: statistics.median(run[key] for run in runs) for key in numbers
    }


COLUMNS: tuple[Column, ...] = (
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
    return table(title, COLUMNS, rows)
