"""The viewer for QML: which result is looked at, where in it, and the COR that is picked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.viewing.arrival import Arrival
from tomobatch.volumes.wanted import Mode, Part, Wanted

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.looking import Looking
    from tomobatch.formats.pixel_size import PixelSize
    from tomobatch.volumes.frame import Failure
    from tomobatch.volumes.source import Source

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

EMPTY, LOADING, SHOWN, ERROR = "empty", "loading", "shown", "error"
# What takes longer than this shows that it runs.
_SHOW_WAITING_MS = 300
# A COR is shown, and typed, with two decimals.
SAME_PX = 0.005

_GROW_MS = 2000


@dataclass(frozen=True)
class Found:
    """A scan of the table.

    Parameters
    ----------
    path, name
        Absolute, and as it is shown.
    pixel_size
        Of the detector; None where the file has none.
    """

    path: Path
    name: str
    pixel_size: PixelSize | None = None


Find = Callable[[int], Found | None]
PickedCor = Callable[[int], float | None]


def warm_up() -> None:
    """Import what the first look would wait for. In the window's thread alone.

    Qt's Python types are made as they are first used, which is not safe in two threads at once: pyqtgraph
    imported in another one crashed the program while it painted.
    """


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
    corPicked = Signal(int, float)
    """The scan, and the COR somebody found sharp, in unbinned full-frame pixels."""

    def __init__(self, find: Find, picked_cor: PickedCor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._find, self._picked_cor = find, picked_cor
        for told in (self.changed, self.indexChanged, self.stateChanged):
            told.connect(self.inUseChanged)
        self._scan_id, self._name = -1, ""
        self._wanted = Wanted(Path(), Mode.TRY)
        self._state, self._message, self._waiting = EMPTY, "", False
        self._source: Source | None = None
        self._index = 0
        self._back_to: str | None = None
        self._arrival = Arrival(self)
        self._arrival.arrived.connect(self.stateChanged)
        self._pointer: tuple[float, float] | None = None
        self.looking: Looking | None = None
        """Made with the first look: what it needs takes long to import."""
        self._late = QTimer(self, interval=_SHOW_WAITING_MS, singleShot=True)
        self._late.timeout.connect(partial(self._set_waiting, True))
        self._growing = QTimer(self, interval=_GROW_MS)
        self._growing.timeout.connect(self._grow)

    # -- what is looked at --------------------------------------------------------------------

    @Slot(int, str)
    def show(self, scan_id: int, mode: str) -> None:
        """Look at a scan: raw, try or full (`mode`)."""
        found = self._find(scan_id)
        if found is None:
            return
        if (scan_id, mode) == (self._scan_id, self._wanted.mode.value):
            self._reopen(found.path)
            return
        self._scan_id, self._name = scan_id, found.name
        self._wanted = Wanted(found.path, Mode(mode), self._wanted.part)
        self._arrival.forget()
        self._open()

    def move_on(self, scan_id: int, near_px: float | None) -> None:
        """Look at the Try of another scan with this zoom, place and contrast.

        At the candidate nearest to a COR if that lies within its search, else at its middle one.
        """
        found = self._find(scan_id)
        if found is None:
            return
        self._scan_id, self._name = scan_id, found.name
        self._wanted = Wanted(found.path, Mode.TRY, self._wanted.part)
        self._arrival.begin(near_px)
        self._open(keep=True)

    def clear(self) -> None:
        """Show nothing: the scan belongs to a folder that is not open any more."""
        self._late.stop()
        self._growing.stop()
        self._scan_id, self._name, self._back_to = -1, "", None
        self._wanted = replace(self._wanted, version="", row=None)
        self._source, self._index, self._pointer = None, 0, None
        if self.looking is not None:
            self.looking.close()
            self.looking.forget()
        self._set_state(EMPTY)
        self.changed.emit()
        self.indexChanged.emit()
        self.positionChanged.emit()

    @Slot(int)
    def refresh(self, scan_id: int) -> None:
        """Read again what is shown of this scan, if it is: it was made anew."""
        found = self._find(scan_id) if scan_id == self._scan_id and scan_id >= 0 else None
        if found is not None:
            self._reopen(found.path)

    async def close(self) -> None:
        """Read nothing any more."""
        self._late.stop()
        self._growing.stop()
        if self.looking is not None:
            self.looking.close()

    def _open(self, keep: bool = False) -> None:
        looking = self._made_looking()
        self._source, self._index, self._back_to = None, 0, None
        self._set_state(LOADING)
        if not keep:
            looking.forget()
        self.changed.emit()
        self.indexChanged.emit()
        looking.open(partial(_open, self._wanted))

    def _reopen(self, path: Path) -> None:
        """As it is, with zoom and contrast, at the same slice."""
        self._back_to = self._label() or self._back_to
        self._source = None
        self._set_state(LOADING)
        self._wanted = replace(self._wanted, scan_path=path)
        self._made_looking().open(partial(_open, self._wanted))

    def _made_looking(self) -> Looking:
        if self.looking is None:
            from tomobatch.desktop.viewing.looking import Looking

            self.looking = Looking(self)
            self.looking.opened.connect(self._opened)
            self.looking.failed.connect(self._failed)
            self.looking.grown.connect(self._grown)
            self.looking.frameChanged.connect(self._frame_changed)
            self.lookingMade.emit()
        return self.looking

    def _opened(self, source: Source) -> None:
        self._source, self._wanted = source, replace(self._wanted, row=source.row)
        self._index = self._first_index(source)
        self.changed.emit()
        self.indexChanged.emit()
        self._follow_growth()
        self._look()

    def _follow_growth(self) -> None:
        if self._source is not None and self._source.growing:
            self._growing.start()
        else:
            self._growing.stop()

    def _grow(self) -> None:
        if self.looking is not None:
            self.looking.grow()

    def _grown(self) -> None:
        """More slices are there: whoever looks at one of them stays at it."""
        self._follow_growth()
        self.changed.emit()
        self.positionChanged.emit()

    def _first_index(self, source: Source) -> int:
        """Where it was; else the middle, where a Try has the COR it was made around."""
        if self._back_to is not None:
            for index in range(source.count):
                if source.label(index) == self._back_to:
                    return index
        near = self._arrival.first_index(source)
        return (source.count - 1) // 2 if near is None else near

    def _failed(self, failure: Failure) -> None:
        self._message = failure.error.sentence
        self._set_state(ERROR)
        if failure.index < 0:
            self.changed.emit()
            self.indexChanged.emit()

    def _frame_changed(self) -> None:
        if self.looking is not None and self.looking.shown_index == self._index and self._source is not None:
            self._set_state(SHOWN)
            self._arrival.shown()
        self.positionChanged.emit()

    def _set_state(self, state: str) -> None:
        if state == LOADING:
            self._late.start()
        else:
            self._late.stop()
            self._set_waiting(False)
        if state != self._state or state == ERROR:
            self._state = state
            self.stateChanged.emit()

    def _set_waiting(self, waiting: bool) -> None:
        if waiting != self._waiting:
            self._waiting = waiting
            self.stateChanged.emit()

    # -- where in it --------------------------------------------------------------------------

    def _look(self) -> None:
        if self.looking is not None and self._source is not None:
            if self.looking.shown_index != self._index or self._state != SHOWN:
                self._set_state(LOADING)
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
        if self.looking is not None:
            self.looking.auto_levels()

    @Slot()
    def useThisCor(self) -> None:
        """Tell that the slice that is shown is the sharp one."""
        cor_px = self._cor_px()
        if cor_px is not None and not self._arrival.settling:
            self.corPicked.emit(self._scan_id, cor_px)

    @property
    def source(self) -> Source | None:
        """What is looked through, once it is open."""
        return self._source

    def point_at(self, place: tuple[float, float] | None) -> None:
        """Tell position and value below this place of the picture."""
        self._pointer = place
        self.positionChanged.emit()

    def _cor_px(self) -> float | None:
        """Of what is on the screen, never of a slice that is still on its way."""
        if self._source is None or self._state != SHOWN:
            return None
        return self._source.cor_px(self._index)

    def _in_use(self) -> bool:
        shown_px, kept_px = self._cor_px(), self._picked_cor(self._scan_id)
        return shown_px is not None and kept_px is not None and abs(shown_px - kept_px) < SAME_PX

    def _row(self) -> int:
        return -1 if self._wanted.row is None else self._wanted.row

    def _set_row(self, row: int) -> None:
        found = self._find(self._scan_id)
        if (
            found is not None
            and self._source is not None
            and row in self._source.rows
            and row != self._wanted.row
        ):
            self._wanted = replace(self._wanted, row=row)
            self._reopen(found.path)

    def _set_part(self, part: str) -> None:
        if self._scan_id >= 0 and self._wanted.mode is Mode.RAW and part != self._wanted.part:
            self._wanted = replace(self._wanted, part=Part(part))
            self._open()

    def _count(self) -> int:
        return 0 if self._source is None else self._source.count

    def _label(self) -> str:
        return "" if self._source is None else self._source.label(self._index)

    def _position(self) -> str:
        looking, source = self.looking, self._source
        if looking is None or source is None or looking.frame is None:
            return ""
        shown = looking.frame.slice
        thing = source.label(shown.index) if source.row is None else f"row {source.row}"
        words = [thing, f"{shown.index + 1} / {source.count}"]
        if self._pointer is not None and (at := looking.data_at(self._pointer)) is not None:
            value = shown.value_at(*at)
            words += [] if value is None else [f"x {int(at[0])} y {int(at[1])}", f"{value:.4g}"]
        if shown.odd:
            words.append(f"{shown.odd} pixels without a number")
        return " · ".join(words)

    corInUse = Property(bool, lambda self: self._in_use(), notify=inUseChanged)
    arrivals = Property(int, lambda self: self._arrival.count, notify=stateChanged)
    scanId = Property(int, lambda self: self._scan_id, notify=changed)
    fileName = Property(str, lambda self: self._name, notify=changed)
    mode = Property(str, lambda self: self._wanted.mode.value, notify=changed)
    part = Property(str, lambda self: self._wanted.part.value, _set_part, notify=changed)
    state = Property(str, lambda self: self._state, notify=stateChanged)
    message = Property(str, lambda self: self._message, notify=stateChanged)
    waiting = Property(bool, lambda self: self._waiting, notify=stateChanged)
    count = Property(int, _count, notify=changed)
    rows = Property(list, lambda self: list(self._source.rows) if self._source else [], notify=changed)
    row = Property(int, _row, _set_row, notify=changed)
    index = Property(int, lambda self: self._index, _set_index, notify=indexChanged)
    label = Property(str, _label, notify=indexChanged)
    position = Property(str, _position, notify=positionChanged)
    canUseCor = Property(bool, lambda self: self._cor_px() is not None, notify=stateChanged)
