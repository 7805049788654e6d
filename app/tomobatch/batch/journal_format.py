"""How jobs are kept in the journal: its tables, version by version, and what their columns hold."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.states import JobState, MovedError
from tomobatch.config.machines import ANY
from tomobatch.machines.slots import Slot
from tomobatch.recon.kinds import Kind

GIVE_UP_ASKED = 2
"""In the column `stop_asked`, where 1 asks for a stop: it is not waited for, should its machine be lost."""

# Each version's statements bring the one before it up to it; an empty file goes through all of them.
VERSIONS = (
    """
CREATE TABLE jobs (
    uid TEXT PRIMARY KEY, place INTEGER NOT NULL, batch INTEGER NOT NULL, kind TEXT NOT NULL,
    path TEXT NOT NULL, machine TEXT NOT NULL, slot_kind TEXT NOT NULL, request TEXT NOT NULL,
    created_s REAL NOT NULL, state TEXT NOT NULL, active INTEGER NOT NULL DEFAULT 1, slot TEXT,
    attempt INTEGER NOT NULL DEFAULT 0, stop_asked INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '', code TEXT NOT NULL DEFAULT '', progress REAL NOT NULL DEFAULT 0,
    started_s REAL, ended_s REAL, change INTEGER NOT NULL);
CREATE INDEX jobs_active ON jobs (active, place);
CREATE INDEX jobs_by_batch ON jobs (batch, place);
CREATE INDEX jobs_by_place ON jobs (place);
CREATE INDEX jobs_by_change ON jobs (change);
-- What waits or runs already is not queued twice, by whichever process.
CREATE UNIQUE INDEX jobs_once ON jobs (path, kind) WHERE active;
CREATE TABLE history (uid TEXT NOT NULL, at_s REAL NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX history_by_uid ON history (uid);
CREATE TABLE slots (
    machine TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (machine, kind));
""",
    """
-- One row while nothing new may start, with the reason.
CREATE TABLE pause (reason TEXT NOT NULL);
-- Lower turns start first, whatever their place.
ALTER TABLE jobs ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
""",
    """
-- Each start asks for the first that waits: among ten thousand it must not look at all of them.
CREATE INDEX jobs_waiting ON jobs (machine, slot_kind, turn, place) WHERE active AND state = 'queued';
CREATE INDEX jobs_begun ON jobs (place) WHERE active AND state <> 'queued';
CREATE INDEX jobs_to_stop ON jobs (place) WHERE active AND stop_asked;
""",
    """
-- What was queued for any machine (machine, kind of slot, request), while one of them has it.
ALTER TABLE jobs ADD COLUMN asked TEXT;
-- Jobs alike in this can be run by the same engines: those that have to wait are passed by together.
ALTER TABLE jobs ADD COLUMN wish TEXT NOT NULL DEFAULT '';
DROP INDEX jobs_waiting;
CREATE INDEX jobs_waiting ON jobs (machine, slot_kind, turn, place, wish) WHERE active AND state = 'queued';
CREATE INDEX jobs_on_machine ON jobs (machine) WHERE active;
-- What a person decided for the whole station.
CREATE TABLE choices (name TEXT PRIMARY KEY, value TEXT NOT NULL);
""",
    """
-- A name may lead to another host later, which knows nothing of what runs.
ALTER TABLE jobs ADD COLUMN host TEXT NOT NULL DEFAULT '';
""",
)
SCHEMA_VERSION = len(VERSIONS)


def to_text(path: str) -> str:
    """A path as it is kept."""
    # SQLite takes no lone surrogates; a name that is not UTF-8 is kept as its JSON escape.
    return json.dumps(path)


def storable(note: str) -> str:
    """A sentence as it is kept: without lone surrogates."""
    return note.encode("utf-8", "backslashreplace").decode("utf-8")


def slot_to_text(slot: Slot | None) -> str | None:
    """A slot as it is kept."""
    if slot is None:
        return None
    more = [slot.model, slot.chunk] if slot.model or slot.chunk else []
    return json.dumps([slot.kind, slot.index, slot.uuid, *more])


def given(row: sqlite3.Row, job: Job) -> dict[str, Any]:
    """Columns of a queued job that a machine takes as `job`; `MovedError` where it waits for another one.

    What was queued for any machine is kept beside, so that it can be taken back.
    """
    if row["machine"] == job.machine:
        return {}
    if row["machine"] != ANY:
        raise MovedError
    asked = json.dumps([row["machine"], row["slot_kind"], json.loads(row["request"])])
    return placed(job) | {"asked": asked}


def placed(job: Job) -> dict[str, Any]:
    """Columns that say where a job runs, and how."""
    return {"machine": job.machine, "slot_kind": job.slot_kind, "request": json.dumps(job.request)}


def taken_back(row: sqlite3.Row) -> dict[str, Any]:
    """Columns of a job that goes back to the queue: any machine may take it again, if any might before."""
    if row["asked"] is None:
        return {}
    machine, slot_kind, request = json.loads(row["asked"])
    return {"machine": machine, "slot_kind": slot_kind, "request": json.dumps(request), "asked": None}


def to_row(row: sqlite3.Row) -> JobRow:
    """A job from the row it is kept in."""
    job = Job(
        uid=row["uid"],
        kind=Kind(row["kind"]),
        path=json.loads(row["path"]),
        machine=row["machine"],
        slot_kind=row["slot_kind"],
        request=json.loads(row["request"]),
        created_s=row["created_s"],
    )
    return JobRow(
        job=job,
        state=JobState(row["state"]),
        place=row["place"],
        batch=row["batch"],
        slot=Slot(*json.loads(row["slot"])) if row["slot"] else None,
        attempt=row["attempt"],
        host=row["host"],
        stop_asked=bool(row["stop_asked"]),
        note=row["note"],
        code=row["code"],
        progress=row["progress"],
        started_s=row["started_s"],
        ended_s=row["ended_s"],
        turn=row["turn"],
        queued_for=ANY if row["asked"] else "",
    )
