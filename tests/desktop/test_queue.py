"""The queue's controller with a real station, and the choice of a machine."""

import asyncio
import sqlite3

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QSignalSpy

from desktop.scan_aid import FOLDER, Watched, job, later, scan
from tomobatch.batch.states import JobState
from tomobatch.config.machines import DEFAULT_MACHINES, LOCAL
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.machine_choice import MachineChoice
from tomobatch.desktop.queue import Queue
from tomobatch.desktop.run_options import RunOptions
from tomobatch.desktop.runs import Runs
from tomobatch.desktop.settings import Settings
from tomobatch.desktop.target import OPENING
from tomobatch.desktop.tasks import Tasks
from tomobatch.desktop.tiles import TileModel
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.slots import MOST_SLOTS
from tomobatch.recon.engines import EMBEDDED_OFFER, Engine, EngineKind
from tomobatch.scans.scan import ScanState
from tomobatch.station.station import Station

CPU_ENGINE = (Engine(EngineKind.CPU, ("tomobatch",)), EMBEDDED_OFFER)
GPU_ENGINE = (Engine(EngineKind.TOMOCUPY, ("/opt/tomocupy",), "1.0"), EMBEDDED_OFFER)


class Desk:
    """A queue with its table and what it said; attached to a station by the test."""

    def __init__(self):
        QCoreApplication.instance() or QCoreApplication([])
        self.said, self.errors = [], []
        self.table, self.settings = Watched(), Settings()
        self.tasks = Tasks(self.errors.append)
        self.bridge = Bridge(lambda _: None)
        say = lambda *said: self.said.append(said)  # noqa: E731 - what the program passes is a function as well

        async def fresh():
            """The rows are as they are on disk."""

        model, bridge, tasks = self.table.model, self.bridge, self.tasks
        self.queue = Queue(bridge, TileModel(), self.settings, tasks, say, model.order_changed)
        model.follow_order(self.queue.order.place_of)
        self.options = RunOptions(self.settings, say)
        self.runs = Runs(self.queue, bridge, model, self.table.selection, self.options, tasks, say, fresh)
        bridge.to_tell += [model.jobs_changed, self.queue.jobs_changed, self.runs.jobs_changed]

    def show(self, *rows):
        self.bridge.take(rows)
        self.bridge.flush()


@pytest.fixture
async def station():
    async with Station() as made:
        yield made


@pytest.fixture
async def desk():
    made = Desk()
    yield made
    await made.tasks.close()
    assert made.errors == []


async def ask(desk, kind="try"):
    ready = QSignalSpy(desk.runs.questionReady)
    desk.runs.ask(kind)
    while not ready.count():
        await next(iter(desk.tasks._running))
    return desk.runs.askRefused


async def test_who_asks_before_the_queue_is_open_is_told(desk):
    desk.table.open("a.h5")
    desk.table.selection.all()
    assert await ask(desk) == [OPENING]
    assert desk.runs.askCount == 0


async def test_who_asks_where_it_could_not_be_opened_is_told_why(desk):
    desk.queue.refuse("The journal is broken.")
    desk.table.open("a.h5")
    desk.table.selection.all()
    assert await ask(desk) == ["The journal is broken."]
    assert desk.queue.statusText == "The queue could not be opened"


async def test_scans_that_were_not_looked_at_are_counted(desk, station):
    desk.queue.attach(station)
    desk.table.open("a.h5", "b.h5", looked_at=False)
    desk.table.selection.all()
    assert "2 selected scans have not been looked at yet: wait a moment." in await ask(desk)


async def test_what_changed_while_the_question_stood_counts(desk, station):
    desk.queue.attach(station)
    desk.queue.target.choice.engine = CPU_ENGINE
    desk.table.open("a.h5")
    desk.table.selection.all()
    assert await ask(desk) == []
    assert desk.runs.askCount == 1
    desk.table.model.set_scans([(scan("a.h5", ScanState.UNREADABLE, "It is cut off."), ())])
    desk.runs.confirm()
    async with asyncio.timeout(10):
        while not desk.said:
            await asyncio.sleep(0.01)
    assert desk.said == [("warning", "a.h5 is Unreadable: It is cut off.")]
    assert station.journal.rows() == []


async def test_a_machine_that_is_gone_from_the_list_is_not_chosen(desk, station):
    desk.settings.kept.machine = "tomo9"
    desk.queue.attach(station)
    assert desk.queue.target.machine == LOCAL


async def test_a_row_is_cancelled_as_far_as_it_has_not_ended(desk, station, monkeypatch):
    desk.queue.attach(station)
    desk.table.open("a.h5")
    asked = []
    monkeypatch.setattr(station, "ask_stop", asked.append)
    desk.show(job("a.h5", JobState.FAILED, place=1), job("a.h5", JobState.RUNNING, place=2))
    monkeypatch.setattr(station.journal, "row", lambda uid: later(desk.bridge.jobs[uid], stop_asked=True))
    desk.runs.cancel(desk.table.id("a.h5"))
    desk.bridge.flush()
    assert desk.table.row("a.h5")["note"] == "Local · is being stopped"
    assert asked == [["j2"]]


async def test_the_end_of_a_batch_is_told_once(desk):
    ended = QSignalSpy(desk.queue.batchEnded)
    desk.show(job("a.h5", JobState.RUNNING, place=1), job("b.h5", JobState.RUNNING, place=2))
    desk.show(job("a.h5", JobState.COMPLETE, place=1))
    assert ended.count() == 0
    for _ in range(2):
        desk.show(job("b.h5", JobState.FAILED, place=2))
    assert ended.count() == 1
    assert desk.said == [("warning", "All 2 jobs have ended: 1 failed.")]


async def test_time_left_is_said_while_something_runs_and_can_go_on(desk, station, monkeypatch):
    desk.queue.attach(station)
    monkeypatch.setattr("tomobatch.desktop.queue.time.time", lambda: 1000.0)
    done = job("a.h5", JobState.COMPLETE, place=1, started_s=100.0, ended_s=400.0)
    runs = job("b.h5", JobState.RUNNING, place=2, started_s=900.0, progress=0.5)
    waits = job("c.h5", JobState.QUEUED, place=3)
    desk.show(done, runs, waits)
    # 150 s of the one, 300 s of the other, one at a time.
    assert desk.queue.timeLeft.startswith("about 8 min left, ")
    desk.queue.pause()
    assert desk.queue.timeLeft == ""
    desk.queue.goOn()
    assert desk.queue.timeLeft.startswith("about 8 min left, ")
    desk.show(later(waits, code="disk-nearly-full", note="It is nearly full."))
    assert (desk.queue.timeLeft, desk.queue.standstill) == ("", "It is nearly full.")
    desk.show(waits)
    desk.show(later(runs, state=JobState.FAILED))
    assert desk.queue.timeLeft == ""


async def test_only_of_what_is_seen_and_waits_places_are_told_anew(desk):
    names = [f"scan_{number}.h5" for number in range(5)]
    desk.table.open(*names)
    desk.show(*(job(name, JobState.QUEUED, place=place) for place, name in enumerate(names[:3], 1)))
    assert [row["note"] for row in desk.table.rows()[:3]] == [
        f"Local · {place} in the queue" for place in ("1st", "2nd", "3rd")
    ]
    desk.table.take()
    desk.show(job(names[0], JobState.RUNNING, place=1))
    assert [signal[1:3] for signal in desk.table.take()] == [(0, 0), (1, 2)]
    assert [row["note"] for row in desk.table.rows()[1:3]] == [
        "Local · 1st in the queue",
        "Local · 2nd in the queue",
    ]


async def test_what_the_journal_cannot_take_is_said(desk, station, monkeypatch):
    desk.queue.attach(station)

    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(station.journal, "set_slot_count", full)
    monkeypatch.setattr(station.journal, "ask_stop", full)
    desk.show(job("a.h5", JobState.RUNNING, path=str(FOLDER / "a.h5")))
    desk.queue.target.slotCount = 3
    desk.queue.stop()
    assert [kind for kind, _ in desk.said] == ["error", "error"]
    assert all("database or disk is full" in sentence for _, sentence in desk.said)


async def test_the_number_of_slots_is_what_the_user_said_within_reason(station, monkeypatch):
    choice = MachineChoice(station, DEFAULT_MACHINES[0])
    woken = []
    monkeypatch.setattr(station, "wake", lambda: woken.append(1))
    assert choice.wanted == 1
    for wanted, kept in ((3, 3), (0, 1), (99, MOST_SLOTS)):
        choice.want(wanted)
        assert choice.wanted == kept
    assert len(woken) == 3


async def test_the_note_tells_where_fewer_are_used_than_found(station):
    choice = MachineChoice(station, DEFAULT_MACHINES[0])
    choice.engine = GPU_ENGINE
    station.slots.found(LOCAL, [Gpu(str(n), f"uuid-{n}", "A", None, None, None) for n in range(2)])
    assert choice.note == "tomocupy 1.0 · 2 GPUs found"
    choice.want(1)
    assert choice.note == "tomocupy 1.0 · 2 GPUs found, 1 used"
    # What was said stands, also where it is more than there is.
    choice.want(3)
    assert choice.wanted == 3
