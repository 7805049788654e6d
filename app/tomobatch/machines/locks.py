"""Locks of this host's GPUs and slots, taken here so that a job need not start a program for it.

Only the plain case is dealt with: the lock file is there and free. Whatever else is met is left to the
wrapper, which can make the file, wait for it in the open, and say what is wrong with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

logger = logging.getLogger(__name__)

# a FIFO put in its place must not hold anybody up
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextlib.contextmanager
def taken(file: Path) -> Iterator[int | None]:
    """Descriptor of a lock file with its lock, for a child to inherit; None where the wrapper sees to it.

    The lock belongs to the open file, so it is the child's alone when this ends. Whether the path still
    leads to that file is for the child to see, later.
    """
    with contextlib.ExitStack() as stack:
        yield _locked(file, stack)


def _locked(file: Path, stack: contextlib.ExitStack) -> int | None:
    try:
        descriptor = os.open(file, _FLAGS)
        stack.callback(os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        logger.debug("The lock %s is left to the wrapper: %s", file, error)
        return None
    return descriptor if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
