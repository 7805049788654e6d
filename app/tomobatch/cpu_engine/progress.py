"""Progress and messages in tomocupy's form, so that whoever reads its output reads the engine's too."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Iterator

_LENGTH = 40
_COLOURS = {
    logging.INFO: "\033[92m",
    logging.WARNING: "\033[33m",
    logging.ERROR: "\033[91m",
    logging.CRITICAL: "\033[41m",
}
_PLAIN = "\033[0m"


class Bar:
    """A progress bar, drawn empty at once; any thread may step it.

    Parameters
    ----------
    total
        Steps that make it full; parts of a step count.
    """

    def __init__(self, total: float) -> None:
        self._total = total
        self._done = 0.0
        self._drawn = ""
        self._lock = threading.Lock()
        self.step(0)

    def step(self, amount: float) -> None:
        """Note that so much more is done."""
        with self._lock:
            self._done += amount
            self._draw(min(self._done / self._total, 0.999))

    def finish(self) -> None:
        """Draw it full and end the line."""
        with self._lock:
            self._draw(1.0)
            say("\n")

    def _draw(self, fraction: float) -> None:
        filled = int(_LENGTH * fraction)
        text = f"{'█' * filled}{'-' * (_LENGTH - filled)}| {100 * fraction:.1f}%"
        if text != self._drawn:
            say(f"\rqueue size 000 |  |{text} \r")
            self._drawn = text


def say(text: str) -> None:
    """Write to stdout at once; nobody listening any more, or a full disk behind it, ends no job."""
    with contextlib.suppress(OSError):
        sys.stdout.write(text)
        sys.stdout.flush()


class _Coloured(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        colour = _COLOURS.get(record.levelno)
        if colour:
            record.message = f"{colour}{record.message}{_PLAIN}"
        return super().formatMessage(record)


@contextlib.contextmanager
def log_to_stderr() -> Iterator[None]:
    """Send this package's messages to stderr, with time and colour, while the run lasts."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Coloured("%(asctime)s - %(message)s"))
    logger = logging.getLogger("tomobatch")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
