"""The lease on the journal: one process schedules at a time for a user.

An exclusive `flock` that the kernel gives back when its holder ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Lease:
    """The right to schedule the jobs of the journal in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "scheduler.lease"
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        """True while this object holds the lease."""
        return self._fd is not None

    def try_take(self) -> bool:
        """Take the lease if it is free; True when this object now holds it."""
        if self._fd is not None:
            return True
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        os.ftruncate(fd, 0)
        os.write(fd, str(os.getpid()).encode())
        self._fd = fd
        return True

    def release(self) -> None:
        """Give the lease back."""
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None

    def holder_pid(self) -> int | None:
        """Process that holds the lease, or None when nobody does."""
        try:
            text = self._path.read_text(encoding="ascii")
        except OSError:
            return None
        return int(text) if text.isdigit() else None
