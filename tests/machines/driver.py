"""A program that starts a job and is killed by SIGKILL at a named point. Run by the tests as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from tomobatch.machines.base import Command, Outcome, Running
from tomobatch.machines.local import Local

POINTS = ("before the spawn", "after the spawn", "after the start", "while it runs", "after the end")

LOCK_KEY = "GPU-1"


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly(subprocess.Popen):
    """Spawns truly, and then there is nobody left to write down what was spawned."""

    def __init__(self, *args, **kwargs):
        if sys.argv[1] == "before the spawn":
            die()
        super().__init__(*args, **kwargs)
        if sys.argv[1] == "after the spawn":
            # at once, not when the kernel gets round to it: the answer then finds nobody
            self.stdout.close()
            die()


async def main(point, folder, ran):
    machine = Local(gather_s=0.01)
    command = Command(("sh", "-c", 'echo ran >>"$1"; sleep 0.2', "sh", ran), lock_key=LOCK_KEY)
    handle = await machine.start(command, Path(folder))
    if point == "after the start":
        die()
    async for update in machine.follow(handle):
        if isinstance(update, Running if point == "while it runs" else Outcome):
            die()


if __name__ == "__main__":
    subprocess.Popen = Deadly
    asyncio.run(main(*sys.argv[1:]))
