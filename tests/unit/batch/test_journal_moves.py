"""Jobs of any machine, from one machine to another, and why they wait, in the journal."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from tomobatch.batch.journal import Journal
from tomobatch.batch.journal_format import VERSIONS
from tomobatch.batch.states import JobState, MovedError
from tomobatch.config.machines import ANY
from tomobatch.machines.slots import ANY_KIND, Slot


def for_any(job):
    return replace(job, machine=ANY, slot_kind=ANY_KIND)


def test_a_job_of_any_machine_is_its_machines_own_from_the_start_on_and_anys_again_when_taken_back(
    journal, make_job
):
    (row,) = journal.add([for_any(make_job())])
    assert journal.queued_pools() == [(ANY, ANY_KIND)]
    there = replace(row.job, machine="tomo2", slot_kind="GPU", request={"cor_px": 1.5, "engine": "there"})
    started = journal.transition(row.uid, JobState.STARTING, slot=Slot("GPU", "1"), attempt=1, job=there)
    assert (started.job, started.queued_for) == (there, ANY)
    assert journal.numbers_on("tomo2") == (1, 0)
    back = journal.transition(row.uid, JobState.QUEUED, slot=None)
    assert (back.job, back.queued_for, back.attempt) == (row.job, "", 1)
    assert journal.first_queued(ANY, ANY_KIND, ()).uid == row.uid
    assert journal.numbers_on("tomo2") == (0, 0)


def test_a_job_that_waits_is_given_to_another_machine_once(journal, make_job):
    (row,) = journal.add([make_job()])
    journal.note(row.uid, "waits for Local", "machine-lost")
    there = replace(row.job, machine="tomo2", slot_kind="GPU")
    before = journal.changed_since(0)[1]
    moved = journal.move(there, "Local")
    assert (moved.job, moved.note, moved.code) == (there, "", "")
    assert [one.uid for one in journal.changed_since(before)[0]] == [row.uid]
    assert journal.move(row.job, "Local") is None
    with pytest.raises(MovedError):
        journal.transition(row.uid, JobState.STARTING, job=row.job)
    assert journal.row(row.uid).state is JobState.QUEUED
    journal.transition(row.uid, JobState.STARTING, job=there)
    assert journal.move(row.job, "tomo2") is None
    assert journal.row(row.uid).job.machine == "tomo2"


def test_jobs_that_are_alike_are_passed_by_together(journal, make_job):
    plain, odd, again = (
        replace(make_job(), request={"options": options}) for options in ({}, {"binning": 1}, {})
    )
    journal.add([plain, odd, again])
    assert journal.first_queued("Local", "CPU", (), [plain.wish]).uid == odd.uid
    assert journal.first_queued("Local", "CPU", [odd.uid], [plain.wish]) is None


def test_why_the_jobs_of_a_machine_wait_is_said_and_taken_back_some_at_a_time(journal, make_job):
    here = [row.uid for row in journal.add([make_job() for _ in range(3)])]
    (other,) = journal.add([replace(make_job(), machine="tomo2")])
    journal.transition(here[0], JobState.STARTING)
    assert [row.uid for row in journal.note_queued("Local", "lost", "machine-lost", 1)] == here[1:2]
    assert [row.uid for row in journal.note_queued("Local", "lost", "machine-lost", 9)] == here[2:]
    assert journal.note_queued("Local", "lost", "machine-lost", 9) == []
    assert journal.row(other.uid).note == journal.row(here[0]).note == ""
    assert journal.forget_notes("machine-lost", "tomo2") == []
    assert len(journal.forget_notes("machine-lost", "Local", 1)) == 1
    assert len(journal.forget_notes("machine-lost", "Local")) == 1


def test_what_a_person_decided_is_kept(tmp_path, journal):
    assert journal.choice("lost-jobs") is None
    journal.set_choice("lost-jobs", "move")
    journal.set_choice("lost-jobs", "wait")
    other = Journal(tmp_path / "state")
    assert other.choice("lost-jobs") == "wait"
    other.close()


def test_a_journal_that_knew_no_other_machines_goes_on_with_its_jobs(tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    with closing(sqlite3.connect(old / "journal.sqlite")) as database:
        for statements in VERSIONS[:3]:
            for statement in statements.split(";"):
                database.execute(statement)
        database.execute(
            "INSERT INTO jobs (uid, place, batch, kind, path, machine, slot_kind, request, created_s, state,"
            " change) VALUES ('j1', 1, 1, 'try', '\"/d/a.h5\"', 'Local', 'CPU', '{}', 0.0, 'queued', 1)"
        )
        database.execute("PRAGMA user_version=3")
        database.commit()
    with closing(Journal(old)) as journal:
        row = journal.first_queued("Local", "CPU", ())
        assert (row.uid, row.queued_for) == ("j1", "")
        assert journal.transition("j1", JobState.STARTING, job=row.job).job == row.job
