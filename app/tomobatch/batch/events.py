"""What is told about jobs, after it is on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tomobatch.batch.job import JobRow


class EventKind(StrEnum):
    """What happened."""

    STATE = "state"
    PROGRESS = "progress"
    MESSAGE = "message"


@dataclass(frozen=True)
class JobEvent:
    """One thing that happened to one job.

    Attributes
    ----------
    time_s
        Seconds since 1970.
    row
        The job as it is now.
    message
        A sentence for people, or empty.
    """

    time_s: float
    kind: EventKind
    row: JobRow
    message: str = ""


Listener = Callable[[JobEvent], None]
