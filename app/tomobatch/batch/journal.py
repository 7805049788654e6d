"""The journal: every job of this user, on disk before anyone is told.

SQLite in the state folder. One process schedules at a time (see `tomobatch.batch.lease`), but any
may add jobs, ask for a stop, and read; each change touches a file that the others watch.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict, Unpack

from tomobatch.batch.filesystems import is_network_file_system
from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.journal_format import (
    SCHEMA_VERSION,
    VERSIONS,
    slot_to_text,
    storable,
    to_row,
    to_text,
)
from tomobatch.batch.states import JobState, require_legal
from tomobatch.errors import TomoBatchError
from tomobatch.machines.slots import Slot
from tomobatch.recon.kinds import Kind


class Changes(TypedDict, total=False):
    """Fields of a `JobRow` that may change together with its state."""

    slot: Slot | None
    attempt: int
    note: str
    code: str
    progress: float
    started_s: float


class Journal:
    """All jobs of this user.

    Parameters
    ----------
    folder
        Folder of the journal; made if it is not there.
    clock
        Gives seconds since 1970; a parameter for tests. Nothing but `prune` rests on it.
    busy_s
        How long to wait for another process that is writing.

    Raises
    ------
    TomoBatchError
        ``journal-newer`` when a later version of the program wrote it, ``journal-broken`` when it is
        no journal, ``journal-busy`` when it can be neither read nor written just now.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time, busy_s: float = 5.0) -> None:
        self.folder = folder
        self.path = folder / "journal.sqlite"
        self._clock = clock
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=busy_s, isolation_level=None)
        except (OSError, sqlite3.OperationalError) as error:
            raise self._busy(error) from error
        self._db.row_factory = sqlite3.Row
        try:
            self._prepare(folder)
        except sqlite3.OperationalError as error:
            self._db.close()
            raise self._busy(error) from error
        except sqlite3.DatabaseError as error:
            self._db.close()
            message = f"The job journal {self.path} cannot be read ({error}); move it aside and start again."
            raise TomoBatchError("journal-broken", message) from error
        except TomoBatchError:
            self._db.close()
            raise

    def _busy(self, error: Exception) -> TomoBatchError:
        message = (
            f"The job journal {self.path} cannot be used just now ({error}). Is the disk full, or read-only?"
        )
        return TomoBatchError("journal-busy", f"{message} Jobs that run go on; try again.")

    def _prepare(self, folder: Path) -> None:
        # Write-ahead logging needs shared memory, which network file systems do not give.
        mode = "DELETE" if is_network_file_system(folder) else "WAL"
        self._db.execute(f"PRAGMA journal_mode={mode}")
        self._db.execute("PRAGMA synchronous=NORMAL")
        with self._writing():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                message = f"The job journal {self.path} was written by a later TomoBatch; start that one."
                raise TomoBatchError("journal-newer", message)
            if version < SCHEMA_VERSION:
                for statements in VERSIONS[version:]:
                    for statement in statements.split(";"):
                        self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def close(self) -> None:
        """Close the file; the journal is not usable afterwards."""
        self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            # Also after a COMMIT that failed (a full disk, a reader in the way), or nobody could write again.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

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
        what = (job.uid, job.kind.value, to_text(job.path), *where, json.dumps(job.request))
        done = self._db.execute(
            "INSERT INTO jobs"
            " (uid, kind, path, machine, slot_kind, request, created_s, place, batch, change, state)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (path, kind) WHERE active DO NOTHING",
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
        there from where it is.
        """
        values: dict[str, Any] = {**changes, "state": new.value, "active": not new.ended}
        values |= {"note": storable(changes.get("note", "")), "code": changes.get("code", "")}
        if "slot" in changes:
            values["slot"] = slot_to_text(changes["slot"])
        if new.ended:
            values["ended_s"] = self._clock()
        with self._writing():
            require_legal(uid, self.row(uid).state, new)
            values["change"] = self._highest("change") + 1
            columns = ", ".join(f"{name} = ?" for name in values)
            self._db.execute(f"UPDATE jobs SET {columns} WHERE uid = ?", (*values.values(), uid))  # noqa: S608
            self._note_history(uid, new, values["note"])
        return self.row(uid)

    def note(self, uid: str, note: str, code: str) -> JobRow:
        """Write down why a job stays as it is."""
        with self._writing():
            self._db.execute(
                "UPDATE jobs SET note = ?, code = ?, change = ? WHERE uid = ?",
                (storable(note), code, self._highest("change") + 1, uid),
            )
        return self.row(uid)

    def forget_notes(self, code: str) -> list[JobRow]:
        """Take back why queued jobs stay as they are; gives those of which it was written down."""
        of_them = "active AND state = 'queued' AND code = ?"
        with self._writing():
            found = self._db.execute(f"SELECT uid FROM jobs WHERE {of_them}", (code,)).fetchall()  # noqa: S608
            self._db.execute(
                f"UPDATE jobs SET note = '', code = '', change = ? WHERE {of_them}",  # noqa: S608
                (self._highest("change") + 1, code),
            )
        return [self.row(row["uid"]) for row in found]

    def set_progress(self, uid: str, progress: float) -> None:
        """Write down how far a running job came, for those who follow from another process."""
        with self._writing():
            change = self._highest("change") + 1
            self._db.execute(
                "UPDATE jobs SET progress = ?, change = ? WHERE uid = ?", (progress, change, uid)
            )

    def ask_stop(self, uids: Iterable[str]) -> None:
        """Ask whoever schedules to stop these jobs; those that have ended are left alone."""
        query = "UPDATE jobs SET stop_asked = 1 WHERE active AND uid IN (SELECT value FROM json_each(?))"
        with self._writing():
            self._db.execute(query, (json.dumps(list(uids)),))

    def cancel_asked(self, most: int, note: str, besides: Collection[str]) -> list[JobRow]:
        """Cancel queued jobs that somebody asked to stop, `most` at a time, those in `besides` left out."""
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

    # -- reading ----------------------------------------------------------------------------

    def row(self, uid: str) -> JobRow:
        """One job; `KeyError` when there is none of that name."""
        found = self._db.execute("SELECT * FROM jobs WHERE uid = ?", (uid,)).fetchone()
        if found is None:
            raise KeyError(uid)
        return to_row(found)

    def rows(self, active_only: bool = False) -> list[JobRow]:
        """All jobs in the order of the queue, or those alone that have not ended."""
        return self._rows("SELECT * FROM jobs WHERE active >= ? ORDER BY place", int(active_only))

    def begun(self) -> list[JobRow]:
        """Jobs that have begun and have not ended."""
        return self._rows("SELECT * FROM jobs WHERE active AND state <> 'queued' ORDER BY place")

    def first_queued(self, machine: str, slot_kind: str, besides: Collection[str]) -> JobRow | None:
        """The next job for a slot of a machine, those in `besides` left out."""
        found = self._db.execute(
            "SELECT * FROM jobs WHERE active AND state = 'queued' AND NOT stop_asked AND machine = ?"
            " AND slot_kind = ? AND uid NOT IN (SELECT value FROM json_each(?)) ORDER BY turn, place LIMIT 1",
            (machine, slot_kind, json.dumps(list(besides))),
        ).fetchone()
        return None if found is None else to_row(found)

    def queued_pools(self) -> list[tuple[str, str]]:
        """Machines, and kinds of slots on them, that queued jobs wait for."""
        found = self._db.execute(
            "SELECT DISTINCT machine, slot_kind FROM jobs WHERE active AND state = 'queued'"
        )
        return [(row["machine"], row["slot_kind"]) for row in found.fetchall()]

    def to_be_stopped(self) -> list[JobRow]:
        """Jobs that have begun, have not ended, and that somebody asked to stop."""
        return self._rows(
            "SELECT * FROM jobs WHERE active AND stop_asked AND state <> 'queued' ORDER BY place"
        )

    def asked_to_stop(self, among: Collection[str]) -> list[str]:
        """Which of these jobs somebody asked to stop and have not ended."""
        query = "SELECT uid FROM jobs WHERE active AND stop_asked AND uid IN (SELECT value FROM json_each(?))"
        return [row["uid"] for row in self._db.execute(query, (json.dumps(list(among)),)).fetchall()]

    def active_uids(self) -> set[str]:
        """Names of the jobs that have not ended."""
        return {row["uid"] for row in self._db.execute("SELECT uid FROM jobs WHERE active").fetchall()}

    def active_scans(self) -> set[tuple[str, Kind]]:
        """Scans, by path, whose Try or Full waits or runs."""
        found = self._db.execute("SELECT path, kind FROM jobs WHERE active")
        return {(json.loads(row["path"]), Kind(row["kind"])) for row in found.fetchall()}

    def active_files(self, options: Collection[str]) -> set[str]:
        """Paths that such options name, of the jobs that wait or run."""
        query = (
            "SELECT DISTINCT json_extract(request, '$.options') AS options FROM jobs "
            "WHERE active AND instr(request, ?)"
        )
        found = (
            json.loads(row["options"] or "{}").get(option)
            for option in options
            for row in self._db.execute(query, (json.dumps(option),)).fetchall()
        )
        return {str(path) for path in found if path}

    @property
    def pause(self) -> str | None:
        """Why nothing new starts; None while jobs start."""
        found = self._db.execute("SELECT reason FROM pause").fetchone()
        return None if found is None else str(found["reason"])

    def on_slot(self, uid: str) -> bool:
        """Whether a job has begun and not ended."""
        query = "SELECT 1 FROM jobs WHERE uid = ? AND active AND state <> 'queued'"
        return self._db.execute(query, (uid,)).fetchone() is not None

    def any_active(self, besides: Collection[str] = ()) -> bool:
        """Whether a job has not ended, those in `besides` left out."""
        asked = (json.dumps(list(besides)),)
        query = "SELECT 1 FROM jobs WHERE active AND uid NOT IN (SELECT value FROM json_each(?)) LIMIT 1"
        return self._db.execute(query, asked).fetchone() is not None

    def names_since(self, change: int) -> tuple[list[str], int]:
        """Names of the jobs that `changed_since` would give, in that order, and the number it would give."""
        query = "SELECT uid, change FROM jobs WHERE change > ? ORDER BY change, place"
        found = self._db.execute(query, (change,)).fetchall()
        return [row["uid"] for row in found], max([change, *(row["change"] for row in found)])

    def rows_of(self, uids: Collection[str]) -> list[JobRow]:
        """These jobs, in the order of their changes."""
        query = "SELECT * FROM jobs WHERE uid IN (SELECT value FROM json_each(?)) ORDER BY change, place"
        return self._rows(query, json.dumps(list(uids)))

    def _rows(self, query: str, *values: object) -> list[JobRow]:
        return [to_row(row) for row in self._db.execute(query, values).fetchall()]

    def changed_since(self, change: int) -> tuple[list[JobRow], int]:
        """Jobs that changed after a change number (0: all), and the number to ask with next time."""
        uids, newest = self.names_since(change)
        return self.rows_of(uids), newest

    def newest_batch(self) -> list[JobRow]:
        """Jobs of the batch that runs, or of the last one when nothing runs."""
        return self._rows("SELECT * FROM jobs WHERE batch = (SELECT MAX(batch) FROM jobs) ORDER BY place")

    def history(self, uid: str) -> list[tuple[float, JobState, str]]:
        """States a job went through: time in seconds since 1970, state, note."""
        found = self._db.execute("SELECT at_s, state, note FROM history WHERE uid = ? ORDER BY rowid", (uid,))
        return [(at_s, JobState(state), note) for at_s, state, note in found.fetchall()]

    def slot_count(self, machine: str, kind: str) -> int | None:
        """How many slots the user said the machine offers, or None."""
        query = "SELECT count FROM slots WHERE machine = ? AND kind = ?"
        found = self._db.execute(query, (machine, kind)).fetchone()
        return None if found is None else int(found["count"])

    def change_counter(self) -> int:
        """A number that differs after another process has written."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])
