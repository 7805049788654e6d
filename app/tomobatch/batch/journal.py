"""The journal: every job of this user, on disk before anyone is told.

SQLite in the state folder. One process schedules at a time (see `tomobatch.batch.lease`), but any
may add jobs, ask for a stop, and read; each change touches a file that the others watch.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any, TypedDict, Unpack

from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.journal_format import (
    GIVE_UP_ASKED,
    given,
    placed,
    slot_to_text,
    storable,
    taken_back,
    to_text,
)
from tomobatch.batch.journal_reading import JournalReading
from tomobatch.batch.states import JobState, require_legal
from tomobatch.machines.slots import Slot


class Changes(TypedDict, total=False):
    """Fields of a `JobRow` that may change together with its state.

    `job` is the job as a machine takes it that any machine might have taken.
    """

    job: Job
    slot: Slot | None
    attempt: int
    host: str
    note: str
    code: str
    progress: float
    started_s: float


class Journal(JournalReading):
    """All jobs of this user; see `JournalFile` for how it is opened."""

    # -- adding -----------------------------------------------------------------------------

    def add(self, jobs: Iterable[Job]) -> list[JobRow]:
        """Queue jobs, but none for a scan whose Try or Full waits or runs already.

        Gives those that were queued; they are safe from a power cut when this returns.
        """
        self._db.execute("PRAGMA synchronous=FULL")
        try:
            with self._writing():
                batch, place, change = (
                    self._current_batch(),
                    self._highest("place"),
                    self._highest("change") + 1,
                )
                added = [job.uid for job in jobs if self._insert(job, batch, place := place + 1, change)]
        finally:
            self._db.execute("PRAGMA synchronous=NORMAL")
        return [self.row(uid) for uid in added]

    def _highest(self, column: str) -> int:
        return int(self._db.execute(f"SELECT COALESCE(MAX({column}), 0) FROM jobs").fetchone()[0])  # noqa: S608

    def _current_batch(self) -> int:
        """Number of the running batch, or of the next one when nothing runs or waits."""
        newest = self._db.execute("SELECT MAX(batch) FROM jobs").fetchone()[0] or 0
        busy = self._db.execute("SELECT 1 FROM jobs WHERE active LIMIT 1").fetchone()
        return newest if busy else newest + 1

    def _insert(self, job: Job, batch: int, place: int, change: int) -> bool:
        where = (job.machine, job.slot_kind)
        what = (job.uid, job.kind.value, to_text(job.path), *where, json.dumps(job.request), job.wish)
        done = self._db.execute(
            "INSERT INTO jobs"
            " (uid, kind, path, machine, slot_kind, request, wish, created_s, place, batch, change, state)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (path, kind) WHERE active DO NOTHING",
            (*what, job.created_s, place, batch, change, JobState.QUEUED.value),
        )
        if done.rowcount:
            self._note_history(job.uid, JobState.QUEUED, "")
        return bool(done.rowcount)

    def _note_history(self, uid: str, state: JobState, note: str) -> None:
        self._db.execute("INSERT INTO history VALUES (?,?,?,?)", (uid, self._clock(), state.value, note))

    # -- changing ---------------------------------------------------------------------------

    def transition(self, uid: str, new: JobState, **changes: Unpack[Changes]) -> JobRow:
        """Bring a job to a new state, with the fields that change with it; on disk when this returns.

        Note and code that are not given are cleared. Raises `IllegalTransitionError` when the job cannot go
        there from where it is, `MovedError` when `job` names a machine that it does not wait for.
        """
        job = changes.pop("job", None)
        values: dict[str, Any] = {**changes, "state": new.value, "active": not new.ended}
        values |= {"note": storable(changes.get("note", "")), "code": changes.get("code", "")}
        if "slot" in changes:
            values["slot"] = slot_to_text(changes["slot"])
        if new.ended:
            values["ended_s"] = self._clock()
        with self._writing():
            before = self._plain(uid)
            require_legal(uid, JobState(before["state"]), new)
            values |= given(before, job) if job is not None else {}
            values |= taken_back(before) if new is JobState.QUEUED else {}
            values["change"] = self._highest("change") + 1
            columns = ", ".join(f"{name} = ?" for name in values)
            self._db.execute(f"UPDATE jobs SET {columns} WHERE uid = ?", (*values.values(), uid))  # noqa: S608
            self._note_history(uid, new, values["note"])
        return self.row(uid)

    def move(self, job: Job, from_machine: str) -> JobRow | None:
        """Give a job that waits for a machine to the one that `job` names; None if it waits there no more."""
        values = placed(job) | {"note": "", "code": ""}
        with self._writing():
            values["change"] = self._highest("change") + 1
            columns = ", ".join(f"{name} = ?" for name in values)
            moved = self._db.execute(
                f"UPDATE jobs SET {columns} WHERE uid = ? AND active AND state = 'queued' AND machine = ?",  # noqa: S608
                (*values.values(), job.uid, from_machine),
            ).rowcount
            if moved:
                self._note_history(job.uid, JobState.QUEUED, f"from {from_machine} to {job.machine}")
        return self.row(job.uid) if moved else None

    def note(self, uid: str, note: str, code: str) -> JobRow:
        """Write down why a job stays as it is."""
        with self._writing():
            self._db.execute(
                "UPDATE jobs SET note = ?, code = ?, change = ? WHERE uid = ?",
                (storable(note), code, self._highest("change") + 1, uid),
            )
        return self.row(uid)

    def note_queued(self, machine: str, note: str, code: str, most: int) -> list[JobRow]:
        """Write down why the jobs stay that wait for a machine, for `most` that do not say so; gives them."""
        note = storable(note)
        return self._note_all("machine = ? AND note <> ?", (machine, note), note, code, most)

    def forget_notes(self, code: str, machine: str = "", most: int = -1) -> list[JobRow]:
        """Take back why queued jobs stay as they are, of all or those of a machine; gives them.

        `most` of them at a time; −1: all.
        """
        where, values = ("code = ? AND machine = ?", (code, machine)) if machine else ("code = ?", (code,))
        return self._note_all(where, values, "", "", most)

    def _note_all(self, where: str, values: tuple[str, ...], note: str, code: str, most: int) -> list[JobRow]:
        query = f"SELECT uid FROM jobs WHERE active AND state = 'queued' AND {where} LIMIT ?"  # noqa: S608
        with self._writing():
            uids = [row["uid"] for row in self._db.execute(query, (*values, most)).fetchall()]
            if not uids:
                return []
            self._db.execute(
                "UPDATE jobs SET note = ?, code = ?, change = ?"
                " WHERE uid IN (SELECT value FROM json_each(?))",
                (note, code, self._highest("change") + 1, json.dumps(uids)),
            )
        return self.rows_of(uids)

    def set_progress(self, uid: str, progress: float) -> None:
        """Write down how far a running job came, for those who follow from another process."""
        with self._writing():
            change = self._highest("change") + 1
            self._db.execute(
                "UPDATE jobs SET progress = ?, change = ? WHERE uid = ?", (progress, change, uid)
            )

    def ask_stop(self, uids: Iterable[str], give_up: bool = False) -> None:
        """Ask whoever schedules to stop these jobs; those that have ended are left alone.

        With `give_up` those are not waited for whose machine does not answer.
        """
        query = (
            "UPDATE jobs SET stop_asked = MAX(stop_asked, ?)"
            " WHERE active AND uid IN (SELECT value FROM json_each(?))"
        )
        with self._writing():
            self._db.execute(query, (GIVE_UP_ASKED if give_up else 1, json.dumps(list(uids))))

    def cancel_asked(self, most: int, note: str, besides: Collection[str]) -> list[JobRow]:
        """Cancel queued jobs that somebody asked to stop, `most` at a time, those in `besides` left out."""
        # Asked at every turn of the queue: nobody has to wait for the file where there is nothing to write.
        if not self.any_queued_to_stop():
            return []
        query = (
            "SELECT uid FROM jobs WHERE active AND stop_asked AND state = 'queued'"
            " AND uid NOT IN (SELECT value FROM json_each(?)) ORDER BY place LIMIT ?"
        )
        with self._writing():
            found = self._db.execute(query, (json.dumps(list(besides)), most))
            uids, change = [row["uid"] for row in found.fetchall()], self._highest("change") + 1
            for uid in uids:
                self._db.execute(
                    "UPDATE jobs SET state = ?, active = 0, code = 'stopped', note = ?, ended_s = ?,"
                    " change = ? WHERE uid = ?",
                    (JobState.CANCELLED.value, note, self._clock(), change, uid),
                )
                self._note_history(uid, JobState.CANCELLED, note)
        return [self.row(uid) for uid in uids]

    def set_pause(self, reason: str | None) -> None:
        """Let nothing new start, for a reason that is shown; None lets jobs start again."""
        with self._writing():
            self._db.execute("DELETE FROM pause")
            if reason is not None:
                self._db.execute("INSERT INTO pause VALUES (?)", (storable(reason),))

    def move_to_front(self, uids: Iterable[str]) -> None:
        """Let queued jobs start before all others, in the order they had among themselves."""
        with self._writing():
            first = self._db.execute("SELECT COALESCE(MIN(turn), 0) FROM jobs WHERE active").fetchone()[0]
            change = self._highest("change") + 1
            queued = self._db.execute(
                "SELECT uid FROM jobs WHERE active AND state = 'queued'"
                " AND uid IN (SELECT value FROM json_each(?)) ORDER BY turn, place",
                (json.dumps(list(uids)),),
            ).fetchall()
            # Turns of their own: some of them may have been moved before, and others not.
            for turn, row in enumerate(queued, first - len(queued)):
                self._db.execute(
                    "UPDATE jobs SET turn = ?, change = ? WHERE uid = ?", (turn, change, row["uid"])
                )

    def set_slot_count(self, machine: str, kind: str, count: int) -> None:
        """Write down how many slots of a kind a machine offers, as the user said."""
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO slots VALUES (?,?,?)", (machine, kind, count))

    def set_choice(self, name: str, value: str) -> None:
        """Write down what a person decided for the whole station."""
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO choices VALUES (?,?)", (name, value))

    def prune(self, keep_s: float) -> list[str]:
        """Forget jobs that ended over `keep_s` seconds ago, the newest batch excepted; gives their names."""
        old = "NOT active AND ended_s < ? AND batch <> (SELECT MAX(batch) FROM jobs)"
        with self._writing():
            found = self._db.execute(f"SELECT uid FROM jobs WHERE {old}", (self._clock() - keep_s,))  # noqa: S608
            gone = [row["uid"] for row in found.fetchall()]
            for uid in gone:
                self._db.execute("DELETE FROM jobs WHERE uid = ?", (uid,))
                self._db.execute("DELETE FROM history WHERE uid = ?", (uid,))
        return gone
