"""Whatever happens to the queue in whatever order: the window says what is so, as a plain model knows it."""

import asyncio
import os
import tempfile
from contextlib import suppress
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desktop.plain_queue import Good, Hand, Plain, bar
from desktop.scan_aid import FOLDER, files, scan
from desktop.test_queue import CPU_ENGINE, Desk
from tomobatch.batch.journal import Journal
from tomobatch.batch.services import Timing
from tomobatch.batch.states import JobState
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.machines.base import Outcome, OutcomeKind
from tomobatch.recon.kinds import Kind
from tomobatch.station.preparing import prepare
from tomobatch.station.station import Station
from tomobatch.workspace import ScanRow

NAMES = [f"scan_{number}.h5" for number in range(4)]
ENDS = {
    "well": Outcome(OutcomeKind.EXITED, "It ended.", exit_status=0),
    "badly": Outcome(OutcomeKind.EXITED, "It ended.", exit_status=3),
    "lost": Outcome(OutcomeKind.LOST, "It is gone."),
}
STATE_OF = {
    "well": JobState.COMPLETE,
    "badly": JobState.FAILED,
    "lost": JobState.INTERRUPTED,
}
PATIENCE_S = 5


class TheQueue(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.before = os.environ["XDG_STATE_HOME"]
        self.place = tempfile.TemporaryDirectory(prefix="tomobatch-truth-")
        os.environ["XDG_STATE_HOME"] = self.place.name
        self.loop = asyncio.new_event_loop()
        self.plain, self.last = Plain(), (None, 0.0)
        self.station = None

    # -- the program -------------------------------------------------------------------------

    @initialize()
    def begin(self):
        self.loop.run_until_complete(self._begin())

    async def _begin(self):
        self.hand = Hand()
        await self._open()

    async def _open(self):
        timing = Timing(refill_s=0.0, retry_s=(), progress_s=0.0, hold_s=0.01)
        self.station = Station({"Local": self.hand}, timing)
        self.worker = Good()
        services = replace(self.station._services, judging=self.worker, looking=self.worker)
        self.station._services = services
        self.desk = Desk()
        table = self.desk.table.model
        table.set_files(files(*NAMES))
        table.set_scans([(scan(name), ()) for name in NAMES])
        table.set_cors({name: CorEntry(1200.0, CorSource.TYPED, 0.0) for name in NAMES})
        self.desk.show(*self.station.journal.rows())
        self.station.listeners.append(self.desk.bridge.event_told)
        self.desk.settings.kept.engines["Local"] = "cpu"
        self.desk.queue.attach(self.station)
        assert self.station.lease.try_take()
        self.woken = asyncio.Event()
        self.scheduling = self.loop.create_task(self._serve())

    async def _serve(self):
        """Schedule whenever something waits or runs, as the program does."""
        while True:
            self.woken.clear()
            if self.station.journal.any_active():
                assert not await self.station.schedule()
            else:
                await self.woken.wait()

    async def _settle(self):
        """Let happen what should happen now, and then what should not."""
        self.woken.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while self.states() != self.plain.states:
                    await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        assert not self.scheduling.done()
        self.desk.bridge.flush()

    def states(self):
        return {row.uid: row.state for row in self.station.journal.rows()}

    async def _close(self):
        self.scheduling.cancel()
        with suppress(asyncio.CancelledError):
            await self.scheduling
        await self.desk.tasks.close()
        assert self.desk.errors == []
        await self.station.__aexit__(None, None, None)

    def do(self, act):
        async def now():
            act()
            while any("queueing" in task.get_name() for task in self.desk.tasks._running):
                await asyncio.sleep(0)

        self.loop.run_until_complete(now())

    def teardown(self):
        try:
            if self.station is not None:
                self.loop.run_until_complete(self._close())
        finally:
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()
            os.environ["XDG_STATE_HOME"] = self.before
            self.place.cleanup()

    # -- what people and machines do ------------------------------------------------------------

    def jobs(self, names, kind):
        rows = [ScanRow(scan(name), CorEntry(1200.0, CorSource.TYPED, 0.0), ()) for name in names]
        return [prepare(kind, row, "Local", CPU_ENGINE, {}).job for row in rows]

    def expect(self, jobs):
        for job in jobs:
            if not self.plain.busy(job.path, job.kind):
                self.plain.add(job.uid, job.path, job.kind)

    @rule(names=st.lists(st.sampled_from(NAMES), min_size=1, unique=True), kind=st.sampled_from(Kind))
    def run(self, names, kind):
        jobs = self.jobs(names, kind)
        self.do(lambda: self.desk.queue.add(jobs))
        self.expect(jobs)

    @rule(name=st.sampled_from(NAMES), kind=st.sampled_from(Kind))
    def row_button(self, name, kind):
        known = set(self.plain.states)
        said = len(self.desk.said)
        busy = self.plain.busy(str(FOLDER / name), kind)
        self.do(lambda: self.desk.runs.run(kind.value, self.desk.table.id(name)))
        new = [row.job for row in self.station.journal.rows() if row.uid not in known]
        assert len(new) == (0 if busy else 1) or self.desk.runs.askCount
        # Twice is refused, and said.
        assert not busy or len(self.desk.said) == said + 1
        self.expect(new)

    @rule(name=st.sampled_from(NAMES), kind=st.sampled_from(Kind))
    def another_program_adds(self, name, kind):
        jobs = self.jobs([name], kind)
        other = Journal(self.station.journal.folder)
        rows = other.add(jobs)
        other.close()
        self.do(lambda: (self.station.wake(), self.desk.bridge.take(rows)))
        self.expect(jobs)

    @rule(name=st.sampled_from(NAMES))
    def cancel(self, name):
        going = [*self.plain.running.values(), *self.plain.queue]
        self.do(lambda: self.desk.runs.cancel(self.desk.table.id(name)))
        self.plain.stop([uid for uid in going if self.plain.about[uid][0] == str(FOLDER / name)])

    @rule()
    def stop(self):
        self.do(self.desk.queue.stop)
        self.plain.stop([*self.plain.queue, *self.plain.running.values()])

    @rule()
    def pause(self):
        self.do(self.desk.queue.pause)
        self.plain.paused = True

    @rule()
    def go_on(self):
        self.do(self.desk.queue.goOn)
        self.plain.paused = False
        self.plain.fill()

    @rule(name=st.sampled_from(NAMES))
    def move_to_front(self, name):
        mine = [uid for uid in self.plain.queue if self.plain.about[uid][0] == str(FOLDER / name)]
        rows = [self.desk.bridge.jobs[uid] for uid in mine]
        self.do(lambda: self.desk.queue.move_to_front(rows))
        self.plain.queue = mine + [uid for uid in self.plain.queue if uid not in mine]

    @rule(count=st.integers(1, 3))
    def slots(self, count):
        self.do(lambda: setattr(self.desk.queue.target, "slotCount", count))
        self.plain.slots = count
        self.plain.fill()

    @rule(names=st.lists(st.sampled_from(NAMES), unique=True))
    def refresh(self, names):
        def act():
            table = self.desk.table.model
            table.set_files(files(*sorted(names)))
            table.set_files(files(*NAMES))
            table.set_scans([(scan(name), ()) for name in NAMES])

        self.do(act)

    @precondition(lambda self: self.plain.running)
    @rule(which=st.integers(0, 2), part=st.sampled_from([0.25, 0.5, 1.0]))
    def progress(self, which, part):
        uids = list(self.plain.running.values())
        self.do(lambda: self.hand.tell(uids[which % len(uids)], bar(part)))

    @precondition(lambda self: self.plain.running)
    @rule(which=st.integers(0, 2), how=st.sampled_from(sorted(ENDS)))
    def end(self, which, how):
        uids = list(self.plain.running.values())
        uid = uids[which % len(uids)]
        self.do(lambda: self.hand.tell(uid, ENDS[how]))
        self.plain.end(uid, STATE_OF[how])

    @precondition(lambda self: self.plain.undone())
    @rule()
    def retry(self):
        undone = self.plain.undone()
        known = set(self.plain.states)
        self.do(self.desk.runs.retry)
        new = [row.job for row in self.station.journal.rows() if row.uid not in known]
        wanted = [self.plain.about[uid] for uid in undone]
        assert sorted((job.path, job.kind) for job in new) == sorted(wanted)
        self.expect(new)

    @rule()
    def restart(self):
        async def now():
            await self._close()
            await self._open()

        self.loop.run_until_complete(now())
        self.last = (None, 0.0)

    # -- what must be so ----------------------------------------------------------------------------

    @invariant()
    def all_is_as_the_model_says(self):
        if self.station is not None:
            self.loop.run_until_complete(self._settle())
            self.states_are_those_of_the_model()
            self.figures_are_right()
            self.the_bar_never_goes_back()
            self.rows_say_what_is_so()

    def states_are_those_of_the_model(self):
        rows = {row.uid: row for row in self.station.journal.rows()}
        assert {uid: row.state for uid, row in rows.items()} == self.plain.states
        assert {uid: row.state for uid, row in self.desk.bridge.jobs.items()} == self.plain.states
        on_slots = {int(row.slot.index): uid for uid, row in rows.items() if row.state is JobState.RUNNING}
        assert on_slots == self.plain.running

    def figures_are_right(self):
        queue, states = self.desk.queue, [self.plain.states[uid] for uid in self.plain.batch]
        running, waiting = len(self.plain.running), len(self.plain.queue)
        ended = len(states) - running - waiting
        assert queue.statusText == f"Completed {ended}/{len(states)} | Running: {running} | Queue: {waiting}"
        assert queue.queueText == ("1 job waiting" if waiting == 1 else f"{waiting} jobs waiting")
        assert queue.active is bool(running or waiting)
        assert queue.paused is self.plain.paused
        assert self.desk.runs.retryCount == len(self.plain.undone())
        assert bool(queue.timeLeft) <= bool(running)
        assert "-" not in queue.timeLeft

    def the_bar_never_goes_back(self):
        batch, progress = tuple(self.plain.batch), self.desk.queue.progress
        assert 0.0 <= progress <= 1.0
        if self.last[0] == batch:
            assert progress >= self.last[1] - 1e-9
        if batch and not self.plain.running and not self.plain.queue:
            assert progress == 1.0
        self.last = (batch, progress)

    def rows_say_what_is_so(self):
        for name in NAMES:
            mine = [uid for uid, (path, _) in self.plain.about.items() if path == str(FOLDER / name)]
            running = [uid for uid in self.plain.running.values() if uid in mine]
            queued = [uid for uid in self.plain.queue if uid in mine]
            row = self.desk.table.row(name)
            if running:
                slots = {uid: slot for slot, uid in self.plain.running.items()}
                words = {f"Running {self.kind(uid)} on CPU {slots[uid]}" for uid in running}
                assert row["status"] in words
            elif queued:
                assert row["status"] == f"Queued {self.kind(queued[0])}"
                place = self.plain.queue.index(queued[0]) + 1
                assert f"{place}{['', 'st', 'nd', 'rd', *['th'] * 9][place]} in the queue" in row["note"]
            assert row["canCancel"] is bool(running or queued)

    def kind(self, uid):
        return self.plain.about[uid][1].word


TestTheQueue = TheQueue.TestCase
TestTheQueue.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_a_full_disk_holds_the_queue_and_nothing_says_so_any_longer_than_it_does():
    told = TheQueue()
    told.begin()
    try:
        told.slots(2)
        told.worker.full = True
        told.do(lambda: told.desk.queue.add(told.jobs(NAMES[:2], Kind.FULL)))
        until(told, lambda: all("nearly full" in told.desk.table.row(name)["note"] for name in NAMES[:2]))
        assert told.desk.queue.held
        assert "nearly full" in told.desk.queue.standstill
        assert told.desk.queue.timeLeft == ""
        # One of them has to go on waiting, for its turn alone.
        told.desk.queue.target.slotCount = 1
        # Two may be on their way already, which a smaller number does not call back.
        until(told, lambda: len(told.station._scheduler._places) < 2)
        told.worker.full = False
        until(told, lambda: told.desk.queue.running == 1 and not told.desk.queue.held)
        assert told.desk.table.row(NAMES[1])["note"] == "Local · 1st in the queue"
        assert told.desk.queue.standstill == ""
    finally:
        told.teardown()


def until(told, true):
    """Let things happen until something is so."""

    async def wait():
        told.woken.set()
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                await asyncio.sleep(0.005)
                told.desk.bridge.flush()

    told.loop.run_until_complete(wait())
