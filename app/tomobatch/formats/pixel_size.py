"""Pixel sizes as files give them: a number, a unit that may be missing, and where it stood."""

from __future__ import annotations

from dataclasses import dataclass

import h5py
import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import find_dataset, read_numbers, read_text

_UM = {
    **dict.fromkeys(("um", "µm", "μm", "micron", "microns", "micrometer", "micrometre"), 1.0),
    **dict.fromkeys(("m", "meter", "metre"), 1e6),
    **dict.fromkeys(("mm", "millimeter", "millimetre"), 1e3),
    **dict.fromkeys(("nm", "nanometer", "nanometre"), 1e-3),
}
_SMALLEST_UM = 1e-3


@dataclass(frozen=True)
class PixelSize:
    """A pixel size.

    Parameters
    ----------
    value_um
        Micrometres.
    unit
        As written in the file; ``"µm (assumed)"`` or ``"m (assumed)"`` where it says none that is known.
    source
        Path inside the file.
    """

    value_um: float
    unit: str
    source: str


def read_pixel_size(file: h5py.File, path: str) -> PixelSize | None:
    """The pixel size at `path`, None where there is none that makes sense.

    Without a known unit, micrometres are assumed, as tomocupy does; a number that would be below a
    nanometre then can only be metres, the unit of the DXchange definition.
    """
    try:
        numbers = read_numbers(file, path)
        dataset = find_dataset(file, path)
    except TomoBatchError:
        return None  # a pixel size is shown, never needed
    if numbers is None or dataset is None or not np.isfinite(numbers[0]) or numbers[0] <= 0:
        return None
    unit = read_text(dataset, "units") or read_text(dataset, "unit")
    return _in_um(float(numbers[0]), unit, path)


def _in_um(value: float, unit: str, path: str) -> PixelSize:
    known = _UM.get(unit.lower())
    if known is not None:
        return PixelSize(value * known, unit, path)
    if value < _SMALLEST_UM:
        return PixelSize(value * 1e6, "m (assumed)", path)
    return PixelSize(value, "µm (assumed)", path)
