"""``tomobatch recon``: reconstruct one scan on the CPU.

Ends with status 0 when every slice is written, 1 after an error (one sentence on stderr), 2 where the
command line is wrong. SIGTERM ends it at once: slices lie under temporary names until they are whole.
"""

from __future__ import annotations

import logging
import sys
import time
from contextlib import suppress
from io import TextIOWrapper

from tomobatch.cpu_engine.arguments import Settings, parse_arguments
from tomobatch.errors import TomoBatchError

log = logging.getLogger(__name__)

_INTERRUPTED = 130


def main(argv: list[str]) -> int:
    """Run the engine with the arguments after ``recon``; returns the exit status."""
    _write_utf8()
    try:
        settings = parse_arguments(argv)
    except SystemExit as leave:
        return int(leave.code or 0)
    # Imported late: neither help nor a mistake in the command line should wait for numpy.
    from tomobatch.cpu_engine.progress import log_to_stderr

    with log_to_stderr():
        return _status(settings)


def _status(settings: Settings) -> int:
    try:
        _reconstruct(settings)
    except TomoBatchError as error:
        return _say(error.sentence, 1)
    except MemoryError:
        return _say("The memory of this machine is not enough for this scan; crop or bin it.", 1)
    except KeyboardInterrupt:
        return _say("Interrupted: the slices written so far are whole, the others are missing.", _INTERRUPTED)
    return 0


def _reconstruct(settings: Settings) -> None:
    from tomobatch.cpu_engine.session import reconstruct

    started = time.monotonic()
    config = settings.path("config")
    if config is not None and config.exists():
        log.warning("The configuration file is not read by the embedded engine: give options instead")
    reconstruct(settings)
    log.warning("Reconstruction time %.1es", time.monotonic() - started)


def _say(sentence: str, status: int) -> int:
    with suppress(OSError):
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()
    return status


def _write_utf8() -> None:
    """Let the bar's blocks and any file name through, whatever the terminal's encoding."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
