"""What an engine's lines look like: colours, times, progress bars, tracebacks."""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TIME = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - ")
# Another stream may write between a bar and its line end, so a bar is looked for anywhere in a line.
_BAR = re.compile(r"queue size -?\d+ \|[^|]*\|[█-]*\|\s*(\d+(?:\.\d+)?)%")
_TRACEBACK = re.compile(r"^(?:Traceback \(most recent call last\)|Exception in thread )")
# cupy warns of memory it could do without in the same words.
GPU_MEMORY = (
    r"^(?!.*(?:Warning: |Using synchronous transfer)).*"
    r"(?:OutOfMemoryError|cudaErrorMemoryAllocation|CUFFT_ALLOC_FAILED|CUBLAS_STATUS_ALLOC_FAILED)"
)
_GPU_MEMORY = re.compile(GPU_MEMORY)
# Most lines are chatter: one look tells which may be anything else.
_TELLING = re.compile(
    r"rotation axis|Traceback \(most|Exception in thread|OutOfMemory|MemoryAlloc|ALLOC_FAILED"
)


def may_tell(message: str) -> bool:
    """Whether a message may be about a COR, an exception or the GPU's memory."""
    return _TELLING.search(message) is not None


def split_line(line: str) -> tuple[float | None, str]:
    """Percent of the bar in a line (None without one), and what else it says, without colours and time."""
    text = _COLOUR.sub("", line)
    bar = _BAR.search(text)
    if bar:
        text = text[: bar.start()] + text[bar.end() :]
    return (float(bar[1]) if bar else None), _TIME.sub("", text.strip())


def begins_traceback(message: str) -> bool:
    """Whether an exception ends, or has ended, the work: in the main thread or another."""
    return _TRACEBACK.match(message) is not None


def tells_gpu_memory(message: str) -> bool:
    """Whether the GPU's memory was too small."""
    return _GPU_MEMORY.search(message) is not None
