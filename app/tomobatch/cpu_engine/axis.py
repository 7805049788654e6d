"""Where the rotation axis lies among the columns of a sinogram."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tomobatch.errors import TomoBatchError
from tomobatch.recon.geometry import Geometry

MIDDLE = -1.0
"""The COR that stands for the middle of the detector."""


@dataclass(frozen=True)
class Axis:
    """The rotation axis in the sinograms of a run.

    Parameters
    ----------
    position_px
        Binned pixels from the first column of the crop, after turning.
    turned
        The sinogram is mirrored first, so that the axis comes to lie at its right.
    blend_columns
        Columns at the right edge that fade out (double_fov), 0 for none.
    """

    position_px: float
    turned: bool = False
    blend_columns: int = 0


def unbinned_cor(cor_px: float, columns: int) -> float:
    """The COR in detector pixels; -1 stands for the middle of the `columns`.

    Raises
    ------
    TomoBatchError
        ``cor-outside``.
    """
    if cor_px == MIDDLE:
        return columns / 2
    if 0 <= cor_px <= columns:
        return cor_px
    raise TomoBatchError(
        "cor-outside",
        f"The COR {cor_px:g} lies outside the detector, whose columns reach from 0 to {columns}; "
        "give a COR inside it.",
    )


def axis_of(geometry: Geometry, cor_px: float) -> Axis:
    """The axis for a COR in detector pixels."""
    position = _binned(geometry, cor_px)
    if geometry.size == geometry.width:
        return Axis(position)
    turned = position < geometry.width // 2
    if turned:
        position = geometry.width - position
    return Axis(position, turned, max(1, int(2 * (geometry.width - position))))


def positions_px(geometry: Geometry, axis: Axis, cors_px: Iterable[float]) -> list[float]:
    """Positions, as in `Axis`, of a Try's candidates in sinograms prepared for `axis`."""
    binned = (_binned(geometry, cor) for cor in cors_px)
    return [geometry.width - position if axis.turned else position for position in binned]


def exact_axis(geometry: Geometry, cor_px: float) -> Axis:
    """The axis at a column of the detector, whatever the binning.

    `axis_of` follows tomocupy, which divides by the binning as if pixels were counted from their left
    edges: a COR tried out with binning belongs to that binning.
    """
    factor = 1 << geometry.binning
    return axis_of(geometry, cor_px - (factor - 1) / 2)


def _binned(geometry: Geometry, cor_px: float) -> float:
    factor = 1 << geometry.binning
    return (cor_px - geometry.start_column) / factor
