"""Scores of a Try's candidates from a process of their own: numpy here would hold the window."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tomobatch.config.places import scores_program
from tomobatch.errors import TomoBatchError
from tomobatch.worker.child import Child, ChildEndedError

log = logging.getLogger(__name__)

Told = Callable[[int, Sequence[float] | None, str], None]
_END_S = 2.0


class _ScoreChild(Child):
    """Tells many lines for one request."""

    def __init__(self, told: Told) -> None:
        self._told = told
        super().__init__(scores_program())

    def begin(self, files: Sequence[Path]) -> None:
        """Send the request."""
        self._unsent = json.dumps({"files": [str(file) for file in files]}).encode("ascii") + b"\n"
        self._write()

    def _on_answer(self, line: bytes) -> None:
        super()._on_answer(line)
        found: dict[str, Any] = json.loads(line)
        if "index" in found:
            self._told(found["index"], found["scores"], found["pixels"])


async def run_scores(files: Sequence[Path], told: Told) -> None:
    """Score files; `told` is called with index, scores and a mark of the pixels of each.

    Returns when the process has ended, be it by itself, be it that this was cancelled: then it is killed.
    """
    try:
        child = _ScoreChild(told)
    except OSError as error:
        raise TomoBatchError("no-scores", f"The candidates cannot be scored: {error}.") from error
    try:
        child.begin(files)
        await child.ready()
        await asyncio.wait([child.ended])
    except ChildEndedError as error:
        log.warning("the scores' process ended %s", error)
    finally:
        child.kill()
        # A disk that hangs may hold it; nobody waits for it any more.
        await asyncio.wait([child.ended], timeout=_END_S)
        child.forget()
