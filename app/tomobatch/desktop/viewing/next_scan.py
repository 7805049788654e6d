"""Which scan comes after one whose COR was picked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomobatch.cor.table import CorSource
from tomobatch.recon.kinds import Kind
from tomobatch.recon.results import Result, ResultState

if TYPE_CHECKING:
    from tomobatch.desktop.scan_display import Known
    from tomobatch.desktop.scan_model import ScanModel

# What the engine found for this very scan is a better place to begin than the COR of the scan before.
_FOUND = ("engine", CorSource.AUTOMATIC.value)


def next_scan(model: ScanModel, after: int) -> int | None:
    """The next scan in the table's order, from the top again after the last, that waits for a pick."""
    order, off = model.order(), {known.scan_id for known in model.off()}
    place = order.index(after) + 1 if after in order else 0
    for scan_id in [*order[place:], *order[:place]]:
        known = model.known(scan_id)
        if known is not None and scan_id not in off and scan_id != after and _waits(known):
            return scan_id
    return None


def hidden_wait(model: ScanModel) -> bool:
    """Whether a scan waits for a pick that the filter does not show."""
    kept = set(model.ids()) - set(model.order()) - {known.scan_id for known in model.off()}
    found = (model.known(scan_id) for scan_id in kept)
    return any(known is not None and _waits(known) for known in found)


def _waits(known: Known) -> bool:
    return try_of(known) is not None and not is_picked(known)


def is_picked(known: Known) -> bool:
    """Whether a person has picked its COR."""
    cor = known.cor_in_use
    return cor is not None and cor.source is CorSource.PICKED


def try_of(known: Known) -> Result | None:
    """Its Try, if that is whole; one made elsewhere is taken to be. None also for one of another file."""
    whole = (ResultState.COMPLETE, ResultState.ELSEWHERE)
    found = (one for one in known.results or () if one.kind is Kind.TRY and one.state in whole)
    return next(found, None)


def first_look_px(known: Known, picked_px: float) -> float | None:
    """The COR to look at first; None for the middle of the search.

    From scan to scan an axis hardly moves, so the COR that was picked last is nearest; but a Try around a
    COR that was found for this very scan has that one in its middle.
    """
    made = try_of(known)
    return None if made is not None and made.cor_source in _FOUND else picked_px
