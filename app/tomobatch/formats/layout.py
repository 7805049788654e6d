"""What a scan is, without its pixels: layout, shape, angles, flats, darks, pixel size."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import h5py

from tomobatch.errors import TomoBatchError
from tomobatch.formats import dxchange, nxtomo
from tomobatch.formats.contents import AnglesFrom, Contents, Kind, Reference
from tomobatch.formats.hdf5 import explained, file_name, refuse_broken_link
from tomobatch.formats.pixel_size import PixelSize
from tomobatch.formats.stack import filters

__all__ = ["PixelSize", "ScanLayout", "read_contents", "read_darks", "read_flats", "read_layout"]

_MOST_NAMES = 1000
_SHUFFLERS = {h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
_COMMON = {h5py.h5z.FILTER_DEFLATE: "gzip", h5py.h5z.FILTER_SZIP: "szip", h5py.h5z.FILTER_LZF: "lzf"}


@dataclass(frozen=True)
class ScanLayout:
    """Facts about a scan.

    Parameters
    ----------
    kind
        ``dxchange`` or ``nxtomo``.
    data_path
        Dataset of the projections.
    angles
        Projections that are stored and have an angle.
    frames
        Projections that are stored.
    rows, columns
        Detector pixels.
    dtype
        numpy name of the pixel type.
    flats, darks
        How many there are in this file.
    first_angle_deg, last_angle_deg
        Of the usable projections.
    angles_from
        ``file``, or ``assumed``: evenly over 0 to 180 degrees.
    expected_angles
        Projections the file promises; more than `angles` in an unfinished scan.
    pixel_size
        None where the file has none.
    chunks, compression
        None where the pixels lie in one piece, or plain.
    """

    kind: Kind
    data_path: str
    angles: int
    frames: int
    rows: int
    columns: int
    dtype: str
    flats: int
    darks: int
    first_angle_deg: float
    last_angle_deg: float
    angles_from: AnglesFrom
    expected_angles: int
    pixel_size: PixelSize | None
    chunks: tuple[int, ...] | None
    compression: str | None


def read_contents(file: h5py.File) -> Contents:
    """Find projections and angles in either layout; DXchange goes first, as tomocupy reads it.

    Raises
    ------
    TomoBatchError
        ``no-data``, ``wrong-shape``, ``not-numbers``, ``bad-angles``, ``broken-link``, ``no-image-key``,
        ``unreadable``.
    """
    with explained(file_name(file)):
        if dxchange.is_dxchange(file):
            return dxchange.read_dxchange(file)
        entry = nxtomo.find_entry(file)
        if entry is not None:
            return nxtomo.read_nxtomo(file, entry)
        for name in islice(file, _MOST_NAMES):
            refuse_broken_link(file, name)
    raise TomoBatchError(
        "no-data",
        f"{file_name(file)} is no scan this program knows: it has neither {dxchange.DATA} "
        f"nor an entry with {nxtomo.DATA}.",
    )


def read_flats(file: h5py.File) -> Reference:
    """Find the flats of a file, whether or not it has projections."""
    return _reference(file, dxchange.FLATS, nxtomo.FLAT, "no-flats", "flats")


def read_darks(file: h5py.File) -> Reference:
    """Find the darks of a file, whether or not it has projections."""
    return _reference(file, dxchange.DARKS, nxtomo.DARK, "no-darks", "darks")


def _reference(file: h5py.File, path: str, key: int, code: str, word: str) -> Reference:
    with explained(file_name(file)):
        entry = None if dxchange.is_dxchange(file) else nxtomo.find_entry(file)
        if entry is None:
            return dxchange.read_reference(file, path, code, word)
        return nxtomo.read_reference(file, entry, key, code, word)


def read_layout(file: h5py.File) -> ScanLayout:
    """Facts about an open scan; no pixel is read. Raises as `read_contents` does."""
    return layout_of(file, read_contents(file))


def layout_of(file: h5py.File, contents: Contents) -> ScanLayout:
    """Facts about a scan whose contents were found."""
    stack, angles = contents.projections, contents.angles
    with explained(file_name(file)):
        return ScanLayout(
            kind=contents.kind,
            data_path=str(stack.dataset.name),
            angles=angles.degrees.size,
            frames=contents.stored,
            rows=stack.rows,
            columns=stack.columns,
            dtype=stack.dtype.name,
            flats=read_flats(file).frames,
            darks=read_darks(file).frames,
            first_angle_deg=float(angles.degrees[0]),
            last_angle_deg=float(angles.degrees[-1]),
            angles_from=angles.source,
            expected_angles=angles.expected,
            pixel_size=contents.pixel_size,
            chunks=stack.dataset.chunks,
            compression=_compression(stack.dataset),
        )


def _compression(dataset: h5py.Dataset) -> str | None:
    names = [_COMMON.get(code, name) for code, name in filters(dataset) if code not in _SHUFFLERS]
    return "+".join(names) or None
