"""Another host as its sessions show it: shells of this one, whose way can be cut, with a Python to choose."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Reach, Standing

ALL = ("numpy", "h5py", "tifffile")


def make_python(folder: Path, modules=ALL, name="python3", before="") -> Path:
    """A Python that sees these modules and nothing else that is installed, this program least of all."""
    site = folder / "site"
    site.mkdir(parents=True, exist_ok=True)
    for module in modules:
        (site / module).symlink_to(Path(find_spec(module).origin).parent)
    python = folder / "bin" / name
    python.parent.mkdir(exist_ok=True)
    # Without `site` a virtual environment's own packages are not seen.
    python.write_text(f'#!/bin/sh\n{before}\nPYTHONPATH={site} exec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    seen = subprocess.run([python, "-c", "import tomobatch"], capture_output=True, text=True, check=False)
    assert before or "No module named 'tomobatch'" in seen.stderr
    return python


def make_engine(folder: Path, first_line: str, name="tomocupy") -> Path:
    """A console script, or what looks like one."""
    engine = folder / name
    engine.parent.mkdir(parents=True, exist_ok=True)
    engine.write_text(f"{first_line}\nimport tomocupy\n")
    engine.chmod(0o755)
    return engine


class ShellSession:
    """A shell in a process group of its own; implements `tomobatch.machines.far_worker.Session`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._cut = asyncio.Event()
        self.writes = 0
        """How often it was written to: the script, the modules, and then requests."""

    async def write(self, data: bytes) -> None:
        if self._cut.is_set():
            raise ConnectionResetError("cut")
        self._process.stdin.write(data)
        await self._process.stdin.drain()
        self.writes += 1

    async def read(self, most: int) -> bytes:
        return await self._unless_cut(self._process.stdout.read(most))

    async def read_stderr(self, most: int) -> bytes:
        return await self._unless_cut(self._process.stderr.read(most))

    async def _unless_cut(self, reading) -> bytes:
        cutting = asyncio.ensure_future(self._cut.wait())
        reading = asyncio.ensure_future(reading)
        try:
            await asyncio.wait([cutting, reading], return_when=asyncio.FIRST_COMPLETED)
            if self._cut.is_set():
                raise ConnectionResetError("cut")
            return reading.result()
        finally:
            cutting.cancel()
            reading.cancel()

    def close(self) -> None:
        if not self._cut.is_set():
            self._process.stdin.close()

    def cut(self) -> None:
        """Break the way there; what runs there does not notice."""
        self._cut.set()

    @property
    def pid(self) -> int:
        return self._process.pid

    def children(self) -> list[int]:
        """Processes of the shell."""
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    async def end(self) -> None:
        """End all of it, at the end of a test."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        # First: what nobody has read would keep it from being seen to end.
        self._process._transport.close()
        await self._process.wait()


class FarHost:
    """Opens sessions; implements `tomobatch.machines.far_worker.Host`.

    Attributes
    ----------
    environment
        Shell text that is run before each command.
    away
        Why it cannot be reached just now.
    """

    name = "tomo1"
    far = True
    standing = Standing(Reach.REACHABLE)

    async def attempt_folder(self, jobs_folder: Path, uid: str, attempt: int) -> Path:
        return jobs_folder / uid / str(attempt)

    async def host_id(self) -> str:
        return ""

    async def unseen(self, paths: Sequence[str]) -> list[str]:
        return []

    def __init__(self, path: Path | None = None, environment: str = "") -> None:
        self.environment = environment
        self.away: Exception | None = None
        self.sessions: list[ShellSession] = []
        self._path = path

    async def open_session(self, script: bytes) -> ShellSession:
        if self.away is not None:
            raise self.away
        env = os.environ | ({"PATH": f"{self._path}:/usr/bin:/bin"} if self._path else {})
        process = await asyncio.create_subprocess_exec(
            *("sh", "-s"), stdin=-1, stdout=-1, stderr=-1, env=env, start_new_session=True
        )
        session = ShellSession(process)
        self.sessions.append(session)
        await session.write(self.environment.encode() + b"\n" + script)
        return session

    async def end(self) -> None:
        for session in self.sessions:
            await session.end()


AWAY = TomoBatchError("unreachable", "tomo1 does not answer: is it switched on?")
