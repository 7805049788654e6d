"""Steps that the tests of machines share."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from tomobatch.machines.base import Command, Outcome, Output, Running, Waiting
from tomobatch.machines.processes import lives, living_members, look


def shell(script, *arguments, **options):
    """Command that runs a line of shell."""
    return Command(("sh", "-c", script, "sh", *map(str, arguments)), **options)


async def updates_of(machine, handle, from_byte=0):
    async with contextlib.aclosing(machine.follow(handle, from_byte)) as updates:
        return [update async for update in updates]


async def run(machine, command, folder):
    """Start a job, follow it to its end; return its output and its outcome."""
    updates = await updates_of(machine, await machine.start(command, folder))
    assert sum(isinstance(update, Outcome) for update in updates) == 1
    return output_in(updates), updates[-1]


def output_in(updates):
    return b"".join(update.data for update in updates if isinstance(update, Output))


async def first(machine, handle, wanted):
    """Follow a job until an update for which `wanted` is true, and return that update."""
    async with contextlib.aclosing(machine.follow(handle)) as updates:
        async for update in updates:
            if wanted(update):
                return update
    raise AssertionError("the job ended before that")


async def running(machine, handle):
    """Pid of the program, once it runs."""
    return (await first(machine, handle, lambda update: isinstance(update, Running))).pid


async def said(machine, handle, text):
    """Wait until the job's log ends with a text."""
    seen = b""
    async with contextlib.aclosing(machine.follow(handle)) as updates:
        async for update in updates:
            if isinstance(update, Output):
                seen += update.data
                if seen.endswith(text):
                    return
    raise AssertionError(f"the job ended and had said {seen!r}")


async def waits(machine, handle, holder):
    """Wait until the job is shown to wait for somebody."""
    await first(machine, handle, lambda update: update == Waiting(holder))


async def until(condition):
    """Wait for something outside the machine's knowledge; the test's own time limit ends it."""
    while not condition():
        await asyncio.sleep(0.01)


def is_gone(pid):
    found = look(pid)
    return found is None or not lives(pid, found.start_time)


def group_is_gone(pid):
    return not living_members(pid)


def lines_in(file: Path):
    return file.read_text().splitlines() if file.exists() else []
