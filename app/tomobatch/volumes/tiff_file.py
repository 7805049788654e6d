"""Reading single slices from TIFF files: plain float32 ones as fast as the disk gives the bytes."""

from __future__ import annotations

import io
import lzma
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.volumes.buffers import Buffers
from tomobatch.volumes.source import Floats, Left, LeftError, Shape, never

FLOAT32 = np.dtype("<f4")
_BROKEN = (
    tifffile.TiffFileError, ValueError, IndexError, KeyError, TypeError, AttributeError, NotImplementedError,
    RuntimeError, ImportError, MemoryError, OverflowError, ZeroDivisionError, struct.error, zlib.error,
    lzma.LZMAError,
)  # fmt: skip
# Files whose pixels begin later are not compared by their heads.
_LONGEST_HEAD_BYTES = 1 << 16
# Between two such pieces a read can be given up.
_BYTES_AT_ONCE = 8 << 20


@dataclass(frozen=True)
class _Layout:
    """Where a plain file's pixels lie; files with the same head and length have them at the same place."""

    head: bytes
    length: int
    shape: Shape


class TiffSlices:
    """Reads TIFF files that are likely all alike; may be used from several threads at once."""

    def __init__(self) -> None:
        self._known: _Layout | None = None

    def shape(self, path: Path) -> Shape:
        """Rows and columns of a file, its pixels left alone; errors as in `read`."""
        with (
            _explained(path),
            path.open("rb", buffering=0) as file,
            tifffile.TiffFile(file, name=path.name) as tiff,
        ):
            return self._learn(tiff, file, os.fstat(file.fileno()).st_size, path)[0]

    def read(self, path: Path, buffers: Buffers, left: Left = never) -> Floats:
        """Pixels of a file, (rows, columns).

        Raises
        ------
        TomoBatchError
            ``missing``, ``permission``, ``unreadable`` (broken, cut off, on a failing disk) or
            ``not-a-slice`` (colours, several pages, no numbers).
        """
        with _explained(path), path.open("rb", buffering=0) as file:
            known, length = self._known, os.fstat(file.fileno()).st_size
            if known is not None and length == known.length and file.read(len(known.head)) == known.head:
                return read_floats(file, len(known.head), buffers.empty(known.shape), path, left)
            file.seek(0)
            return self._explore(file, length, path, buffers, left)

    def _explore(self, file: io.FileIO, length: int, path: Path, buffers: Buffers, left: Left) -> Floats:
        with tifffile.TiffFile(file, name=path.name) as tiff:
            shape, offset = self._learn(tiff, file, length, path)
            if offset is None:
                with np.errstate(over="ignore", invalid="ignore"):
                    return np.ascontiguousarray(tiff.pages.first.asarray(), dtype=np.float32)
        return read_floats(file, offset, buffers.empty(shape), path, left)

    def _learn(
        self, tiff: tifffile.TiffFile, file: io.FileIO, length: int, path: Path
    ) -> tuple[Shape, int | None]:
        """Shape, and where plain pixels begin; the next file is likely to be alike."""
        shape, offset = _shape_of_slice(tiff, path), _plain_offset(tiff, length)
        if offset is not None and offset <= _LONGEST_HEAD_BYTES:
            self._known = _Layout(os.pread(file.fileno(), offset, 0), length, shape)
        return shape, offset


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn whatever a file may raise into a sentence about it; what is no regular file is not opened."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise TomoBatchError("unreadable", f"{shown(path.name)} is no regular file; it was not opened.")
        yield
    except OSError as error:
        raise _not_read(path, error) from error
    except _BROKEN as error:
        said = shown(str(error).splitlines()[0]) if str(error) else type(error).__name__
        raise TomoBatchError("unreadable", f"{shown(path.name)} cannot be read: {said}.") from error


def _not_read(path: Path, error: OSError) -> TomoBatchError:
    if isinstance(error, FileNotFoundError):
        return TomoBatchError("missing", f"{shown(path.name)} is not in {shown(path.parent)} (any more).")
    if isinstance(error, PermissionError):
        return TomoBatchError("permission", f"{shown(path.name)} may not be read by this user.")
    return TomoBatchError("unreadable", f"{shown(path.name)} cannot be read: {error.strerror or error}.")


def _shape_of_slice(tiff: tifffile.TiffFile, path: Path) -> Shape:
    page = tiff.pages.first
    numbers = page.dtype is not None and page.dtype.kind in "uif"
    if len(tiff.pages) != 1 or len(page.shape) != 2 or not numbers or not min(page.shape):
        kind = f"{len(tiff.pages)} pages of {page.dtype} {'×'.join(map(str, page.shape))}"
        raise TomoBatchError("not-a-slice", f"{shown(path.name)} is no slice: it holds {kind}.")
    return int(page.shape[0]), int(page.shape[1])


def _plain_offset(tiff: tifffile.TiffFile, length: int) -> int | None:
    """Where the pixels of a slice begin, as plain float32 in one piece; None for any other file."""
    page = tiff.pages.first
    plain = page.compression == 1 and page.is_contiguous and page.dtype == np.float32
    if not plain or tiff.byteorder != "<":
        return None
    offset = int(page.dataoffsets[0])
    # Only where nothing but the head decides may another file with this head be read in the same way.
    alone = all(tag.valueoffset < offset for tag in page.tags) and page.offset < offset
    whole = offset + page.shape[0] * page.shape[1] * FLOAT32.itemsize <= length
    return offset if alone and whole else None


def read_floats(file: io.FileIO, offset: int, pixels: Floats, path: Path, left: Left = never) -> Floats:
    """Fill with float32 from a place of a file, whose own position is neither used nor moved."""
    missing = pixels.data.cast("B")
    while missing:
        if left():
            raise LeftError
        got = os.preadv(file.fileno(), [missing[:_BYTES_AT_ONCE]], offset)
        if got == 0:
            raise TomoBatchError("unreadable", f"{shown(path.name)} is cut off.")
        missing, offset = missing[got:], offset + got
    return pixels
