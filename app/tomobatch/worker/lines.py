"""Bytes as they arrive, made into lines."""

from __future__ import annotations

import errno
from collections.abc import Callable


class Lines:
    """Gathers bytes and hands them on line by line, without the ends of the lines."""

    def __init__(self, on_line: Callable[[bytes], None], most_bytes: int | None = None) -> None:
        self._on_line, self._most_bytes = on_line, most_bytes
        self._begun = bytearray()

    def take(self, part: bytes) -> None:
        """Take the next bytes; `OSError` once a line is too long."""
        *lines, rest = part.split(b"\n")
        for line in lines:
            whole = bytes(self._begun) + line
            self._begun.clear()
            self._on_line(whole)
        self._begun += rest
        if self._most_bytes is not None and len(self._begun) > self._most_bytes:
            raise OSError(errno.EMSGSIZE, f"a line is longer than {self._most_bytes} bytes")
