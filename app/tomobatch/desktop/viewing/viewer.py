"""The viewer for QML: which result is looked at, where in it, and the COR that is picked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.viewing.arrival import Arrival
from tomobatch.desktop.viewing.contrast import Contrast
from tomobatch.desktop.viewing.following import notes_of
from tomobatch.desktop.viewing.found import Find, PickedCor
from tomobatch.desktop.viewing.measuring import Measuring
from tomobatch.desktop.viewing.position import position_text
from tomobatch.desktop.viewing.said import Said
from tomobatch.desktop.viewing.saving import Saving
from tomobatch.desktop.viewing.scale_bar import ScaleBar
from tomobatch.desktop.viewing.standing import EMPTY, ERROR, LOADING, SHOWN, Standing
from tomobatch.desktop.viewing.subject import Subject
from tomobatch.desktop.viewing.travel import Travel
from tomobatch.desktop.viewing.versions import Versions
from tomobatch.volumes.wanted import Mode, Part, Wanted

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.looking import Looking
    from tomobatch.desktop.viewing.seen import Seen
    from tomobatch.volumes.frame import Failure
    from tomobatch.volumes.source import Source

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

# A COR is shown, and typed, with two decimals.
SAME_PX = 0.005
_GROW_MS = 2000
# Who closes the window waits no longer than this for a file that is being written.
_WRITTEN_S = 10.0


def _open(wanted: Wanted) -> Source:
    from tomobatch.volumes.opening import open_wanted

    return open_wanted(wanted)


@QmlElement
@QmlUncreatable("made by the program")
class Viewer(QObject):
    """One result of one scan, or its raw data.

    Parameters
    ----------
    find
        Gives what is known of a scan; None when there is no such scan (any more).
    picked_cor
        Gives the COR that was picked for a scan; None where none was.
    """

    changed = Signal()
    stateChanged = Signal()
    indexChanged = Signal()
    positionChanged = Signal()
    inUseChanged = Signal()
    """Also to be emitted when the table's CORs have changed."""
    lookingMade = Signal()
    wholeChanged = Signal()
    notesChanged = Signal()
    corPicked = Signal(int, float)
    """The scan, and the COR somebody found sharp, in unbinned full-frame pixels."""
    worthSaying = Signal(str, str)
    """Kind and sentence of what a person should know of."""

    def __init__(self, find: Find, picked_cor: PickedCor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._subject, self._picked_cor = Subject(find), picked_cor
        for told in (self.changed, self.indexChanged, self.stateChanged):
            told.connect(self.inUseChanged)
        self._standing = Standing(self)
        self._standing.changed.connect(self.stateChanged)
        self._source: Source | None = None
        self._index = 0
        self._back_to: str | None = None
        self._reopening = False
        self._arrival = Arrival(self)
        self._arrival.arrived.connect(self.stateChanged)
        self._pointer: tuple[float, float] | None = None
        self._named = False
        self.looking: Looking | None = None
        """Made with the first look: what it needs takes long to import."""
        self.contrast_part, self._scale_bar = Contrast(self), ScaleBar(self)
        self.measuring_part, self._saving = Measuring(self), Saving(self)
        self._growing = QTimer(self, interval=_GROW_MS)
        self._whole = False
        self._travel, self._said = Travel(self, parent=self), Said(self, self)
        self.runs = Versions(self._take, self)
        self.runs.again.connect(self._try_again)
        for told in (self.changed, self.positionChanged):
            told.connect(self.notesChanged)

    # -- what is looked at --------------------------------------------------------------------

    @Slot(int, str)
    def show(self, scan_id: int, mode: str) -> None:
        """Look at a scan: raw, try or full (`mode`)."""
        if self._subject.is_now(scan_id, mode):
            self._read_again(newest_run=True)
        else:
            self.show_version(scan_id, mode, "")

    def show_version(self, scan_id: int, mode: str, version: str) -> None:
        """Look at what one run made of a scan; no text for the one that counts (`Wanted.version`)."""
        if self._subject.take(scan_id, Mode(mode), version):
            self._arrival.forget()
            self._open()

    def move_on(self, scan_id: int, near_px: float | None) -> None:
        """Look at the Try of another scan with this zoom, place and contrast, where this is a Try, too.

        At the candidate nearest to a COR if that lies within its search, else at its middle one.
        """
        was_try = self._subject.wanted.mode is Mode.TRY
        if self._subject.take(scan_id, Mode.TRY, newest_run=False):
            self._arrival.begin(near_px)
            self._open(keep=was_try)

    def clear(self) -> None:
        """Show nothing: the scan belongs to a folder that is not open any more."""
        self._standing.stop()
        self._growing.stop()
        self.runs.forget()
        self._subject.forget()
        self._source, self._index, self._pointer, self._back_to = None, 0, None, None
        if self.looking is not None:
            self.looking.close()
            self.looking.forget()
        self._standing.set(EMPTY)
        self.changed.emit()
        self.indexChanged.emit()
        self.positionChanged.emit()

    @Slot(int)
    def refresh(self, scan_id: int) -> None:
        """Read again what is shown of this scan, if it is: it was made anew."""
        if scan_id == self._subject.scan_id:
            self._read_again(newest_run=False)

    def _read_again(self, *, newest_run: bool) -> None:
        if self._subject.look_up(newest_run=newest_run):
            self._reopen()

    async def close(self) -> None:
        """Read nothing any more."""
        self._standing.stop()
        self.runs.stop()
        self._growing.stop()
        if self.looking is not None:
            self.looking.close()
        self.measuring_part.close()
        self._saving.close()
        await asyncio.to_thread(self._saving.wait, _WRITTEN_S)

    def _open(self, keep: bool = False) -> None:
        looking = self._made_looking()
        self.runs.opening(self._subject.wanted)
        self._source, self._index, self._back_to = None, 0, None
        self._standing.set(LOADING)
        if not keep:
            looking.forget()
        self.changed.emit()
        self.indexChanged.emit()
        looking.open(partial(_open, self._subject.wanted))

    def _reopen(self) -> None:
        """As it is, with zoom and contrast, at the same slice; what is known of it stays until then."""
        self._reopening = True
        self._standing.set(LOADING)
        self.runs.opening(self._subject.wanted)
        self._made_looking().open(partial(_open, self._subject.wanted))

    def _take(self, wanted: Wanted, reopen: bool) -> None:
        """Look at another version, or another run, of what is shown."""
        self._subject.wanted = wanted
        if reopen:
            self._reopen()

    def _try_again(self) -> None:
        """What could not be shown may be there by now; nothing changes on the screen before it is."""
        if self._standing.state != ERROR:
            return
        newest_run = self._source is None and not self._subject.wanted.version
        if self._subject.look_up(newest_run=newest_run):
            self._reopening = True
            self._made_looking().open(partial(_open, self._subject.wanted))

    def _made_looking(self) -> Looking:
        if self.looking is None:
            from tomobatch.desktop.viewing.looking import Looking

            self.looking = Looking(self)
            self.looking.opened.connect(self._opened)
            self.looking.failed.connect(self._failed)
            self.looking.grown.connect(self._grown)
            self._growing.timeout.connect(self.looking.grow)
            self.looking.frameChanged.connect(self._frame_changed)
            self.lookingMade.emit()
        return self.looking

    def _opened(self, source: Source) -> None:
        self._back_to = self._label() or self._back_to
        self._arrival.was_at(self._source, self._index)
        self._source, self._subject.wanted = source, replace(self._subject.wanted, row=source.row)
        self._reopening = False
        self._index = self._arrival.first_index(source, self._back_to)
        self.runs.opened(self._subject.wanted)
        self.changed.emit()
        self.indexChanged.emit()
        self._follow_growth()
        self._look()

    def _follow_growth(self) -> None:
        grows = self._source is not None and self._source.growing
        (self._growing.start if grows else self._growing.stop)()

    def _grown(self) -> None:
        """More slices are there: whoever looks at one of them stays at it."""
        if self._source is not None and self._source.moved:
            self._reopen()
            return
        self._follow_growth()
        self._index = max(0, min(self._index, self._count() - 1))
        self.changed.emit()
        self.indexChanged.emit()
        self.positionChanged.emit()
        # What was not there may be by now.
        self._look()

    def _failed(self, failure: Failure) -> None:
        self.runs.failed(failure, self._subject.wanted)
        if failure.index < 0:
            self._back_to = self._label() or self._back_to
            self._source, self._reopening = None, False
            self._follow_growth()
        self._standing.set(ERROR, failure.error.sentence)
        if failure.index < 0:
            self.changed.emit()
            self.indexChanged.emit()

    def _frame_changed(self) -> None:
        if self.looking is not None and self.looking.shown_index == self._index and self._source is not None:
            self._standing.set(SHOWN)
            self._arrival.shown()
        self.positionChanged.emit()

    @property
    def source(self) -> Source | None:
        """What is looked through; None until it is open."""
        return self._source

    @property
    def version(self) -> str:
        """Which run's result is looked at, see `Wanted.version`."""
        return self._subject.wanted.version

    @property
    def pointer(self) -> tuple[float, float] | None:
        """The place of the picture whose position and value are told."""
        return self._pointer

    def tell_label(self, told: bool) -> None:
        """Begin the position with the slice's label, where it does not anyway: two pictures are compared."""
        self._named = told
        self.positionChanged.emit()

    def _set_whole(self, whole: bool) -> None:
        if whole != self._whole:
            self._whole = whole
            self.wholeChanged.emit()

    # -- where in it --------------------------------------------------------------------------

    def _look(self) -> None:
        if self.looking is not None and self._source is not None and not self._reopening:
            if self.looking.shown_index != self._index or self._standing.state != SHOWN:
                self._standing.set(LOADING)
            self.looking.look(self._index)

    def _set_index(self, index: int) -> None:
        index = max(0, min(index, self._count() - 1))
        if self._source is not None and index != self._index:
            self._index = index
            self.indexChanged.emit()
            self._look()

    @Slot(int)
    def step(self, slices: int) -> None:
        """Go so many slices on, or back; not beyond the ends."""
        self._set_index(self._index + slices)

    @Slot()
    def fit(self) -> None:
        """Show the whole slice."""
        if self.looking is not None:
            self.looking.fit()

    @Slot()
    def autoContrast(self) -> None:
        """Contrast by percentiles of the slice that is shown."""
        self.contrast_part.auto()

    @Slot()
    def useThisCor(self) -> None:
        """Tell that the slice that is shown is the sharp one."""
        cor_px = self._cor_px()
        if cor_px is not None and not self._arrival.settling:
            self.corPicked.emit(self._subject.scan_id, cor_px)

    def point_at(self, place: tuple[float, float] | None) -> None:
        """Tell position and value below this place of the picture."""
        self._pointer = place
        self.positionChanged.emit()

    def seen(self) -> Seen | None:
        """The slice on the screen; None while there is none of what is looked at."""
        from tomobatch.desktop.viewing.seen import seen_in

        found = self._subject.found
        if self.looking is None or self._source is None or found is None:
            return None
        return seen_in(self.looking, self._source, found, self._subject.shows_lengths_down)

    def _cor_px(self) -> float | None:
        """Of what is on the screen, never of a slice that is still on its way."""
        if self._source is None or self._standing.state != SHOWN:
            return None
        return self._source.cor_px(self._index)

    def _in_use(self) -> bool:
        shown_px, kept_px = self._cor_px(), self._picked_cor(self._subject.scan_id)
        return shown_px is not None and kept_px is not None and abs(shown_px - kept_px) < SAME_PX

    def _row(self) -> int:
        return -1 if self._subject.wanted.row is None else self._subject.wanted.row

    def _set_row(self, row: int) -> None:
        rows = self._source.rows if self._source is not None else ()
        if row in rows and row != self._subject.wanted.row:
            self._subject.wanted = replace(self._subject.wanted, row=row)
            self._read_again(newest_run=False)

    def _set_part(self, part: str) -> None:
        wanted = self._subject.wanted
        if self._subject.scan_id >= 0 and wanted.mode is Mode.RAW and part != wanted.part:
            self._subject.wanted = replace(wanted, part=Part(part))
            self._open()

    def _notes(self) -> list[str]:
        looking = self.looking
        return notes_of(self._source, looking.frame if looking and looking.shown_index >= 0 else None)

    def _count(self) -> int:
        return 0 if self._source is None else self._source.count

    def _label(self) -> str:
        return "" if self._source is None else self._source.label(self._index)

    def _position(self) -> str:
        return position_text(self._source, self.looking, self._pointer, self._named)

    whole = Property(bool, lambda self: self._whole, _set_whole, notify=wholeChanged)
    """Whether it takes the table's place, too."""
    travel = Property(Travel, lambda self: self._travel, constant=True)
    said = Property(Said, lambda self: self._said, constant=True)
    corInUse = Property(bool, lambda self: self._in_use(), notify=inUseChanged)
    arrivals = Property(int, lambda self: self._arrival.count, notify=stateChanged)
    scanId = Property(int, lambda self: self._subject.scan_id, notify=changed)
    fileName = Property(str, lambda self: self._subject.name, notify=changed)
    mode = Property(str, lambda self: self._subject.wanted.mode.value, notify=changed)
    part = Property(str, lambda self: self._subject.wanted.part.value, _set_part, notify=changed)
    parts = Property(list, lambda _self: [part.value for part in Part], constant=True)
    state = Property(str, lambda self: self._standing.state, notify=stateChanged)
    message = Property(str, lambda self: self._standing.message, notify=stateChanged)
    waiting = Property(bool, lambda self: self._standing.waiting, notify=stateChanged)
    count = Property(int, _count, notify=changed)
    rows = Property(list, lambda self: list(self._source.rows) if self._source else [], notify=changed)
    row = Property(int, _row, _set_row, notify=changed)
    index = Property(int, lambda self: self._index, _set_index, notify=indexChanged)
    label = Property(str, _label, notify=indexChanged)
    position = Property(str, _position, notify=positionChanged)
    versions = Property(Versions, lambda self: self.runs, constant=True)
    notes = Property(list, lambda self: self._notes(), notify=notesChanged)
    canUseCor = Property(bool, lambda self: self._cor_px() is not None, notify=stateChanged)
    contrast = Property(Contrast, lambda self: self.contrast_part, constant=True)
    scaleBar = Property(ScaleBar, lambda self: self._scale_bar, constant=True)
    measuring = Property(Measuring, lambda self: self.measuring_part, constant=True)
    saving = Property(Saving, lambda self: self._saving, constant=True)
