"""Real hosts for the tests of the whole program: an sshd each, with its own home, locks and GPUs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fakes.nvidia_smi import NvidiaSmi
from machines.networks import Network, can_make_networks
from machines.server import LOOPBACK, Server
from missing import missing
from system.stand import ENGINE, Stand
from tomobatch.config.machines import DEFAULT_MACHINES, MachineEntry, machines_path, write_machines

# Whatever the machine's own disks and kernel are to look like is mounted where nobody else sees it.
_OWN_MOUNTS = """set -e
mount --bind "$1" /proc/sys/kernel/random/boot_id
{mounts}
shift
exec "$@"
"""


class Host:
    """One machine: a server, a home, GPUs; in a network of its own where that can be made.

    Parameters
    ----------
    mounts
        Shell text that mounts what this host alone sees; for root alone.
    settings
        More lines of its server's configuration.
    variables
        More of the environment of all that log in.
    """

    def __init__(
        self,
        stand: Stand,
        name: str,
        gpus: int,
        own_network: bool,
        *,
        mounts: str | None = None,
        settings: tuple[str, ...] = (),
        **variables: str,
    ) -> None:
        self.name, self.gpus = name, gpus
        self.folder = folder = stand.folder / name
        home, self.locks = folder / "home", folder / "locks"
        home.mkdir(parents=True)
        self.locks.mkdir(mode=0o1777)
        self.boot_id = folder / "boot_id"
        self.boot_id.write_text(f"{uuid.uuid4()}\n")
        replays = {key: value for key, value in stand.env.items() if key.startswith("REPLAY_")}
        self.network = Network() if own_network else None
        self.programs = NvidiaSmi.at(folder).folder / "bin"
        python = self.programs / "python3"
        self.server = Server(
            folder / "sshd",
            home,
            variables={
                **replays,
                **NvidiaSmi(folder, gpus).env,
                "TOMOBATCH_LOCK_FOLDER": str(self.locks),
                **variables,
            },
            address=self.network.address if self.network else LOOPBACK,
            within=(*(self.network.within if self.network else ()), *self._own(mounts)),
            settings=settings,
        )
        # results are checked where they were made, by a Python found there
        python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        python.chmod(0o755)
        self.server.start()
        self.server.configure(Path(os.environ["HOME"]) / ".ssh", name)

    def _own(self, mounts: str | None) -> tuple[str, ...]:
        if mounts is None:
            return ()
        return ("unshare", "-m", "sh", "-c", _OWN_MOUNTS.format(mounts=mounts), "sh", str(self.boot_id))

    @property
    def jobs(self) -> Path:
        """Where the jobs' folders lie there."""
        return self.server.home / ".local" / "state" / "tomobatch" / "far" / "jobs"

    @property
    def connections(self) -> int:
        """How often anybody has logged in."""
        return (self.server.folder / "log").read_text().count("Accepted publickey")

    def processes(self) -> list[int]:
        """All that run there, but for its server."""
        home, found = f"HOME={self.server.home}".encode(), []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if home in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
        return found

    def reboot(self) -> None:
        """Everything there ends at once, and its kernel begins anew."""
        self.server.stop()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.boot_id.write_text(f"{uuid.uuid4()}\n")
        self.server.start()

    def end(self) -> None:
        """Take it away."""
        self.server.stop()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.network is not None:
            self.network.remove()


class Hosts:
    """Several of them, and the list of machines that names them.

    Parameters
    ----------
    seconds
        How long an engine takes.
    how
        See `Host`, the same for all of them.
    gpus
        How many each has, by its name.
    """

    def __init__(
        self,
        stand: Stand,
        seconds: float | None = None,
        how: Mapping[str, Any] | None = None,
        **gpus: int,
    ) -> None:
        if seconds is not None:
            stand.env["REPLAY_SECONDS"] = str(seconds)
        own_network = can_make_networks()
        self.all: list[Host] = []
        try:
            for name, count in gpus.items():
                self.all.append(Host(stand, name, count, own_network, **how or {}))
        except BaseException:
            self.end()
            raise
        self.list()

    def list(self, **changes: object) -> None:
        """Write the list of machines."""
        entries = [
            MachineEntry(host.name, host=host.name, gpus=host.gpus, engine=str(ENGINE)) for host in self.all
        ]
        local = DEFAULT_MACHINES[0]
        write_machines(
            machines_path(),
            [
                MachineEntry(local.name, local.kind, gpus=1, in_any=False),
                *(replace(entry, **changes) for entry in entries),
            ],
        )

    def end(self) -> None:
        """Take them away."""
        for host in self.all:
            host.end()


def require_mounts() -> None:
    """Skip where nothing can be mounted for one host alone: root may."""
    done = subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "tomobatch-test", "/mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        missing(f"a host cannot have mounts of its own here (root may): {done.stderr.strip()}")
