"""Hosts to log in to: a real sshd each on loopback, with its own home, locks and, where it can be, pids."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.jobs import read_stamps
from machines.server import Server
from tomobatch.config.machines import DEFAULT_MACHINES, MachineEntry, write_machines

# All that is started there has a number in a row, however much starts elsewhere on this machine.
_OWN_PIDS = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
_LOOK_EVERY_S, _MARGIN_S, _LEAST_S = 0.1, 1.0, 0.5


class FarHost:
    """One of them; `variables` are what everybody finds who logs in."""

    def __init__(self, folder: Path, variables: Mapping[str, str], own_pids: bool) -> None:
        home, locks = folder / "home", folder / "locks"
        home.mkdir(parents=True)
        locks.mkdir()
        # With a Python for those who judge, as tomocupy's own environment has one.
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        variables = {**variables, "PATH": path, "TOMOBATCH_LOCK_FOLDER": str(locks)}
        within = _OWN_PIDS if own_pids else ()
        self.server = Server(folder / "sshd", home, variables=variables, within=within)
        self._own_pids, self._looks = own_pids, 0
        self.server.start()

    def started(self) -> int | None:
        """How many processes and threads were started there so far; None where that is not known."""
        if not self._own_pids:
            return None
        self._looks += 1
        pids = f"--pid=/proc/{self.server.pid}/ns/pid_for_children"
        number = subprocess.run(
            ["nsenter", pids, "sh", "-c", "echo $$; true"], capture_output=True, text=True, check=True
        ).stdout
        return int(number) - self._looks


class Counts:
    """What was started on the hosts while jobs ran that count; and while all their slots were just busy.

    Parameters
    ----------
    stamps
        File of the engines.
    full
        How many have begun when every slot has its job.
    seconds
        How long a job lasts.
    """

    def __init__(self, hosts: Sequence[FarHost], stamps: Path, full: int, seconds: float) -> None:
        self._hosts, self._stamps, self._full, self._seconds = hosts, stamps, full, seconds
        self._first: int | None = None
        self._last: int | None = None
        self._still_per_min: float | None = None

    async def begin(self) -> None:
        """Count what was started before."""
        self._first = await self._all()

    async def end(self) -> None:
        """Count all."""
        self._last = await self._all()

    async def while_all_run(self) -> None:
        """Count between the last begin and the first end, where there is time enough."""
        begins: list[float] = []
        while len(begins) < self._full:
            await asyncio.sleep(_LOOK_EVERY_S)
            begins = self._begins()
        until_s = begins[0] + self._seconds - _MARGIN_S
        await asyncio.sleep(_MARGIN_S)
        before, began_s = await self._all(), time.time()
        if before is None or until_s - began_s < _LEAST_S:
            return
        await asyncio.sleep(until_s - began_s)
        started, took_s = await self._all() - before, time.time() - began_s
        self._still_per_min = started / len(self._hosts) / (took_s / 60)

    def _begins(self) -> list[float]:
        stamps = read_stamps(self._stamps) if self._stamps.exists() else []
        return [stamp.time_s for stamp in stamps if stamp.word == "begin"]

    async def _all(self) -> int | None:
        numbers = [await asyncio.to_thread(host.started) for host in self._hosts]
        return None if None in numbers else sum(numbers)

    def figures(self, jobs: int, engines: int | None, span_s: float) -> dict[str, float | None]:
        """What was started by us, where an engine is so many processes."""
        if self._first is None or self._last is None or engines is None:
            return dict.fromkeys(("ours", "ours_per_job", "ours_per_min", "still_per_min"))
        ours = self._last - self._first - jobs * engines
        return {
            "engine": engines,
            "ours": ours,
            "ours_per_job": ours / jobs,
            "ours_per_min": ours / len(self._hosts) / (span_s / 60),
            "still_per_min": self._still_per_min,
        }


@contextmanager
def far_hosts(
    folder: Path, home: Path, names: Sequence[str], gpus: int, engine: Path, variables: Mapping[str, str]
) -> Iterator[list[FarHost]]:
    """Hosts of these names in the machine list and the SSH configuration of a home."""
    own_pids = can_have_own_pids()
    hosts: list[FarHost] = []
    try:
        for name in names:
            hosts.append(FarHost(folder / name, variables, own_pids))
            hosts[-1].server.configure(home / ".ssh", name)
        local = MachineEntry(DEFAULT_MACHINES[0].name, DEFAULT_MACHINES[0].kind, gpus=1, in_any=False)
        entries = [MachineEntry(name, host=name, gpus=gpus, engine=str(engine)) for name in names]
        write_machines(home / "config" / "tomobatch" / "machines.toml", [local, *entries])
        yield hosts
    finally:
        for host in hosts:
            host.server.stop()


def can_have_own_pids() -> bool:
    """Whether this user may make namespaces of process numbers here."""
    if not (shutil.which("unshare") and shutil.which("nsenter")):
        return False
    return subprocess.run([*_OWN_PIDS, "true"], capture_output=True, check=False).returncode == 0


def started_by(argv: Sequence[str], variables: Mapping[str, str]) -> int | None:
    """How many processes a program is, itself and those it starts; None where that cannot be counted."""
    if not can_have_own_pids():
        return None
    script = '"$@" >/dev/null; sh -c "echo \\$\\$; true"; true'
    told = subprocess.run(
        [*_OWN_PIDS, "sh", "-c", script, "sh", *argv],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # The shells at the beginning and at the end are not its own.
    return int(told) - 2
