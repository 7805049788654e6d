"""What the log says of jobs, and where its lines are kept; knows no Qt."""

from __future__ import annotations

import logging
import queue
import re
from dataclasses import dataclass
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path

from tomobatch.batch.away import MACHINE_LOST
from tomobatch.batch.events import EventKind, JobEvent
from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY, LOCAL
from tomobatch.config.places import host_state_folder
from tomobatch.names import shown
from tomobatch.station.words import duration_text

INFO, WARNING, ERROR = "info", "warning", "error"
LEVELS = {INFO: logging.INFO, WARNING: logging.WARNING, ERROR: logging.ERROR}
LOG_NAME = "window.log"
FILE_BYTES, FILES = 1 << 20, 5
OUTPUT_BYTES = 1 << 20
# While more comes the text is laid out again and again.
GROWING_BYTES = 1 << 17
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class JobOutput:
    """What a job's engine prints.

    Attributes
    ----------
    title
        What the job is and how it stands, in words.
    path
        The file it is in; need not be there yet.
    ended
        Whether nothing more will come.
    """

    title: str
    path: Path
    ended: bool


def about(row: JobRow) -> str:
    """What a line of the log is about: ``Full · /data/2026-11/enamel``."""
    return shown(f"{row.job.kind.word} · {Path(row.job.path).parent}")


def describe(event: JobEvent) -> tuple[str, str] | None:
    """Level and text of an event's line; None where there is nothing to say."""
    row, name = event.row, event.row.job.file_name
    if event.kind is EventKind.PROGRESS:
        return None
    if event.kind is EventKind.MESSAGE:
        if row.code == MACHINE_LOST and row.job.machine != ANY:
            # That a machine is lost is said once, of the machine.
            return None
        text = event.message if name in event.message else f"{name}: {event.message}"
        return (WARNING, shown(text)) if event.message else None
    if row.state is JobState.RUNNING:
        screen = "" if row.job.machine == LOCAL else "🖥️ "
        return INFO, shown_line(f"{screen}Running on {row.job.machine}: {name}")
    back_in_queue = row.state is JobState.QUEUED and bool(row.note)
    if row.state.ended or row.state is JobState.WAITING or back_in_queue:
        return _level(row.state), shown(f"{name}: {_words(row)}")
    return None


def _level(state: JobState) -> str:
    return {JobState.FAILED: ERROR, JobState.INTERRUPTED: WARNING}.get(state, INFO)


def _words(row: JobRow) -> str:
    if row.state is JobState.WAITING:
        return row.status
    if row.state is JobState.COMPLETE and row.started_s and row.ended_s:
        return f"{row.status} in {duration_text(row.ended_s - row.started_s)}" + _after(row.note)
    return row.status + _after(row.note)


def _after(note: str) -> str:
    return f": {note}" if note else ""


def shown_line(text: str) -> str:
    """See `shown`; the screen before a remote start is made of two characters, one not printable alone."""
    return "\ufe0f".join(map(shown, text.split("\ufe0f")))


def read_output(path: Path, most_bytes: int = OUTPUT_BYTES) -> str:
    """The last of what an engine printed, as text that can be shown."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - most_bytes))
            data = file.read(most_bytes)
    except FileNotFoundError:
        return "It has not begun, so it has printed nothing."
    except OSError as error:
        return f"What it printed cannot be read: {error.strerror}."
    if not data:
        return "It has printed nothing yet."
    cut = "… (the beginning is left out)\n" if size > most_bytes else ""
    return cut + printable(data.decode("utf-8", "replace"))


def printable(text: str) -> str:
    """Lines of an engine without colours; of a bar that was drawn over and over the last state."""
    lines = _COLOUR.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(shown(line.rstrip("\r").rpartition("\r")[2].replace("\t", "    ")) for line in lines)


class LateFile(logging.Handler):
    """A rotated file that is opened with the first line, by the thread that writes it."""

    def __init__(self) -> None:
        super().__init__()
        self._file: RotatingFileHandler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        try:
            self._opened().emit(record)
        except Exception:  # noqa: BLE001 - as all handlers of the standard library do
            self.handleError(record)

    def _opened(self) -> RotatingFileHandler:
        if self._file is None:
            folder = host_state_folder() / "log"
            folder.mkdir(mode=0o700, exist_ok=True)
            self._file = RotatingFileHandler(
                folder / LOG_NAME,
                maxBytes=FILE_BYTES,
                backupCount=FILES,
                encoding="utf-8",
                errors="backslashreplace",
            )
            self._file.setFormatter(logging.Formatter("%(asctime)s %(levelname)-8s %(name)s: %(message)s"))
        return self._file

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        super().close()


class LogFile:
    """Writes what this program logs to a file, in a thread of its own."""

    def __init__(self, logger: logging.Logger) -> None:
        lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
        self._logger, self._handler, self._file = logger, QueueHandler(lines), LateFile()
        self._listener = QueueListener(lines, self._file)
        self._level = logger.level
        logger.addHandler(self._handler)
        logger.setLevel(logging.INFO)
        self._listener.start()

    def close(self) -> None:
        """Write what is left and close the file."""
        self._logger.removeHandler(self._handler)
        self._logger.setLevel(self._level)
        self._listener.stop()
        self._file.close()
