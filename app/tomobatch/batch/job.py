"""A job: a frozen snapshot of what was asked, and beside it the row that says how far it came."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tomobatch.batch.states import JobState, status_text
from tomobatch.machines.slots import Slot
from tomobatch.recon.kinds import Kind


def new_uid() -> str:
    """A name for a job that no other job of this or another station has: letters and digits only."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime()) + os.urandom(5).hex()


@dataclass(frozen=True)
class Job:
    """What was asked, as it was when it was queued; never changed afterwards.

    Attributes
    ----------
    uid
        Unique over stations and time.
    kind
        Try or Full.
    path
        Absolute path of the scan.
    machine
        Name of the machine that runs it, or `tomobatch.config.machines.ANY` until one takes it.
    slot_kind
        ``GPU`` or ``CPU``: which of the machine's slots it needs; ``ANY`` while any machine may take it.
    request
        The reconstruction, as `tomobatch.recon.request.ReconRequest.to_json` wrote it.
    created_s
        Seconds since 1970 when it was queued.
    """

    uid: str
    kind: Kind
    path: str
    machine: str
    slot_kind: str
    request: dict[str, Any]
    created_s: float

    @property
    def file_name(self) -> str:
        """Name of the scan's file."""
        return Path(self.path).name

    @property
    def wish(self) -> str:
        """Jobs that are alike in this can be run by the same engines: a short name of options and layout."""
        asked = json.dumps([self.request.get("layout"), self.request.get("options")], sort_keys=True)
        return hashlib.sha256(asked.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class JobRow:
    """A job and how far it came: one row of the journal, read at one moment.

    Attributes
    ----------
    place
        In the order in which jobs were queued.
    batch
        Number of the batch it counts in.
    attempt
        How often a start was tried; each attempt has a folder of its own.
    host
        Which host the last one is on, as `tomobatch.machines.base.Machine.host_id` says it.
    note
        Who holds the lock, or why the job ended as it did; a sentence.
    code
        Stable name of the reason, empty when there is none.
    progress
        0 to 1.
    turn
        Lower runs first; among those of one turn `place` decides.
    queued_for
        The machine it was queued for, where that was any and one has taken it; else empty.
    """

    job: Job
    state: JobState
    place: int
    batch: int
    slot: Slot | None = None
    attempt: int = 0
    host: str = ""
    stop_asked: bool = False
    note: str = ""
    code: str = ""
    progress: float = 0.0
    started_s: float | None = None
    ended_s: float | None = None
    turn: int = 0
    queued_for: str = ""

    @property
    def uid(self) -> str:
        """The job's unique name."""
        return self.job.uid

    @property
    def status(self) -> str:
        """Text people read: ``Running Full on GPU 2``."""
        slot = self.slot.word if self.slot else self.job.slot_kind
        return status_text(self.job.kind.word, self.state, slot, self.note)
