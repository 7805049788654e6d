"""Keeps the marks of this station's jobs: written before a job can start, gone when it has ended."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from pathlib import Path

from tomobatch.batch.events import EventKind, JobEvent
from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.journal import Journal
from tomobatch.batch.marks import Mark, mark_from_json, marks_folder, read_marks, remove_mark, write_mark
from tomobatch.batch.services import user_name
from tomobatch.config.places import host_state_folder
from tomobatch.errors import TomoBatchError

log = logging.getLogger(__name__)

ANNOUNCE_S = 2.0
"""No job waits for longer than this until its mark is written: a results folder may hang."""
CLOSE_S = 2.0


class Marking:
    """Writes and removes marks in a thread of its own, in order.

    A results folder that cannot be written stops no job: that is logged, once for a folder.
    """

    def __init__(self, journal_folder: Path) -> None:
        self._journal_folder = journal_folder
        # The same home may serve several hosts, and several homes one host.
        self.station = f"{host_state_folder().name}:{os.path.realpath(journal_folder)}"
        self._host, self._user = platform.node(), user_name()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="marks")
        self._pending: set[Future[None]] = set()
        self._refused: set[Path] = set()
        self._hangs = self._closed = False

    # -- what is marked ---------------------------------------------------------------------

    def write(self, jobs: Sequence[Job]) -> None:
        """Mark jobs that are about to be queued; returns when that is done, or takes too long."""
        self._hangs = bool(wait_for(self._submit(lambda: self._write(jobs)), self._patience_s()).not_done)

    async def announce(self, jobs: Sequence[Job]) -> None:
        """The same, in an event loop that has other things to do."""
        left = [asyncio.wrap_future(future) for future in self._submit(lambda: self._write(jobs))]
        if left:
            self._hangs = bool((await asyncio.wait(left, timeout=self._patience_s()))[1])

    def _patience_s(self) -> float:
        # A folder that hangs is waited for once, not for each of a thousand jobs.
        return 0.0 if self._hangs and self._pending else ANNOUNCE_S

    def queued(self, rows: Sequence[JobRow]) -> None:
        """Jobs were queued: mark those that are not."""
        self._submit(lambda: self._write([row.job for row in rows], anew=False))

    def event(self, event: JobEvent) -> None:
        """Take the mark of a job away that has ended."""
        if event.kind is EventKind.STATE and event.row.state.ended:
            job = event.row.job
            self._submit(lambda: self._remove(marks_folder(Path(job.path).parent), job.uid))

    def repair(self) -> None:
        """Mark what waits or runs without a mark, and take marks away whose job has ended."""
        self._submit(self._repair)

    def close(self) -> None:
        """Finish what is under way, but wait for no disk that hangs."""
        self._closed = True
        self._writer.shutdown(wait=False)
        wait_for(set(self._pending), timeout=CLOSE_S)

    def _submit(self, work: Callable[[], None]) -> list[Future[None]]:
        if self._closed:
            return []
        future = self._writer.submit(work)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return [future]

    # -- in the thread ----------------------------------------------------------------------

    def _write(self, jobs: Iterable[Job], anew: bool = True) -> None:
        for folder, of_folder in _by_folder(jobs).items():
            try:
                for job in of_folder:
                    if anew or not (folder / f"{job.uid}.json").exists():
                        write_mark(folder, Mark.of(job, self.station, self._host, self._user))
            except OSError as error:
                self._refuse(folder, error)

    def _remove(self, folder: Path, uid: str) -> None:
        try:
            remove_mark(folder, uid)
        except OSError as error:
            self._refuse(folder, error)

    def _refuse(self, folder: Path, error: OSError) -> None:
        if folder not in self._refused:
            self._refused.add(folder)
            log.warning("other stations cannot see what runs here: %s (%s)", folder, error)

    def _repair(self) -> None:
        try:
            jobs = _jobs_in(self._journal_folder)
            active = {row.uid for row in jobs if not row.state.ended}
            for data_folder in {str(Path(row.job.path).parent) for row in jobs}:
                self._remove_stale(data_folder, active)
            # Read anew: what another program queued meanwhile had its mark before it was in the journal.
            jobs = _jobs_in(self._journal_folder)
            self._write((row.job for row in jobs if not row.state.ended), anew=False)
        except (TomoBatchError, sqlite3.Error) as error:
            log.warning("marks could not be looked through: %s", error)

    def _remove_stale(self, data_folder: str, active: set[str]) -> None:
        for mark in map(mark_from_json, read_marks(data_folder)):
            if mark.station == self.station and mark.uid not in active:
                self._remove(marks_folder(data_folder), mark.uid)


def _by_folder(jobs: Iterable[Job]) -> Mapping[Path, list[Job]]:
    found: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        found[job.path.rpartition("/")[0]].append(job)
    return {marks_folder(folder): of_folder for folder, of_folder in found.items()}


def _jobs_in(journal_folder: Path) -> list[JobRow]:
    """All jobs, by a connection of this thread."""
    journal = Journal(journal_folder)
    try:
        return journal.rows()
    finally:
        journal.close()
