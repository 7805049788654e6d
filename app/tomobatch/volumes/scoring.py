"""Scoring the candidates of a Try, in a process of its own: ``tomobatch _scores``.

On its standard input stands one line of JSON, ``{"files": [...]}``, absolute paths ordered by COR. It answers
``{"ready": true}``, then a line for each candidate, coarsely first, so that the shape of the curve is seen
early: ``{"index": 8, "scores": [12.5, -3.1], "pixels": "6f…"}``, ``null`` for the scores of one that cannot
be read. It ends after the last, and when its standard input closes.
"""

from __future__ import annotations

import hashlib
import json
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tomobatch.cor.sharpness import Span, gradient, histogram_span, order
from tomobatch.errors import TomoBatchError
from tomobatch.volumes.averaging import averaged
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.source import Floats
from tomobatch.volumes.tiff_file import TiffSlices

Scores = tuple[float, float]

NICENESS = 15
# Larger slices are averaged down by whole numbers: at half the size the best moves by less than a pixel.
LARGEST_PX = 1024
_STRIDES = (8, 4, 2, 1)


def main() -> int:
    """Score what standard input names."""
    os.nice(NICENESS)
    # Ctrl+C in a terminal is the window's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    request = json.loads(_first_line())
    threading.Thread(target=_end_with_caller, daemon=True).start()
    _say({"ready": True})
    for found in score_files([Path(name) for name in request["files"]]):
        _say(found)
    return 0


def _first_line() -> bytes:
    """Byte by byte, since nothing may be taken from the pipe that is watched afterwards."""
    with os.fdopen(os.dup(0), "rb", buffering=0) as requests:
        return requests.readline()


def _end_with_caller() -> None:
    gone = select.poll()
    gone.register(0, 0)
    gone.poll()
    os._exit(0)


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def score_files(files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """What is said of each candidate, in the order of `coarse_first`."""
    scorer = Scorer()
    for index in coarse_first(len(files)):
        try:
            pixels = scorer.read(files[index])
        except TomoBatchError:
            # It is shown, with its reason, where somebody looks at it.
            yield {"index": index, "scores": None, "pixels": ""}
            continue
        digest = hashlib.blake2b(pixels.data, digest_size=16).hexdigest()
        yield {"index": index, "scores": scorer.scores(pixels), "pixels": digest}


def coarse_first(count: int) -> list[int]:
    """The middle, every eighth, then those in between."""
    every = [index for stride in _STRIDES for index in range(0, count, stride)]
    return list(dict.fromkeys([count // 2, *every])) if count else []


class Scorer:
    """Scores the candidates of one Try; the first one decides what the histograms reach over."""

    def __init__(self) -> None:
        self._tiffs, self._buffers = TiffSlices(), Buffers()
        self._span: Span | None = None

    def read(self, path: Path) -> Floats:
        """All pixels of a file; TomoBatchError where they cannot be read."""
        return self._tiffs.read(path, self._buffers)

    def scores(self, pixels: Floats) -> Scores | None:
        """Gradient and order of a slice, the highest the best; None for one without contrast."""
        image = self._small(pixels)
        self._span = self._span or histogram_span(image)
        if self._span is None:
            return None
        return gradient(image), order(image, self._span)

    def _small(self, pixels: Floats) -> Floats:
        factor = -(-max(pixels.shape) // LARGEST_PX)
        if factor > 1:
            size = max(1, pixels.shape[0] // factor), max(1, pixels.shape[1] // factor)
            pixels = averaged(pixels, size, self._buffers)
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(pixels.sum()):
                return pixels
        # What is no number counts as nothing: outside the circle there is nothing, either.
        return np.nan_to_num(pixels, nan=0.0, posinf=0.0, neginf=0.0)
