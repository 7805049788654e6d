"""What happens on a full disk; run as a process in a mount namespace of its own."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from machines.helpers import output_in, running, shell, until, updates_of
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import OutcomeKind, State
from tomobatch.machines.local import Local


def fill(file):
    """Leave no room on the disk of a file, and no room for another file either."""
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as opened:
        while True:
            opened.write(bytes(4096))
    with contextlib.suppress(OSError):
        for number in itertools.count():
            file.with_name(f"{number}").touch()


async def the_log_fills_the_disk(machine, disk):
    handle = await machine.start(shell("cat /dev/zero; exit 7"), disk / "job")
    updates = await updates_of(machine, handle)
    assert (updates[-1].kind, updates[-1].exit_status) == (OutcomeKind.EXITED, 7)
    assert len(output_in(updates)) > 100_000


async def it_is_full_before_the_start(machine, disk):
    (disk / "job").mkdir()
    fill(disk / "fill")
    command = shell("echo ran >$1", disk.parent / "ran")
    with pytest.raises(TomoBatchError, match="perhaps because the disk is full") as caught:
        await machine.start(command, disk / "job")
    assert caught.value.code == "could-not-start"
    with pytest.raises(TomoBatchError) as caught:
        await machine.find(disk / "job")
    assert caught.value.code == "folder-not-writable"
    # an entry for the claim, or for a link, which takes no room; none for the claim's line
    (disk / "0").unlink()
    with pytest.raises(TomoBatchError, match="perhaps because the disk is full") as caught:
        await machine.start(command, disk / "job")
    assert caught.value.code == "could-not-start"
    assert (await machine.find(disk / "job")).state is State.NEVER_STARTED
    assert not (disk.parent / "ran").exists()


async def it_fills_up_while_the_job_waits(machine, disk):
    holder = await machine.start(shell("exec sleep 60", lock_key="a"), disk.parent / "holder")
    await running(machine, holder)
    handle = await machine.start(shell("echo ran", lock_key="a"), disk / "job")
    await until((disk / "job" / "waiting").exists)
    fill(disk / "fill")
    await machine.stop(holder)
    outcome = (await updates_of(machine, handle))[-1]
    assert outcome.kind is OutcomeKind.COULD_NOT_START
    assert "perhaps because the disk is full" in outcome.why


async def main(case, disk):
    (disk.parent / "locks").mkdir()
    machine = Local(lock_folder=disk.parent / "locks", gather_s=0.02)
    await CASES[case](machine, disk)
    await machine.close()


CASES = {
    case.__name__: case
    for case in (the_log_fills_the_disk, it_is_full_before_the_start, it_fills_up_while_the_job_waits)
}

if __name__ == "__main__":
    here = Path(sys.argv[2]) / "disk"
    here.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k,nr_inodes=30", "none", here], check=True)
    try:
        asyncio.run(main(sys.argv[1], here))
    finally:
        subprocess.run(["umount", "--lazy", here], check=True)
