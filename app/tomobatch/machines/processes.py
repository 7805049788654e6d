"""Processes of this host: who they are, which groups they form, when they end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")

_ZOMBIE_OR_DEAD = ("Z", "X", "x")


@dataclass(frozen=True)
class Process:
    """A process at one moment; start_time (clock ticks since boot) tells it from a later one with its pid."""

    pid: int
    state: str
    group: int
    start_time: int

    @property
    def lives(self) -> bool:
        """Whether it may still do something; a zombie holds nothing."""
        return self.state not in _ZOMBIE_OR_DEAD


def look(pid: int) -> Process | None:
    """Return the process with a pid, or None."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes().decode("ascii", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # the name in brackets may hold spaces and brackets
    fields = text[text.rindex(")") + 2 :].split()
    return Process(pid, fields[0], int(fields[2]), int(fields[19]))


def lives(pid: int, start_time: int) -> bool:
    """Whether that very process still runs."""
    found = look(pid)
    return found is not None and found.start_time == start_time and found.lives


def living_members(group: int) -> tuple[int, ...]:
    """Pids of all living processes of a process group, with a leader who has not formed it yet."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    found = (look(pid) for pid in pids)
    members = (process for process in found if process and group in (process.group, process.pid))
    return tuple(process.pid for process in members if process.lives)


def signal_process(pid: int, start_time: int, number: int) -> None:
    """Signal that very process; one that has ended is passed over."""
    if lives(pid, start_time):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def signal_group(group: int, number: int) -> None:
    """Signal a process group, or a leader who has not formed it yet; one that is empty is passed over."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(group, number)


class ProcessEnd:
    """Calls back, once, in the running loop, when a process has ended, be it a child or not.

    Parameters
    ----------
    pid, start_time
        The process; one that is gone already, or whose pid belongs to another by now, has ended.
    on_end
        Called from the loop.
    poll_s
        How often to look where the kernel gives no pidfd (before Linux 5.3, and in some sandboxes).
    open_pidfd
        What gives the pidfd.
    """

    def __init__(
        self,
        pid: int,
        start_time: int,
        on_end: Callable[[], None],
        poll_s: float,
        open_pidfd: Callable[[int], int] = os.pidfd_open,
    ) -> None:
        self.ended = False
        self._pid, self._start_time, self._on_end, self._poll_s = pid, start_time, on_end, poll_s
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._pidfd = -1
        try:
            self._pidfd = open_pidfd(pid)
        except OSError:
            self._look()
            return
        # only now does the descriptor keep the pid from being somebody else's unnoticed
        if lives(pid, start_time):
            self._loop.add_reader(self._pidfd, self._end)
        else:
            self._end()

    def close(self) -> None:
        """Call back no more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1

    def _look(self) -> None:
        if lives(self._pid, self._start_time):
            self._timer = self._loop.call_later(self._poll_s, self._look)
        else:
            self._end()

    def _end(self) -> None:
        self.ended = True
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
        self._on_end()


async def end_group(group: int, again_s: float, kill_s: float, give_up_s: float) -> tuple[int, ...]:
    """End a process group by SIGTERM, SIGTERM again and SIGKILL; return who lives in spite of it.

    The kernel tells nobody when a group of strangers becomes empty, so this looks every few hundredths.
    """
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    steps = [(again_s, signal.SIGTERM), (kill_s, signal.SIGKILL)]
    signal_group(group, signal.SIGTERM)
    while (left := living_members(group)) and loop.time() - began_s < give_up_s:
        if steps and loop.time() - began_s >= steps[0][0]:
            signal_group(group, steps.pop(0)[1])
        await asyncio.sleep(0.03)
    return left
