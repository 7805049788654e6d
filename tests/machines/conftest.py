"""Every kind of machine, for the one contract that all of them keep."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from tomobatch.machines.base import Graces
from tomobatch.machines.local import Local

GRACES = Graces(again_s=0.3, kill_s=0.6, give_up_s=3.0)
ENDING_S = 5.0


def _refuse(*_):
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


def _busybox():
    """Busybox takes its name for the program to be: a link called sh is a shell."""
    return {"local-busybox": {"shell": "busybox"}} if shutil.which("busybox") else {}


KINDS = {
    "local": {},
    "local-bash": {"shell": shutil.which("bash") or "/bin/bash"},
    "local-without-events": {"open_pidfd": _refuse, "open_inotify": _refuse, "poll_s": 0.02},
    **_busybox(),
}


@pytest.fixture(autouse=True)
def no_process_lives_on(own_home):
    """Whatever a test starts has the test's own home in its environment, whoever is its parent by then."""
    yield
    patience_ends_s = time.monotonic() + ENDING_S
    while (left := _processes_at(own_home)) and time.monotonic() < patience_ends_s:
        time.sleep(0.01)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert not left, "processes that the test started live on"


def _processes_at(home):
    """Command lines of living processes by pid; one without memory is a zombie."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        # who has just ended, or is another user's
        with contextlib.suppress(OSError):
            if f"HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_bytes()
    return found


@pytest.fixture(params=KINDS)
async def new_machine(request, tmp_path):
    """Make a machine of the kind under test; a second one is what another program would see."""
    made = []
    options = {**KINDS[request.param]}
    if options.get("shell") == "busybox":
        options["shell"] = str(tmp_path / "sh")
        (tmp_path / "sh").symlink_to(shutil.which("busybox"))

    def make(**changes):
        made.append(Local(**{"graces": GRACES, "gather_s": 0.02, **options, **changes}))
        return made[-1]

    make.shell = options.get("shell", "/bin/sh")
    yield make
    for machine in made:
        await machine.close()


@pytest.fixture
def machine(new_machine):
    return new_machine()


@pytest.fixture
def attempts(tmp_path):
    """Fresh folders, one an attempt, with names that need care."""
    return (tmp_path / f"job $(x) 'é\" {number}\n" / "1" for number in itertools.count())


@pytest.fixture
def attempt(attempts):
    return next(attempts)
