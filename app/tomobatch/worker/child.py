"""One run of the serving process, driven by the event loop: requests out, answers in, its end seen."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from typing import IO, Protocol, cast

from tomobatch.worker.lines import Lines

log = logging.getLogger(__name__)

_BYTES_AT_ONCE = 1 << 16


class ChildEndedError(Exception):
    """The process ended before it answered; the text says how."""


class ServingChild(Protocol):
    """What a caller needs of a serving process, wherever it runs."""

    ended: asyncio.Future[str]
    """Done once it has ended: how, in words."""

    @property
    def name(self) -> str:
        """What the log calls it."""

    async def ready(self) -> None:
        """Wait until it serves; `ChildEndedError` where it ends instead."""

    async def ask(self, request: bytes) -> bytes:
        """Send one line, wait for the answering line; `ChildEndedError` where the process ends instead."""

    def hang_up(self) -> None:
        """Tell it that nothing more will be asked, at which it ends by itself."""

    def kill(self) -> None:
        """End it whatever it does; `ended` tells when that has happened, and nobody need wait."""

    def forget(self) -> None:
        """Stop watching it, dead or not."""


class _Pipe:
    """Reads what arrives on a pipe and hands it on line by line."""

    def __init__(self, pipe: IO[bytes], on_line: Callable[[bytes], None]) -> None:
        self._pipe = pipe
        self._lines = Lines(on_line)
        os.set_blocking(pipe.fileno(), False)
        asyncio.get_running_loop().add_reader(pipe.fileno(), self.read)

    def read(self) -> None:
        """Take what is there."""
        while not self._pipe.closed:
            try:
                part = os.read(self._pipe.fileno(), _BYTES_AT_ONCE)
            except BlockingIOError:
                return
            if not part:
                self.close()
                return
            self._lines.take(part)

    def close(self) -> None:
        """Read no more."""
        if not self._pipe.closed:
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._pipe.close()


class Child:
    """A serving process of this host; one question at a time.

    Parameters
    ----------
    program
        Argument list.

    Raises
    ------
    OSError
        It could not be started.
    """

    def __init__(self, program: Sequence[str]) -> None:
        loop = asyncio.get_running_loop()
        # a session of its own: Ctrl-C in the terminal is the caller's business
        self._process = subprocess.Popen(
            list(program),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self._stdin = cast("IO[bytes]", self._process.stdin)
        os.set_blocking(self._stdin.fileno(), False)
        self._unsent = b""
        self._waiting: asyncio.Future[bytes] = loop.create_future()
        self.ended: asyncio.Future[str] = loop.create_future()
        """How it ended, in words."""
        self._answers = _Pipe(cast("IO[bytes]", self._process.stdout), self._on_answer)
        self._complaints = _Pipe(cast("IO[bytes]", self._process.stderr), self._on_complaint)
        self._pidfd = os.pidfd_open(self._process.pid)
        loop.add_reader(self._pidfd, self._on_end)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def name(self) -> str:
        """What the log calls it."""
        return str(self.pid)

    async def ready(self) -> None:
        """Wait for its first line; `ChildEndedError` where it ends instead."""
        await self._waiting

    async def ask(self, request: bytes) -> bytes:
        """Send one line, wait for the answering line; `ChildEndedError` where the process ends instead."""
        if self.ended.done():
            raise ChildEndedError(self.ended.result())
        self._waiting = asyncio.get_running_loop().create_future()
        self._unsent = request
        self._write()
        return await self._waiting

    def hang_up(self) -> None:
        """Close its input, at which it ends by itself."""
        if not self._stdin.closed:
            asyncio.get_running_loop().remove_writer(self._stdin.fileno())
            self._stdin.close()

    def kill(self) -> None:
        """Send SIGKILL. It may take its time to die (a hung mount): `ended` tells, nobody need wait."""
        self.hang_up()
        if self._pidfd >= 0:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def forget(self) -> None:
        """Stop watching it, dead or not."""
        if self._pidfd < 0:
            return
        self.hang_up()
        self._answers.close()
        self._complaints.close()
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._pidfd = -1

    def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._unsent = self._unsent[os.write(self._stdin.fileno(), self._unsent) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._unsent = b""  # it has ended: its end is about to be seen
        if self._unsent:
            loop.add_writer(self._stdin.fileno(), self._write)
        else:
            loop.remove_writer(self._stdin.fileno())

    def _on_answer(self, line: bytes) -> None:
        if not self._waiting.done():
            self._waiting.set_result(line)

    def _on_complaint(self, line: bytes) -> None:
        log.warning("worker %s: %s", self.name, line.decode("utf-8", "backslashreplace"))

    def _on_end(self) -> None:
        self._answers.read()
        self._complaints.read()
        how = _how_ended(self._process.wait())
        self.ended.set_result(how)
        if not self._waiting.done():
            self._waiting.set_exception(ChildEndedError(how))
        self.forget()


def _how_ended(status: int) -> str:
    return f"with status {status}" if status >= 0 else f"by {signal.Signals(-status).name}"
