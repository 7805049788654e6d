"""The log, for QML: one line an event, and each job's whole output."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from itertools import count
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

from tomobatch.desktop.log_lines import (
    GROWING_BYTES,
    LEVELS,
    OUTPUT_BYTES,
    JobOutput,
    LogFile,
    read_output,
    shown_line,
)
from tomobatch.desktop.tasks import Tasks
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

MOST_LINES = 5000
FOLLOW_S = 1.0
UNKNOWN = "Output of a job"
PROGRAM = logging.getLogger("tomobatch")
log = logging.getLogger("tomobatch.window")

_FIRST = int(Qt.ItemDataRole.UserRole) + 1
ROLES = {
    name: _FIRST + place
    for place, name in enumerate(("entryId", "time", "level", "text", "jobId", "details", "file"))
}
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)


class Entry(NamedTuple):
    """A line; the fields are the roles in their order."""

    entry_id: int
    time: str
    level: str
    text: str
    job_id: str
    details: str
    file: str


@QmlElement
@QmlUncreatable("made by the program")
class LogModel(QAbstractListModel):
    """The last lines of the log, newest last.

    Parameters
    ----------
    output_of
        Gives what a job prints, as it stands now; KeyError or TomoBatchError where that is not known.
    most_lines
        Older ones are dropped here; the file has them.
    """

    filterChanged = Signal()
    outputChanged = Signal()

    def __init__(
        self,
        output_of: Callable[[str], JobOutput],
        tasks: Tasks,
        parent: QObject | None = None,
        most_lines: int = MOST_LINES,
    ) -> None:
        super().__init__(parent)
        self._output_of, self._tasks, self._most = output_of, tasks, most_lines
        self._all: deque[Entry] = deque()
        self._shown: deque[Entry] = deque()
        self._numbers = count()
        self._filter = self._file_filter = ""
        self._file: LogFile | None = None
        self._output_id = self._output_title = self._output_text = ""
        self._following: asyncio.Task[None] | None = None

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

    def add(self, level: str, text: str, job_id: str = "", details: str = "", file: str = "") -> None:
        """Add a line.

        Parameters
        ----------
        level
            ``info``, ``warning`` or ``error``.
        text, details
            A sentence, and in small letters what it is about.
        job_id, file
            The job it is about, and the name of its file.
        """
        text, file = shown_line(text), shown(file)
        log.log(LEVELS.get(level, logging.INFO), "%s", f"{text} ({details})" if details else text)
        now = time.strftime("%H:%M:%S")
        entry = Entry(next(self._numbers), now, level, text, job_id, details, file)
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
        if LEVELS.get(entry.level, logging.INFO) < wanted:
            return False
        # A line that is about no job may name files all the same.
        return self._file_filter in (entry.file or entry.text).casefold()

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
        """Show what a job's engine has printed, and what it prints from now on."""
        self._stop_following()
        self._set_output(job_id, UNKNOWN, "")
        self._following = self._tasks.start(self._follow(job_id), "reading a job's output")

    async def _follow(self, job_id: str) -> None:
        while True:
            try:
                # Before it is read: what comes last is not missed.
                output = self._output_of(job_id)
            except KeyError:
                gone = "This job is no longer known; its output was removed with it."
                self._set_output(job_id, UNKNOWN, gone)
                return
            except TomoBatchError as error:
                self._set_output(job_id, UNKNOWN, error.sentence)
                return
            most_bytes = OUTPUT_BYTES if output.ended else GROWING_BYTES
            text = await asyncio.to_thread(read_output, output.path, most_bytes)
            self._set_output(job_id, output.title, text)
            if output.ended:
                return
            await asyncio.sleep(FOLLOW_S)

    def _stop_following(self) -> None:
        if self._following is not None:
            self._following.cancel()
            self._following = None

    @Slot()
    def closeOutput(self) -> None:
        """Show no output."""
        self._stop_following()
        self._set_output("", "", "")

    def _set_output(self, job_id: str, title: str, text: str) -> None:
        now = (job_id, title, text)
        if now != (self._output_id, self._output_title, self._output_text):
            self._output_id, self._output_title, self._output_text = now
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
