"""From a scan to what can be looked at of it."""

from __future__ import annotations

import os
from pathlib import Path

from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import HDF5, TIFF, final_place
from tomobatch.recon.receipt import Receipt, read_receipt
from tomobatch.volumes.pictures import full_pictures, try_pictures
from tomobatch.volumes.source import Source
from tomobatch.volumes.volume import Volume
from tomobatch.volumes.wanted import Mode, Wanted


def open_wanted(wanted: Wanted) -> Source:
    """Open what is wanted; slow where the disk is slow. TomoBatchError as `open_result`."""
    if wanted.mode is Mode.RAW:
        raise TomoBatchError("no-result", "Raw data cannot be shown yet.")
    return open_result(wanted.scan_path, Kind(wanted.mode), wanted.row)


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
    if kind is Kind.TRY:
        folder = final_place(scan_path, kind)
        names, receipt = _names(folder, scan_path, kind)
        return try_pictures(folder, names, receipt, row)
    place = _full_place(scan_path)
    if place.suffix == ".h5" and place.is_file():
        return Volume(place)
    names, receipt = _names(place, scan_path, kind)
    return full_pictures(place, names, receipt)


def _full_place(scan_path: Path) -> Path:
    """The folder or the volume; where both are there, the one that was made last."""
    folder, volume = (final_place(scan_path, Kind.FULL, save_format) for save_format in (TIFF, HDF5))
    return volume if _modified(volume) > _modified(folder) else folder


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _names(folder: Path, scan_path: Path, kind: Kind) -> tuple[set[str], Receipt | None]:
    """Files there are; by its receipt, those of the run alone."""
    try:
        names = set(os.listdir(folder))  # noqa: PTH208 - ten thousand names, and none is needed as a path
    except FileNotFoundError as error:
        raise TomoBatchError(
            "no-result", f"{shown(scan_path.name)} has no {kind.word} yet: press {kind.word}."
        ) from error
    except OSError as error:
        said = f"{shown(folder)} cannot be listed: {error.strerror or error}."
        raise TomoBatchError("unreadable", said) from error
    receipt = read_receipt(folder)
    return (names, None) if receipt is None else (names.intersection(receipt.files), receipt)
