"""The far side of a connection: what its host says of itself, and shells and sessions there."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tomobatch.machines.connections import Connections
from tomobatch.machines.reply import Reply

if TYPE_CHECKING:
    from tomobatch.machines.far_worker import Session
    from tomobatch.machines.link import SshTiming
    from tomobatch.machines.shell import Shell

MOST_PROBES = 3


@dataclass(frozen=True)
class Facts:
    """What a host says of itself when it is reached.

    Attributes
    ----------
    home
        Where this program keeps its things there.
    wrapper
        Name of the wrapper's file there.
    locks
        Where the locks of its GPUs lie.
    host_id
        Which host it is, whatever it is called here; empty where it does not say.
    """

    home: PurePosixPath
    wrapper: str
    locks: PurePosixPath
    boot_id: str
    host_id: str
    memory_bytes: int | None


@dataclass
class FarSide:
    """One connection, while it lasts."""

    connections: Connections
    control: Shell
    facts: Facts
    timing: SshTiming
    seen: Callable[[], None]
    _idle: list[Shell] = field(default_factory=list)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_PROBES))

    async def call(self, function: str, *arguments: str) -> Reply:
        """Call something small; `ShellLostError` where the connection is of no use any more."""
        reply = await self.control.call(function, *arguments, timeout_s=self.timing.call_s)
        self.seen()
        return reply

    async def open_shell(self) -> Shell:
        """Open a shell of one's own; `ShellLostError` where that host gives none."""
        open_shell = importlib.import_module("tomobatch.machines.shell").open_shell
        shell: Shell = await self.connections.open(lambda way: open_shell(way, self.timing.call_s))
        return shell

    async def open_session(self, environment: str, script: bytes) -> Session:
        """See `far_session.open_session`."""
        module = importlib.import_module("tomobatch.machines.far_session")
        async with asyncio.timeout(self.timing.call_s):
            session: Session = await self.connections.open(
                lambda way: module.open_session(way, environment, script)
            )
        return session

    @contextlib.asynccontextmanager
    async def probing(self) -> AsyncIterator[Shell]:
        """A shell for what may take long or hang: nothing that matters to jobs waits behind it."""
        async with self._room:
            shell = self._rested() or await self.open_shell()
            try:
                yield shell
            finally:
                if shell.busy or shell.lost:
                    shell.close()
                else:
                    self._idle.append(shell)

    def _rested(self) -> Shell | None:
        """A shell that was used before; those in a connection that broke meanwhile are of no use."""
        while self._idle:
            shell = self._idle.pop()
            if not shell.lost:
                return shell
        return None
