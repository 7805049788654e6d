"""A program that schedules, and tells what that cost: ``python -m benchmarks.scheduling ABOUT``, all in JSON.

It queues a Full of each scan of a folder as the command line does, without its display. Jobs that only warm
up (the connection, the judges) are seen through first and do not count. Before those that count begin, and
when they have ended, it prints `STAGE` and reads a line: whoever started it may look at the hosts meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.lateness import Ticks
from tomobatch.batch.states import JobState
from tomobatch.recon.kinds import Kind
from tomobatch.station.station import Station
from tomobatch.workspace import ScanRow, Workspace

STAGE = "stage"


class Meter:
    """Seconds by the clock, of the loop's thread and of the process."""

    def __init__(self) -> None:
        self._before = self._now()

    @staticmethod
    def _now() -> tuple[float, float, float]:
        return time.perf_counter(), time.thread_time(), time.process_time()

    def end(self) -> dict[str, float]:
        spent = [now - before for now, before in zip(self._now(), self._before, strict=True)]
        return dict(zip(("wall_s", "loop_cpu_s", "cpu_s"), spent, strict=True))


def peak_mib() -> float:
    """The most memory this process had; not getrusage's, which begins with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1024


async def measure(folder: Path, machine: str, warm: int, ticks: bool) -> dict[str, float]:
    """Run them all; what those cost that count."""
    async with Station() as station:
        if not station.lease.try_take():
            raise RuntimeError("another program schedules")
        workspace = Workspace(folder, station.looking)
        workspace.load_csv_by_itself()
        scans = await workspace.load()
        if warm:
            await _see_through(station, await _queue(station, machine, scans[:warm]))
        before_mib, queueing = peak_mib(), Meter()
        uids = await _queue(station, machine, scans[warm:])
        queued_s = queueing.end()["wall_s"]
        await _reach_stage()
        loop, meter = Ticks() if ticks else None, Meter()
        await _see_through(station, uids)
        spent = meter.end() | (loop.end() if loop else {}) | {"queued_s": queued_s}
        await _reach_stage()
        peak = {"peak_mib": peak_mib(), "grown_mib": peak_mib() - before_mib}
    helpers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent | peak | {"jobs": len(scans) - warm, "helpers_cpu_s": helpers.ru_utime + helpers.ru_stime}


async def _reach_stage() -> None:
    print(STAGE, flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def _queue(station: Station, machine: str, scans: Sequence[ScanRow]) -> list[str]:
    submission = station.submit(Kind.FULL, scans, machine, await station.engine(machine), {})
    if submission.refused:
        raise RuntimeError(f"{len(submission.refused)} scans were refused: {submission.refused[:3]}")
    return [row.uid for row in submission.rows]


async def _see_through(station: Station, uids: Sequence[str]) -> None:
    await station.schedule()
    rows = [station.journal.row(uid) for uid in uids]
    bad = [row.note for row in rows if row.state is not JobState.COMPLETE]
    if bad:
        raise RuntimeError(f"{len(bad)} of {len(rows)} are not complete: {bad[:3]}")


if __name__ == "__main__":
    about = json.loads(sys.argv[1])
    told = asyncio.run(measure(Path(about["folder"]), about["machine"], about["warm"], about["ticks"]))
    print(json.dumps(told), flush=True)
