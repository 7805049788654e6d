"""Progress, messages and alarms from an engine's raw output, as it comes in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from tomobatch.recon.chunk import search_parts
from tomobatch.recon.engine_text import begins_traceback, may_tell, split_line, tells_gpu_memory
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import needs_steps, nsino_numbers, value_of
from tomobatch.recon.request import ReconRequest

# A line longer than this is no message; what is beyond is dropped, so that memory stays bounded.
LONGEST_LINE_BYTES = 16384
LONGEST_MESSAGE = 300

_BREAK = re.compile(rb"[\r\n]")
_FOUND_COR = re.compile(r"\brotation axis (-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\b")
_DOUBT = re.compile(r"^The rotation axis is unsure: (.+?)(?:; look at .*)?$")


class Alarm(StrEnum):
    """What in the output means that the run has failed, even if its process goes on."""

    TRACEBACK = "traceback"
    GPU_MEMORY = "gpu-memory"


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Parameters
    ----------
    fraction
        0 to 1, over all bars of the run; never goes back.
    message
        The last line the engine said, without colours, time and bar.
    alarms
        In the order they were seen, each once.
    found_cor_px
        The COR the engine found and said, in unbinned full-frame pixels.
    cor_doubt
        Why the engine is unsure of it; empty: it is sure.
    """

    fraction: float = 0.0
    message: str = ""
    alarms: tuple[Alarm, ...] = ()
    found_cor_px: float | None = None
    cor_doubt: str = ""


def bar_count(request: ReconRequest, chunk: int = 0) -> int:
    """Progress bars a run draws: one a slice in a Try; two more for the steps of ``recon_steps``.

    ``chunk`` as for the command; a Try in parts draws all of them once for each part.
    """
    bars = len(nsino_numbers(request.options)) if request.kind is Kind.TRY else 1
    if needs_steps(request.options) and value_of(request.options, "pre-processing") == "True":
        bars += 2
    return bars * max(1, len(search_parts(request, chunk)))


class ProgressParser:
    """Reads output split anywhere, inside a character too; where it is split makes no difference."""

    def __init__(self, bars: int) -> None:
        self._bars = max(1, bars)
        self._rest = b""
        self._done = 0
        self._percent = 0.0
        self.progress = Progress()

    def feed(self, data: bytes) -> Progress:
        """Take the next bytes of the output; how far the run is with them."""
        *lines, rest = _BREAK.split(data)
        last = ""
        for line in lines:
            last = self._line((self._rest + line)[:LONGEST_LINE_BYTES]) or last
            self._rest = b""
        self._rest = (self._rest + rest)[:LONGEST_LINE_BYTES]
        if last:
            self.progress = replace(self.progress, message=last[:LONGEST_MESSAGE])
        return self.progress

    def finish(self) -> Progress:
        """How far the run came, a last line without an end included."""
        return self.feed(b"\n")

    def _line(self, raw: bytes) -> str:
        percent, message = split_line(raw.decode("utf-8", "replace"))
        if percent is not None:
            self._bar(percent)
        if may_tell(message):
            self._message(message)
        return message

    def _bar(self, percent: float) -> None:
        if percent < self._percent:
            self._done = min(self._done + 1, self._bars - 1)
        self._percent = percent
        fraction = min(1.0, (self._done + percent / 100) / self._bars)
        self.progress = replace(self.progress, fraction=max(self.progress.fraction, fraction))

    def _message(self, message: str) -> None:
        if begins_traceback(message):
            self._alarm(Alarm.TRACEBACK)
        if tells_gpu_memory(message):
            self._alarm(Alarm.GPU_MEMORY)
        found = _FOUND_COR.search(message)
        if found:
            self.progress = replace(self.progress, found_cor_px=float(found[1]))
        doubt = _DOUBT.match(message)
        if doubt:
            self.progress = replace(self.progress, cor_doubt=doubt[1])

    def _alarm(self, alarm: Alarm) -> None:
        if alarm not in self.progress.alarms:
            self.progress = replace(self.progress, alarms=(*self.progress.alarms, alarm))
