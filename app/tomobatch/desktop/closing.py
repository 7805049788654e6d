"""Closing the window while jobs run or wait: none is lost, and the person decides what goes on."""

from __future__ import annotations

import asyncio
import os
import signal

from tomobatch.batch.counts import BatchCounts
from tomobatch.config.places import queue_program
from tomobatch.errors import TomoBatchError
from tomobatch.station.station import Station
from tomobatch.station.unattended import FINISH

TAKE_OVER_S = 20.0
_LOOK_S = 0.05


def close_text(counts: BatchCounts) -> str:
    """What runs and waits, in words."""
    parts = []
    if counts.running:
        parts.append("1 job runs" if counts.running == 1 else f"{counts.running} jobs run")
    if counts.queued:
        parts.append("1 job waits" if counts.queued == 1 else f"{counts.queued} jobs wait")
    return " and ".join(parts) + "." if parts else ""


async def leave_to_queue(station: Station, starts: bool, wait_s: float = TAKE_OVER_S) -> None:
    """Start a scheduler without a window and wait until it holds the lease, which must be free by now.

    Without `starts` it only sees through what runs, so that its results are checked and put in place.
    TomoBatchError ``no-take-over`` when it does not take it.
    """
    try:
        pid = _start_queue(() if starts else (FINISH,))
    except OSError as error:
        raise TomoBatchError("no-take-over", f"The queue cannot go on by itself ({error}).") from error
    for _ in range(round(wait_s / _LOOK_S)):
        if station.lease.holder_pid() == pid or not station.journal.any_active():
            return
        ended, status = os.waitpid(pid, os.WNOHANG)  # noqa: ASYNC222 - with WNOHANG it does not wait
        if ended and status == 0:
            # There was little to do.
            return
        if ended:
            break
        await asyncio.sleep(_LOOK_S)
    else:
        os.kill(pid, signal.SIGKILL)
    sentence = "The queue could not go on by itself: leave the window open, or let what runs finish."
    raise TomoBatchError("no-take-over", sentence)


def _start_queue(arguments: tuple[str, ...]) -> int:
    """Start it in a session of its own: it must outlive this program, its terminal and its window."""
    program = (*queue_program(), *arguments)
    nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    return os.posix_spawn(program[0], program, os.environ, file_actions=nothing, setsid=True)
