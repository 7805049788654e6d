"""Start of the serving process on a host where this program is not installed.

It is run there as text, by ``python -c``. Once it has found what it needs it greets, is sent this program's
modules on its input, and serves like the process here. Nothing is written to that host's disk.
"""

from __future__ import annotations

import enum
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
import types
import zlib
from collections.abc import Sequence

HELLO = b"tomobatch: hello"
LACKING = 86
"""Exit status where this Python has not all that is needed."""
SIZE_BYTES = 8

# The first one that takes `locking`.
_H5PY = (3, 5)


class Carried(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports modules whose text was sent."""

    def __init__(self, sources: dict[str, str]) -> None:
        self._sources = sources

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Claim the modules that were sent, and no others."""
        if fullname not in self._sources:
            return None
        return importlib.util.spec_from_loader(fullname, self)

    def is_package(self, fullname: str) -> bool:
        """Whether other modules lie below it."""
        return any(name.startswith(f"{fullname}.") for name in self._sources)

    def get_source(self, fullname: str) -> str:
        """Text of a module; a traceback quotes it, too."""
        return self._sources[fullname]

    def get_code(self, fullname: str) -> types.CodeType:
        """The module, named by its full name in tracebacks."""
        return compile(self._sources[fullname], f"{fullname}.py", "exec")


def main() -> int:
    """Greet, take the modules, serve until the other side hangs up; gives the exit status."""
    if not _has_all():
        return LACKING
    _lend_what_is_newer()
    os.write(1, HELLO + b"\n")
    sources = _received()
    if sources is None:
        return 0
    sys.meta_path.insert(0, Carried(sources))
    from tomobatch.worker.serve import main as serve

    return serve()


def _has_all() -> bool:
    try:
        import h5py
        import numpy.typing
        import tifffile
    except Exception as error:  # noqa: BLE001 - a broken installation raises whatever it likes
        sys.stderr.write(f"{sys.executable} does not serve: {error!r}\n")
        return False
    del numpy
    # A tifffile of 2021 knows its first page by another name.
    return bool(h5py.version.version_tuple[:2] >= _H5PY) and hasattr(tifffile.TiffPages, "first")


def _lend_what_is_newer() -> None:
    """Python 3.9 and 3.10 know no StrEnum."""
    if not hasattr(enum, "StrEnum"):

        class StrEnum(str, enum.Enum):  # noqa: UP042 - it is what is missing
            __str__ = str.__str__

        enum.StrEnum = StrEnum  # type: ignore[misc, assignment]


def _received() -> dict[str, str] | None:
    """Module texts by name; None where the other side has gone."""
    size = _exactly(SIZE_BYTES)
    packed = _exactly(int.from_bytes(size, "big")) if size else b""
    sources: dict[str, str] | None = json.loads(zlib.decompress(packed)) if packed else None
    return sources


def _exactly(count: int) -> bytes:
    """So many bytes of the input and not one more, for requests follow; none where it ends before."""
    there = bytearray()
    while len(there) < count:
        part = os.read(0, count - len(there))
        if not part:
            return b""
        there += part
    return bytes(there)


if __name__ == "__main__":
    sys.exit(main())
