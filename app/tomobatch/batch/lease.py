"""The lease on the journal: one process schedules at a time for a user.

An exclusive `flock` that the kernel gives back when its holder ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from tomobatch.errors import TomoBatchError


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
        """Take the lease if it is free; True when this object now holds it.

        Raises
        ------
        TomoBatchError
            ``lease-unusable``: a full or read-only disk, or a file system without locks.
        """
        if self._fd is not None:
            return True
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(fd, 0)
            os.write(fd, str(os.getpid()).encode())
        except BlockingIOError:
            os.close(fd)
            return False
        except OSError as error:
            os.close(fd)
            raise self._unusable(error) from error
        self._fd = fd
        return True

    def _unusable(self, error: OSError) -> TomoBatchError:
        sentence = f"{self._path} cannot be locked ({error.strerror}), so no job can be scheduled safely."
        return TomoBatchError("lease-unusable", sentence)

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
