"""Short commands on the far side: run to their end, or ended with all they started."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import ShortResult
from tomobatch.machines.far_side import FarSide
from tomobatch.machines.reply import Reply, ShellLostError

if TYPE_CHECKING:
    from tomobatch.machines.shell import Exchange

_SIGNALS_FROM = 128
_NOT_FOUND = 127


async def run_probe(far: FarSide, words: Sequence[str], program: str, timeout_s: float) -> ShortResult:
    """Run a command in an environment.

    Parameters
    ----------
    words
        As `far_job.words` puts them.
    program
        What it is called in sentences.

    Raises
    ------
    TomoBatchError
        ``could-not-start`` or ``timed-out``; the program is ended then.
    ShellLostError
        The way there broke; the far side ends the program when its time is over.
    """
    if any("\0" in word for word in words):
        raise TomoBatchError(
            "could-not-start", f"{program!r} could not be started: it holds a NUL character."
        )
    async with far.probing() as shell:
        limit_s = str(math.ceil(timeout_s) + 1)
        exchange = shell.begin("tb_run_short", limit_s, *words, timeout_s=timeout_s + far.timing.call_s)
        try:
            async with asyncio.timeout(timeout_s):
                reply = await asyncio.shield(exchange.reply)
        except TimeoutError as error:
            await _end(far, exchange)
            raise TomoBatchError("timed-out", f"{program} gave no answer within {timeout_s:g} s.") from error
        except asyncio.CancelledError:
            await _end(far, exchange)
            raise
    far.seen()
    return _result(reply, exchange.token, program)


async def _end(far: FarSide, exchange: Exchange) -> None:
    """End a program with its group, and wait until it has ended."""
    # where the way there breaks, the guard over there ends it when its time is over
    with contextlib.suppress(ShellLostError, TimeoutError):
        async with asyncio.timeout(far.timing.call_s):
            pid = await exchange.early("pid")
            if pid is not None:
                await far.call("tb_signal_group", pid, "KILL")
            await asyncio.wait((exchange.reply,))


def _result(reply: Reply, token: str, program: str) -> ShortResult:
    stderr = reply.stderr
    missing = f"not-found {token}\n".encode()
    if reply.status == _NOT_FOUND and missing in stderr:
        said = stderr.replace(missing, b"").decode("utf-8", "replace").strip()
        raise TomoBatchError("could-not-start", f"{program} could not be started: {said}.")
    status = reply.status
    stdout = next((part.body for part in reply.sections if part.words[0] == "pid"), b"")
    return ShortResult(status if status <= _SIGNALS_FROM else _SIGNALS_FROM - status, stdout, stderr)
