"""An eye on the processes that a program has started."""

from __future__ import annotations

import contextlib
from pathlib import Path


def children(word: str) -> list[int]:
    """Children of this process with a word in their command line, and those that have ended unnoticed."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            with contextlib.suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
                found += [int(pid)] if word.encode() in command or not command else []
    return found
