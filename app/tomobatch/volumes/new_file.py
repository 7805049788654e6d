"""Files that come into being whole or not at all, and never in the place of another one."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown

_MOST_NUMBERS = 10_000


def write_new(path: Path, write: Callable[[Path], None]) -> Path:
    """Have a file written beside its place, then put there; gives the place, numbered where it was taken.

    Parameters
    ----------
    path
        Absolute; its folder is made where it is missing.
    write
        Called with the file to write, which has the ending of `path`.

    Raises
    ------
    TomoBatchError
        ``not-saved``.
    """
    beside = path.with_name(f".{os.getpid()}-{threading.get_ident()}-{path.stem[:40]}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(beside)
            _to_disk(beside)
            return next(place for place in _places(path) if _put(beside, place))
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        # numpy says of a full disk how many bytes it took, and no reason.
        said = error.strerror or "the disk takes no more"
        sentence = f"{shown(path)} was not saved: {said}. Choose another place, or make room there."
        raise TomoBatchError("not-saved", sentence) from error
    except (StopIteration, ValueError) as error:
        raise TomoBatchError("not-saved", f"{shown(path)} was not saved: choose another name.") from error


def _to_disk(file: Path) -> None:
    """Some file systems tell only now that they are full."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _places(path: Path) -> itertools.chain[Path]:
    numbered = (path.with_name(f"{path.stem}_{number}{path.suffix}") for number in range(2, _MOST_NUMBERS))
    return itertools.chain([path], numbered)


def _put(beside: Path, place: Path) -> bool:
    """Give a file its name; no where there is one of this name, by whomever it was made meanwhile."""
    try:
        os.link(beside, place)
    except FileExistsError:
        return False
    except OSError:
        # Without hard links a file that comes this very moment cannot be seen.
        if os.path.lexists(place):
            return False
        beside.rename(place)
    return True
