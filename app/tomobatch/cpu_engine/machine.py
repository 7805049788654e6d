"""What this machine lends the engine: threads and memory."""

from __future__ import annotations

import os
from pathlib import Path

MEMORY_VARIABLE = "TOMOBATCH_MEMORY_MB"
THREADS_VARIABLE = "OMP_NUM_THREADS"

_MB = 1_000_000
_DEFAULT_MOST = 8_000 * _MB
_DEFAULT_UNKNOWN = 2_000 * _MB


def thread_count() -> int:
    """Threads to compute with: ``OMP_NUM_THREADS``, else the cores this process may use."""
    named = _positive(os.environ.get(THREADS_VARIABLE))
    return named or len(os.sched_getaffinity(0))


def memory_budget_bytes() -> int:
    """Memory to work in: ``TOMOBATCH_MEMORY_MB``, else half of what is available, 8 GB at most."""
    named = _positive(os.environ.get(MEMORY_VARIABLE))
    return named * _MB if named else min(_DEFAULT_MOST, _available_bytes() // 2)


def _positive(text: str | None) -> int:
    """A whole number above 0, or 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _available_bytes() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return _DEFAULT_UNKNOWN
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1024 if found else _DEFAULT_UNKNOWN
