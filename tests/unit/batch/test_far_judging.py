"""Results of another host: judged there, waited for while it is away, or seen from here where it must be."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tomobatch.batch.events import EventKind
from tomobatch.batch.giving_up import GIVEN_UP, GivenUpError, unless_given_up
from tomobatch.batch.job import Job
from tomobatch.batch.judges import Judges
from tomobatch.batch.judging import request_at
from tomobatch.batch.life import JobLife
from tomobatch.batch.services import Services, Timing
from tomobatch.batch.states import JobState
from tomobatch.batch.wish import StopWish
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Finding, Handle, Outcome, OutcomeKind, Reach, Running, Standing, State
from tomobatch.machines.far_worker import CannotServeError
from tomobatch.machines.slots import Slot
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.receipt import read_receipt
from tomobatch.recon.request import ReconRequest, ScanFile
from unit.machines.far_aid import AWAY, FarHost, make_engine, make_python

SLOT = Slot("GPU", "0", "GPU-5c")
HANDLE = Handle(Path("/home/ada/jobs/j1/1"), "boot", 1, 1)
EXITED = Outcome(OutcomeKind.EXITED, "It ended.", exit_status=0)
ROOM = {"device": 1, "free_bytes": 10**12, "reserve_bytes": 10**9, "folder": "/no-such"}
NOTHING = {"code": "no-output", "sentence": "Nothing was made."}
GOOD = {"code": "good", "sentence": "All is there."}


class Far(FarHost):
    """A host whose jobs have all ended so."""

    def __init__(self, path, outcome=EXITED):
        super().__init__(path)
        self.outcome = outcome
        self.commands = []
        self.watchers = []

    def lose(self):
        """It counts as one that does not answer."""
        self.standing = Standing(Reach.LOST)

    async def start(self, command, folder, host=""):
        self.commands.append(command.argv)
        return HANDLE

    async def find(self, folder, host=""):
        return Finding(State.ENDED, HANDLE, self.outcome)

    async def follow(self, handle, from_byte=0):
        yield Running(7)
        yield self.outcome


class Here:
    """The worker of this host: gives these answers, one after the other."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    async def call(self, name, *arguments, timeout_s, about=""):
        self.asked.append(arguments[0])
        return self.answers.pop(0)


class Stage:
    """A job of a machine that has the files elsewhere; here nobody has them at all."""

    def __init__(self, journal, folder):
        self.journal, self.there = journal, folder / "there"
        engine = Engine(EngineKind.TOMOCUPY, (str(folder / "tomocupy"),))
        self.scan = ScanFile("/no-such/scans/a.h5", 1, 2, 3)
        places = ("/no-such/scans_rec/a_rec", "/no-such/scans_rec/a_rec.partial-j1")
        request = ReconRequest("j1", self.scan, Kind.FULL, 5.0, "typed", (4, 2, 16), {}, engine, *places)
        journal.add([Job("j1", Kind.FULL, self.scan.path, "tomo1", "GPU", request.to_dict(), 0.0)])
        self.final, self.partial = (Path(place.replace("/no-such", str(self.there))) for place in places)
        self.messages, self.wish = [], StopWish()
        self.away_seen = asyncio.Event()

    def ran(self, rows=2):
        """What the run has left."""
        self.partial.mkdir(parents=True)
        for row in range(rows):
            picture = np.random.default_rng(row).random((16, 16), dtype=np.float32)
            tifffile.imwrite(self.partial / f"recon_{row:05d}.tiff", picture)

    def services(self, host, here=None, **timing):
        return Services(
            journal=self.journal,
            machines={"tomo1": host},
            judging=here or Here(),
            looking=Here(ROOM),
            jobs_folder=Path("/jobs"),
            share=lambda row, slot: {},
            keep_cor=lambda row, cor_px: None,
            there=lambda machine, path: path.replace("/no-such", f"/{machine}").replace(
                "/tomo1", str(self.there)
            ),
            listeners=[self._hear],
            timing=Timing(**{"refill_s": 0.0, "link_s": (0.01,), "share_s": 0.01, **timing}),
        )

    def _hear(self, event):
        if event.kind is EventKind.MESSAGE:
            self.messages.append(event.message)
            self.away_seen.set()

    async def run(self, services, adopt=False):
        life = JobLife(services, self.journal.row("j1"), SLOT, self.wish, lambda: None)
        await (life.adopt() if adopt else life.run(lambda: None))
        return self.journal.row("j1")


@pytest.fixture
def stage(journal, tmp_path):
    return Stage(journal, tmp_path)


@pytest.fixture
async def host(tmp_path):
    make_engine(tmp_path, f"#!{make_python(tmp_path / 'env')}")
    host = Far(tmp_path / "nothing")
    yield host
    await host.end()


@pytest.fixture
async def bare_host(tmp_path):
    """One without a Python to judge with."""
    host = Far(tmp_path / "nothing")
    yield host
    await host.end()


async def closing(services, awaitable):
    try:
        async with asyncio.timeout(60):
            return await awaitable
    finally:
        await services.judges.close()


async def test_a_job_is_run_and_judged_by_the_paths_of_its_host(stage, host):
    stage.ran()
    services = stage.services(host)
    row = await closing(services, stage.run(services))
    assert (row.state, row.note) == (JobState.COMPLETE, "2 of 2 slices, all readable.")
    receipt = read_receipt(stage.final)
    assert receipt.scan == stage.scan
    (command,) = host.commands
    assert receipt.plain["run"]["command"] == list(command)
    assert f"--file-name={stage.there}/scans/a.h5" in command
    assert f"--out-path-name={stage.partial}" in command
    # In the journal all is as this host knows it.
    assert ReconRequest.from_dict(row.job.request).scan == stage.scan
    assert request_at(services, row).partial == str(stage.partial)


async def test_a_bad_result_is_removed_there(stage, host):
    stage.ran(rows=1)
    services = stage.services(host)
    row = await closing(services, stage.run(services))
    assert (row.state, row.code) == (JobState.FAILED, "incomplete")
    assert not stage.partial.exists()


@pytest.mark.parametrize("adopt", [False, True])
async def test_a_result_waits_for_its_host(stage, host, adopt):
    stage.ran()
    if adopt:
        stage.journal.transition("j1", JobState.STARTING, slot=SLOT, attempt=1)
        stage.journal.transition("j1", JobState.JUDGING)
    host.away = AWAY
    services = stage.services(host)
    running = asyncio.create_task(stage.run(services, adopt))
    await stage.away_seen.wait()
    row = stage.journal.row("j1")
    assert (row.state, row.code) == (JobState.JUDGING, "unreachable")
    assert (
        row.note == "tomo1 does not answer: is it switched on? What the run made is seen to once it is back."
    )
    await asyncio.sleep(0.05)
    host.away = None
    row = await closing(services, running)
    assert (row.state, row.code) == (JobState.COMPLETE, "")
    # Once, however often it was tried.
    assert len(stage.messages) == 1


async def test_a_stop_ends_the_wait_for_a_host_that_was_to_judge(stage, host):
    stage.ran()
    host.away = AWAY
    services = stage.services(host, link_s=(60.0,))
    running = asyncio.create_task(stage.run(services))
    await stage.away_seen.wait()
    stage.wish.ask()
    row = await closing(services, running)
    assert row.state is JobState.INTERRUPTED
    assert row.note.startswith("It is not waited for any more while it is checked: tomo1 does not answer")
    assert row.note.endswith(f"It is in its place by now, or in {row.job.request['partial']}.")
    assert stage.partial.exists()


async def test_what_is_of_no_use_is_left_where_its_host_is_given_up(stage, host):
    """How it ended is known, and stays what is said of it."""
    stage.ran()
    host.away, host.outcome = AWAY, Outcome(OutcomeKind.STOPPED, "It was stopped.")
    host.lose()
    opening = host.open_session

    async def slow(script):
        await asyncio.sleep(0.02)
        return await opening(script)

    host.open_session = slow
    services = stage.services(host, link_s=(60.0,))
    running = asyncio.create_task(unless_given_up(stage.wish, host, stage.run(services)))
    await stage.away_seen.wait()
    stage.wish.ask()
    await asyncio.sleep(0.05)
    assert not running.done()
    stage.wish.give_up()
    row = await closing(services, running)
    assert (row.state, row.code) == (JobState.CANCELLED, "stopped")
    assert row.note.endswith(f"What the run made is kept in {row.job.request['partial']}.")
    assert stage.partial.exists()


async def test_what_is_being_checked_there_may_be_in_its_place_when_it_is_given_up(stage, host):
    asked = asyncio.Event()

    async def silent(_):
        asked.set()
        await asyncio.Event().wait()

    host.lose()
    host.open_session = silent
    services = stage.services(host)
    life = JobLife(services, stage.journal.row("j1"), SLOT, stage.wish, lambda: None)
    running = asyncio.create_task(unless_given_up(stage.wish, host, life.run(lambda: None)))
    await asked.wait()
    stage.wish.give_up()
    with pytest.raises(GivenUpError):
        await closing(services, running)
    life.give_up()
    row = stage.journal.row("j1")
    assert (row.state, row.code) == (JobState.INTERRUPTED, GIVEN_UP)
    assert f"it is in its place by now, or in {row.job.request['partial']}" in row.note


async def test_an_end_that_could_not_be_written_can_still_be_given_up(stage, host):
    """The watch over it begins anew, and its machine may be needed once more."""
    stage.wish.settling = True
    stage.ran()
    host.lose()
    host.away = AWAY
    services = stage.services(host, link_s=(60.0,))
    running = asyncio.create_task(unless_given_up(stage.wish, host, stage.run(services)))
    await stage.away_seen.wait()
    assert not stage.wish.settling
    stage.wish.give_up()
    row = await closing(services, running)
    assert row.state is JobState.INTERRUPTED


async def test_what_is_being_checked_from_here_is_not_given_up(stage, bare_host):
    """A check that is cut off may leave a result half in its place, and nobody would come to complete it."""

    class Slow(Here):
        async def call(self, *arguments, **options):
            stage.wish.give_up()
            await asyncio.sleep(0.05)
            return await super().call(*arguments, **options)

    bare_host.lose()
    services = stage.services(bare_host, Slow(GOOD))
    row = await closing(services, unless_given_up(stage.wish, bare_host, stage.run(services)))
    assert row.state is JobState.COMPLETE


async def test_a_cut_while_it_is_judged_costs_nothing(stage, host):
    stage.ran()
    opening = host.open_session

    async def cut(script):
        session = await opening(script)
        host.open_session = opening
        session.cut()
        return session

    host.open_session = cut
    services = stage.services(host)
    row = await closing(services, stage.run(services))
    assert row.state is JobState.COMPLETE
    assert len(host.sessions) == 2


async def test_what_is_of_no_use_is_removed_once_the_host_is_back(stage, host):
    stage.ran()
    host.away, host.outcome = AWAY, Outcome(OutcomeKind.STOPPED, "It was stopped.")
    services = stage.services(host)
    running = asyncio.create_task(stage.run(services))
    await stage.away_seen.wait()
    host.away = None
    row = await closing(services, running)
    assert row.state is JobState.CANCELLED
    assert not stage.partial.exists()


async def test_without_a_python_there_it_is_judged_from_here(stage, bare_host):
    here = Here(GOOD)
    services = stage.services(bare_host, here)
    row = await closing(services, stage.run(services))
    assert row.state is JobState.COMPLETE
    assert row.note == (
        "All is there. Checked from Local: tomo1 has no Python with numpy, h5py and tifffile."
    )
    assert here.asked[0]["partial"] == "/no-such/scans_rec/a_rec.partial-j1"


@pytest.mark.parametrize(
    ("answers", "state"), [((NOTHING, GOOD), JobState.COMPLETE), ((NOTHING, NOTHING, GOOD), JobState.FAILED)]
)
async def test_what_is_not_seen_from_here_is_looked_for_twice(stage, bare_host, answers, state):
    """A shared folder shows for a while what it held before."""
    here = Here(*answers)
    services = stage.services(bare_host, here)
    row = await closing(services, stage.run(services))
    assert row.state is state
    assert here.answers == []


async def test_a_host_without_a_python_is_asked_again_after_a_while(stage, bare_host):
    row, clock = stage.journal.row("j1"), iter((100.0, 105.0, 109.0, 111.0, 111.0))
    judges = Judges({"tomo1": bare_host}, again_s=10.0, clock=lambda: next(clock))
    asked = []
    for _ in range(4):
        with pytest.raises(CannotServeError, match="no Python"):
            await judges.ask(row, "tomobatch.recon.finish:discard", (), timeout_s=60, about="a.h5")
        asked.append(len(bare_host.sessions))
    assert asked == [1, 1, 1, 2]
    await judges.close()


async def test_a_program_without_its_texts_judges_from_here(stage, host, monkeypatch):
    def lost(*_):
        raise TomoBatchError("no-sources", "this program is installed without its source texts")

    monkeypatch.setattr("tomobatch.worker.bundle.sources", lost)
    services = stage.services(host, Here(GOOD))
    row = await closing(services, stage.run(services))
    assert row.note.endswith("Checked from Local: this program is installed without its source texts.")
