"""The process that reads slices of HDF5 files: it may hang or crash, and can be killed.

A line of JSON asks, a line of JSON answers (`tomobatch.worker.serve`). Pixels never go that way: they are put
into memory that both sides share, a piece at a time, since only what is not asked for yet can be left.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.volumes.child_raw import RawFile
from tomobatch.volumes.child_volume import VolumeFile
from tomobatch.volumes.facts import Facts
from tomobatch.volumes.shared_memory import LEFT, pixels_in
from tomobatch.volumes.source import LeftError
from tomobatch.volumes.strips import Asked, Strip
from tomobatch.worker.serve import main as serve


class Opened(Protocol):
    """A file, of which slices are read."""

    def facts(self) -> Facts:
        """What is known of it."""

    def is_current(self) -> bool:
        """Whether nothing was written to it since it was opened."""

    def strip(self, index: int, pixel: int, asked: Asked) -> Strip:
        """Some values of a slice, a given pixel among them."""

    def close(self) -> None:
        """Close the file."""


OPENERS: dict[str, Callable[..., Opened]] = {"volume": VolumeFile, "raw": RawFile}


def main(arguments: Sequence[str]) -> int:
    """Serve until stdin closes; the argument is the descriptor of the shared memory."""
    descriptor = int(arguments[0])
    memory = mmap.mmap(descriptor, os.fstat(descriptor).st_size)
    os.close(descriptor)
    # Whoever asked may be gone before the first answer.
    with suppress(BrokenPipeError):
        serve(Session(memory).answer)
    return 0


class Session:
    """One file at a time.

    Parameters
    ----------
    memory
        Shared with who asks.
    """

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory, self._pixels = memory, pixels_in(memory)
        self._request: dict[str, Any] = {}
        self._opened: Opened | None = None
        self._strip: tuple[int, Strip] | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked; ``left`` where nobody waits for it any more."""
        try:
            return {"answer": self._do(request)}
        except TomoBatchError as error:
            return {"error": [error.code, error.sentence]}
        except MemoryError:
            return {"error": ["too-large", "There is not enough memory for this slice."]}
        except LeftError:
            return {"left": True}

    def _do(self, request: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON carries
        match request["do"]:
            case "open":
                self._request = request
                return self._open_anew().facts().to_dict()
            case "grow":
                return self._looked_at_anew().facts().to_dict()
            case "read":
                return self._read(request["index"], request["pixel"])
        return self._close()

    def _looked_at_anew(self) -> Opened:
        if self._opened is not None and self._opened.is_current():
            return self._opened
        # No name may hold it here: a file it links to is closed with the last that does.
        return self._open_anew()

    def _open_anew(self) -> Opened:
        # Closed first: a file that HDF5 has open already is not looked at again.
        self._close()
        about = self._request
        self._opened = OPENERS[about["kind"]](Path(about["path"]), *about["arguments"])
        return self._opened

    def _read(self, index: int, pixel: int) -> int:
        """Put values of a slice, from a pixel on, into the shared memory; how many."""
        begin, values = self._strip_with(index, pixel)
        piece = values[pixel - begin :][: self._pixels.size]
        with np.errstate(over="ignore", invalid="ignore"):
            self._pixels[: piece.size] = piece
        if pixel - begin + piece.size == values.size:
            self._strip = None
        return int(piece.size)

    def _strip_with(self, index: int, pixel: int) -> Strip:
        if self._strip is not None and self._strip[0] == index:
            begin, values = self._strip[1]
            if begin <= pixel < begin + values.size:
                return self._strip[1]
        self._strip = None
        opened = self._opened or self._open_anew()
        strip = opened.strip(index, pixel, self._asked)
        self._strip = index, strip
        return strip

    def _asked(self) -> None:
        if self._memory[LEFT]:
            raise LeftError

    def _close(self) -> None:
        self._strip = None
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()
