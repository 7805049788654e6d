"""Small files from strangers, read so that nothing in their place can hold the program up."""

from __future__ import annotations

import errno
import os
import stat


def read_plain(path: str | os.PathLike[str], most_bytes: int) -> bytes:
    """The first bytes of a regular file; OSError for anything else: a named pipe is not waited at."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no file", path)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(most_bytes)
    finally:
        os.close(descriptor)
