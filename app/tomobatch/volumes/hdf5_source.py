"""Slices of an HDF5 file that another process has open."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.volumes import slice_process
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.facts import Facts, Gap, Ident, Plain
from tomobatch.volumes.slice_process import ChildDiedError, SliceProcess
from tomobatch.volumes.source import Floats, Left, LeftError, Shape, Source, abandoned, never
from tomobatch.volumes.tiff_file import FLOAT32, read_floats

_TURN_S = 0.05


class Hdf5Source(Source):
    """Reads through a process that may hang or crash; pixels that lie plain are read without it.

    Parameters
    ----------
    path
        Absolute.
    kind, arguments
        What `tomobatch.volumes.slice_child` opens it as.

    Raises
    ------
    TomoBatchError
        What keeps it from being opened; ``reader-died``: HDF5 crashed at it.
    LeftError
        Nobody waits for it any more (`tomobatch.volumes.source.abandoned`).
    """

    def __init__(self, path: Path, kind: str, *arguments: object) -> None:
        self._path = path
        self._request = {"do": "open", "kind": kind, "path": os.fspath(path), "arguments": arguments}
        self._lock = threading.Lock()
        self._closed = False
        self._process: SliceProcess | None = None
        self._plain: tuple[io.FileIO, Plain, Shape] | None = None
        try:
            self._take(self._open(abandoned.get()))
        except TomoBatchError as error:
            if not self._may_come():
                raise
            self._take(_nothing_yet(error, growing=True))
        self._spare_the_process()

    def _spare_the_process(self) -> None:
        """All that is left to do may need none."""
        if self._plain is not None and not self.growing:
            self._let_go()

    def _may_come(self) -> bool:
        """Whether what cannot be opened now is likely to be written at this moment."""
        return False

    def _take(self, facts: Facts) -> None:
        self._facts = facts
        self.count, self.shape = len(facts.labels), facts.shape
        self.notes, self.growing, self.binning = facts.notes, facts.growing, facts.binning
        self.made_cor_px = facts.cor_px
        self._plain = None if facts.plain is None else self._opened_plainly(facts, facts.plain)

    def label(self, index: int) -> str:
        """As the file's kind has it: ``slice 12``, ``projection 12 · 11.93°``."""
        labels = self._facts.labels
        # A file that was made anew may hold fewer, and the window has not been told yet.
        return labels[index] if index < len(labels) else ""

    def empty(self, index: int) -> str:
        """What is not there, where something is not."""
        return next((gap.why for gap in self._facts.gaps if gap.first <= index < gap.end), "")

    def read(self, index: int, buffers: Buffers, left: Left = never) -> Floats:
        """Pixels of a slice."""
        if why := self.empty(index):
            raise TomoBatchError("empty", why)
        plain = self._plain
        if plain is not None:
            return self._read_plainly(*plain, index, buffers, left)
        with self._turn(left):
            made = self._read_by_process(index, buffers, left)
        # From now on another file may be opened at any time, and should find a process ready.
        slice_process.prepare()
        return made

    def grow(self) -> bool:
        """Open it anew; what is known of it stays while that cannot be done."""
        if not self._lock.acquire(blocking=False):
            # Somebody reads, or waits for a disk: the next time will do.
            return False
        before = self._facts
        with self._released():
            self._take(self._looked_at_anew())
        return self._facts != before

    def _looked_at_anew(self) -> Facts:
        left = abandoned.get()
        try:
            if self._process is None:
                return self._open(left)
            return Facts.from_dict(self._ask({"do": "grow"}, left))
        except LeftError:
            return self._facts
        except TomoBatchError as error:
            # The process would open it by itself for the next slice, and it may be another one by then.
            self._let_go()
            growing = self._may_come()
            nothing = _is_nothing(self._facts)
            return _nothing_yet(error, growing) if nothing else replace(self._facts, growing=growing)

    def close(self) -> None:
        """Read no more; waits for no disk."""
        self._closed, self._plain = True, None
        process = self._process
        if process is None:
            return
        if not self._lock.acquire(blocking=False):
            process.kill()
            # Who waits for its answer gets an error by now; if not, it lets go of the process once it does.
            if not self._lock.acquire(timeout=_TURN_S):
                return
        with self._released():
            pass

    # -- through the process ------------------------------------------------------------------

    @contextmanager
    def _turn(self, left: Left) -> Iterator[None]:
        """One thread at a time; LeftError where nobody waits any more for the one that waits."""
        while not self._lock.acquire(timeout=_TURN_S):
            if left():
                raise LeftError
        with self._released():
            yield

    @contextmanager
    def _released(self) -> Iterator[None]:
        try:
            yield
        finally:
            if self._closed:
                self._let_go()
            self._lock.release()

    def _open(self, left: Left) -> Facts:
        self._process = slice_process.take()
        try:
            return Facts.from_dict(self._ask(self._request, left))
        except (TomoBatchError, LeftError):
            self._let_go()
            raise

    def _reopen(self, left: Left) -> None:
        """After a crash, with a new process."""
        facts = self._open(left)
        if (facts.shape, len(facts.labels)) != (self.shape, self.count):
            raise TomoBatchError("changed", f"{shown(self._path.name)} has changed: open it anew.")

    def _ask(self, request: dict[str, Any], left: Left) -> Any:  # noqa: ANN401 - whatever JSON carries
        assert self._process is not None  # noqa: S101 - opened before
        try:
            return self._process.ask(request, left)
        except ChildDiedError as error:
            self._let_go()
            if self._closed:
                raise LeftError from error
            raise TomoBatchError(
                "reader-died",
                f"The process that read {shown(self._path.name)} ended {error}: the file may be damaged. "
                "The next slice is tried by a new one.",
            ) from error

    def _let_go(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            slice_process.give_back(process)

    def _read_by_process(self, index: int, buffers: Buffers, left: Left) -> Floats:
        if self._process is None:
            self._reopen(left)
        self._refuse_beyond(index, self.count)
        pixels: Floats = buffers.empty(self.shape)
        missing = pixels.reshape(-1)
        while missing.size:
            got = self._ask({"do": "read", "index": index, "pixel": pixels.size - missing.size}, left)
            assert self._process is not None  # noqa: S101 - it has answered
            if not 0 < got <= missing.size:
                raise TomoBatchError("changed", f"{shown(self._path.name)} has changed: open it anew.")
            missing[:got] = self._process.pixels[:got]
            missing = missing[got:]
        return pixels

    def _refuse_beyond(self, index: int, count: int) -> None:
        """A file that was made anew may hold fewer, and who asks may not know yet."""
        if index >= count:
            raise TomoBatchError("changed", f"{shown(self._path.name)} holds {count} slices by now.")

    # -- without it ---------------------------------------------------------------------------

    def _opened_plainly(self, facts: Facts, plain: Plain) -> tuple[io.FileIO, Plain, Shape] | None:
        """The very file that HDF5 has open; None where another one has taken its place."""
        before = self._plain
        if before is not None and _ident(before[0]) == facts.ident:
            return before[0], plain, facts.shape
        try:
            file = _Kept(os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
        except OSError:
            return None
        return (file, plain, facts.shape) if _ident(file) == facts.ident else None

    def _read_plainly(
        self, file: io.FileIO, plain: Plain, shape: Shape, index: int, buffers: Buffers, left: Left
    ) -> Floats:
        self._refuse_beyond(index, len(plain.places))
        try:
            values = read_floats(
                file, plain.places[index], buffers.empty(shape, plain.dtype), self._path, left
            )
        except OSError as error:
            said = error.strerror or str(error)
            raise TomoBatchError("unreadable", f"{shown(self._path.name)} cannot be read: {said}.") from error
        if values.dtype == FLOAT32:
            return values
        pixels: Floats = buffers.empty(shape)
        with np.errstate(over="ignore", invalid="ignore"):
            pixels[:] = values
        return pixels


class _Kept(io.FileIO):
    """Is closed with the last thread that reads from it."""

    def __del__(self) -> None:
        self.close()


def _ident(file: io.FileIO) -> Ident:
    facts = os.fstat(file.fileno())
    return facts.st_dev, facts.st_ino


def _nothing_yet(error: TomoBatchError, growing: bool) -> Facts:
    """Stands for a file that cannot be opened yet."""
    return Facts((1, 1), [""], (0, 0), (0, 0), growing, gaps=(Gap(0, 1, error.sentence),))


def _is_nothing(facts: Facts) -> bool:
    return facts.ident == (0, 0)
