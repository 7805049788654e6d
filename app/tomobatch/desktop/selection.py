"""Which rows are selected, for QML."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.scan_display import Known
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.station.status import StatusKind

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlUncreatable("made by the program")
class Selection(QObject):
    """The selection of the table's rows; hidden rows may be selected, too."""

    changed = Signal()

    def __init__(self, model: ScanModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        model.countsChanged.connect(self.changed)

    @Slot(int, bool)
    def set(self, scan_id: int, on: bool) -> None:
        """Select a row or not."""
        selected = self._model.selected
        self._model.select({*selected, scan_id} if on else {*selected} - {scan_id})

    @Slot(int, int, bool)
    def setRange(self, from_id: int, to_id: int, on: bool) -> None:
        """Select what is shown from one row to another, both taken, or not."""
        ids, selected = self._model.between(from_id, to_id), self._model.selected
        self._model.select({*selected, *ids} if on else {*selected}.difference(ids))

    @Slot()
    def all(self) -> None:
        """Select what the filter shows."""
        self._model.select({*self._model.selected, *self._model.order()})

    @Slot()
    def none(self) -> None:
        """Clear everything, hidden rows too."""
        self._model.select(set())

    @Slot(str)
    def where(self, what: str) -> None:
        """Select those of the shown rows alone that ``failed``, are ``withoutCor`` or ``withoutFull``."""
        takes: dict[str, Callable[[Known], bool]] = {
            "failed": lambda known: self._model.kind(known) is StatusKind.FAILED,
            "withoutCor": lambda known: known.cor is None,
            "withoutFull": lambda known: not known.has_full,
        }
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
