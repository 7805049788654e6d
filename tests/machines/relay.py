"""A way between two ends of a TCP connection that can be cut, or fall silent, as a network does."""

from __future__ import annotations

import asyncio
import contextlib


class Relay:
    """Listens on a port of its own and passes bytes on.

    Attributes
    ----------
    port
        Where it listens.
    passed
        Bytes that went to the server.
    most
        How many connections it takes in all; None: any number.
    """

    def __init__(self, address: str, port: int) -> None:
        self._far = (address, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._answers = asyncio.Event()
        self._answers.set()
        self._cut_after: int | None = None
        self.port = self.passed = 0
        self.most: int | None = None

    async def __aenter__(self) -> Relay:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flows.wait()
        if self.most is not None:
            self.most -= 1
            if self.most < 0:
                writer.transport.abort()
                return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._far)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        for source, sink, counts in ((reader, far_writer, True), (far_reader, writer, False)):
            task = asyncio.create_task(self._pass_on(source, sink, counts))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, counts: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                await self._flows.wait()
                if not counts:
                    await self._answers.wait()
                if counts:
                    self.passed += len(data)
                    if self._cut_after is not None and self.passed >= self._cut_after:
                        self.cut()
                        return
                sink.write(data)
                await sink.drain()
        sink.transport.abort()

    def cut(self) -> None:
        """Break all connections at once; new ones may be made."""
        self._cut_after = None
        self._answers.set()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def cut_after(self, bytes_more: int) -> None:
        """Break all connections when so many more bytes have gone to the server; those are lost."""
        self._cut_after = self.passed + bytes_more

    def fall_silent(self) -> None:
        """Pass nothing on, and tell nobody."""
        self._flows.clear()

    def keep_answers(self) -> None:
        """Pass on what goes to the server, and nothing that comes back, until the connections are cut."""
        self._answers.clear()

    def flow(self) -> None:
        """Pass everything on again."""
        self._flows.set()
