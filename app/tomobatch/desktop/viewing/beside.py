"""What is worth seeing beside a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tomobatch.recon.kinds import Kind
from tomobatch.volumes.wanted import Mode

Versions = Callable[[int, str], Sequence[str]]
"""Gives the earlier runs of a scan's Try or Full that were kept, the last one first; see `Wanted.version`."""


class Row(Protocol):
    """A scan, as the table knows it."""

    @property
    def series(self) -> int:
        """Number of its series."""

    def can_view(self, kind: Kind) -> bool:
        """Whether there is something to be seen of its Try or Full."""


class Rows(Protocol):
    """The table's scans."""

    def order(self) -> list[int]:
        """Ids that are shown, in order."""

    def known(self, scan_id: int) -> Row | None:
        """A scan; None when it is gone."""


@dataclass(frozen=True)
class Shown:
    """What a viewer looks at.

    Parameters
    ----------
    mode
        Of `Mode`.
    version
        See `Wanted.version`.
    """

    scan_id: int
    mode: str
    version: str = ""


def no_versions(_scan_id: int, _mode: str) -> Sequence[str]:
    """No earlier runs were kept."""
    return ()


class Beside:
    """Finds what is worth comparing with.

    Parameters
    ----------
    rows
        The table.
    versions
        Runs that were kept.
    """

    def __init__(self, rows: Rows, versions: Versions = no_versions) -> None:
        self._rows, self._versions = rows, versions

    def of(self, shown: Shown) -> Shown:
        """Of raw data a result; else another run's, the next scan's of the series, or the same once more."""
        if shown.mode == Mode.RAW:
            return Shown(shown.scan_id, self._result_of(shown.scan_id))
        other = self.other_version(shown)
        if other != shown:
            return other
        following = self._next_of_series(shown.scan_id, Kind(shown.mode))
        return shown if following is None else Shown(following, shown.mode)

    def other_version(self, shown: Shown) -> Shown:
        """Another run's result of the same scan; the same once more where there is none."""
        if shown.version:
            return Shown(shown.scan_id, shown.mode)
        kept = self._versions(shown.scan_id, shown.mode)
        return Shown(shown.scan_id, shown.mode, kept[0]) if kept else shown

    def along(self, shown: Shown, second: Shown) -> Shown:
        """What the second shows once the first has gone from the scan of both to another, `shown`."""
        if second.mode == shown.mode:
            return self.other_version(shown)
        return Shown(shown.scan_id, second.mode)

    def _result_of(self, scan_id: int) -> str:
        row = self._rows.known(scan_id)
        found = [kind for kind in (Kind.FULL, Kind.TRY) if row is not None and row.can_view(kind)]
        return found[0].value if found else Mode.RAW.value

    def _next_of_series(self, scan_id: int, kind: Kind) -> int | None:
        """The next one below with such a result, or the last one above."""
        here, order = self._rows.known(scan_id), self._rows.order()
        if here is None or scan_id not in order:
            return None
        at = order.index(scan_id)
        for other_id in [*order[at + 1 :], *reversed(order[:at])]:
            other = self._rows.known(other_id)
            if other is not None and other.series == here.series and other.can_view(kind):
                return other_id
        return None
