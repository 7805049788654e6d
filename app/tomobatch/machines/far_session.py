"""A program on the far side with input and output of its own, for as long as both sides want it."""

from __future__ import annotations

import asyncio
import os
import shlex
from typing import Any

import asyncssh

from tomobatch.machines import far_job, shell_text
from tomobatch.machines.reply import NoSessionError
from tomobatch.machines.shell import REMOTE_COMMAND, unless_late


class FarSession:
    """Implements `tomobatch.machines.far_worker.Session` over one SSH session."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self._process = process

    async def write(self, data: bytes) -> None:
        """Send to its input; OSError where the way there broke."""
        try:
            self._process.stdin.write(data)
            await self._process.stdin.drain()
        except asyncssh.Error as error:
            raise OSError(str(error)) from error

    async def read(self, most: int) -> bytes:
        """The next bytes of its output; none once there will be no more."""
        return await self._read(self._process.stdout, most)

    async def read_stderr(self, most: int) -> bytes:
        """The same of what it complains."""
        return await self._read(self._process.stderr, most)

    async def _read(self, stream: Any, most: int) -> bytes:  # noqa: ANN401 - asyncssh's reader of bytes
        try:
            data: bytes = await stream.read(most)
        except asyncssh.Error as error:
            raise OSError(str(error)) from error
        return data

    def close(self) -> None:
        """End it at once, on both sides."""
        self._process.channel.abort()


async def open_session(
    connection: asyncssh.SSHClientConnection, environment: str, script: bytes
) -> FarSession:
    """Run a shell there, in an environment, that has read a script.

    OSError where it cannot be had; `NoSessionError` where only the connection has no room for it.
    """
    text = os.fsdecode(script)
    # As an argument: a shell that read the script from its input might read on into what is not for it.
    words = ("exec", "sh", "-c", shell_text.ENVIRONMENT, "TomoBatch")
    inner = far_job.words(("sh", "-c", text), {}, environment)
    try:
        opening = asyncio.ensure_future(
            connection.create_process(REMOTE_COMMAND, encoding=None, request_pty=False)
        )
        process: Any = await unless_late(opening, lambda late: late.channel.abort())
        process.stdin.write(os.fsencode(" ".join(map(shlex.quote, (*words, *inner)))) + b"\n")
    except asyncssh.ChannelOpenError as error:
        raise NoSessionError(str(error)) from error
    except asyncssh.Error as error:
        raise OSError(str(error)) from error
    return FarSession(process)
