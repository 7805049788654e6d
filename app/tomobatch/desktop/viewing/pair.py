"""A second picture beside the first, for QML: what it shows, and that both go along with each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Property, QObject, QPointF, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.viewing.beside import Beside, Shown
from tomobatch.desktop.viewing.viewer import Viewer

if TYPE_CHECKING:
    from tomobatch.desktop.tasks import Tasks
    from tomobatch.desktop.viewing.linked import Linked

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

# Two caches take together what one does.
_HALF, _WHOLE = 0.5, 1.0


@QmlElement
@QmlUncreatable("made by the program")
class Pair(QObject):
    """The viewer, and while two pictures are compared a second one.

    Parameters
    ----------
    first
        The one that is always there; a COR is picked from it alone.
    make
        Makes the second.
    beside
        Finds what it shows at first.
    tasks
        In which it is closed.
    """

    openChanged = Signal()
    secondChanged = Signal()
    contrastChanged = Signal()
    marksChanged = Signal()

    def __init__(
        self,
        first: Viewer,
        make: Callable[[], Viewer],
        beside: Beside,
        tasks: Tasks,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._first, self._make, self._beside, self._tasks = first, make, beside, tasks
        self._second: Viewer | None = None
        self._linked: Linked | None = None
        self._contrast = True
        self._widened = False
        self._before = -1
        first.changed.connect(self._first_changed)

    # -- opening and closing ------------------------------------------------------------------

    @Slot()
    def toggle(self) -> None:
        """Compare with a second picture, or do so no more."""
        if self._second is None:
            self._open()
        else:
            self.closeSecond()

    def _open(self) -> None:
        shown = _shown(self._first)
        if shown.scan_id < 0 or self._first.looking is None:
            return
        from tomobatch.desktop.viewing.linked import Linked

        self._second, self._contrast = self._make(), True
        self._widen()
        self._second.lookingMade.connect(self._halve)
        self._show(self._beside.of(shown))
        if self._second.looking is None:
            # The table has lost the scan.
            self._second.deleteLater()
            self._second = None
            return
        self._first.looking.hold_at_most(_HALF)
        self._linked = Linked(self._first, self._second, self._contrast, self)
        self._linked.marksChanged.connect(self.marksChanged)
        self._tell_labels(told=True)
        self.secondChanged.emit()
        self.contrastChanged.emit()
        self.openChanged.emit()

    def _widen(self) -> None:
        """Two pictures want the table's place, too."""
        self._widened = not self._first.whole
        if self._widened:
            self._first.setProperty("whole", True)

    def _narrow(self) -> None:
        if self._widened:
            self._first.setProperty("whole", False)

    def _halve(self) -> None:
        if self._second is not None and self._second.looking is not None:
            self._second.looking.hold_at_most(_HALF)

    def _show(self, wanted: Shown) -> None:
        if self._second is not None:
            self._second.show_version(wanted.scan_id, wanted.mode, wanted.version)

    def _tell_labels(self, told: bool) -> None:
        for viewer in self.viewers:
            viewer.tell_label(told)

    @Slot()
    def closeSecond(self) -> None:
        """Look at one picture alone; the second lets go of its files and its memory."""
        second, linked = self._second, self._linked
        if second is None or linked is None:
            return
        self._tell_labels(told=False)
        self._narrow()
        linked.close()
        self._second = self._linked = None
        # First its items go, then what they show.
        self.openChanged.emit()
        self.secondChanged.emit()
        self.marksChanged.emit()
        linked.deleteLater()
        second.clear()
        if self._first.looking is not None:
            self._first.looking.hold_at_most(_WHOLE)
        self._tasks.start(_close(second), "closing the second picture")

    async def close(self) -> None:
        """Read nothing any more; the first is closed by who made it."""
        if self._linked is not None:
            self._linked.close()
        if self._second is not None:
            await self._second.close()

    # -- what both show -------------------------------------------------------------------------

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """Those there are, the first one first."""
        return (self._first,) if self._second is None else (self._first, self._second)

    def _first_changed(self) -> None:
        """Where the first goes to another scan the second goes along, unless it shows one of its own."""
        shown, before = _shown(self._first), self._before
        self._before = shown.scan_id
        if self._second is None or shown.scan_id in {-1, before}:
            return
        second = _shown(self._second)
        if second.scan_id == before:
            self._show(self._beside.along(shown, second))

    def _link_contrast(self, linked: bool) -> None:
        if self._linked is not None and linked != self._contrast:
            self._contrast = linked
            self._linked.link_contrast(linked)
            self.contrastChanged.emit()

    def _mark(self, number: int) -> QPointF:
        marks = None if self._linked is None else self._linked.marks
        return QPointF() if marks is None else QPointF(*marks[number])

    def _marked(self) -> bool:
        return self._linked is not None and self._linked.marks is not None

    open = Property(bool, lambda self: self._second is not None, notify=openChanged)
    second = Property(Viewer, lambda self: self._second, notify=secondChanged)
    contrastLinked = Property(bool, lambda self: self._contrast, _link_contrast, notify=contrastChanged)
    marked = Property(bool, _marked, notify=marksChanged)
    firstMark = Property(QPointF, lambda self: self._mark(0), notify=marksChanged)
    secondMark = Property(QPointF, lambda self: self._mark(1), notify=marksChanged)


def _shown(viewer: Viewer) -> Shown:
    scan_id: Any = viewer.scanId
    mode: Any = viewer.mode
    return Shown(scan_id, mode, viewer.version)


async def _close(second: Viewer) -> None:
    await second.close()
    second.deleteLater()
