"""The one place where scans are opened, and safe look-ups in files from strangers."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py
import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown

MOST_NUMBERS = 10_000_000
"""A list of angles or image keys longer than this is damage, not a scan."""

# So many that two chunks of one cache hardly ever want the same place; a prime, as HDF5 asks for.
_CACHE_SLOTS = 10_007
_MARKED = "already open for write"
_HDF5_REASON = re.compile(r"(?:Unable|Can't|Unspecified error in) [^(]*\((.+)\)")

# A damaged file makes h5py raise any of these, at any access, attributes and shapes included.
_H5PY_ERRORS = (OSError, RuntimeError, KeyError, ValueError, TypeError, NotImplementedError, MemoryError)


@contextmanager
def open_hdf5(path: str | os.PathLike[str], cache_bytes: int | None = None) -> Iterator[h5py.File]:
    """Open a scan for reading, without a lock, so that whoever writes it goes on unharmed.

    Parameters
    ----------
    path
        An HDF5 file. Anything but a regular file (a FIFO, a folder) is refused unopened.
    cache_bytes
        Most memory for unpacked chunks of each dataset; None leaves it to HDF5 (a megabyte).

    Raises
    ------
    TomoBatchError
        ``missing``, ``permission``, ``not-hdf5``, ``truncated`` or ``unreadable``.
    """
    path = Path(path)
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise TomoBatchError("not-hdf5", f"{shown(path.name)} is not a regular file; it was not opened.")
        if not facts.st_size:
            raise TomoBatchError("not-hdf5", f"{shown(path.name)} is empty: nothing was written into it.")
        cache = {} if cache_bytes is None else {"rdcc_nbytes": cache_bytes, "rdcc_nslots": _CACHE_SLOTS}
        file = _opened(path, cache)
    except OSError as error:
        raise _why_not_opened(path, error) from error
    with file:
        yield file


def _opened(path: Path, cache: dict[str, int]) -> h5py.File:
    try:
        return h5py.File(os.fsencode(path), "r", locking=False, **cache)
    except OSError as error:
        if _MARKED not in str(error):
            raise
        # Somebody writes it so that others can read meanwhile (SWMR); no other reader is let in.
        with suppress(OSError):
            return h5py.File(os.fsencode(path), "r", locking=False, swmr=True, **cache)
        raise


def _why_not_opened(path: Path, error: OSError) -> TomoBatchError:
    name = shown(path.name)
    if isinstance(error, FileNotFoundError):
        return TomoBatchError("missing", f"{shown(path)} does not exist (any more): look where it has gone.")
    if isinstance(error, PermissionError):
        return TomoBatchError("permission", f"{name} may not be read by this user; ask its owner for access.")
    if "truncated file" in str(error):
        return TomoBatchError(
            "truncated", f"{name} is shorter than it should be; copy it again or wait until it is complete."
        )
    if _MARKED in str(error):
        return TomoBatchError(
            "unreadable",
            f"{name} is marked as being written; if nothing writes it any more, h5clear -s mends the mark.",
        )
    if "signature not found" in str(error):
        return TomoBatchError("not-hdf5", f"{name} is not an HDF5 file, or is damaged at its start.")
    return TomoBatchError("unreadable", f"{name} cannot be opened: {_first_line(error)}.")


def _first_line(error: BaseException) -> str:
    """What HDF5 says in brackets is the reason; what stands before it is what was tried."""
    if not str(error):
        return type(error).__name__
    line = str(error).strip("'\"").splitlines()[0]
    reason = _HDF5_REASON.fullmatch(line)
    return shown(reason[1] if reason else line)


def file_name(file: h5py.File) -> str:
    """The printable name, without folders, of an open file."""
    return shown(Path(os.fsdecode(file.filename)).name)


@contextmanager
def explained(name: str, code: str = "unreadable") -> Iterator[None]:
    """Turn whatever h5py raises on a damaged file into a sentence about the file `name`."""
    try:
        yield
    except _H5PY_ERRORS as error:
        raise TomoBatchError(code, f"{name} is damaged or incomplete: {_first_line(error)}.") from error


def find_dataset(file: h5py.File, path: str, *, whole: bool = True) -> h5py.Dataset | None:
    """The dataset at `path`; None where there is none. Unless it is to be `whole`, parts of it may miss.

    Raises
    ------
    TomoBatchError
        ``broken-link`` where a link, or a virtual dataset, points to something that is not there;
        ``unreadable`` where it is damaged.
    """
    try:
        found = file[path]
    except _H5PY_ERRORS:
        refuse_broken_link(file, path)
        return None
    if not isinstance(found, h5py.Dataset):
        return None
    if whole:
        _refuse_lost_sources(file, found)
    return found


def find_group(file: h5py.File, path: str) -> h5py.Group | None:
    """The group at `path`; None where there is none that can be opened."""
    try:
        found = file[path]
    except _H5PY_ERRORS:
        return None
    return found if isinstance(found, h5py.Group) else None


def refuse_broken_link(file: h5py.File, path: str) -> None:
    """Raise ``broken-link`` or ``unreadable`` where a step of `path` exists and cannot be taken."""
    parts = path.strip("/").split("/")
    for count in range(1, len(parts) + 1):
        here = "/" + "/".join(parts[:count])
        link = find_link(file, here)
        if link is None:
            return
        try:
            file[here]
        except _H5PY_ERRORS as error:
            code = "unreadable" if isinstance(link, h5py.HardLink) else "broken-link"
            raise TomoBatchError(code, f"{here} in {file_name(file)} {_whither(link)}.") from error


def find_link(file: h5py.File, path: str) -> object | None:
    """The link at `path`, wherever it leads; None where there is none."""
    try:
        found: object | None = file.get(path, getlink=True)
    except _H5PY_ERRORS:
        return None
    return found


def _whither(link: object) -> str:
    if isinstance(link, h5py.ExternalLink):
        return f"lies in another file, {shown(link.filename)}, that cannot be read; put it where it was"
    if isinstance(link, h5py.SoftLink):
        return f"points to {shown(link.path)}, which is not there"
    return "is damaged"


def _refuse_lost_sources(file: h5py.File, dataset: h5py.Dataset) -> None:
    """Refuse a virtual dataset with a lost source: HDF5 would give zeros without a word."""
    if not dataset.is_virtual:
        return
    folder = Path(os.fsdecode(file.filename)).parent
    for name in {source.file_name for source in dataset.virtual_sources()}:
        if name != "." and "%" not in name and not (folder / name).exists():
            raise TomoBatchError(
                "broken-link",
                f"{dataset.name} in {file_name(file)} lies in another file, {shown(name)}, "
                "that is not there; put it where it was.",
            )


def read_numbers(file: h5py.File, path: str) -> np.ndarray | None:
    """A list of numbers as a flat float64 array; None where there is none or it is empty.

    Raises
    ------
    TomoBatchError
        ``not-numbers``, ``unreadable``, ``broken-link``.
    """
    dataset = find_dataset(file, path)
    if dataset is None or not dataset.size:
        return None
    if dataset.dtype.kind not in "uif" or dataset.size > MOST_NUMBERS:
        raise TomoBatchError(
            "not-numbers",
            f"{path} in {file_name(file)} should be a list of numbers; "
            f"it holds {dataset.dtype} {dataset.shape}.",
        )
    with explained(file_name(file)):
        return np.ravel(dataset[()]).astype(np.float64)


def read_text(dataset: h5py.Dataset, attribute: str) -> str:
    """An attribute as text, empty where it is absent or something else."""
    try:
        value = dataset.attrs.get(attribute, "")
    except _H5PY_ERRORS:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return value.strip() if isinstance(value, str) else ""
