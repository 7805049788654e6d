"""A job that prints nothing for long: it is said, nothing is ended, and it is taken back once it prints."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

SILENT = "silent"


def seen_before(log: Path) -> tuple[int, float]:
    """How much of a job's log an earlier program has seen, in bytes, and for how long it has not grown.

    The seconds are by the clock, to be shown; 0 where there is no log.
    """
    try:
        found = log.stat()
    except OSError:
        return 0, 0.0
    return found.st_size, max(0.0, time.time() - found.st_mtime)


def silence_text(quiet_s: float) -> str:
    """``no output for 6 min``."""
    return f"no output for {int(quiet_s // 60)} min" if quiet_s >= 60 else f"no output for {int(quiet_s)} s"


class Silence:
    """Watches over one job, by one timer; times are those of the event loop.

    Parameters
    ----------
    silent_s, again_s
        After so long it is said, and how long it has been by now each time so long after it.
    excused
        Whether nothing can be heard of it anyway: its machine does not answer.
    say
        Called with the seconds of silence, and with None when it is over.
    """

    def __init__(
        self,
        silent_s: float,
        again_s: float,
        excused: Callable[[], bool],
        say: Callable[[float | None], None],
    ) -> None:
        self._silent_s, self._again_s = silent_s, again_s
        self._excused, self._say = excused, say
        self._timer: asyncio.TimerHandle | None = None
        self._heard_s = 0.0
        self._old_bytes = 0
        self._said = False

    def begin(self) -> None:
        """It runs: from now on something is expected of it."""
        if self._timer is None:
            self._heard_s = asyncio.get_running_loop().time()
            self._arm(self._silent_s)

    def take_up(self, old_bytes: int, quiet_s: float, said: bool) -> None:
        """It ran before this program began; its log comes anew, and that is no news.

        Parameters
        ----------
        old_bytes
            So much of the log was seen before.
        quiet_s
            How long it has not grown.
        said
            Whether its row says that it is silent.
        """
        self._old_bytes, self._said = old_bytes, said
        self._heard_s = asyncio.get_running_loop().time() - (max(quiet_s, self._silent_s) if said else 0.0)
        self._arm(self._again_s if said else self._silent_s)

    def heard(self, count: int) -> None:
        """It has printed so many bytes."""
        self._old_bytes -= count
        if self._old_bytes >= 0:
            return
        self._heard_s = asyncio.get_running_loop().time()
        if self._said:
            self._said = False
            self._say(None)
            self._arm(self._silent_s)

    def end(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, in_s: float) -> None:
        self.end()
        self._timer = asyncio.get_running_loop().call_later(in_s, self._look)

    def _look(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._excused():
            self._heard_s = now_s
        # A loop's timers may come early, Qt's by a twentieth.
        quiet_s = now_s - self._heard_s
        if quiet_s < 0.9 * self._silent_s:
            self._arm(self._silent_s - quiet_s)
            return
        self._said = True
        self._say(quiet_s)
        self._arm(self._again_s)
