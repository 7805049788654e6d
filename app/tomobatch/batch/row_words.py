"""A word on the row of a job that goes on."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import replace

from tomobatch.batch.events import EventKind
from tomobatch.batch.job import JobRow
from tomobatch.batch.services import Services

log = logging.getLogger(__name__)


def mark(services: Services, row: JobRow, note: str = "", code: str = "", what: str = "") -> JobRow:
    """Put a word on a row, or take it away, and tell it; with ``what`` that means, where it is new."""
    news = code not in ("", row.code)
    try:
        row = services.journal.note(row.uid, note, code)
    except sqlite3.Error as error:
        # Nothing hangs on it.
        log.warning("what the row of job %s says was not written: %s", row.uid, error)
        row = replace(row, note=note, code=code)
    if news:
        services.tell(EventKind.MESSAGE, row, f"{row.job.file_name}: {note}. {what}")
    else:
        services.tell(EventKind.PROGRESS, row)
    return row
