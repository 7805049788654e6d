"""What must be known of a machine just before a job begins there: where, on which host, and what it sees."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath

from tomobatch.batch.job import Job
from tomobatch.batch.services import Services
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Machine
from tomobatch.names import shown
from tomobatch.recon.options import BY_NAME, Takes
from tomobatch.recon.request import ReconRequest

log = logging.getLogger(__name__)

NOT_SEEN = "not-seen"


class NotReachedError(Exception):
    """The machine did not answer before the job began there: it waits as before.

    Attributes
    ----------
    reason
        What it met, if that is more than that the machine is lost.
    """

    def __init__(self, reason: TomoBatchError | None = None) -> None:
        super().__init__()
        self.reason = reason


@dataclass(frozen=True)
class Berth:
    """Where an attempt is to run.

    Attributes
    ----------
    folder
        Its own, on the machine.
    host
        As `tomobatch.machines.base.Machine.host_id` says it.
    """

    folder: PurePath
    host: str


async def berth_on(
    services: Services, machine: Machine, job: Job, attempt: int, results_folder: str
) -> Berth:
    """A berth for an attempt on the job's machine, which must see the job's files.

    Parameters
    ----------
    results_folder
        The nearest folder of its results that is there.

    Raises
    ------
    NotReachedError
        It does not answer.
    TomoBatchError
        ``not-seen``: a file or folder is not there.
    """
    if machine.far:
        await _require_seen(services, machine, job, results_folder)
    folder = await machine.attempt_folder(services.jobs_folder, job.uid, attempt)
    return Berth(folder, await machine.host_id() if machine.far else "")


async def _require_seen(services: Services, machine: Machine, job: Job, results_folder: str) -> None:
    paths = [services.there(job.machine, path) for path in _paths(job, results_folder)]
    try:
        unseen = await machine.unseen(paths)
    except TomoBatchError as error:
        raise NotReachedError(error) from error
    if unseen:
        raise _not_seen(job.machine, unseen[0])


def _paths(job: Job, results_folder: str) -> Iterator[str]:
    """What the machine must see: the scan, files that options name, the folder of the results."""
    request = ReconRequest.from_dict(job.request)
    named = (str(value) for name, value in request.options.items() if BY_NAME[name].takes is Takes.PATH)
    return chain((request.scan.path,), named, (results_folder,))


def _not_seen(name: str, path: str) -> TomoBatchError:
    sentence = (
        f"{shown(path)} is not seen on {name}: map the folder in Machines, if {name} has it under another"
        " name, or mount it there. Then run it again."
    )
    return TomoBatchError(NOT_SEEN, sentence)
