"""The queue, for QML: its figures, the target machine, and the buttons that hold, order and end jobs."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.batch.counts import BatchCounts
from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.order import QueueOrder
from tomobatch.batch.services import user_name
from tomobatch.batch.space import NEARLY_FULL
from tomobatch.batch.states import JobState
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.notices import ERROR, INFO, WARNING
from tomobatch.desktop.settings import Settings
from tomobatch.desktop.space import Space
from tomobatch.desktop.target import OPENING, Target
from tomobatch.desktop.tasks import Tasks
from tomobatch.desktop.tiles import Tile, TileModel, tiles_of
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.engines import Engine, Offer
from tomobatch.recon.kinds import Kind
from tomobatch.station.station import Station
from tomobatch.station.words import duration_text, pause_text

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

log = logging.getLogger(__name__)


@QmlElement
@QmlUncreatable("made by the program")
class Queue(QObject):
    """See the module's text. It is made before the station is open, and `attach`-ed to it later.

    Parameters
    ----------
    bridge
        Knows the newest state of every job.
    order_changed
        Called when waiting jobs have other places in the queue.
    say
        Shows a sentence: kind and text.

    Attributes
    ----------
    stops
        How often all was stopped: what was asked for before the last time is not queued after it.
    """

    figuresChanged = Signal()
    spaceChanged = Signal()
    elsewhereChanged = Signal()
    standstillChanged = Signal()
    batchEnded = Signal()

    def __init__(
        self,
        bridge: Bridge,
        tiles: TileModel,
        settings: Settings,
        tasks: Tasks,
        say: Callable[[str, str], None],
        order_changed: Callable[[], None] = lambda: None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._tiles = bridge, tiles
        self._say = say
        self._order_changed = order_changed
        self._station: Station | None = None
        self._counts = bridge.standing.counts
        self._progress = 0.0
        self._time_left = ""
        self._elsewhere = ""
        self._problem = ""
        self._paused = self._held = ""
        self._holds: dict[str, str] = {}
        self.stops = 0
        self.order = QueueOrder()
        self.target = Target(settings, tasks, say, self._writing, self)
        self.target.changed.connect(self._show_tiles)
        self.space = Space(tasks, self.spaceChanged.emit)

    # -- the station -----------------------------------------------------------------------

    def attach(self, station: Station) -> None:
        """Take the station, once it is open."""
        self._station = station
        self.order.takes_any = station.takes_any
        self.target.attach(station)
        station.pause.listeners.append(self._take_pause)
        if station.pause.look():
            self._say(WARNING, f"{self._paused} Nothing new starts before somebody presses Go on.")

    def refuse(self, problem: str) -> None:
        """Take note that there will be no station, and why: whoever wants to run something is told."""
        self._problem = problem
        self.figuresChanged.emit()

    def require_station(self) -> Station:
        """The station; TomoBatchError ``not-open`` while there is none."""
        if self._station is None:
            raise TomoBatchError("not-open", self._problem or OPENING)
        return self._station

    def require_engine(self) -> tuple[Engine, Offer]:
        """The target machine's engine; TomoBatchError with the reason while there is none."""
        self.require_station()
        return self.target.require_engine()

    def held_by(self, pid: int | None) -> None:
        """Note which other process schedules."""
        text = "" if pid is None else f"Another TomoBatch (process {pid}) runs the queue."
        if text != self._elsewhere:
            self._elsewhere = text
            self.elsewhereChanged.emit()

    @property
    def counts(self) -> BatchCounts:
        """How the batch stands."""
        return self._counts

    # -- figures ---------------------------------------------------------------------------

    def jobs_changed(self, changed: Sequence[JobRow]) -> None:
        """Count anew."""
        standing = self._bridge.standing
        before, self._counts = self._counts, standing.counts
        self._progress = standing.progress
        self._note_holds(changed)
        self.space.follow(standing.active)
        self._tell_figures()
        self._show_tiles()
        if self.order.take(changed):
            self._order_changed()
        if _busy(before) and not _busy(self._counts):
            self._tell_end()

    def _note_holds(self, changed: Sequence[JobRow]) -> None:
        for row in changed:
            if _is_held(row):
                self._holds[row.uid] = row.note
            else:
                self._holds.pop(row.uid, None)
        self._held = next(iter(self._holds.values()), "")

    def _tell_figures(self) -> None:
        self._time_left = self._time_left_of()
        self.figuresChanged.emit()
        self.standstillChanged.emit()

    def _time_left_of(self) -> str:
        if self._station is None or self._paused or self._held or not self._counts.running:
            # Nobody can know when it goes on.
            return ""
        station, now_s = self._station, time.time()
        left_s = self._bridge.standing.seconds_left(station.jobs_at_a_time, now_s, station.facts.for_any())
        if left_s is None or left_s < 0.5:
            return ""
        end = time.strftime("%H:%M", time.localtime(now_s + left_s))
        return f"about {duration_text(left_s if left_s < 60 else 60 * round(left_s / 60))} left, {end}"

    def _tell_end(self) -> None:
        counts = self._counts
        trouble = f": {counts.trouble}" if counts.trouble else ""
        said = f"All {counts.total} jobs have ended{trouble}."
        if counts.total == 1:
            (row,) = self._bridge.standing.rows.values()
            said = f"{shown(row.job.file_name)}: {row.status}."
        self._say(WARNING if counts.failed else INFO, said)
        self.batchEnded.emit()

    # -- jobs ------------------------------------------------------------------------------

    def busy_scans(self) -> Collection[tuple[str, Kind]]:
        """Scans whose Try or Full waits or runs."""
        return self.require_station().journal.active_scans()

    def add(self, jobs: Sequence[Job]) -> None:
        """Queue jobs that were prepared."""
        with self._writing("not all of it is queued"):
            self._bridge.take(self.require_station().add(jobs))

    def move_to_front(self, jobs: Sequence[JobRow]) -> None:
        """Let jobs that wait start before all others."""
        with self._writing("the order stays as it was"):
            self._bridge.take(self.require_station().move_to_front([row.uid for row in jobs]))
        self._bridge.flush()

    def stop_jobs(self, jobs: Sequence[JobRow]) -> None:
        """Stop these jobs as far as they have not ended."""
        going = [row for row in jobs if not row.state.ended]
        if self._station is None or not going:
            return
        with self._writing("what this program did not start may run on"):
            self._station.ask_stop([row.uid for row in going])
            begun = [row.uid for row in going if row.state is not JobState.QUEUED]
            self._bridge.take([self._station.journal.row(uid) for uid in begun])

    @Slot()
    def stop(self) -> None:
        """Stop all that runs or waits, and what is still being queued."""
        self.stops += 1
        # Jobs that were queued a moment ago are not among those known yet.
        self._bridge.flush()
        self.stop_jobs(list(self._bridge.jobs.values()))

    @contextmanager
    def _writing(self, so: str) -> Iterator[None]:
        """Write into the journal, or say that it cannot be done just now."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            log.warning("the journal cannot be written", exc_info=error)
            sentence = (
                f"The job journal cannot be written just now ({error}): {so}. Make room, then try again."
            )
            self._say(ERROR, sentence)

    # -- standing still ----------------------------------------------------------------------

    @Slot()
    def pause(self) -> None:
        """Let nothing new start; what runs goes on."""
        self._set_pause(pause_text(user_name(), time.time()))

    @Slot()
    def goOn(self) -> None:
        """Let jobs start again."""
        self._set_pause(None)

    def _set_pause(self, reason: str | None) -> None:
        if self._station is not None:
            with self._writing("it goes on as it did"):
                self._station.set_pause(reason)

    @property
    def why_nothing_starts(self) -> list[str]:
        """A sentence while the queue is paused, for whoever is about to add to it."""
        return ["The queue is paused: nothing starts before somebody presses Go on."] if self._paused else []

    def _take_pause(self, reason: str) -> None:
        self._paused = reason
        self._tell_figures()

    def _standstill(self) -> str:
        if self._paused:
            return f"{self._paused} What runs goes on." if self._counts.running else self._paused
        return self._held

    # -- tiles -------------------------------------------------------------------------------

    def _show_tiles(self) -> None:
        machine = self.target.choice
        if machine is not None:
            jobs = list(self._bridge.standing.begun())
            tiles = [tile for pool in machine.pools for tile in tiles_of(*pool, jobs)]
            self._tiles.show(tiles or [Tile(machine.name, "", machine.why_no_slots)])

    elsewhere = Property(str, lambda self: self._elsewhere, notify=elsewhereChanged)

    statusText = Property(
        str,
        lambda self: "The queue could not be opened" if self._problem else self._counts.text,
        notify=figuresChanged,
    )
    trouble = Property(str, lambda self: self._counts.trouble, notify=figuresChanged)
    queueText = Property(str, lambda self: _waiting_text(self._counts.queued), notify=figuresChanged)
    spaceText = Property(str, lambda self: self.space.text, notify=spaceChanged)
    progress = Property(float, lambda self: self._progress, notify=figuresChanged)
    timeLeft = Property(str, lambda self: self._time_left, notify=figuresChanged)
    running = Property(int, lambda self: self._counts.running, notify=figuresChanged)
    waiting = Property(int, lambda self: self._counts.queued, notify=figuresChanged)
    active = Property(bool, lambda self: _busy(self._counts), notify=figuresChanged)
    paused = Property(bool, lambda self: bool(self._paused), notify=standstillChanged)
    held = Property(bool, lambda self: bool(self._held), notify=standstillChanged)
    standstill = Property(str, lambda self: self._standstill(), notify=standstillChanged)


def _is_held(row: JobRow) -> bool:
    return row.state is JobState.QUEUED and row.code == NEARLY_FULL


def _busy(counts: BatchCounts) -> bool:
    return counts.completed < counts.total


def _waiting_text(number: int) -> str:
    return "1 job waiting" if number == 1 else f"{number} jobs waiting"
