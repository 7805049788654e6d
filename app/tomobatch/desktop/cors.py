"""The CORs of the open folder, for QML: typing, pasting, undo and redo, the CSV."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.cor_editing import CorEditing
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.tasks import Tasks

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

GONE = "This scan is not in the open folder any more, so its COR was not taken."


@QmlElement
@QmlUncreatable("made by the program")
class Cors(QObject):
    """See the module's text.

    Parameters
    ----------
    say
        Takes kind and sentence of what a person should know of.

    Attributes
    ----------
    editing
        Carries the changes out.
    """

    changed = Signal()

    def __init__(
        self, model: ScanModel, tasks: Tasks, say: Callable[[str, str], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self.editing = CorEditing(model, tasks, say, self.changed.emit)

    @Slot(int, str, result=str)
    def set(self, scan_id: int, text: str) -> str:
        """Set the COR a person typed, or take it away by an empty text; gives a sentence when refused."""
        known = self._model.known(scan_id)
        return self.editing.type(known, text) if known else GONE

    @Slot(int, str, result=str)
    def paste(self, scan_id: int, text: str) -> str:
        """Set a pasted column from a row downwards; gives a sentence about lines that were not used."""
        rows = [known for known in map(self._model.known, self._model.from_row(scan_id)) if known]
        return self.editing.paste(rows, text) if rows else ""

    def pick(self, scan_id: int, cor_px: float) -> str:
        """Set a COR that was picked in the viewer; gives a sentence when it is refused."""
        known = self._model.known(scan_id)
        return self.editing.pick(known, cor_px) if known else GONE

    @Slot()
    def undo(self) -> None:
        """Take the last change of CORs back."""
        self.editing.undo()

    @Slot()
    def redo(self) -> None:
        """Make the change of CORs again that was taken back last."""
        self.editing.redo()

    @Slot()
    def loadCsv(self) -> None:
        """Take over the CORs of the folder's CSV, whatever the table says."""
        self.editing.load_csv()

    @Slot()
    def saveCsv(self) -> None:
        """Write all CORs to the folder's CSV."""
        self.editing.save_csv()

    canUndo = Property(bool, lambda self: self.editing.can_undo, notify=changed)
    canRedo = Property(bool, lambda self: self.editing.can_redo, notify=changed)
