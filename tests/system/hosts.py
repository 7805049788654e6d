"""Real hosts for the tests of the whole program: an sshd each, with its own home, locks and GPUs."""

from __future__ import annotations

import os
from pathlib import Path

from fakes.nvidia_smi import NvidiaSmi
from machines.networks import Network, can_make_networks
from machines.server import LOOPBACK, Server
from system.stand import ENGINE, Stand
from tomobatch.config.machines import DEFAULT_MACHINES, MachineEntry, machines_path, write_machines


class Host:
    """One machine: a server, a home, GPUs; in a network of its own where that can be made."""

    def __init__(self, stand: Stand, name: str, gpus: int, own_network: bool) -> None:
        self.name, self.gpus = name, gpus
        folder = stand.folder / name
        home, locks = folder / "home", folder / "locks"
        home.mkdir(parents=True)
        locks.mkdir(mode=0o1777)
        replays = {key: value for key, value in stand.env.items() if key.startswith("REPLAY_")}
        self.network = Network() if own_network else None
        self.server = Server(
            folder / "sshd",
            home,
            variables={**replays, **NvidiaSmi(folder, gpus).env, "TOMOBATCH_LOCK_FOLDER": str(locks)},
            address=self.network.address if self.network else LOOPBACK,
            within=self.network.within if self.network else (),
        )
        self.server.start()
        self.server.configure(Path(os.environ["HOME"]) / ".ssh", name)

    @property
    def jobs(self) -> Path:
        """Where the jobs' folders lie there."""
        return self.server.home / ".local" / "state" / "tomobatch" / "far" / "jobs"

    def end(self) -> None:
        """Take it away."""
        self.server.stop()
        if self.network is not None:
            self.network.remove()


class Hosts:
    """Several of them, and the list of machines that names them."""

    def __init__(self, stand: Stand, seconds: float | None = None, **gpus: int) -> None:
        if seconds is not None:
            stand.env["REPLAY_SECONDS"] = str(seconds)
        own_network = can_make_networks()
        self.all: list[Host] = []
        try:
            for name, count in gpus.items():
                self.all.append(Host(stand, name, count, own_network))
        except BaseException:
            self.end()
            raise
        entries = [
            MachineEntry(host.name, host=host.name, gpus=host.gpus, engine=str(ENGINE)) for host in self.all
        ]
        local = DEFAULT_MACHINES[0]
        write_machines(
            machines_path(), [MachineEntry(local.name, local.kind, gpus=1, in_any=False), *entries]
        )

    def end(self) -> None:
        """Take them away."""
        for host in self.all:
            host.end()
