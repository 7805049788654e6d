"""The log, for QML: one line an event, and each job's whole output."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import (
    Property,
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.log_lines import LEVELS, LogFile, describe, read_output, shown_line
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError

__all__ = ["LogModel", "describe"]

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

MOST_LINES = 5000
PROGRAM = logging.getLogger("tomobatch")
log = logging.getLogger("tomobatch.window")

_FIRST = int(Qt.ItemDataRole.UserRole) + 1
ROLES = {name: _FIRST + place for place, name in enumerate(("entryId", "time", "level", "text", "jobId"))}
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)


class Entry(NamedTuple):
    """A line; the fields are the roles in their order."""

    entry_id: int
    time: str
    level: str
    text: str
    job_id: str


@QmlElement
@QmlUncreatable("made by the program")
class LogModel(QAbstractListModel):
    """The last lines of the log, newest last.

    Parameters
    ----------
    log_path
        Gives the file with the output of a job; KeyError or TomoBatchError where that is not known.
    most_lines
        Older ones are dropped here; the file has them.
    """

    filterChanged = Signal()
    outputChanged = Signal()

    def __init__(
        self,
        log_path: Callable[[str], Path],
        tasks: Tasks,
        parent: QObject | None = None,
        most_lines: int = MOST_LINES,
    ) -> None:
        super().__init__(parent)
        self._log_path, self._tasks, self._most = log_path, tasks, most_lines
        self._all: deque[Entry] = deque()
        self._shown: deque[Entry] = deque()
        self._numbers = count()
        self._filter = self._file_filter = ""
        self._file: LogFile | None = None
        self._output_id = self._output_title = self._output_text = ""

    def open(self) -> None:
        """Begin to keep lines in a file of the state folder."""
        if self._file is None:
            self._file = LogFile(PROGRAM)

    def close(self) -> None:
        """Write what is left of them."""
        if self._file is not None:
            self._file.close()
            self._file = None

    # -- Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        """See Qt."""
        return 0 if parent.isValid() else len(self._shown)

    def roleNames(self) -> dict[int, QByteArray]:
        """See Qt."""
        return {role: QByteArray(name.encode()) for name, role in {"display": _DISPLAY, **ROLES}.items()}

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = _DISPLAY) -> Any:  # noqa: ANN401 - Qt's
        """See Qt."""
        if not index.isValid():
            return None
        entry = self._shown[index.row()]
        if role == _DISPLAY:
            return entry.text
        return entry[role - _FIRST] if _FIRST <= role < _FIRST + len(ROLES) else None

    # -- lines ------------------------------------------------------------------------------

    def add(self, level: str, text: str, job_id: str = "") -> None:
        """Add a line: ``info``, ``warning`` or ``error``, a line of printable text, the job it is about."""
        text = shown_line(text)
        log.log(LEVELS.get(level, logging.INFO), "%s", text)
        entry = Entry(next(self._numbers), time.strftime("%H:%M:%S"), level, text, job_id)
        self._all.append(entry)
        if self._takes(entry):
            row = len(self._shown)
            self.beginInsertRows(QModelIndex(), row, row)
            self._shown.append(entry)
            self.endInsertRows()
        if len(self._all) > self._most:
            self._drop(self._all.popleft())

    def _drop(self, entry: Entry) -> None:
        if self._shown and self._shown[0] is entry:
            self.beginRemoveRows(QModelIndex(), 0, 0)
            self._shown.popleft()
            self.endRemoveRows()

    def _takes(self, entry: Entry) -> bool:
        wanted = LEVELS.get(self._filter, logging.NOTSET)
        return LEVELS.get(entry.level, logging.INFO) >= wanted and self._file_filter in entry.text.casefold()

    def _filter_by(self, level: str, file: str) -> None:
        if (level, file) == (self._filter, self._file_filter):
            return
        self.beginResetModel()
        self._filter, self._file_filter = level, file
        self._shown = deque(filter(self._takes, self._all))
        self.endResetModel()
        self.filterChanged.emit()

    # -- a job's output -----------------------------------------------------------------------

    @Slot(str)
    def jobOutput(self, job_id: str) -> None:
        """Load what a job's engine has printed, or load it again."""
        title = next((one.text for one in reversed(self._all) if one.job_id == job_id), "Output of a job")
        text = self._output_text if job_id == self._output_id else ""
        self._set_output(job_id, title, text)
        try:
            path = self._log_path(job_id)
        except KeyError:
            self._set_output(job_id, title, "This job is no longer known; its output was removed with it.")
        except TomoBatchError as error:
            self._set_output(job_id, title, error.sentence)
        else:
            self._tasks.start(self._load(job_id, title, path), "reading a job's output")

    async def _load(self, job_id: str, title: str, path: Path) -> None:
        text = await asyncio.to_thread(read_output, path)
        # Another one may have been asked for meanwhile, or none any more.
        if job_id == self._output_id:
            self._set_output(job_id, title, text)

    @Slot()
    def reloadOutput(self) -> None:
        """Load the output that is shown again: its job may still run."""
        if self._output_id:
            self.jobOutput(self._output_id)

    @Slot()
    def closeOutput(self) -> None:
        """Show no output."""
        self._set_output("", "", "")

    def _set_output(self, job_id: str, title: str, text: str) -> None:
        self._output_id, self._output_title, self._output_text = job_id, title, text
        self.outputChanged.emit()

    # -- properties -------------------------------------------------------------------------

    filter = Property(
        str,
        lambda self: self._filter,
        lambda self, level: self._filter_by(level, self._file_filter),
        notify=filterChanged,
    )
    fileFilter = Property(
        str,
        lambda self: self._file_filter,
        lambda self, text: self._filter_by(self._filter, text.casefold()),
        notify=filterChanged,
    )
    outputTitle = Property(str, lambda self: self._output_title, notify=outputChanged)
    outputText = Property(str, lambda self: self._output_text, notify=outputChanged)
    outputOpen = Property(bool, lambda self: bool(self._output_id), notify=outputChanged)
