"""When work is given up, and when not."""

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tomobatch.batch.giving_up import GIVEN_UP, GivenUpError, Leftovers, given_up_ending, unless_given_up
from tomobatch.batch.states import JobState
from tomobatch.batch.wish import StopWish
from tomobatch.machines.base import Finding, Handle, Outcome, OutcomeKind, Reach, Standing, State
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ReconRequest, ScanFile

HANDLE = Handle(Path("/jobs/job1/1"), "boot", 1, 1)


class Machine:
    name = "tomo1"

    def __init__(self, reach):
        self.standing, self.watchers = Standing(reach), []

    def become(self, reach):
        self.standing = Standing(reach)
        for watcher in self.watchers:
            watcher()


async def over(task):
    for _ in range(10):
        await asyncio.sleep(0)
    return task.done()


async def test_only_what_is_given_up_and_lost():
    wish, machine = StopWish(), Machine(Reach.LOST)
    work = asyncio.create_task(unless_given_up(wish, machine, asyncio.sleep(60)))
    assert not await over(work)
    machine.become(Reach.REACHABLE)
    wish.give_up()
    assert not await over(work)
    machine.become(Reach.LOST)
    with pytest.raises(GivenUpError):
        await work
    assert machine.watchers == []


async def test_what_was_done_in_time_counts():
    wish, machine = StopWish(), Machine(Reach.LOST)
    wish.give_up()
    assert await unless_given_up(wish, machine, asyncio.sleep(0, "done")) == "done"


async def test_what_comes_to_an_end_here_is_not_given_up():
    wish = StopWish()
    wish.settling = True
    wish.give_up()
    machine = Machine(Reach.LOST)
    assert await unless_given_up(wish, machine, asyncio.sleep(0.02, "its end")) == "its end"


@pytest.mark.parametrize(
    ("standing", "why"),
    [
        (Standing(Reach.LOST, seen_s=0.0), "tomo1 has not answered since "),
        (
            Standing(Reach.LOST, code="no-home", why="Its disk is full."),
            "not followed just now: Its disk is full",
        ),
    ],
)
def test_it_is_said_why_it_was_given_up(standing, why):
    machine = Machine(Reach.LOST)
    machine.standing = standing
    ending = given_up_ending(machine, False, "/x_rec.partial-1")
    assert ending.note.startswith(f"It was given up ({why}")
    assert (
        "whether it still runs there is not known. What it makes is kept in /x_rec.partial-1" in ending.note
    )
    checked = given_up_ending(machine, True, "/x_rec.partial-1")
    assert (
        "while it was being checked there: it is in its place by now, or in /x_rec.partial-1" in checked.note
    )


class Back(Machine):
    """A machine that answers again; what it says of a job."""

    end = Outcome(OutcomeKind.LOST, "It was ended.")

    def __init__(self, finding):
        super().__init__(Reach.REACHABLE)
        self.finding, self.stopped, self.looks, self.way = finding, [], 0, asyncio.Event()
        self.way.set()

    async def attempt_folder(self, jobs_folder, uid, attempt):
        return jobs_folder / uid / str(attempt)

    async def find(self, folder, host):
        self.looks += 1
        await self.way.wait()
        return self.finding

    async def stop(self, handle):
        self.stopped.append(handle)
        return self.end


@pytest.fixture
def leftovers(journal, make_job):
    """What is left of one job that was given up, on the machine that is given."""
    request = ReconRequest(
        "job1",
        ScanFile("/data/scan_0001.h5", 1, 2, 3),
        Kind.TRY,
        5.0,
        "typed",
        (4, 2, 16),
        {},
        Engine(EngineKind.TOMOCUPY, ("tomocupy",)),
        "/data_rec/try",
        "/data_rec/try.partial-job1",
    )
    journal.add([replace(make_job(), machine="tomo1", request=request.to_dict())])
    journal.transition("job1", JobState.STARTING, attempt=1)
    journal.transition("job1", JobState.INTERRUPTED, code=GIVEN_UP)

    woken = []

    def of(machine):
        machine.woken = woken
        services = SimpleNamespace(
            journal=journal,
            machines={"tomo1": machine},
            jobs_folder=Path("/jobs"),
            tell=lambda *_: None,
        )
        return Leftovers(services, lambda: woken.append(True))

    return of


@pytest.mark.parametrize(
    ("finding", "said", "stopped"),
    [
        (Finding(State.RUNNING, HANDLE), "it still ran there, and was stopped. What it made is kept in", 1),
        (
            Finding(State.ENDED, HANDLE, Outcome(OutcomeKind.LOST, "Its watcher was killed.", left=(77,))),
            "it still ran there, and was stopped. What it made is kept in",
            1,
        ),
        (
            Finding(State.ENDED, HANDLE, Outcome(OutcomeKind.EXITED, "It ended.", exit_status=3)),
            "it had ended there with status 3. What it made is kept in",
            0,
        ),
        (
            Finding(State.ENDED, HANDLE, Outcome(OutcomeKind.EXITED, "It ended.", exit_status=0)),
            "it had ended there with status 0. What it made lies in /data_rec/try.partial-job1, or in its",
            0,
        ),
        (Finding(State.NEVER_STARTED), "it had never begun there.", 0),
    ],
)
async def test_what_is_left_is_ended_and_told(leftovers, journal, finding, said, stopped):
    machine = Back(finding)
    left = leftovers(machine)
    left.look(["tomo1"])
    while journal.row("job1").code == GIVEN_UP:
        await asyncio.sleep(0)
    assert f"It was given up. tomo1 answers again: {said}" in journal.row("job1").note
    assert machine.stopped == [HANDLE] * stopped
    await left.close()


async def test_what_cannot_be_ended_is_told(leftovers, journal):
    machine = Back(Finding(State.RUNNING, HANDLE))
    machine.end = Outcome(OutcomeKind.LOST, "Some of it lives.", left=(7, 8))
    left = leftovers(machine)
    left.look(["tomo1"])
    while journal.row("job1").code == GIVEN_UP:
        await asyncio.sleep(0)
    assert "was stopped; these processes could not be ended: 7, 8. What" in journal.row("job1").note
    await left.close()


async def test_two_do_not_look_after_the_same(leftovers, journal):
    """The later one would tell what the first has made of it."""
    machine = Back(Finding(State.RUNNING, HANDLE))
    machine.way.clear()
    left = leftovers(machine)
    left.look(["tomo1"])
    await asyncio.sleep(0.01)
    left.lost("tomo1")
    left.look(["tomo1"])
    await asyncio.sleep(0.01)
    machine.way.set()
    while journal.row("job1").code == GIVEN_UP:
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    assert (machine.looks, len(machine.stopped)) == (1, 1)
    # Another one may have been given up meanwhile, and is looked for now.
    assert machine.woken == [True]
    await left.close()


async def test_work_that_something_else_cancelled_is_not_given_up():
    """Its job would be called so, though nobody gave it up."""

    async def cancelled():
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await unless_given_up(StopWish(), Machine(Reach.LOST), cancelled())


async def test_who_lets_go_gives_nothing_up():
    machine, ended = Machine(Reach.LOST), []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    letting_go = asyncio.create_task(unless_given_up(StopWish(), machine, work()))
    assert not await over(letting_go)
    letting_go.cancel()
    with pytest.raises(asyncio.CancelledError):
        await letting_go
    assert ended == [True]


async def test_a_longer_wait_ends_with_the_wish_to_give_up():
    wish = StopWish()
    wish.ask()
    waiting = asyncio.create_task(wish.pause(60))
    assert not await over(waiting)
    wish.give_up()
    assert await over(waiting)


def test_a_stop_takes_nothing_back_from_what_is_given_up(journal, make_job):
    (row,) = journal.add([make_job()])
    journal.ask_stop([row.uid], give_up=True)
    journal.ask_stop([row.uid])
    # one that has not begun is cancelled like any other
    assert journal.given_up() == []
    journal.transition(row.uid, JobState.STARTING, attempt=1)
    assert [one.uid for one in journal.given_up()] == [row.uid]
