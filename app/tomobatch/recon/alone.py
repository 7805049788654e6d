"""One at a time: nobody puts a job's result in place while another process of this host still does."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

_AGAIN_S = 0.2


@contextmanager
def alone(job_id: str) -> Iterator[None]:
    """Wait until no other process of this host is at the end of this job, and keep others from it.

    One whose caller was cut off does not learn of it and works on, while its work is asked for once more.
    The name that is taken lies in no file system, and the kernel gives it back with the process.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as name:
        while True:
            try:
                name.bind(f"\0tomobatch-end-{job_id}")
                break
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    # Where there are no such names it goes without, as it mostly may.
                    break
            time.sleep(_AGAIN_S)
        yield
