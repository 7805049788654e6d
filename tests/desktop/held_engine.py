"""A real engine that is held after so many slices, and let go again."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from pathlib import Path

ONE_THREAD = {"OMP_NUM_THREADS": "1"}
_BURST_S = 0.002


class HeldEngine:
    """The engine that makes a result, found by its folder.

    Parameters
    ----------
    final
        Where its result will lie.
    """

    def __init__(self, final: Path) -> None:
        self._final = final
        self._pid = 0

    @property
    def made(self) -> int:
        """Slices that lie in its folder, all of one size: it may be held in the midst of the last one."""
        files = self._final.parent.glob(f"{self._final.name}.partial-*/recon*.tiff")
        sizes = [file.stat().st_size for file in files]
        return sizes.count(max(sizes, default=0))

    async def hold(self, slices: int) -> int:
        """Have it make at least so many slices and hold it there; how many there are."""
        held = threading.Thread(target=self._hold, args=(slices,), daemon=True)
        held.start()
        while held.is_alive():
            await asyncio.sleep(0.01)
        return self.made

    def _hold(self, slices: int) -> None:
        while not self._pid:
            self._pid = self._find()
        self._stop()
        while self.made < slices:
            os.kill(self._pid, signal.SIGCONT)
            time.sleep(_BURST_S)
            self._stop()

    def _stop(self) -> None:
        """Return once all its threads stand still: until then more slices may come."""
        os.kill(self._pid, signal.SIGSTOP)
        threads = list(Path(f"/proc/{self._pid}/task").glob("*/stat"))
        while any(_state(thread) not in "TZ" for thread in threads):
            time.sleep(0.001)

    def let_go(self) -> None:
        """Let it go on to its end."""
        os.kill(self._pid, signal.SIGCONT)

    def _find(self) -> int:
        wanted = f"{self._final}.partial-".encode()
        return next((int(one.name) for one in Path("/proc").iterdir() if _is_engine(one, wanted)), 0)


def _is_engine(process: Path, wanted: bytes) -> bool:
    if not process.name.isdigit():
        return False
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    # The shell that starts it has the same words behind its own name.
    python = b"python" in os.path.basename(words[0])  # noqa: PTH119 - of bytes
    return python and any(wanted in word for word in words)


def _state(thread: Path) -> str:
    """One letter; of one that has ended, as of a zombie."""
    try:
        return thread.read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"
