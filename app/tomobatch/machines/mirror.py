"""The copy that is kept here of a job's log on another machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

PIECE_BYTES = 1 << 14


class Mirror:
    """A log that is a true beginning of the far one; it grows as that is read.

    Parameters
    ----------
    file
        It need not be there yet, nor its folder; None: no copy is kept.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._descriptor = -1
        if file is not None:
            self._open(file)

    def _open(self, file: Path) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            log.warning("the log %s is not kept here: %s", file, error)

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return os.fstat(self._descriptor).st_size if self._descriptor >= 0 else 0

    def pieces(self, from_byte: int, to_byte: int) -> Iterator[bytes]:
        """What is here from a byte on and before another."""
        while self._descriptor >= 0 and from_byte < to_byte:
            data = os.pread(self._descriptor, min(PIECE_BYTES, to_byte - from_byte), from_byte)
            if not data:
                return
            yield data
            from_byte += len(data)

    def add(self, offset: int, data: bytes) -> None:
        """Take bytes that begin at an offset of the far log, unless somebody else has taken them."""
        if self._descriptor < 0 or self.size != offset:
            return
        try:
            written = os.write(self._descriptor, data)
        except OSError as error:
            log.warning("the log %s is not kept here any more: %s", self._file, error)
            written = 0
        if written < len(data):
            # It stays a true beginning; what is missing is read again next time.
            self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class FarLog:
    """A far log, read on from where its mirror ends, and given from a byte on."""

    def __init__(self, mirror: Mirror, offset: int, from_byte: int) -> None:
        self._mirror, self._offset, self._from_byte = mirror, offset, from_byte

    def take(self, data: bytes) -> bytes:
        """Keep the next bytes; gives those of them that were asked for."""
        self._mirror.add(self._offset, data)
        skipped = max(0, self._from_byte - self._offset)
        self._offset += len(data)
        return data[skipped:]
