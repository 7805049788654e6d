"""The viewers there are, and what ties them to the table, its CORs and the jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from tomobatch.cor.table import CorSource
from tomobatch.desktop.notices import WARNING
from tomobatch.desktop.viewing.beside import Beside
from tomobatch.desktop.viewing.following import making_of
from tomobatch.desktop.viewing.found import Found
from tomobatch.desktop.viewing.pair import Pair
from tomobatch.desktop.viewing.picking import Picking
from tomobatch.desktop.viewing.viewer import Viewer

if TYPE_CHECKING:
    from tomobatch.batch.job import JobRow
    from tomobatch.desktop.runs import Runs
    from tomobatch.desktop.scan_model import ScanModel
    from tomobatch.desktop.settings import Settings
    from tomobatch.desktop.tasks import Tasks

Say = Callable[[str, str], None]
Pick = Callable[[int, float], str]
Remove = Callable[[str, str, str], None]


class Viewers(QObject):
    """The first viewer, the second one beside it, and the picking of CORs.

    Parameters
    ----------
    pick
        Sets a scan's COR; gives a sentence where that is refused.
    remove
        Removes a kept result from disk: path of the scan, try or full, name of its place.
    """

    def __init__(
        self,
        scans: ScanModel,
        runs: Runs,
        settings: Settings,
        tasks: Tasks,
        say: Say,
        pick: Pick,
        remove: Remove,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._scans, self._say, self._pick, self._remove = scans, say, pick, remove
        self.first = self._make()
        self.first.corPicked.connect(self._picked)
        self.first.changed.connect(self._mark_shown)
        self.picking = Picking(self.first, scans, runs, settings, tasks, say, self)
        self.pair = Pair(self.first, self._make, Beside(scans, self._kept_results), tasks, self)
        scans.dataChanged.connect(self._tell_rows)

    def _make(self) -> Viewer:
        viewer, scans = Viewer(self._found, self._picked_cor, self), self._scans
        said: Any = viewer.said
        said.row_of = lambda scan_id: scans.display(scan_id) if scans.known(scan_id) else None
        viewer.worthSaying.connect(self._say)
        viewer.runs.removalWanted.connect(self._remove)
        return viewer

    async def close(self) -> None:
        """Read nothing any more."""
        await self.pair.close()
        await self.first.close()

    def forget(self) -> None:
        """What is shown belongs to the folder before."""
        self.pair.closeSecond()
        self.first.clear()
        self.picking.forget_trail()

    def jobs_changed(self, rows: Sequence[JobRow]) -> None:
        """Go on with what runs of the scans that are shown have made."""
        for viewer in self.pair.viewers:
            shown: Any = viewer.scanId
            known = self._scans.known(shown)
            path = None if known is None else str(known.file.path)
            for row in rows:
                if row.job.path == path:
                    viewer.runs.job_changed(row)

    def look_for_versions(self) -> None:
        """A kept result is gone."""
        for viewer in self.pair.viewers:
            viewer.runs.look_again()

    # -- what they ask of the table -------------------------------------------------------------

    def _found(self, scan_id: int) -> Found | None:
        known = self._scans.known(scan_id)
        if known is None:
            return None
        layout = known.scan.layout if known.scan is not None else None
        pixel_size, making = layout.pixel_size if layout else None, making_of(known.jobs)
        return Found(known.file.path, known.file.shown_name, pixel_size, making)

    def _picked_cor(self, scan_id: int) -> float | None:
        """The COR that a person picked: one that was found may be confirmed by picking it."""
        known = self._scans.known(scan_id)
        cor = known.cor_in_use if known is not None else None
        return cor.value_px if cor is not None and cor.source is CorSource.PICKED else None

    def _kept_results(self, scan_id: int, mode: str) -> Sequence[str]:
        """Earlier results, known of what the first viewer shows alone."""
        shown: Any = (self.first.scanId, self.first.mode)
        return self.first.runs.kept() if shown == (scan_id, mode) else ()

    # -- what they tell the table ---------------------------------------------------------------

    def _tell_rows(self) -> None:
        """The table's rows have changed."""
        for viewer in self.pair.viewers:
            said: Any = viewer.said
            said.changed.emit()
            viewer.inUseChanged.emit()

    def _picked(self, scan_id: int, cor_px: float) -> None:
        refusal = self._pick(scan_id, cor_px)
        if refusal:
            self._say(WARNING, refusal)
        else:
            self.picking.picked(scan_id, cor_px)

    def _mark_shown(self) -> None:
        shown: Any = self.first.scanId
        self._scans.set_current(shown)
