"""Bytes as they arrive, made into lines."""

from __future__ import annotations

from collections.abc import Callable


class Lines:
    """Gathers bytes and hands them on line by line, without the ends of the lines."""

    def __init__(self, on_line: Callable[[bytes], None]) -> None:
        self._on_line = on_line
        self._begun = bytearray()

    def take(self, part: bytes) -> None:
        """Take the next bytes."""
        *lines, rest = part.split(b"\n")
        for line in lines:
            whole = bytes(self._begun) + line
            self._begun.clear()
            self._on_line(whole)
        self._begun += rest
