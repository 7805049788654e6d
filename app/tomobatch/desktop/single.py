"""One window a user and host: a second start raises the first, and hands it its folder.

Needed for the first frame: the first window's ear for later starts is `tomobatch.desktop.calls`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import time
from pathlib import Path

from tomobatch.config.places import host_state_folder

ANSWER_S = 1.0


class Single:
    """The right to be the window of this user on this host.

    A lock decides who is first, since the kernel gives it back when its holder ends, however it ends;
    a socket carries the word to the first.
    """

    def __init__(self, state: Path | None = None) -> None:
        state = state or host_state_folder()
        self._lock_path = state / "window.lock"
        self.socket_path = _socket_path(state)
        self._lock: int | None = None

    def is_first(self) -> bool:
        """Take the lock; False when another window holds it."""
        lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def call_first(self, folder: str | None, wait_s: float = ANSWER_S) -> bool:
        """Ask the first window to come to the front, with a folder to open; False when it does not answer."""
        until = time.monotonic() + wait_s
        while time.monotonic() < until:
            if self._call(folder, until - time.monotonic()):
                return True
            # It may still be starting.
            time.sleep(0.05)
        return False

    def _call(self, folder: str | None, wait_s: float) -> bool:
        try:
            if self.socket_path.lstat().st_uid != os.getuid():
                return False
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(max(0.05, wait_s))
                line.connect(str(self.socket_path))
                line.sendall(json.dumps(folder).encode("ascii") + b"\n")
                return line.recv(16) == b"ok\n"
        except OSError:
            return False

    def close(self) -> None:
        """Give the right back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _socket_path(state: Path) -> Path:
    """A short path on this host's own disk: a socket's has a hundred characters at most."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    usable = bool(runtime) and os.access(runtime, os.W_OK)
    place = Path(runtime if usable else os.environ.get("TMPDIR") or "/tmp")  # noqa: S108 - its owner is looked at
    mark = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
    return place / f"tomobatch-{os.getuid()}-{mark}.sock"
