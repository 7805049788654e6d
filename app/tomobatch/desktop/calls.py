"""Calls of later starts of the program, as the first window takes them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

READ_S = 5.0
_MOST_BYTES = 65536

OnCall = Callable[[str | None], bool]


class Calls:
    """Listens on a socket; see `tomobatch.desktop.single.Single`.

    Parameters
    ----------
    on_call
        Called with the folder that a later start was to open, or None; False where the window is
        closing, and the later start is to have one of its own.
    """

    def __init__(self, socket_path: Path, on_call: OnCall) -> None:
        self._path, self._on_call = socket_path, on_call
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        """Take calls; where that cannot be, later starts only hear that a window is open."""
        try:
            self._path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._answer, self._path, limit=_MOST_BYTES)
            self._path.chmod(0o600)
        except OSError as error:
            log.warning("later starts cannot call this window: %s", error)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(READ_S):
                folder = json.loads(await reader.readline())
            if self._on_call(folder if isinstance(folder, str) else None):
                writer.write(b"ok\n")
                await writer.drain()
        except (OSError, ValueError, TimeoutError) as error:
            log.warning("a call of another start could not be read: %s", error)
        finally:
            writer.close()

    def close(self) -> None:
        """Take no more."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
            self._server = None
