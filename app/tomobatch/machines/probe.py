"""Short commands on this host: how they are spawned, read and ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from tomobatch.errors import TomoBatchError
from tomobatch.machines import processes

_OUTPUT_BYTES = 1 << 22


def memory_file() -> BinaryIO:
    """File for a probe's output: unlike a pipe it never fills, and nobody who keeps it open makes us wait."""
    return os.fdopen(os.memfd_create("probe"), "w+b")


def spawn(
    argv: Sequence[str], env: Mapping[str, str], stdout: BinaryIO, stderr: BinaryIO
) -> subprocess.Popen[bytes]:
    """Start a probe in a session of its own."""
    try:
        return subprocess.Popen(
            argv,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise TomoBatchError("could-not-start", f"{argv[0]} could not be started: {error}.") from error


def start_time(child: subprocess.Popen[bytes]) -> int:
    """Start time of a child that nobody has waited for yet."""
    found = processes.look(child.pid)
    return found.start_time if found else 0


def end(child: subprocess.Popen[bytes]) -> None:
    """See that a probe is over and waited for; one that still runs is killed with its group."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def content(file: BinaryIO) -> bytes:
    """Read what a probe wrote, or the beginning of it."""
    return os.pread(file.fileno(), _OUTPUT_BYTES, 0)
