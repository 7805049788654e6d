"""A shell on the far side: functions of ``far.sh`` called one after the other over one SSH session."""

from __future__ import annotations

import asyncio
import os
import secrets
import shlex
from collections.abc import Callable
from typing import Any, TypeVar

import asyncssh

from tomobatch.machines import shell_text
from tomobatch.machines.reply import NoSessionError, Reply, ShellLostError

REMOTE_COMMAND = "exec sh -s"
"""Always the same: whatever else there is to say goes by standard input, where no login shell reads it."""

MOST_BYTES = 1 << 26
"""Of one answer; a host that says more than any answer holds must not fill the memory here."""

_STDERR = asyncssh.EXTENDED_DATA_STDERR


_T = TypeVar("_T")


class _Stream:
    """Bytes that came so far, looked through once for the end of an answer."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._seen = 0

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, data: bytes) -> None:
        self._bytes += data

    def until(self, mark: bytes) -> bytes | None:
        """All up to the line that begins with a mark, which is taken away; None while it is not there."""
        place = self._bytes.find(mark, max(0, self._seen - len(mark)))
        end = self._bytes.find(b"\n", place + len(mark)) if place >= 0 else -1
        if end < 0:
            self._seen = len(self._bytes) if place < 0 else place
            return None
        whole = bytes(self._bytes[: end + 1])
        del self._bytes[: end + 1]
        self._seen = 0
        return whole

    def word_after(self, mark: bytes) -> bytes | None:
        """The word behind a mark, which stays; None while it is not there."""
        _, found, rest = self._bytes.partition(mark)
        word, whole, _ = rest.partition(b"\n")
        return bytes(word) if found and whole else None


class Exchange:
    """A call that is under way.

    Attributes
    ----------
    reply
        Ends with the answer, or `ShellLostError`; it goes on when nobody waits for it.
    """

    def __init__(self, shell: Shell, token: str, reply: asyncio.Task[Reply]) -> None:
        self._shell, self.token, self.reply = shell, token, reply

    async def early(self, word: str) -> str | None:
        """The second word of a section, as soon as it has come; None where the call ends without it."""
        return await self._shell.early(self, word)


class Shell:
    """One SSH session; made by `open_shell`. Calls wait for one another.

    Attributes
    ----------
    lost
        Why it cannot be called any more; empty while it can.
    """

    def __init__(self) -> None:
        self.lost = ""
        self._channel: Any = None
        self._out, self._err = _Stream(), _Stream()
        self._turn = asyncio.Lock()
        self._came = asyncio.Event()
        self._exchanges: set[asyncio.Task[Reply]] = set()

    # -- what asyncssh calls ------------------------------------------------------------------

    def connection_made(self, channel: Any) -> None:  # noqa: ANN401 - asyncssh's own type
        """Take the channel."""
        self._channel = channel

    def session_started(self) -> None:
        """Nothing to do: whoever opened it knows."""

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Take output."""
        if self.lost:
            return
        stream = self._err if datatype == _STDERR else self._out
        stream.add(data)
        if len(stream) > MOST_BYTES:
            self._end(f"it says more than {MOST_BYTES} bytes")
        self._came.set()

    def eof_received(self) -> bool:
        """Close it, too."""
        return False

    def exit_status_received(self, status: int) -> None:
        """Note that the shell has ended."""
        self._lose(f"its shell ended with status {status}")

    def exit_signal_received(self, signal: str, _core: bool, _message: str, _language: str) -> None:
        """Note that the shell was ended."""
        self._lose(f"its shell was ended by SIG{signal}")

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the way there broke."""
        self._lose(str(error) if error else "the connection was closed")

    def pause_writing(self) -> None:
        """Calls are short, and one waits for the other."""

    def resume_writing(self) -> None:
        """See `pause_writing`."""

    def _lose(self, why: str) -> None:
        self.lost = self.lost or why
        self._came.set()

    # -- calls --------------------------------------------------------------------------------

    def say(self, text: bytes) -> None:
        """Send text for the shell to read."""
        try:
            self._channel.write(text)
        except (OSError, asyncssh.Error) as error:
            self._lose(str(error))

    async def call(self, function: str, *arguments: str, timeout_s: float) -> Reply:
        """Call a function of ``far.sh``; arguments arrive byte for byte.

        One that is cancelled goes on in the background: its answer must not be taken for the next one's.

        Raises
        ------
        ShellLostError
            The shell cannot be called any more.
        """
        return await asyncio.shield(self.begin(function, *arguments, timeout_s=timeout_s).reply)

    def begin(self, function: str, *arguments: str, timeout_s: float) -> Exchange:
        """Begin what `call` does."""
        token = secrets.token_hex(16)
        words = ("tb_call", token, function, *map(shlex.quote, arguments))
        line = os.fsencode(" ".join(words)) + b"\n"
        reply = asyncio.create_task(self._exchange(token, line, timeout_s), name=f"calling {function}")
        self._exchanges.add(reply)
        reply.add_done_callback(self._forget)
        return Exchange(self, token, reply)

    def _forget(self, reply: asyncio.Task[Reply]) -> None:
        self._exchanges.discard(reply)
        if not reply.cancelled():
            # it may be that nobody waits for it any more
            reply.exception()

    async def early(self, exchange: Exchange, word: str) -> str | None:
        """See `Exchange.early`."""
        mark = f"\n{exchange.token} {word} ".encode()
        while (found := self._out.word_after(mark)) is None:
            if exchange.reply.done() or self.lost:
                return None
            self._came.clear()
            coming = asyncio.ensure_future(self._came.wait())
            await asyncio.wait((coming, exchange.reply), return_when=asyncio.FIRST_COMPLETED)
            coming.cancel()
        return found.decode("utf-8", "replace")

    async def _exchange(self, token: str, line: bytes, timeout_s: float) -> Reply:
        async with self._turn:
            if not self.lost:
                self.say(line)
            try:
                async with asyncio.timeout(timeout_s):
                    return await self._answer(token)
            except TimeoutError:
                self._end(f"no answer within {timeout_s:g} s")
                raise ShellLostError(self.lost) from None

    async def _answer(self, token: str) -> Reply:
        mark = f"\n{token} end ".encode()
        out = await self._until(self._out, mark)
        err = await self._until(self._err, mark)
        return Reply.parsed(out, err, token)

    async def _until(self, stream: _Stream, mark: bytes) -> bytes:
        while (whole := stream.until(mark)) is None:
            if self.lost:
                raise ShellLostError(self.lost)
            self._came.clear()
            await self._came.wait()
        return whole

    @property
    def busy(self) -> bool:
        """Whether a call is under way."""
        return bool(self._exchanges)

    def close(self) -> None:
        """Call it no more; calls under way fail."""
        self._end("it was closed")

    def _end(self, why: str) -> None:
        self._lose(why)
        if self._channel is not None:
            self._channel.abort()


async def unless_late(opening: asyncio.Future[_T], close: Callable[[_T], None]) -> _T:
    """What is being opened; where nobody waits for it any more it is closed as soon as it is there.

    To give up the opening itself would leave a session open over there that nobody here knows of.
    """
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(lambda done: close(done.result()) if _is_there(done) else None)
        raise


def _is_there(done: asyncio.Future[_T]) -> bool:
    return not done.cancelled() and done.exception() is None


async def open_shell(connection: asyncssh.SSHClientConnection, timeout_s: float) -> Shell:
    """Open a session and have it read ``far.sh``; `ShellLostError` where that fails."""
    shell = Shell()
    opening = asyncio.ensure_future(
        connection.create_session(
            lambda: shell,  # type: ignore[arg-type,return-value]
            REMOTE_COMMAND,
            encoding=None,
            request_pty=False,
        )
    )
    try:
        async with asyncio.timeout(timeout_s):
            await unless_late(opening, lambda _: shell.close())
    except TimeoutError:
        raise ShellLostError(f"no session within {timeout_s:g} s") from None
    except asyncssh.ChannelOpenError as error:
        raise NoSessionError(str(error)) from error
    except (asyncssh.Error, OSError) as error:
        raise ShellLostError(str(error)) from error
    shell.say(f"{shell_text.FAR}\ntb_command={shlex.quote(shell_text.ENVIRONMENT)}\n".encode())
    return shell
