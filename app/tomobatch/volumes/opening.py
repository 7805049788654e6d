"""From a scan to what can be looked at of it."""

from __future__ import annotations

import os
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import HDF5, TIFF, final_place
from tomobatch.recon.receipt import Receipt, read_receipt
from tomobatch.volumes.growing import open_making
from tomobatch.volumes.lamino import CANDIDATE
from tomobatch.volumes.pictures import SLICE, full_pictures, try_pictures
from tomobatch.volumes.raw import Raw
from tomobatch.volumes.source import Source
from tomobatch.volumes.versions import place_of_version
from tomobatch.volumes.volume import Volume
from tomobatch.volumes.wanted import Mode, Wanted

NO_RESULT = "no-result"


def open_wanted(wanted: Wanted) -> Source:
    """Open what is wanted; slow where the disk is slow. TomoBatchError as `open_result`, or ``gone``."""
    if wanted.mode is Mode.RAW:
        return Raw(wanted.scan_path, wanted.part)
    try:
        source = _open_version(wanted, Kind(wanted.mode))
    except TomoBatchError as error:
        raise _explained(error, wanted) from error
    except OSError as error:
        said = f"{shown(error.filename or wanted.scan_path)} cannot be read: {error.strerror or error}."
        raise TomoBatchError("unreadable", said) from error
    if wanted.news:
        source.notes = (wanted.news, *source.notes)
    return source


def _open_version(wanted: Wanted, kind: Kind) -> Source:
    making = wanted.making
    if making is not None and wanted.version == making.version:
        source = open_making(making, wanted.row)
        return open_result(wanted.scan_path, kind, wanted.row) if source is None else source
    if not wanted.version:
        return open_result(wanted.scan_path, kind, wanted.row)
    place = place_of_version(wanted.scan_path, kind, wanted.version)
    return _open_place(place, wanted.scan_path, kind, wanted.row)


def _explained(error: TomoBatchError, wanted: Wanted) -> TomoBatchError:
    """The same, with what is known beside it: the whole folder is gone, or what was looked at before is."""
    folder = wanted.scan_path.parent
    if error.code == NO_RESULT and not os.path.lexists(folder):
        said = (
            f"{shown(folder)} is gone: it was removed, or its disk is not there. It is shown once it is back."
        )
        return TomoBatchError("gone", said)
    return TomoBatchError(error.code, f"{wanted.news} {error.sentence}") if wanted.news else error


def open_result(scan_path: Path, kind: Kind, row: int | None = None) -> Source:
    """What a Try or a Full of a scan left; slow where the disk is slow.

    Parameters
    ----------
    scan_path
        Absolute.
    row
        Of a Try, the detector row to look at; None takes the first.

    Raises
    ------
    TomoBatchError
        ``no-result``, or what keeps the files from being read.
    """
    place = final_place(scan_path, kind) if kind is Kind.TRY else _full_place(scan_path)
    return _open_place(place, scan_path, kind, row)


def _open_place(place: Path, scan_path: Path, kind: Kind, row: int | None) -> Source:
    if kind is Kind.FULL and place.suffix == ".h5" and place.is_file():
        return Volume(place)
    names, receipt, notes = _names(place, scan_path, kind)
    if kind is Kind.TRY:
        source = try_pictures(place, names, receipt, row)
    else:
        source = full_pictures(place, names, receipt)
    source.notes = (*notes, *source.notes)
    return source


def _full_place(scan_path: Path) -> Path:
    """The folder or the volume; where both are there, the one that was made last."""
    folder, volume = (final_place(scan_path, Kind.FULL, save_format) for save_format in (TIFF, HDF5))
    return volume if _modified(volume) > _modified(folder) else folder


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _names(folder: Path, scan_path: Path, kind: Kind) -> tuple[set[str], Receipt | None, tuple[str, ...]]:
    """Files there are; by its receipt, those of the run alone, and what is to be said of others."""
    try:
        names = set(os.listdir(folder))  # noqa: PTH208 - ten thousand names, and none is needed as a path
    except FileNotFoundError as error:
        raise TomoBatchError(
            NO_RESULT, f"{shown(scan_path.name)} has no {kind.word} yet: press {kind.word}."
        ) from error
    except OSError as error:
        said = f"{shown(folder)} cannot be listed: {error.strerror or error}."
        raise TomoBatchError("unreadable", said) from error
    receipt = read_receipt(folder)
    if receipt is None:
        return names, None, ()
    notes = (*_missing(names, receipt), *_beside(names.difference(receipt.files), kind))
    return names.intersection(receipt.files), receipt, notes


def _missing(names: set[str], receipt: Receipt) -> tuple[str, ...]:
    """What is said of pictures that the run made and that are not there any more."""
    count = len(set(receipt.files).difference(names))
    return (f"{count} of the {len(receipt.files)} pictures of this run are missing.",) if count else ()


def _beside(others: set[str], kind: Kind) -> tuple[str, ...]:
    """What is said of pictures that the run did not make."""
    pattern = CANDIDATE if kind is Kind.TRY else SLICE
    count = sum(1 for name in others if pattern.fullmatch(name))
    if not count:
        return ()
    pictures = "1 picture of another run lies" if count == 1 else f"{count} pictures of another run lie"
    return (f"{pictures} beside these, and {'is' if count == 1 else 'are'} left out.",)
