"""Picking CORs, for QML: the candidates' scores, the wall of the best, and the way to the next scan."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.notices import INFO
from tomobatch.desktop.runs import Around, Runs
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.settings import Settings
from tomobatch.desktop.tasks import Tasks
from tomobatch.desktop.viewing.next_scan import first_look_px, hidden_wait, next_scan
from tomobatch.desktop.viewing.viewer import Viewer
from tomobatch.desktop.viewing.wall import Wall
from tomobatch.errors import TomoBatchError
from tomobatch.recon.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tomobatch.volumes.candidates import Candidates
    from tomobatch.volumes.pictures import Pictures
    from tomobatch.volumes.source import Source

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

ALL_PICKED = "All scans with a Try have a picked COR."
SHOWN_PICKED = "All scans with a Try that the filter shows have a picked COR; others wait for one."
AGAIN, WIDEN = "again", "widen"
_REMEDIES = {AGAIN: "Run this Try again", WIDEN: "Widen the search", "": ""}
MOST_KEPT = 64
"""Tries whose scores are kept; one of 200 candidates takes some 50 kB."""
# Who leafs through scans wants the pictures first.
_BEGIN_S = 0.2
_GATHER_MS = 100

Key = tuple[str, str, int | None]


@QmlElement
@QmlUncreatable("made by the program")
class Picking(QObject):
    """Scores set nothing: they are looked at, and a person picks.

    Parameters
    ----------
    say
        Shows a sentence: kind and text.
    """

    changed = Signal()
    """Scores are otherwise, or they are of another Try."""
    shownChanged = Signal()
    """The candidate on the screen, or the row's COR, is another one."""
    trailChanged = Signal()
    moved = Signal(int)
    """Which scan was gone to."""

    def __init__(
        self,
        viewer: Viewer,
        scans: ScanModel,
        runs: Runs,
        settings: Settings,
        tasks: Tasks,
        say: Callable[[str, str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewer, self._scans, self._runs = viewer, scans, runs
        self._settings, self._tasks, self._say = settings, tasks, say
        self._source: Source | None = None
        self._candidates: Candidates | None = None
        self._ended = False
        self._kept: OrderedDict[Key, Candidates] = OrderedDict()
        self._turn = asyncio.Lock()
        self._running: asyncio.Task[None] | None = None
        self._trail: list[int] = []
        self._wall = Wall(viewer, self)
        self._gather = QTimer(self, interval=_GATHER_MS, singleShot=True)
        self._gather.timeout.connect(self.changed)
        viewer.changed.connect(self._follow)
        viewer.changed.connect(self.trailChanged)
        viewer.indexChanged.connect(self.shownChanged)
        viewer.inUseChanged.connect(self.shownChanged)

    # -- scores -----------------------------------------------------------------------------

    def _follow(self) -> None:
        """Score what the viewer looks through, if that is a Try by COR."""
        source = self._viewer.source
        if source is self._source:
            return
        self._stop()
        self._source, self._candidates, self._ended = source, None, False
        self._wall.close()
        tried = _by_cor(source)
        if tried is not None:
            self._score(tried)
        self.changed.emit()
        self.shownChanged.emit()

    def _stop(self) -> None:
        self._gather.stop()
        if self._running is not None:
            self._running.cancel()
            self._running = None

    def _score(self, source: Pictures) -> None:
        from tomobatch.volumes.candidates import Candidates

        key = _key(source)
        known = self._kept.get(key) if key is not None else None
        if key is not None and known is not None:
            self._kept.move_to_end(key)
            self._candidates = known
            return
        cors_px = (source.cor_px(index) for index in range(source.count))
        self._candidates = made = Candidates(tuple(cor_px for cor_px in cors_px if cor_px is not None))
        self._running = self._tasks.start(self._run(source, made, key), "scoring the candidates of a Try")

    async def _run(self, source: Pictures, candidates: Candidates, key: Key | None) -> None:
        from tomobatch.desktop.viewing.score_run import run_scores

        def take(index: int, scores: Sequence[float] | None, pixels: str) -> None:
            candidates.take(index, scores, pixels)
            if candidates is self._candidates and not self._gather.isActive():
                self._gather.start()

        await asyncio.sleep(_BEGIN_S)
        # One process at a time: the one before is being killed.
        try:
            async with self._turn:
                await run_scores([source.path(index) for index in range(source.count)], take)
        except TomoBatchError:
            self._end(candidates)
            raise
        if key is not None and candidates.done:
            self._keep(key, candidates)
        self._end(candidates)

    def _end(self, candidates: Candidates) -> None:
        """No more is found out about these."""
        if candidates is self._candidates:
            self._ended = True
            self.changed.emit()

    def _keep(self, key: Key, candidates: Candidates) -> None:
        self._kept[key] = candidates
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    @property
    def candidates(self) -> Candidates | None:
        """What is known of the Try that is looked at; None for anything else."""
        return self._candidates

    @property
    def shown_px(self) -> float | None:
        """COR of the candidate that is wanted on the screen."""
        return self.cor_px(self._index())

    @property
    def row_px(self) -> float | None:
        """The row's COR."""
        known = self._known()
        cor = known.cor_in_use if known is not None else None
        return None if cor is None else cor.value_px

    def _known(self) -> Any:  # noqa: ANN401 - what a Property gives is not known
        scan_id: Any = self._viewer.scanId
        return self._scans.known(scan_id)

    def _index(self) -> int:
        index: Any = self._viewer.index
        return index

    def cor_px(self, index: int) -> float | None:
        """COR of a candidate; None where there is no such candidate."""
        candidates = self._candidates
        if candidates is None or not 0 <= index < len(candidates.cors_px):
            return None
        return candidates.cors_px[index]

    # -- what hands do ------------------------------------------------------------------------

    def go_to(self, cor_px: float) -> None:
        """Show the candidate nearest to a COR."""
        if self._candidates is not None and self._candidates.cors_px and math.isfinite(cor_px):
            self._look_at(self._candidates.nearest(cor_px))

    def _look_at(self, index: int) -> None:
        self._halt()
        self._viewer.step(index - self._index())

    def _halt(self) -> None:
        travel: Any = self._viewer.travel
        travel.halt()

    @Slot()
    def goToBest(self) -> None:
        """Show the best candidate."""
        best = self._candidates.best() if self._candidates is not None else None
        if best is not None:
            self._look_at(best)

    @Slot()
    def remedy(self) -> None:
        """Do what is offered: widen the search, or run this Try again."""
        scan_id: Any = self._viewer.scanId
        candidates = self._candidates
        best = candidates.best() if candidates is not None else None
        offered = self._offered()
        if offered == AGAIN:
            self._runs.run(Kind.TRY.value, scan_id)
        elif offered == WIDEN and candidates is not None and best is not None:
            around = Around(candidates.cors_px[best], 2 * candidates.half_width_px)
            self._runs.run_around(scan_id, around)

    # -- the wall -----------------------------------------------------------------------------

    @Slot()
    def openWall(self) -> None:
        """Show the best five."""
        if self._candidates is not None and self._source is not None:
            self._halt()
            self._wall.open(self._source, self._candidates.wall())

    @Slot(int)
    def look(self, index: int) -> None:
        """Show a candidate of the wall large."""
        self._wall.close()
        self._look_at(index)

    @Slot(int)
    def use(self, index: int) -> None:
        """Take the COR of a candidate of the wall."""
        cor_px = self.cor_px(index)
        if cor_px is not None:
            self._wall.close()
            self._look_at(index)
            self._viewer.corPicked.emit(self._viewer.scanId, cor_px)

    @Slot(int, result=str)
    def corText(self, index: int) -> str:
        """COR of a candidate: ``296.00``."""
        cor_px = self.cor_px(index)
        return "" if cor_px is None else f"{cor_px:.2f}"

    @Slot(int, result=bool)
    def isBest(self, index: int) -> bool:
        """Whether a candidate is the best."""
        return self._candidates is not None and self._candidates.best() == index

    # -- the next scan ------------------------------------------------------------------------

    def picked(self, scan_id: int, cor_px: float) -> None:
        """Go on to the next scan that waits for a pick, if that is wanted."""
        if not self._settings.kept.move_on:
            return
        wanted = next_scan(self._scans, scan_id)
        known = self._scans.known(wanted) if wanted is not None else None
        if known is None:
            self._say(INFO, SHOWN_PICKED if hidden_wait(self._scans) else ALL_PICKED)
            return
        self._trail.append(scan_id)
        self._go(known.scan_id, first_look_px(known, cor_px))

    @Slot()
    def back(self) -> None:
        """Go back to the scan whose COR was picked last."""
        while self._trail:
            known = self._scans.known(self._trail.pop())
            if known is not None:
                self._go(known.scan_id, known.cor.value_px if known.cor else None)
                return
        self.trailChanged.emit()

    def forget_trail(self) -> None:
        """Another folder is open."""
        self._trail.clear()
        self._kept.clear()
        self.trailChanged.emit()

    def _go(self, scan_id: int, near_px: float | None) -> None:
        self._viewer.move_on(scan_id, near_px)
        self.trailChanged.emit()
        self.moved.emit(scan_id)

    # -- in words -----------------------------------------------------------------------------

    def _text(self) -> str:
        candidates = self._candidates
        if candidates is None:
            return ""
        best = candidates.best()
        count, all_of = candidates.looked_at, len(candidates.cors_px)
        stopped = "stopped at " if self._ended else ""
        far = [] if candidates.done else [f"{stopped}{count} of {all_of}"]
        so_far = "" if candidates.done else "so far "
        if best is None:
            return " · ".join(["Sharpness by COR", *(far or ["nothing to compare"])])
        return " · ".join(["Sharpness by COR", *far, f"best {so_far}{candidates.cors_px[best]:.2f}"])

    def _offered(self) -> str:
        candidates = self._candidates
        if candidates is None or not (candidates.same or candidates.at_edge):
            return ""
        return AGAIN if candidates.same else WIDEN

    def _warning(self) -> str:
        candidates = self._candidates
        if candidates is None:
            return ""
        if candidates.same is not None:
            one, other = (self.corText(index) for index in candidates.same)
            return f"Two candidates are the same picture (COR {one} and {other}): run this Try again."
        if candidates.at_edge:
            return "The best lies at the edge: widen the search."
        return "The scores disagree: look for yourself." if candidates.disagree else ""

    def _back_name(self) -> str:
        here: Any = self._viewer.scanId
        for scan_id in reversed(self._trail):
            known = self._scans.known(scan_id)
            # Some may have been removed meanwhile; who went back by other ways is there.
            if known is not None:
                return "" if scan_id == here else known.file.shown_name
        return ""

    offered = Property(bool, lambda self: self._candidates is not None, notify=changed)
    text = Property(str, _text, notify=changed)
    warning = Property(str, _warning, notify=changed)
    remedyText = Property(str, lambda self: _REMEDIES[self._offered()], notify=changed)
    hasBest = Property(
        bool, lambda self: bool(self._candidates and self._candidates.best() is not None), notify=changed
    )
    wall = Property(Wall, lambda self: self._wall, constant=True)
    backName = Property(str, _back_name, notify=trailChanged)


def _by_cor(source: Source | None) -> Pictures | None:
    """The source, where it is a Try whose candidates have CORs.

    One that is being made is opened anew once it is whole: before, its best so far is at its edge.
    """
    from tomobatch.volumes.pictures import Pictures

    if not isinstance(source, Pictures) or source.growing or source.cor_px(0) is None:
        return None
    return source


def _key(source: Pictures) -> Key | None:
    """Which run this is, as its files tell: the table learns of it later. None where nobody knows."""
    return (str(source.path(0).parent), source.run, source.row) if source.run else None
