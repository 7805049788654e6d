"""Real hosts over SSH for stories in the live window, and the way to one of them, which a story can break."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from machines.networks import plug, unplug
from machines.relay import Relay
from system.hosts import Host
from system.stand import ENGINE
from tomobatch.config.machines import (
    LOCAL,
    MachineEntry,
    MachineKind,
    machines_path,
    write_machines,
)

MARK = "story-"


def list_hosts(hosts: Iterable[Host], engine: str = str(ENGINE)) -> None:
    """A machine list of these hosts, and Local, which Any machine does not use."""
    local = MachineEntry(LOCAL, MachineKind.LOCAL, in_any=False)
    far = (MachineEntry(host.name, host=host.name, engine=engine) for host in hosts)
    write_machines(machines_path(), [local, *far])


def forget_keys() -> None:
    """Nobody has met any host yet."""
    (Path.home() / ".ssh" / "known_hosts").unlink()


@dataclass
class Way:
    """The way to a host."""

    break_it: Callable[[], None]
    mend_it: Callable[[], None]


@asynccontextmanager
async def way_to(port: int, cable: str = "") -> AsyncIterator[Way]:
    """The way to the host that listens there on loopback, or at the other end of a cable.

    A cable that is pulled out is noticed by keep-alive alone, after seconds; a relay breaks at once.
    """
    if cable:
        yield Way(lambda: unplug(cable), lambda: plug(cable))
        return
    async with Relay("127.0.0.1", port) as relay:

        def break_it() -> None:
            relay.most = 0
            relay.cut()

        def mend_it() -> None:
            relay.most = None

        for name in ("config", "known_hosts"):
            file = Path.home() / ".ssh" / name
            file.write_text(file.read_text().replace(str(port), str(relay.port)))
        yield Way(break_it, mend_it)
