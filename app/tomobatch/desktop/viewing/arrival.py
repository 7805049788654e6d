"""Arriving at a scan that a person did not choose: where to look first, and for how long no press counts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from tomobatch.volumes.source import Source

# A press was meant for the scan before. A little less than the button's own time, which begins later:
# what looks ready is.
SETTLING_S = 0.75


class Arrival(QObject):
    """Between a COR that was picked and the next scan."""

    arrived = Signal()
    """The next scan is on the screen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.count = 0
        self._under_way = False
        self._near_px: float | None = None
        self._settled_at = 0.0

    def begin(self, near_px: float | None) -> None:
        """Another scan is opened, to be looked at near this COR, or in its middle."""
        self._under_way, self._near_px = True, near_px

    def was_at(self, source: Source | None, index: int) -> None:
        """The same is opened anew, maybe with other candidates: to be looked at near the COR of this one."""
        if source is not None:
            self._near_px = source.cor_px(index)

    def forget(self) -> None:
        """A person has chosen what is opened."""
        self._under_way, self._near_px = False, None

    def shown(self) -> None:
        """A slice is on the screen: from here on a person sees what a press is about."""
        if self._under_way:
            self._under_way = False
            self.count += 1
            self._settled_at = time.monotonic() + SETTLING_S
            self.arrived.emit()

    @property
    def settling(self) -> bool:
        """Whether a press was likely meant for the scan before."""
        return time.monotonic() < self._settled_at

    def first_index(self, source: Source, back_to: str | None) -> int:
        """Where one was; else near the COR that is looked for, or in the middle.

        In its middle a Try has the COR it was made around; so it does where that COR lies outside its search.

        Parameters
        ----------
        back_to
            Label of the slice that was looked at before.
        """
        labels = (index for index in range(source.count) if source.label(index) == back_to)
        before = next(labels, None) if back_to is not None else None
        found = self._nearest(source) if before is None else before
        return (source.count - 1) // 2 if found is None else found

    def _nearest(self, source: Source) -> int | None:
        cors = [(cor_px, i) for i in range(source.count) if (cor_px := source.cor_px(i)) is not None]
        near_px = self._near_px
        if near_px is None or not cors or not cors[0][0] <= near_px <= cors[-1][0]:
            return None
        return min(cors, key=lambda one: abs(one[0] - near_px))[1]
