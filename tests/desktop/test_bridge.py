"""Job events, gathered for the window; and the tiles that show them."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy

from tomobatch.batch.events import EventKind, JobEvent
from tomobatch.batch.job import Job, JobRow
from tomobatch.batch.states import JobState
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.tiles import FREE, Tile, TileModel, tiles_of
from tomobatch.machines.slots import Slot
from tomobatch.recon.kinds import Kind


@pytest.fixture(scope="module", autouse=True)
def qt():
    return QCoreApplication.instance() or QCoreApplication([])


def job(uid, state=JobState.RUNNING, batch=1, path="/d/a.h5", **fields):
    made = Job(uid, Kind.FULL, path, "Local", "GPU", {}, 1.0)
    return JobRow(made, state, 1, batch, **fields)


def event(row, kind=EventKind.PROGRESS):
    return JobEvent(1.0, kind, row)


@pytest.fixture
def bridge():
    told, events = [], []
    made = Bridge(events.append)
    made.to_tell.append(told.append)
    made.told, made.events = told, events
    return made


def run_loop_until(true):
    loop = QEventLoop()
    timer = QTimer(interval=5)
    timer.timeout.connect(lambda: true() and loop.quit())
    timer.start()
    QTimer.singleShot(5000, loop.quit)
    loop.exec()
    assert true()


def test_many_events_of_one_job_are_one_change_with_its_newest_state(bridge):
    for part in range(100):
        bridge.event_told(event(job("a", progress=part / 100)))
    bridge.event_told(event(job("b")))
    assert bridge.told == []
    run_loop_until(lambda: bridge.told)
    (rows,) = bridge.told
    assert [(row.uid, row.progress) for row in rows] == [("a", 0.99), ("b", 0.0)]
    assert bridge.jobs["a"].progress == 0.99


def test_progress_is_no_event_of_its_own(bridge):
    bridge.event_told(event(job("a")))
    bridge.event_told(event(job("a", JobState.COMPLETE), EventKind.STATE))
    bridge.event_told(event(job("a"), EventKind.MESSAGE))
    assert [one.kind for one in bridge.events] == [EventKind.STATE, EventKind.MESSAGE]


def test_nothing_new_is_not_told(bridge):
    bridge.flush()
    bridge.take([])
    bridge.flush()
    assert bridge.told == []


def test_what_was_told_is_not_told_again(bridge):
    for uid in ("a", "b"):
        bridge.take([job(uid)])
        bridge.flush()
    assert [[row.uid for row in rows] for rows in bridge.told] == [["a"], ["b"]]


def test_jobs_that_never_fall_silent_are_told_of_all_the_same(bridge):
    chatter = QTimer(interval=20)
    chatter.timeout.connect(lambda: bridge.take([job("a")]))
    chatter.start()
    run_loop_until(lambda: len(bridge.told) > 2)
    chatter.stop()


def test_no_bar_goes_back_when_the_journal_tells_later_what_was_told_before(bridge):
    bridge.event_told(event(job("a", attempt=1, progress=0.34)))
    bridge.take([job("a", attempt=1, progress=0.30)])
    bridge.flush()
    assert bridge.jobs["a"].progress == 0.34
    bridge.take([job("a", attempt=1, progress=0.31)])
    bridge.flush()
    assert bridge.jobs["a"].progress == 0.34
    # Another attempt begins anew.
    bridge.take([job("a", attempt=2, progress=0.0)])
    bridge.flush()
    assert bridge.jobs["a"].progress == 0.0


def test_the_newest_batch_counts(bridge):
    bridge.take([job("a", batch=1), job("b", batch=2), job("c", batch=2)])
    bridge.flush()
    assert list(bridge.standing.rows) == ["b", "c"]


GPUS = [Slot("GPU", "0", "uuid-0"), Slot("GPU", "1", "uuid-1")]


def test_each_slot_has_a_tile_with_what_runs_there():
    running = job("a", slot=GPUS[1], progress=0.5)
    waiting = job("b", JobState.WAITING, slot=GPUS[0], note="ana: Full of x.h5")
    assert tiles_of("Local", GPUS, [running, waiting]) == [
        Tile("Local", "GPU 0", "held by ana: Full of x.h5", waiting=True),
        Tile("Local", "GPU 1", "a.h5 · Full", 0.5, busy=True),
    ]


def test_a_job_whose_output_is_checked_has_left_its_slot():
    assert tiles_of("Local", GPUS[:1], [job("a", JobState.JUDGING, slot=GPUS[0])]) == [Tile("Local", "GPU 0")]


def test_jobs_of_another_machine_are_not_shown():
    elsewhere = job("a", slot=GPUS[0])
    elsewhere = replace(elsewhere, job=replace(elsewhere.job, machine="tomo1"))
    assert tiles_of("Local", GPUS[:1], [elsewhere])[0].job == FREE


def test_a_slot_that_was_taken_away_keeps_its_tile_while_its_job_runs():
    tiles = tiles_of("Local", GPUS[:1], [job("a", slot=GPUS[1])])
    assert [(tile.title, tile.busy) for tile in tiles] == [("Local · GPU 0", False), ("Local · GPU 1", True)]


def test_odd_names_are_shown_harmless():
    (tile,) = tiles_of("Local", GPUS[:1], [job("a", slot=GPUS[0], path="/d/a\n\udcff.h5")])
    assert tile.job == "a\\n\\udcff.h5 · Full"


def test_the_model_tells_precisely_what_changed():
    model = TileModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    changed = QSignalSpy(model.dataChanged)
    model.show([Tile("m", "a"), Tile("m", "b"), Tile("m", "c")])
    assert (model.rowCount(), changed.count()) == (3, 0)
    model.show([Tile("m", "a"), Tile("m", "b", "x.h5 · Try", 0.25, busy=True), Tile("m", "c")])
    assert changed.count() == 1
    assert changed.at(0)[0].row() == 1
    names = {bytes(name.data()).decode(): role for role, name in model.roleNames().items()}
    assert model.data(model.index(1), names["job"]) == "x.h5 · Try"
    assert model.data(model.index(1), names["busy"]) is True
    model.show([Tile("m", "a")])
    assert (model.rowCount(), changed.count()) == (1, 1)
    assert model.data(model.index(1), names["job"]) is None
