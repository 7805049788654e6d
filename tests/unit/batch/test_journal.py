"""The journal: what it keeps, what it refuses, what other processes see of it."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tomobatch.batch.counts import count
from tomobatch.batch.job import Job, new_uid
from tomobatch.batch.journal import Journal
from tomobatch.batch.journal_format import SCHEMA_VERSION, VERSIONS
from tomobatch.batch.states import LEGAL, IllegalTransitionError, JobState
from tomobatch.errors import TomoBatchError
from tomobatch.machines.slots import Slot
from tomobatch.recon.kinds import Kind


def test_what_was_added_is_read_back_in_order(journal, make_job):
    jobs = [make_job(), make_job(), make_job()]
    journal.add(jobs)
    assert [row.job for row in journal.rows()] == jobs
    assert {row.state for row in journal.rows()} == {JobState.QUEUED}


def test_a_transition_is_on_disk_for_another_process(journal, make_job):
    journal.add([make_job()])
    journal.transition("job1", JobState.STARTING, slot=Slot("GPU", "1", "GPU-ab"), attempt=1)
    read = (
        "import sys, sqlite3; base = sqlite3.connect(sys.argv[1]);"
        "print(base.execute('SELECT state, slot FROM jobs').fetchall()); base.close()"
    )
    seen = subprocess.run(
        [sys.executable, "-c", read, journal.path], capture_output=True, text=True, check=True
    )
    assert "starting" in seen.stdout
    assert "GPU-ab" in seen.stdout


def test_illegal_transition_changes_nothing(journal, make_job):
    journal.add([make_job()])
    with pytest.raises(IllegalTransitionError):
        journal.transition("job1", JobState.COMPLETE, note="no")
    assert journal.row("job1").state is JobState.QUEUED
    assert [state for _, state, _ in journal.history("job1")] == [JobState.QUEUED]


def test_history_keeps_every_step_with_its_time(tmp_path, make_job):
    times = iter(range(100, 200))
    journal = Journal(tmp_path, clock=lambda: float(next(times)))
    journal.add([make_job()])
    journal.transition("job1", JobState.STARTING)
    journal.transition("job1", JobState.FAILED, note="engine not found", code="engine-missing")
    assert [(state, note) for _, state, note in journal.history("job1")] == [
        (JobState.QUEUED, ""),
        (JobState.STARTING, ""),
        (JobState.FAILED, "engine not found"),
    ]
    row = journal.row("job1")
    assert row.code == "engine-missing"
    assert row.ended_s is not None
    journal.close()


def test_adding_is_all_or_none(journal, make_job):
    job = make_job()
    with pytest.raises(sqlite3.IntegrityError):
        journal.add([job, replace(job, path="/data/other.h5")])
    assert journal.rows() == []


def test_a_scan_that_waits_or_runs_is_not_queued_twice_by_any_process(journal, make_job):
    other = Journal(journal.folder)
    (first,) = journal.add([make_job("/d/a.h5")])
    assert other.add([make_job("/d/a.h5")]) == []
    assert [row.job.path for row in other.add([make_job("/d/a.h5"), make_job("/d/b.h5")])] == ["/d/b.h5"]
    assert len(other.add([make_job("/d/a.h5", Kind.FULL)])) == 1
    other.transition(first.uid, JobState.CANCELLED)
    assert len(other.add([make_job("/d/a.h5")])) == 1
    other.close()


def test_a_commit_that_fails_leaves_the_journal_usable(tmp_path, make_job):
    """With a rollback journal, as on a network home, a reader can be in the way of a commit."""
    journal = Journal(tmp_path, busy_s=0.05)
    journal._db.execute("PRAGMA journal_mode=DELETE")
    reader = sqlite3.connect(journal.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM jobs").fetchall()
    with pytest.raises(sqlite3.OperationalError):
        journal.add([make_job()])
    reader.execute("COMMIT")
    reader.close()
    assert len(journal.add([make_job()])) == 1
    journal.close()


def test_a_locked_journal_is_busy_not_broken(tmp_path):
    """Whoever is told to move it aside would lose the queue."""
    journal = Journal(tmp_path)
    journal._db.execute("BEGIN EXCLUSIVE")
    with pytest.raises(TomoBatchError) as caught:
        Journal(tmp_path, busy_s=0.05)
    assert caught.value.code == "journal-busy"
    assert "aside" not in caught.value.sentence
    journal.close()


def test_what_has_changed_is_told_once(journal, make_job):
    journal.add([make_job(), make_job()])
    rows, number = journal.changed_since(0)
    assert [row.uid for row in rows] == ["job1", "job2"]
    assert journal.changed_since(number) == ([], number)
    journal.transition("job2", JobState.STARTING)
    journal.set_progress("job2", 0.5)
    rows, number = journal.changed_since(number)
    assert [(row.uid, row.progress) for row in rows] == [("job2", 0.5)]


def test_any_active(journal, make_job):
    assert not journal.any_active()
    journal.add([make_job()])
    assert journal.any_active()
    assert not journal.any_active(besides=["job1"])


def test_names_that_are_not_utf8_survive(journal, make_job):
    path = os.fsdecode(b"/data/\xff\xfe scan.h5")
    journal.add([make_job(path)])
    journal.transition("job1", JobState.FAILED, note=f"{path} is gone")
    assert journal.row("job1").job.path == path
    assert "is gone" in journal.row("job1").note


def test_stop_is_asked_of_active_jobs_alone(journal, make_job):
    journal.add([make_job(), make_job()])
    journal.transition("job1", JobState.CANCELLED)
    journal.ask_stop(["job1", "job2"])
    assert [row.stop_asked for row in journal.rows()] == [False, True]


def test_nobody_who_writes_holds_up_the_look_for_stops(journal, make_job):
    """It is taken at every turn of the queue, and hardly ever finds any."""
    journal.add([make_job()])
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert journal.cancel_asked(9, "why", []) == []
    journal.ask_stop(["job1"])
    assert [row.state for row in journal.cancel_asked(9, "why", [])] == [JobState.CANCELLED]


def test_a_batch_starts_anew_once_nothing_runs_or_waits(journal, make_job):
    journal.add([make_job(), make_job()])
    journal.add([make_job()])
    assert {row.batch for row in journal.rows()} == {1}
    for uid in ("job1", "job2", "job3"):
        journal.transition(uid, JobState.CANCELLED)
    journal.add([make_job()])
    assert [row.batch for row in journal.rows()] == [1, 1, 1, 2]
    assert [row.uid for row in journal.newest_batch()] == ["job4"]


def test_prune_forgets_old_ends_and_keeps_what_is_active_or_newest(tmp_path, make_job):
    now = [0.0]
    journal = Journal(tmp_path, clock=lambda: now[0])
    journal.add([make_job()])
    journal.transition("job1", JobState.CANCELLED)
    journal.add([make_job(), make_job()])
    journal.transition("job2", JobState.CANCELLED)
    now[0] = 1000.0
    assert journal.prune(keep_s=500) == ["job1"]
    assert [row.uid for row in journal.rows()] == ["job2", "job3"]
    assert journal.history("job1") == []
    journal.close()


def test_slot_counts_are_kept_for_each_machine_and_kind(journal):
    assert journal.slot_count("tomo1", "GPU") is None
    journal.set_slot_count("tomo1", "GPU", 4)
    journal.set_slot_count("tomo1", "CPU", 1)
    journal.set_slot_count("tomo1", "GPU", 8)
    assert (journal.slot_count("tomo1", "GPU"), journal.slot_count("tomo1", "CPU")) == (8, 1)


def test_writes_of_others_are_noticed(journal, make_job):
    before = journal.change_counter()
    other = Journal(journal.path.parent)
    other.add([make_job()])
    other.close()
    assert journal.change_counter() != before
    after = journal.change_counter()
    journal.add([make_job()])
    assert journal.change_counter() == after


def test_a_file_that_is_no_journal_is_a_sentence(tmp_path):
    (tmp_path / "journal.sqlite").write_bytes(b"not a database" * 1000)
    with pytest.raises(TomoBatchError, match="cannot be read") as caught:
        Journal(tmp_path)
    assert caught.value.code == "journal-broken"


def test_a_later_journal_is_refused_and_left_alone(tmp_path):
    journal = Journal(tmp_path)
    journal.close()
    with sqlite3.connect(tmp_path / "journal.sqlite") as database:
        database.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    database.close()
    with pytest.raises(TomoBatchError, match="later TomoBatch"):
        Journal(tmp_path)


def test_uids_are_plain_and_differ():
    uids = {new_uid() for _ in range(1000)}
    assert len(uids) == 1000
    assert all(uid.isalnum() for uid in uids)


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_random_lives_keep_counts_true(tmp_path_factory, data):
    """Any sequence of legal steps: completed + running + queued = total, and a plain model agrees."""
    with closing(Journal(tmp_path_factory.mktemp("journal"))) as journal:
        live_at_random(journal, data)


def live_at_random(journal, data):
    model: dict[str, JobState] = {}
    for number in range(data.draw(st.integers(1, 25))):
        movable = sorted(uid for uid, state in model.items() if LEGAL[state])
        if not movable or data.draw(st.booleans()):
            if not movable:
                model.clear()
            uid = f"u{number}"
            journal.add([Job(uid, Kind.FULL, f"/d/{uid}.h5", "Local", "CPU", {}, 0.0)])
            model[uid] = JobState.QUEUED
        else:
            uid = data.draw(st.sampled_from(movable))
            new = data.draw(st.sampled_from(sorted(LEGAL[model[uid]])))
            journal.transition(uid, new)
            model[uid] = new
        counts = count(journal.newest_batch())
        running = (JobState.STARTING, JobState.RUNNING, JobState.JUDGING)
        assert counts.total == len(model)
        assert counts.completed == sum(state.ended for state in model.values())
        assert counts.running == sum(state in running for state in model.values())


def test_a_pause_is_kept_with_its_reason(tmp_path, journal):
    assert journal.pause is None
    journal.set_pause("The disk is nearly full.")
    journal.set_pause("A person paused it.")
    other = Journal(tmp_path / "state")
    assert other.pause == "A person paused it."
    other.set_pause(None)
    assert journal.pause is None
    other.close()


def test_jobs_moved_to_the_front_start_first_and_keep_their_order(journal, make_job):
    rows = journal.add([make_job() for _ in range(5)])
    journal.transition(rows[0].uid, JobState.STARTING)
    before = journal.changed_since(0)[1]
    journal.move_to_front([rows[4].uid, rows[3].uid, rows[0].uid])
    journal.move_to_front([rows[2].uid])

    def next_after(*taken):
        return journal.first_queued("Local", "CPU", besides=taken).uid

    order = [next_after()]
    while len(order) < 4:
        order.append(next_after(*order))
    assert order == [rows[number].uid for number in (2, 3, 4, 1)]
    changed, _ = journal.changed_since(before)
    assert {row.uid for row in changed} == {rows[number].uid for number in (2, 3, 4)}
    # Where a job counts, and what is newest, stays as it was.
    assert [row.uid for row in journal.rows()] == [row.uid for row in rows]


def test_jobs_that_were_moved_before_keep_their_order_when_they_are_moved_together(journal, make_job):
    first, second, third = (row.uid for row in journal.add([make_job() for _ in range(3)]))
    journal.move_to_front([third])
    journal.move_to_front([first, third])
    rows = sorted(journal.rows(), key=lambda row: (row.turn, row.place))
    assert [row.uid for row in rows] == [third, first, second]


def test_why_a_job_stays_is_forgotten_when_it_starts_or_all_may(journal, make_job):
    started, waits, other = (row.uid for row in journal.add([make_job() for _ in range(3)]))
    for uid in (started, waits):
        journal.note(uid, "The disk is nearly full.", "disk-nearly-full")
    journal.note(other, "its start was cut off", "")
    row = journal.transition(started, JobState.STARTING)
    assert (row.note, row.code) == ("", "")
    before = journal.changed_since(0)[1]
    (row,) = journal.forget_notes("disk-nearly-full")
    assert (row.uid, row.note, row.code) == (waits, "", "")
    assert [row.uid for row in journal.changed_since(before)[0]] == [waits]
    assert journal.row(other).note == "its start was cut off"


def test_a_job_is_on_a_slot_between_the_queue_and_its_end(journal, make_job):
    (row,) = journal.add([make_job()])
    seen = [journal.on_slot(row.uid)]
    for state in (JobState.STARTING, JobState.RUNNING, JobState.JUDGING, JobState.COMPLETE):
        journal.transition(row.uid, state)
        seen.append(journal.on_slot(row.uid))
    assert seen == [False, True, True, True, False]
    assert not journal.on_slot("nobody")


def test_a_journal_of_the_first_version_is_brought_up_to_date(tmp_path, make_job):
    old = tmp_path / "old"
    old.mkdir()
    with closing(sqlite3.connect(old / "journal.sqlite")) as database:
        for statement in VERSIONS[0].split(";"):
            database.execute(statement)
        database.execute("PRAGMA user_version=1")
        database.commit()
    journal = Journal(old)
    journal.add([make_job()])
    assert journal.pause is None
    assert journal.first_queued("Local", "CPU", besides=()) is not None
    journal.close()
