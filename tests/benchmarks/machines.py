"""Other machines: short jobs over SSH beside ``xargs -P``, many jobs on many hosts, what one job more costs.

All hosts are on this machine, so their work is done by the same cores. Processes are counted by their
numbers: each host has its own pids, and what the engine itself starts is taken off.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import scheduling
from benchmarks.far_hosts import Counts, far_hosts, started_by
from benchmarks.jobs import (
    COLUMNS,
    ENGINE,
    OURS,
    SLOTS,
    XARGS,
    Bench,
    engine_variables,
    gaps_on_slots,
    middle_of,
    read_stamps,
    write_scans,
)
from benchmarks.lateness import HOLDS, Ticks
from benchmarks.processes import own_home
from benchmarks.table import Column, table
from tomobatch.config.machines import ANY

HERE = Path(__file__).parent
FAR = "tomo1"
LIMIT_S = 900


def measure(quick: bool) -> dict[str, object]:
    """All figures of other machines."""
    with tempfile.TemporaryDirectory(prefix="tomobatch-bench-") as name:
        folder = Path(name)
        return {
            "beside": _beside(folder / "beside", *((8, 0.1, 1) if quick else (40, 0.5, 3))),
            "hosts": _many(folder, *((2, 2, 12, 4) if quick else (8, 8, 1000, 30))),
            "constant": _constant(folder, {8: 1, 16: 1} if quick else {10: 5, 100: 3, 1000: 1}),
        }


# -- beside xargs ---------------------------------------------------------------------------


def _beside(folder: Path, jobs: int, seconds: float, rounds: int) -> dict[str, object]:
    folder.mkdir()
    bench = Bench(folder, jobs, seconds)
    runs = []
    with far_hosts(folder, folder / "home", [FAR], SLOTS, ENGINE, bench.engine):
        for number in range(rounds):
            runs += [bench.ours(number), bench.ours(number, FAR), bench.xargs(number)]
    by_program = {
        name: [run for run in runs if run["program"] == name] for name in (OURS, f"{OURS}, {FAR}", XARGS)
    }
    base = by_program.pop(XARGS)
    return {
        "jobs": jobs,
        "seconds": seconds,
        "runs": runs,
        "median": [middle_of(of_one) for of_one in (*by_program.values(), base)],
        "ratios": [_ratios(name, of_one, base) for name, of_one in by_program.items()],
    }


def _ratios(
    name: str, runs: Sequence[Mapping[str, float]], base: Sequence[Mapping[str, float]]
) -> dict[str, object]:
    """Each round by itself, since the machine's other load changes between them."""
    pairs = list(zip(runs, base, strict=True))
    each = {key: [one[key] / other[key] for one, other in pairs] for key in ("span_s", "whole_s")}
    return {"program": f"{name} ÷ {XARGS}", "each": each} | {
        key: statistics.median(values) for key, values in each.items()
    }


# -- many jobs on many hosts ----------------------------------------------------------------


def _many(folder: Path, hosts: int, gpus: int, jobs: int, long_s: float) -> dict[str, object]:
    slots = hosts * gpus
    stage = _Stage(folder, hosts, gpus)
    short = stage.play("short jobs", jobs, 0.5, warm=2)
    silent = stage.play("long jobs, silent", slots, long_s)
    chatty = stage.play("long jobs, chatty", slots, long_s, chatter=2000)
    return {"hosts": hosts, "slots": slots, "rows": [short, silent, chatty]} | _commands(
        short, silent, chatty
    )


def _commands(short: dict, silent: dict, chatty: dict) -> dict[str, object]:
    """Processes of ours a minute and host while jobs run and none begins or ends."""
    if silent["still_per_min"] is None:
        return {"silent_per_min": None, "chatty_per_min": None}
    more = (chatty["ours"] - silent["ours"]) / silent["hosts"] / (chatty["wall_s"] / 60)
    # those of the engines were counted, too
    chatty["still_per_min"] = None
    return {"silent_per_min": silent["still_per_min"], "chatty_per_min": silent["still_per_min"] + more}


class _Stage:
    def __init__(self, folder: Path, hosts: int, gpus: int) -> None:
        self._folder, self._names, self._gpus = folder, [f"host{number}" for number in range(hosts)], gpus

    def play(
        self, what: str, jobs: int, seconds: float, *, warm: int = 0, chatter: int = 0
    ) -> dict[str, object]:
        """Run so many jobs after a few that warm up; what that cost here, and started there."""
        folder = self._folder / what.replace(" ", "-")
        folder.mkdir()
        engine, warm = engine_variables(folder, seconds, chatter), warm * len(self._names)
        env = own_home(folder / "home")
        write_scans(folder / "scans", warm + jobs)
        about = {"folder": str(folder / "scans"), "machine": ANY, "warm": warm, "ticks": True}
        with far_hosts(folder, folder / "home", self._names, self._gpus, ENGINE, engine) as hosts:
            counts = Counts(hosts, folder / "stamps", warm + len(hosts) * self._gpus, seconds)
            told, beside = asyncio.run(_with_bystander(about, env, counts))
        call = [str(ENGINE), "recon", f"--out-path-name={folder / 'alone'}"]
        own = started_by(call, engine | {"BENCH_SECONDS": "0"})
        return {"what": what, "hosts": len(hosts), "seconds": seconds, "bystander": beside} | (
            told | counts.figures(jobs, own, told["wall_s"])
        )


async def _with_bystander(
    about: Mapping[str, object], env: Mapping[str, str], counts: Counts
) -> tuple[dict[str, float], dict[str, float]]:
    """Figures of the program that schedules, and how late a timer was in this process, which does nothing."""
    child = await _scheduling(about, env)
    try:
        async with asyncio.timeout(LIMIT_S):
            await _next_stage(child)
            await counts.begin()
            still, ticks = asyncio.create_task(counts.while_all_run()), Ticks()
            child.stdin.write(b"\n")
            await _next_stage(child)
            beside = ticks.end()
            still.cancel()
            await counts.end()
            return await _figures(child), beside
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def _scheduling(about: Mapping[str, object], env: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", scheduling.__name__, json.dumps(about)),
        env={**env, "PYTHONPATH": str(HERE.parent)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def _next_stage(child: asyncio.subprocess.Process) -> None:
    line = await child.stdout.readline()
    if line.decode().strip() != scheduling.STAGE:
        raise RuntimeError(f"the program that schedules ended with status {await child.wait()}")


async def _figures(child: asyncio.subprocess.Process) -> dict[str, float]:
    said, _ = await child.communicate(b"\n")
    return json.loads(said)


# -- what a job costs -----------------------------------------------------------------------


def _constant(folder: Path, rounds: Mapping[int, int]) -> list[dict[str, object]]:
    return [
        _middle_cost([_cost(folder / f"constant-{jobs}-{number}", jobs) for number in range(count)])
        for jobs, count in rounds.items()
    ]


def _cost(folder: Path, jobs: int) -> dict[str, float]:
    """What so many jobs that do nothing cost, once the connection is there and the judge."""
    folder.mkdir()
    engine, env = engine_variables(folder, 0), own_home(folder / "home")
    write_scans(folder / "scans", SLOTS + jobs)
    about = {"folder": str(folder / "scans"), "machine": FAR, "warm": SLOTS, "ticks": False}
    with far_hosts(folder, folder / "home", [FAR], SLOTS, ENGINE, engine):
        told = asyncio.run(_alone(about, env))
    gaps_ms = gaps_on_slots(read_stamps(folder / "stamps")[2 * SLOTS :])
    return {
        "jobs": jobs,
        "loop_cpu_ms": 1000 * told["loop_cpu_s"] / jobs,
        "cpu_ms": 1000 * told["cpu_s"] / jobs,
        "wall_ms": 1000 * told["wall_s"] / jobs,
        "peak_mib": told["peak_mib"],
    } | gaps_ms


async def _alone(about: Mapping[str, object], env: Mapping[str, str]) -> dict[str, float]:
    child = await _scheduling(about, env)
    try:
        async with asyncio.timeout(LIMIT_S):
            for _ in range(2):
                await _next_stage(child)
                child.stdin.write(b"\n")
            return await _figures(child)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


def _middle_cost(runs: Sequence[Mapping[str, float]]) -> dict[str, object]:
    return {"rounds": len(runs)} | {key: statistics.median(run[key] for run in runs) for key in runs[0]}


# -- tables ---------------------------------------------------------------------------------

_COSTS: tuple[Column, ...] = (
    ("jobs", "what", ""),
    ("number", "jobs", "d"),
    ("s each", "seconds", "g"),
    ("queued in, s", "queued_s", ".2f"),
    ("all, s", "wall_s", ".1f"),
    ("CPU of the loop, s", "loop_cpu_s", ".2f"),
    ("of the process", "cpu_s", ".2f"),
    ("peak memory, MiB", "peak_mib", ".0f"),
    ("started there a job", "ours_per_job", ".1f"),
    ("a host and minute", "ours_per_min", ".0f"),
    ("while all run", "still_per_min", ".0f"),
)
_LOOPS: tuple[Column, ...] = (
    ("jobs", "what", ""),
    *HOLDS,
    ("most computed, ms", "computed_max_ms", ".1f"),
)
_CONSTANT: tuple[Column, ...] = (
    ("jobs", "jobs", "d"),
    ("rounds", "rounds", "d"),
    ("CPU of the loop, ms a job", "loop_cpu_ms", ".2f"),
    ("of the process", "cpu_ms", ".2f"),
    ("by the clock, ms a job", "wall_ms", ".1f"),
    ("gap median, ms", "gap_median_ms", ".1f"),
    ("90 %", "gap_90_ms", ".1f"),
    ("most", "gap_max_ms", ".1f"),
    ("peak memory, MiB", "peak_mib", ".0f"),
)


def report(figures: dict[str, object]) -> str:
    """Tables of what `measure` gives."""
    return "\n".join(
        [_beside_report(figures["beside"]), _hosts_report(figures["hosts"]), _constant_report(figures)]
    )


def _beside_report(beside: Mapping[str, object]) -> str:
    title = f"Machines: {beside['jobs']} jobs of {beside['seconds']} s on {SLOTS} slots, over SSH to loopback"
    rows = [*beside["runs"], *({**run, "round": "median"} for run in beside["median"])]
    return table(title, COLUMNS, [*rows, *({**ratio, "round": "in pairs"} for ratio in beside["ratios"])])


def _hosts_report(hosts: Mapping[str, object]) -> str:
    loops = []
    for row in hosts["rows"]:
        loops += [row, {**row["bystander"], "what": f"{row['what']}: beside, idle"}]
    title = f"Machines: {hosts['slots']} slots on {hosts['hosts']} hosts, all on this machine"
    return "\n".join(
        [
            table(title, _COSTS, hosts["rows"]),
            table("Event loop of the program that schedules, and of an idle one beside it", _LOOPS, loops),
            table("Processes of ours, a host and minute, while jobs just run", _COMMANDS, [hosts]),
        ]
    )


def _constant_report(figures: Mapping[str, object]) -> str:
    return table(
        f"Cost of a job that does nothing, on {SLOTS} slots over SSH", _CONSTANT, figures["constant"]
    )


_COMMANDS: tuple[Column, ...] = (("silent", "silent_per_min", ".0f"), ("chatty", "chatty_per_min", ".0f"))
