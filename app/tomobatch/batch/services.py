"""What the lives of all jobs share: the journal, the machines, the workers, and who is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tomobatch.batch.events import EventKind, JobEvent, Listener
from tomobatch.batch.job import JobRow
from tomobatch.batch.journal import Journal
from tomobatch.batch.starts import Starts
from tomobatch.machines.base import Machine
from tomobatch.machines.slots import Slot
from tomobatch.worker.client import Worker


@dataclass(frozen=True)
class Timing:
    """How long things may take; parameters, so that tests do not wait.

    Attributes
    ----------
    alarm_grace_s
        After a traceback the engine may hang for ever with the GPU taken; it is given this long to end.
    check_s
        For a look at a scan just before its start.
    judge_s
        For the check of a run's whole output.
    progress_s
        Between two lines of progress on disk.
    refill_s
        How long a judgement waits at most for the starts that are under way.
    """

    alarm_grace_s: float = 10.0
    check_s: float = 30.0
    judge_s: float = 1800.0
    progress_s: float = 1.0
    refill_s: float = 0.2


@dataclass(frozen=True)
class Services:
    """See the module's text.

    Attributes
    ----------
    jobs_folder
        Each attempt of each job has a folder of its own below it.
    judging, looking
        Worker processes: one for checks that read whole results, one for quick looks, so that the
        second never waits for the first.
    share
        Environment of a job on a slot: cores and memory, or the GPU.
    keep_cor
        Called with a finished job and the COR its engine found, in unbinned full-frame pixels.
    """

    journal: Journal
    machines: Mapping[str, Machine]
    judging: Worker
    looking: Worker
    jobs_folder: Path
    share: Callable[[JobRow, Slot], Mapping[str, str]]
    keep_cor: Callable[[JobRow, float], None]
    listeners: list[Listener] = field(default_factory=list)
    timing: Timing = Timing()
    starts: Starts = field(default_factory=Starts)

    def tell(self, kind: EventKind, row: JobRow, message: str = "") -> None:
        """Tell every listener; what is told is on disk already."""
        event = JobEvent(time.time(), kind, row, message)
        for listener in self.listeners:
            listener(event)

    def attempt_folder(self, uid: str, attempt: int) -> Path:
        """Folder of one attempt; its log stays there until the job is pruned."""
        return self.jobs_folder / uid / str(attempt)
