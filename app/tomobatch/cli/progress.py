"""What `run` and `resume` show while jobs run: bars on a terminal, lines elsewhere, JSON for programs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from tomobatch.batch.counts import count
from tomobatch.batch.events import EventKind, JobEvent
from tomobatch.batch.job import JobRow
from tomobatch.batch.states import JobState
from tomobatch.cli.show import console, forget_stdout, plain, print_json, table

_REDRAW_S = 0.1


class Display(Protocol):
    """Shows jobs as they go."""

    def begin(self, sentence: str) -> None:
        """Take what is about to be done."""

    def queued(self, row: JobRow) -> None:
        """Take a job that was just queued."""

    def event(self, event: JobEvent) -> None:
        """Take what happened."""

    def close(self, rows: Sequence[JobRow]) -> None:
        """Show how the jobs stand at the end."""


def choose_display(as_json: bool) -> Display:
    """The display for this output."""
    if as_json:
        return Careful(JsonLines())
    return Careful(Bars() if sys.stdout.isatty() else Lines())


class Careful:
    """Goes on in silence when nobody reads the output any more, or its disk is full: the jobs matter more."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._silent = False

    def begin(self, sentence: str) -> None:
        """See `Display`."""
        self._try(lambda: self._display.begin(sentence))

    def queued(self, row: JobRow) -> None:
        """See `Display`."""
        self._try(lambda: self._display.queued(row))

    def event(self, event: JobEvent) -> None:
        """See `Display`."""
        self._try(lambda: self._display.event(event))

    def close(self, rows: Sequence[JobRow]) -> None:
        """See `Display`."""
        self._try(lambda: self._display.close(rows))

    def _try(self, show: Callable[[], None]) -> None:
        if self._silent:
            return
        try:
            show()
        except OSError:
            self._silent = True
            forget_stdout()


def job_json(row: JobRow) -> dict[str, Any]:
    """A job as programs read it; times in seconds since 1970."""
    return {
        "job": row.uid,
        "file": row.job.path,
        "kind": row.job.kind.value,
        "machine": row.job.machine,
        "state": row.state.value,
        "status": row.status,
        "slot": row.slot.word if row.slot else None,
        "progress": round(row.progress, 4),
        "message": row.note,
        "created": row.job.created_s,
        "started": row.started_s,
        "ended": row.ended_s,
    }


def count_text(rows: Iterable[JobRow]) -> str:
    """The status line, and beside it how many failed or were cancelled."""
    counts = count(rows)
    return counts.text + (f"  ({counts.trouble})" if counts.trouble else "")


class JsonLines:
    """Each event is a line."""

    def begin(self, sentence: str) -> None:
        """Print nothing: every line is an event of a job."""

    def queued(self, row: JobRow) -> None:
        """Print that a job waits."""
        self._print(time.time(), "queued", row, row.note)

    def event(self, event: JobEvent) -> None:
        """Print an event."""
        self._print(event.time_s, event.kind.value, event.row, event.message)

    def close(self, rows: Sequence[JobRow]) -> None:
        """Nothing is left to print."""

    @staticmethod
    def _print(time_s: float, event: str, row: JobRow, message: str) -> None:
        fields = ("job", "file", "kind", "state", "slot", "progress")
        job = job_json(row)
        print_json(
            {"time": time_s, "event": event, **{name: job[name] for name in fields}, "message": message}
        )


class Lines:
    """A line for each change of state, and a table at the end."""

    def __init__(self) -> None:
        self._console = console()

    def begin(self, sentence: str) -> None:
        """Print it."""
        self._console.print(plain(sentence))

    def queued(self, row: JobRow) -> None:
        """Print nothing: jobs that wait are said when they start."""

    def event(self, event: JobEvent) -> None:
        """Print a change of state."""
        if event.kind is EventKind.PROGRESS or event.row.state in (JobState.STARTING, JobState.JUDGING):
            return
        message = f"  {event.message}" if event.message else ""
        self._console.print(plain(f"{event.row.job.file_name}  {event.row.status}{message}"))

    def close(self, rows: Sequence[JobRow]) -> None:
        """Print the table."""
        if rows:
            self._console.print(result_table(rows))
            self._console.print(plain(count_text(rows)))


class Bars:
    """A bar for each job that runs and one for all; a table at the end."""

    def __init__(self) -> None:
        self._console = console()
        self._rows: dict[str, JobRow] = {}
        self._shown_s = 0.0
        self._bars: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(),
            TimeElapsedColumn(),
            console=self._console,
        )  # fmt: skip
        self._all = self._progress.add_task("", total=1.0)
        self._progress.start()

    def begin(self, sentence: str) -> None:
        """Print it above the bars."""
        self._progress.console.print(plain(sentence))

    def queued(self, row: JobRow) -> None:
        """Count a job in."""
        self._rows[row.uid] = row
        self._show_all()

    def event(self, event: JobEvent) -> None:
        """Move a bar, or say what became of a job."""
        row = self._rows[event.row.uid] = event.row
        if event.kind is EventKind.MESSAGE:
            self._progress.console.print(plain(event.message))
        elif event.kind is EventKind.STATE and row.state.ended:
            self._progress.console.print(plain(f"{row.job.file_name}  {row.status}  {event.message}"))
        if row.state in (JobState.WAITING, JobState.RUNNING, JobState.JUDGING):
            self._move(row)
        elif row.uid in self._bars:
            self._progress.remove_task(self._bars.pop(row.uid))
        self._show_all()

    def _move(self, row: JobRow) -> None:
        if row.uid not in self._bars:
            self._bars[row.uid] = self._progress.add_task("", total=1.0)
        text = f"{plain(row.job.file_name)}  {plain(row.status)}"
        self._progress.update(self._bars[row.uid], completed=row.progress, description=text)

    def _show_all(self) -> None:
        # Thousands of jobs are counted: not at each of their events.
        now_s = time.monotonic()
        if now_s - self._shown_s < _REDRAW_S:
            return
        self._shown_s = now_s
        self._count()

    def _count(self) -> None:
        counts = count(self._rows.values())
        text = count_text(self._rows.values())
        part = sum(1.0 if row.state.ended else row.progress for row in self._rows.values())
        done = part / max(1, counts.total)
        self._progress.update(self._all, completed=done, description=text)

    def close(self, rows: Sequence[JobRow]) -> None:
        """Take the bars away and print the table."""
        self._rows |= {row.uid: row for row in rows}
        self._count()
        self._progress.stop()
        if rows:
            self._console.print(result_table(rows))


def result_table(rows: Sequence[JobRow]) -> object:
    """How jobs ended, how long they took, and where the results lie."""
    return table(("Filename", "Status", "Time", "Result"), [_result(row) for row in rows], right=("Time",))


def _result(row: JobRow) -> tuple[str, str, str, str]:
    seconds = f"{row.ended_s - row.started_s:.1f} s" if row.started_s and row.ended_s else ""
    where = row.job.request["final"] if row.state is JobState.COMPLETE else row.note
    return row.job.file_name, row.status, seconds, str(where)
