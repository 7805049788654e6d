"""Stop, a retry, and presses that cross, while not all is in the table or the queue yet."""

import asyncio

import pytest
from PySide6.QtCore import QCoreApplication

from desktop.scan_aid import files, job, later, result, scan
from desktop.test_queue import CPU_ENGINE, Desk
from tomobatch.batch.states import JobState
from tomobatch.formats.demo import write_demo_scans
from tomobatch.recon.kinds import Kind
from tomobatch.scans.catalogue import Catalogue
from tomobatch.station.station import Station

MANY = [f"scan_{number:03}.h5" for number in range(100)]


@pytest.fixture
async def station():
    async with Station() as made:
        yield made


@pytest.fixture
async def desk(station):
    QCoreApplication.instance() or QCoreApplication([])
    made = Desk()
    made.queue.attach(station)
    made.queue.target.choice.engine = CPU_ENGINE
    yield made
    await made.tasks.close()
    assert made.errors == []


async def are_done(desk, name):
    while mine := [task for task in desk.tasks._running if name in task.get_name()]:
        await asyncio.wait(mine)


async def asked_about_all(desk):
    desk.table.open(*MANY)
    desk.table.selection.all()
    desk.runs.ask("try")
    await are_done(desk, "preparing")
    assert desk.runs.askCount == len(MANY)


async def test_what_is_still_being_queued_when_all_is_stopped_is_not_queued(desk, station):
    await asked_about_all(desk)
    desk.runs.confirm()
    while not (queued := station.journal.rows()):
        await asyncio.sleep(0)
    desk.queue.stop()
    await are_done(desk, "queueing")
    rows = station.journal.rows()
    assert len(queued) <= len(rows) < len(MANY)
    assert all(row.stop_asked for row in rows)
    ((kind, said),) = desk.said
    assert (kind, said) == (
        "warning",
        f"{len(MANY) - len(rows)} scans were not queued: all was stopped meanwhile.",
    )


async def test_what_was_confirmed_before_all_was_stopped_is_not_queued_after_it(desk, station):
    await asked_about_all(desk)
    desk.runs.confirm()
    await asyncio.sleep(0)
    desk.queue.stop()
    await are_done(desk, "queueing")
    assert station.journal.rows() == []


async def test_what_a_batch_needs_is_known_though_the_last_one_ended_meanwhile(desk, station, monkeypatch):
    desk.show(job("old.h5", JobState.RUNNING, place=1))
    await asked_about_all(desk)
    announce = station.marking.announce

    async def ends_meanwhile(jobs):
        await announce(jobs)
        desk.show(job("old.h5", JobState.COMPLETE, place=1))

    monkeypatch.setattr(station.marking, "announce", ends_meanwhile)
    desk.runs.confirm()
    await are_done(desk, "queueing")
    assert desk.queue.space._needed_bytes(station.journal.rows()) > 0


async def test_what_the_window_has_not_been_told_yet_is_stopped_too(desk, station):
    await asked_about_all(desk)
    added = station.add([prepared.job for _, prepared in desk.runs._plan.ready[:2]])
    desk.bridge.take(added)
    desk.queue.stop()
    assert [row.stop_asked for row in station.journal.rows()] == [True, True]


async def test_a_row_that_is_being_stopped_goes_on_saying_so(desk):
    desk.table.open("a.h5")
    running = job("a.h5", JobState.RUNNING, place=1, progress=0.1)
    desk.show(later(running, stop_asked=True))
    # Who watches the engine tells of its progress as the job was when it began.
    desk.show(later(running, progress=0.2))
    assert desk.table.row("a.h5")["note"] == "Local · is being stopped"


async def test_of_two_questions_the_one_that_was_asked_last_is_shown(desk, monkeypatch):
    desk.table.open("a.h5")
    desk.table.selection.all()
    answers = []

    async def free(_):
        # The disk answers the second one first.
        answers.append(asyncio.Event())
        await answers[-1].wait()

    monkeypatch.setattr(desk.queue.space, "free", free)
    desk.runs.ask("full")
    desk.runs.ask("try")
    while len(answers) < 2:
        await asyncio.sleep(0)
    answers[1].set()
    while desk.runs.askCount == 0:
        await asyncio.sleep(0)
    answers[0].set()
    await are_done(desk, "preparing")
    assert (desk.runs.askKind, desk.runs.askCount) == ("try", 1)


@pytest.fixture
async def tried(desk):
    """Scans whose Try would be replaced, all selected; what was asked, as it was shown."""
    desk.table.model.set_files(files("a.h5", "b.h5"))
    desk.table.model.set_scans([(scan(name), (result(Kind.TRY),)) for name in ("a.h5", "b.h5")])
    desk.table.selection.all()
    shown = []
    desk.runs.questionReady.connect(lambda: shown.append(desk.runs.askTitle))
    return shown


def not_run(name):
    return ("warning", f"The Try of {name} was not run: something else was asked for meanwhile.")


async def pressed(desk, *presses):
    for press in presses:
        press()
    for name in ("queueing", "preparing"):
        await are_done(desk, name)


async def test_a_row_whose_result_would_be_replaced_takes_no_newer_questions_place(desk, tried):
    row = desk.table.id("a.h5")
    await pressed(desk, lambda: desk.runs.run("try", row), lambda: desk.runs.ask("try"))
    assert tried == ["Run Try on 2 scans?"]
    assert desk.said == [not_run("a.h5")]


async def test_of_two_rows_one_is_asked_about_and_the_other_is_not_dropped_without_a_word(desk, tried):
    one, other = desk.table.id("a.h5"), desk.table.id("b.h5")
    await pressed(desk, lambda: desk.runs.run("try", one), lambda: desk.runs.run("try", other))
    assert tried == ["Run Try on 1 scan?"]
    assert desk.said == [not_run("b.h5")]
    # One that nothing came between is asked about, whatever was asked before.
    desk.said.clear()
    await pressed(desk, lambda: desk.runs.run("try", other))
    assert (len(tried), desk.said) == (2, [])


async def test_a_question_that_is_late_at_the_disk_yields_with_a_word_too(desk, tried, monkeypatch):
    row = desk.table.id("a.h5")

    async def free(_):
        monkeypatch.undo()
        desk.runs.ask("try")

    monkeypatch.setattr(desk.queue.space, "free", free)
    await pressed(desk, lambda: desk.runs.run("try", row))
    assert tried == ["Run Try on 2 scans?"]
    assert desk.said == [not_run("a.h5")]


async def test_who_presses_twice_is_asked_once(desk, tried):
    row = desk.table.id("a.h5")
    await pressed(desk, *[lambda: desk.runs.run("try", row)] * 2)
    assert (len(tried), desk.said) == (1, [])


async def test_a_scan_that_nobody_has_looked_at_yet_is_run_again_all_the_same(desk, station, tmp_path):
    write_demo_scans(tmp_path / "scans", 1, 32)
    path = tmp_path / "scans" / "demo_0001.h5"
    files = await Catalogue(path.parent, station.looking).files()
    desk.table.model.set_files([file for file in files if file.path == path])
    failed = job(path.name, JobState.FAILED, path=str(path))
    desk.show(failed)
    desk.runs.retry_job(failed)
    await are_done(desk, "queueing")
    assert desk.said == []
    assert [row.job.path for row in station.journal.rows()] == [str(path)]


async def test_who_waits_for_what_is_queued_waits_for_no_disk_that_hangs(desk):
    desk.runs._begin(asyncio.Event().wait(), "queueing jobs")
    async with asyncio.timeout(10):
        await desk.runs.queued(0.01)
    assert desk.runs.queueing
