"""What the lives of all jobs share: the journal, the machines, the workers, and who is told."""

from __future__ import annotations

import getpass
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from tomobatch.batch.chunks import Chunks
from tomobatch.batch.events import EventKind, JobEvent, Listener
from tomobatch.batch.job import JobRow
from tomobatch.batch.journal import Journal
from tomobatch.batch.judges import Judges
from tomobatch.batch.pause import Pause
from tomobatch.batch.space import Claims
from tomobatch.batch.starts import Starts
from tomobatch.machines.base import Machine
from tomobatch.machines.slots import Slot
from tomobatch.recon.chunk import chunk_words
from tomobatch.recon.request import ReconRequest
from tomobatch.worker.client import Worker

log = logging.getLogger(__name__)


def user_name() -> str:
    """Name of this user for others to read; in a container there may be none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


@dataclass(frozen=True)
class Timing:
    """How long things may take; parameters, so that tests do not wait.

    Attributes
    ----------
    alarm_grace_s
        After a traceback the engine may hang for ever with the GPU taken; it is given this long to end.
    check_s
        For a look at a scan just before its start.
    hold_s
        Until it is tried again whether anything can start.
    judge_s
        For the check of a run's whole output.
    link_s
        Pauses before a machine that does not answer is called again; the last one holds for all that follow.
    move_lost_s
        How long a machine is lost before its waiting jobs are given to others, where a person wants that.
    progress_s
        Between two lines of progress on disk.
    refill_s
        How long a judgement waits at most for the starts that are under way.
    share_s
        Until this host surely sees what another one wrote into a shared folder: NFS looks again after 60 s.
    retry_s
        Pauses before a job whose watch broke off (a full disk, a locked journal) is taken up again.
    silent_s
        A job that prints nothing for so long is said to be silent.
    silent_again_s
        Between two times that the row of a silent job is told how long.
    """

    alarm_grace_s: float = 10.0
    check_s: float = 30.0
    hold_s: float = 10.0
    judge_s: float = 1800.0
    link_s: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
    move_lost_s: float = 60.0
    progress_s: float = 1.0
    refill_s: float = 0.2
    share_s: float = 65.0
    retry_s: tuple[float, ...] = (1.0, 5.0, 30.0)
    silent_s: float = 300.0
    silent_again_s: float = 60.0


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
    there
        Where a machine (by name) has a path of this host.
    keep_cor
        Called with a finished job and the COR its engine found, in unbinned full-frame pixels.
    chunks
        What is known of the GPUs' memory; None: nothing.
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
    chunks: Chunks | None = None
    user: str = field(default_factory=user_name)
    there: Callable[[str, str], str] = lambda _machine, path: path

    @cached_property
    def claims(self) -> Claims:
        """What running jobs will still write."""
        return Claims(self.journal.on_slot)

    @cached_property
    def judges(self) -> Judges:
        """Worker processes that check results where they were made."""
        return Judges(self.machines)

    @cached_property
    def pause(self) -> Pause:
        """Whether anything new may start."""
        return Pause(self.journal)

    def tell(self, kind: EventKind, row: JobRow, message: str = "") -> None:
        """Tell every listener; what is told is on disk already."""
        event = JobEvent(time.time(), kind, row, message)
        for listener in tuple(self.listeners):
            try:
                listener(event)
            except OSError as error:
                # The reader of our output has gone, or its disk is full: the jobs must not go with it.
                log.warning("nobody listens any more: %s", error)
                self.listeners.remove(listener)

    def fitted(self, row: JobRow, request: ReconRequest, slot: Slot) -> Slot:
        """A slot with the chunk that its GPU is known to bear of such a job, if that is less than usual."""
        chunk = 0 if self.chunks is None else self.chunks.of(request, row.job.machine, slot)
        if chunk:
            words = f"{row.job.file_name}: {chunk_words(request.kind, chunk)}, as remembered for this GPU."
            self.tell(EventKind.MESSAGE, row, words)
        return replace(slot, chunk=chunk)

    def attempt_folder(self, uid: str, attempt: int) -> Path:
        """Folder of one attempt on this host; its log stays there until the job is pruned.

        A machine that is far has a folder of its own for it, and its log is copied here.
        """
        return self.jobs_folder / uid / str(attempt)
