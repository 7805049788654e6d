"""Which scan is looked at, and what of it; knows no Qt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tomobatch.desktop.viewing.following import newest
from tomobatch.desktop.viewing.found import Find, Found
from tomobatch.volumes.wanted import Mode, Part, Wanted

NONE = -1


class Subject:
    """A scan of the table, and what is wanted of it.

    Parameters
    ----------
    find
        Gives what is known of a scan; None when there is no such scan (any more).
    """

    def __init__(self, find: Find) -> None:
        self._find = find
        self.scan_id, self.name = NONE, ""
        self.wanted = Wanted(Path(), Mode.TRY)

    @property
    def found(self) -> Found | None:
        """What the table knows of it by now."""
        return self._find(self.scan_id) if self.scan_id >= 0 else None

    @property
    def shows_lengths_down(self) -> bool:
        """Whether rows are a length, too: those of a sinogram are angles."""
        return self.wanted.mode is not Mode.RAW or self.wanted.part is not Part.SINOGRAMS

    def is_now(self, scan_id: int, mode: str) -> bool:
        """Whether this is what is looked at already."""
        return (scan_id, mode) == (self.scan_id, self.wanted.mode.value)

    def take(self, scan_id: int, mode: Mode, version: str = "", *, newest_run: bool = True) -> bool:
        """Look at another scan, or at something else of it; False where there is no such scan.

        Without a version (`Wanted.version`) that is the run under way, else the result in its place; with
        `newest_run` False that in its place.
        """
        found = self._find(scan_id)
        if found is None:
            return False
        self.scan_id, self.name = scan_id, found.name
        wanted = Wanted(found.path, mode, self.wanted.part, version)
        self.wanted = newest(wanted, found.making) if newest_run and not version else wanted
        return True

    def look_up(self, *, newest_run: bool) -> bool:
        """Take over what the table knows by now; False where the scan is gone."""
        found = self.found
        if found is None:
            return False
        wanted = newest(self.wanted, found.making) if newest_run else self.wanted
        self.wanted = replace(wanted, scan_path=found.path)
        return True

    def forget(self) -> None:
        """Look at no scan; the part of raw data is kept for the next one."""
        self.scan_id, self.name = NONE, ""
        self.wanted = replace(self.wanted, version="", row=None, making=None, news="")
