"""What the journal tells: jobs, their order, what was asked of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from tomobatch.batch.job import JobRow
from tomobatch.batch.journal_file import JournalFile
from tomobatch.batch.journal_format import GIVE_UP_ASKED, to_row
from tomobatch.batch.states import JobState
from tomobatch.recon.kinds import Kind


class JournalReading(JournalFile):
    """The half of the journal that changes nothing."""

    def row(self, uid: str) -> JobRow:
        """One job; `KeyError` when there is none of that name."""
        return to_row(self._plain(uid))

    def _plain(self, uid: str) -> sqlite3.Row:
        found: sqlite3.Row | None = self._db.execute("SELECT * FROM jobs WHERE uid = ?", (uid,)).fetchone()
        if found is None:
            raise KeyError(uid)
        return found

    def rows(self, active_only: bool = False) -> list[JobRow]:
        """All jobs in the order of the queue, or those alone that have not ended."""
        return self._rows("SELECT * FROM jobs WHERE active >= ? ORDER BY place", int(active_only))

    def begun(self) -> list[JobRow]:
        """Jobs that have begun and have not ended."""
        return self._rows("SELECT * FROM jobs WHERE active AND state <> 'queued' ORDER BY place")

    def first_queued(
        self, machine: str, slot_kind: str, besides: Collection[str], wishes: Collection[str] = ()
    ) -> JobRow | None:
        """The next job for a slot of a machine; those in `besides` and with such `wishes` are left out."""
        found = self._db.execute(
            "SELECT * FROM jobs WHERE active AND state = 'queued' AND NOT stop_asked AND machine = ?"
            " AND slot_kind = ? AND wish NOT IN (SELECT value FROM json_each(?))"
            " AND uid NOT IN (SELECT value FROM json_each(?)) ORDER BY turn, place LIMIT 1",
            (machine, slot_kind, json.dumps(list(wishes)), json.dumps(list(besides))),
        ).fetchone()
        return None if found is None else to_row(found)

    def queued_pools(self) -> list[tuple[str, str]]:
        """Machines, and kinds of slots on them, that queued jobs wait for."""
        found = self._db.execute(
            "SELECT DISTINCT machine, slot_kind FROM jobs WHERE active AND state = 'queued'"
        )
        return [(row["machine"], row["slot_kind"]) for row in found.fetchall()]

    def queued_on(self, machine: str) -> list[JobRow]:
        """Jobs that wait for a machine, in the order of their starts."""
        query = "SELECT * FROM jobs WHERE active AND state = 'queued' AND machine = ? ORDER BY turn, place"
        return self._rows(query, machine)

    def numbers_on(self, machine: str) -> tuple[int, int]:
        """How many jobs of a machine have begun and not ended, and how many wait for it."""
        query = "SELECT COALESCE(SUM(state <> 'queued'), 0), COUNT(*) FROM jobs WHERE active AND machine = ?"
        begun, all_of_them = self._db.execute(query, (machine,)).fetchone()
        return int(begun), int(all_of_them) - int(begun)

    def to_be_stopped(self) -> list[JobRow]:
        """Jobs that have begun, have not ended, and that somebody asked to stop."""
        return self._rows(
            "SELECT * FROM jobs WHERE active AND stop_asked AND state <> 'queued' ORDER BY place"
        )

    def asked_to_stop(self, among: Collection[str]) -> list[str]:
        """Which of these jobs somebody asked to stop and have not ended."""
        query = "SELECT uid FROM jobs WHERE active AND stop_asked AND uid IN (SELECT value FROM json_each(?))"
        return [row["uid"] for row in self._db.execute(query, (json.dumps(list(among)),)).fetchall()]

    def given_up(self) -> list[JobRow]:
        """Jobs that have begun, have not ended, and are not waited for should their machine be lost."""
        # Asked at every turn of the queue: `stop_asked` by itself has it use the index.
        query = (
            "SELECT * FROM jobs WHERE active AND stop_asked AND stop_asked = ? AND state <> 'queued'"
            " ORDER BY place"
        )
        return self._rows(query, GIVE_UP_ASKED)

    def ended_with(self, code: str, machine: str) -> list[JobRow]:
        """Jobs of a machine that ended for a reason."""
        query = "SELECT * FROM jobs WHERE NOT active AND code = ? AND machine = ? ORDER BY place"
        return self._rows(query, code, machine)

    def any_queued_to_stop(self) -> bool:
        """Whether somebody asked to stop a job that waits."""
        query = "SELECT 1 FROM jobs WHERE active AND stop_asked AND state = 'queued' LIMIT 1"
        return self._db.execute(query).fetchone() is not None

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

    def choice(self, name: str) -> str | None:
        """What a person decided for the whole station; None where nobody did."""
        found = self._db.execute("SELECT value FROM choices WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found["value"])

    def change_counter(self) -> int:
        """A number that differs after another process has written."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])
