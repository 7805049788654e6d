"""Which rows are selected, for QML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from PySide6.QtCore import Property, QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.scan_display import Known
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.station.status import UNWELL

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1


class _Anchor(NamedTuple):
    """The row that was toggled last: a range goes on from it, in its state.

    Attributes
    ----------
    before
        What was selected without that range; None once something else was selected.
    """

    scan_id: int
    on: bool
    before: frozenset[int] | None


@QmlElement
@QmlUncreatable("made by the program")
class Selection(QObject):
    """The selection of the table's rows; hidden rows may be selected, too."""

    changed = Signal()

    def __init__(self, model: ScanModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._anchor = _Anchor(-1, True, None)
        model.countsChanged.connect(self.changed)

    @Slot(int)
    def press(self, scan_id: int) -> None:
        """Toggle a row, or with Shift held down all from the one toggled last: its checkbox was pressed."""
        # A button in QML does not say which keys were down.
        if QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.extendTo(scan_id)
        else:
            self.toggle(scan_id)

    @Slot(int)
    def toggle(self, scan_id: int) -> None:
        """Select a row, or not if it was; a range may start from it."""
        self.set(scan_id, scan_id not in self._model.selected)

    @Slot(int, bool)
    def set(self, scan_id: int, on: bool) -> None:
        """Select a row or not; a range may start from it."""
        selected = self._model.selected
        self._model.select({*selected, scan_id} if on else {*selected} - {scan_id})
        self._anchor = _Anchor(scan_id, on, frozenset(self._model.selected))

    @Slot(int)
    def extendTo(self, scan_id: int) -> None:
        """Give all rows up to this one the state of the row that was toggled last.

        A range that was longer a moment ago gives back what it took. Where no such row is shown, this one
        is toggled.
        """
        anchor, model = self._anchor, self._model
        if model.rowOf(anchor.scan_id) < 0:
            self.toggle(scan_id)
            return
        before = frozenset(model.selected) if anchor.before is None else anchor.before
        ids = model.between(anchor.scan_id, scan_id)
        model.select({*before, *ids} if anchor.on else {*before}.difference(ids))
        self._anchor = anchor._replace(before=before)

    @Slot(int, int)
    def carry(self, from_id: int, to_id: int) -> None:
        """Step on with a range, from one row to the next; where there is none, it begins with the first."""
        if self._model.rowOf(self._anchor.scan_id) < 0:
            self.set(from_id, True)
        self.extendTo(to_id)

    @Slot(int, int, bool)
    def setRange(self, from_id: int, to_id: int, on: bool) -> None:
        """Select what is shown from one row to another, both taken, or not."""
        ids, selected = self._model.between(from_id, to_id), self._model.selected
        self._select({*selected, *ids} if on else {*selected}.difference(ids))

    @Slot()
    def all(self) -> None:
        """Select what the filter shows."""
        self._select({*self._model.selected, *self._model.order()})

    @Slot()
    def none(self) -> None:
        """Clear everything, hidden rows too."""
        self._select(())

    def _select(self, selected: Iterable[int]) -> None:
        self._anchor = self._anchor._replace(before=None)
        self._model.select({*selected})

    @Slot(str)
    def where(self, what: str) -> None:
        """Select those of the shown rows alone that ``failed``, are ``withoutCor`` or ``withoutFull``."""
        takes: dict[str, Callable[[Known], bool]] = {
            "failed": lambda known: self._model.state(known).kind in UNWELL,
            "withoutCor": lambda known: known.cor_in_use is None,
            "withoutFull": lambda known: not known.has_full,
        }
        self._anchor = self._anchor._replace(before=None)
        self._model.select_where(takes[what])

    def ids(self) -> list[int]:
        """Ids of the selected rows: those shown in their order, then hidden ones in the order of names."""
        shown, selected = self._model.order(), self._model.selected
        hidden = selected.difference(shown)
        return [i for i in shown if i in selected] + [i for i in self._model.ids() if i in hidden]

    count = Property(int, lambda self: len(self._model.selected), notify=changed)
    hiddenCount = Property(
        int, lambda self: len(self._model.selected.difference(self._model.order())), notify=changed
    )
