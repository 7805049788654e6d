"""The CORs of the open folder, for QML: typing, pasting, undo and redo, the CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.cor.csv_file import CSV_NAME
from tomobatch.cor.csv_sync import Answers, Question
from tomobatch.cor.merge import Conflict
from tomobatch.desktop.cor_book import Entries
from tomobatch.desktop.cor_editing import CorEditing
from tomobatch.desktop.cor_places import CENTER, CSV, ROT_CEN, CorPlaces
from tomobatch.desktop.cor_question import CorQuestion, differ_text
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.tasks import Tasks

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

GONE = "This scan is not in the open folder any more, so its COR was not taken."
OTHER_FOLDER = "Another folder was opened meanwhile: nothing was decided about either CSV."


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
        self._model, self._say = model, say
        self._asked_in: Path | None = None
        self._question = CorQuestion(self._entries, self._save, self._settle, self)
        self._places = CorPlaces(self._folder, self._take, tasks, self)
        ask, not_saved = self._ask, self._places.offer
        self.editing = CorEditing(model, tasks, say, self.changed.emit, ask, not_saved)
        self.editing.closing.append(self._places.close)

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
    def compare(self) -> None:
        """Show in what the table and the CSV differ."""
        self._asked_in = self.editing.folder
        self._question.compare(self.editing.differences())

    @Slot()
    def loadCsv(self) -> None:
        """Take over the CORs of the folder's CSV, whatever the table says."""
        self.editing.load_csv()

    @Slot()
    def saveCsv(self) -> None:
        """Write all CORs to the folder's CSV."""
        self.editing.save_csv()

    # -- what the parts ask for ---------------------------------------------------------------

    def _entries(self) -> Entries:
        return self.editing.entries

    def _ask(self, question: Question) -> None:
        self._asked_in = self.editing.folder
        self._question.ask(question)

    def _save(self, answers: Answers) -> None:
        if self._is_asked_here():
            self.editing.save_csv(answers)

    def _settle(self, take: Mapping[Conflict, bool]) -> None:
        if self._is_asked_here():
            self.editing.settle(take)

    def _is_asked_here(self) -> bool:
        """Whether the question was about the open folder: a second start opens another one behind it."""
        if self._asked_in == self.editing.folder:
            return True
        self._say("warning", OTHER_FOLDER)
        return False

    def _folder(self) -> Path | None:
        return self.editing.folder

    def _take(self, purpose: str, path: Path) -> None:
        """Load a file of CORs, or write one."""
        if purpose == CSV:
            self.editing.load_csv(path)
        elif purpose == ROT_CEN:
            self.editing.load_rot_cen(path)
        elif purpose == CENTER:
            self.editing.load_center_txt(path, self._one_selected())
        elif path == self._own_csv():
            self.editing.save_csv()
        else:
            self.editing.save_copy(path)

    def _own_csv(self) -> Path | None:
        return self.editing.folder / CSV_NAME if self.editing.folder else None

    def _one_selected(self) -> str | None:
        selected = list(self._model.selected)
        known = self._model.known(selected[0]) if len(selected) == 1 else None
        return known.name if known else None

    question = Property(CorQuestion, lambda self: self._question, constant=True)
    places = Property(CorPlaces, lambda self: self._places, constant=True)
    differ = Property(int, lambda self: self.editing.differ, notify=changed)
    differText = Property(str, lambda self: differ_text(self.editing.differ), notify=changed)
    canUndo = Property(bool, lambda self: self.editing.can_undo, notify=changed)
    canRedo = Property(bool, lambda self: self.editing.can_redo, notify=changed)
