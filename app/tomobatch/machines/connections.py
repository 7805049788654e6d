"""The connections to one host: one, and more only where it allows few sessions in each."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from tomobatch.errors import TomoBatchError
from tomobatch.machines.reply import NoSessionError

if TYPE_CHECKING:
    import asyncssh

_T = TypeVar("_T")

MOST_CONNECTIONS = 8


class Connections:
    """See the module's text.

    Parameters
    ----------
    first
        The one there is.
    log_in
        Makes another one; TomoBatchError where that fails.
    """

    def __init__(
        self,
        first: asyncssh.SSHClientConnection,
        log_in: Callable[[], Awaitable[asyncssh.SSHClientConnection]],
    ) -> None:
        self.first = first
        self._log_in = log_in
        self._more: list[asyncssh.SSHClientConnection] = []
        # two that find no room at the same time need but one more
        self._turn = asyncio.Lock()

    @property
    def count(self) -> int:
        """How many it took so far."""
        return 1 + len(self._more)

    async def open(self, opening: Callable[[asyncssh.SSHClientConnection], Awaitable[_T]]) -> _T:
        """Open a session wherever there is room; `NoSessionError` where the host allows no more at all."""
        async with self._turn:
            self._more = [connection for connection in self._more if not connection.is_closed()]
            for connection in (self.first, *self._more):
                with contextlib.suppress(NoSessionError):
                    return await opening(connection)
            return await opening(await self._another())

    async def _another(self) -> asyncssh.SSHClientConnection:
        if self.first.is_closed():
            raise NoSessionError("the connection was closed")
        if self.count == MOST_CONNECTIONS:
            raise NoSessionError(f"{self.count} connections are in use")
        try:
            connection = await self._log_in()
        except TomoBatchError as error:
            raise NoSessionError(f"another connection is refused: {error.sentence}") from error
        self._more.append(connection)
        return connection

    def abort(self) -> None:
        """Let go of all of them, at once."""
        for connection in (self.first, *self._more):
            connection.abort()

    async def hang_up(self, politely: Callable[[asyncssh.SSHClientConnection], Awaitable[None]]) -> None:
        """Let go of all of them."""
        await asyncio.gather(*(politely(connection) for connection in (self.first, *self._more)))
