"""Dots, ages, the banner about a lost machine, and the question about a key; without a window."""

import asyncio
import time
from dataclasses import replace

import pytest
from PySide6.QtTest import QSignalSpy

from desktop.scan_aid import job
from far_aid import UNKNOWN_KEY, UNREACHABLE, Far, Key
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY, LOCAL
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.host_key import HostKey
from tomobatch.desktop.lost_machines import GIVE_UP, MOVE, WAIT, LostMachines
from tomobatch.desktop.machine_watch import Load, MachineWatch
from tomobatch.desktop.notices import ERROR, Notices
from tomobatch.desktop.tasks import Tasks
from tomobatch.machines.base import Reach, Standing

NAMES = [LOCAL, "tomo1", "tomo2"]


@pytest.fixture
async def tasks():
    errors = []
    made = Tasks(errors.append)
    yield made
    await made.close()
    assert errors == []


@pytest.fixture
def loads():
    return {}


@pytest.fixture
def watch(tasks, loads, owner):
    watch = MachineWatch(tasks, lambda name: loads.get(name, Load()), parent=owner)
    watch.take(NAMES, NAMES)
    yield watch
    watch.close()


@pytest.fixture
async def tomo1():
    machine = Far("tomo1")
    yield machine
    await machine.close()


def lines(watch):
    names = {bytes(name.data()).decode(): role for role, name in watch.roleNames().items()}
    rows = [watch.index(row) for row in range(watch.rowCount())]
    said = [[watch.data(row, names[role]) for role in ("name", "mark", "words")] for row in rows]
    return {name: (mark, words) for name, mark, words in said}


async def test_the_list_and_what_is_known_of_each(watch, tomo1, loads):
    assert lines(watch) == {
        LOCAL: ("reachable", "this machine"),
        "tomo1": ("unknown", "not asked yet"),
        "tomo2": ("unknown", "not asked yet"),
        ANY: ("reachable", "the first GPU that is free"),
        "Machines…": ("", ""),
    }
    assert [watch.nameAt(row) for row in (1, 3, 4, 9)] == ["tomo1", ANY, "", ""]
    watch.follow(tomo1)
    loads["tomo1"] = Load(full=False, slots="4 GPUs")
    told = QSignalSpy(watch.dataChanged)
    tomo1.find_again()
    assert told.count() == 1
    assert lines(watch)["tomo1"] == ("reachable", "reachable, 4 GPUs, just now")
    loads["tomo1"] = Load(full=True, slots="4 GPUs")
    watch.load_changed()
    assert lines(watch)["tomo1"][0] == "busy"
    tomo1.lose()
    assert lines(watch)["tomo1"][0] == "lost"
    assert lines(watch)["tomo1"][1].endswith(UNREACHABLE.sentence)
    watch.take(NAMES[:1], NAMES[:1])
    assert list(lines(watch)) == [LOCAL, "Machines…"]
    assert tomo1.watchers == []


async def test_a_machine_made_anew_is_followed_and_the_old_one_is_not(watch, tomo1):
    watch.follow(tomo1)
    other = Far("tomo1")
    watch.follow(other)
    assert tomo1.watchers == []
    tomo1.find_again()
    assert watch.standing_of("tomo1") == Standing()
    other.find_again()
    assert watch.standing_of("tomo1").reach is Reach.REACHABLE
    await other.close()


async def test_any_machine_stands_as_the_best_of_those_that_are_ticked(watch, tomo1):
    watch.take(NAMES, ["tomo1", "tomo2"])
    watch.follow(tomo1)
    assert watch.mark(ANY).value == "unknown"
    tomo1.lose()
    assert watch.mark(ANY).value == "unknown"
    tomo1.find_again()
    assert watch.mark(ANY).value == "reachable"


async def test_what_a_test_found_counts_until_the_machine_itself_is_known(watch, tomo1):
    watch.hear("tomo1", Standing(Reach.REACHABLE, time.time(), time.time()))
    assert lines(watch)["tomo1"] == ("reachable", "reachable, just now")
    watch.follow(tomo1)
    assert watch.mark("tomo1").value == "unknown"
    # It is asked at once where it is known: a test just got through.
    watch.hear("tomo1", Standing(Reach.REACHABLE))
    await asyncio.sleep(0)
    assert (tomo1.calls, watch.mark("tomo1").value) == (1, "reachable")
    watch.take(NAMES, NAMES)
    assert watch.mark("tomo1").value == "reachable"


async def test_ages_tick_while_somebody_reads_them_and_only_then(watch):
    told = QSignalSpy(watch.dataChanged)
    watch._ages.setInterval(1)
    watch.setProperty("watched", True)
    assert told.wait(5000)
    watch.setProperty("watched", False)
    assert not watch._ages.isActive()


async def test_the_target_alone_is_asked_and_never_twice_at_a_time(watch, tomo1):
    tomo2 = Far("tomo2")
    answer = asyncio.Event()

    async def slow_call():
        tomo1.calls += 1
        await answer.wait()

    tomo1.call = slow_call
    for machine in (tomo1, tomo2):
        watch.follow(machine)
    watch.show("tomo1")
    watch._ask_target()
    await asyncio.sleep(0)
    assert (tomo1.calls, tomo2.calls) == (1, 0)
    answer.set()
    await asyncio.sleep(0.01)
    watch._ask_target()
    await asyncio.sleep(0)
    assert (tomo1.calls, tomo2.calls) == (2, 0)
    await tomo2.close()


async def test_what_a_call_meets_is_told_by_how_the_machine_stands(watch, tasks):
    machine = Far("tomo2", UNKNOWN_KEY)
    unknown = QSignalSpy(watch.keyUnknown)
    watch.show("tomo2")
    watch.follow(machine)
    await asyncio.sleep(0.01)
    assert watch.mark("tomo2").value == "lost"
    assert list(unknown.at(0)) == ["tomo2"]
    await machine.close()


# -- lost machines -----------------------------------------------------------------------------


@pytest.fixture
def notices(owner):
    return Notices(owner)


@pytest.fixture
def lost(watch, notices, owner):
    bridge, moved, given_up = Bridge(lambda _: None, owner), [], []

    def give_up(rows):
        given_up.append(rows)
        return made.can_write

    made = LostMachines(watch, bridge, notices, moved.append, give_up, 0.0, owner)
    made.can_write = True
    bridge.to_tell.append(made.jobs_changed)
    made.bridge, made.moved, made.given_up = bridge, moved, given_up

    def show(*rows):
        bridge.take(rows)
        bridge.flush()

    made.show = show
    return made


def jobs(*states):
    rows = [job("a.h5", state, place=number) for number, state in enumerate(states)]
    return [replace(row, job=replace(row.job, machine="tomo1")) for row in rows]


async def test_a_lost_machine_with_jobs_is_said_with_what_can_be_done(watch, tomo1, notices, lost):
    watch.follow(tomo1)
    tomo1.lose()
    assert notices.text == ""
    lost.show(*jobs(JobState.RUNNING, JobState.QUEUED, JobState.QUEUED))
    tomo1.lose()
    assert "Its running job goes on there" in notices.text
    assert notices.text.endswith("2 jobs wait for it.")
    assert notices.actions == [WAIT, MOVE, GIVE_UP]
    lost.show(*jobs(JobState.RUNNING, JobState.QUEUED, JobState.CANCELLED))
    assert notices.text.endswith("1 job waits for it.")
    notices.act(MOVE)
    assert (lost.moved, notices.text) == (["tomo1"], "")
    tomo1.lose()
    assert notices.text == ""
    tomo1.find_again()
    assert notices.text == "tomo1 answers again."


async def test_who_waits_is_not_asked_again_before_it_is_lost_anew(watch, tomo1, notices, lost):
    watch.follow(tomo1)
    lost.show(*jobs(JobState.RUNNING))
    tomo1.lose()
    assert notices.actions == [WAIT, GIVE_UP]
    notices.act(WAIT)
    lost.show(*jobs(JobState.RUNNING))
    tomo1.lose()
    assert notices.text == ""
    tomo1.find_again()
    notices.dismiss()
    tomo1.lose()
    assert "has not answered" in notices.text
    tomo1.find_again()
    assert notices.text == "tomo1 answers again."


async def test_a_stop_that_cannot_be_done_is_said_although_somebody_waits(watch, tomo1, notices, lost):
    watch.follow(tomo1)
    running = jobs(JobState.RUNNING)[0]
    lost.show(running)
    tomo1.lose()
    notices.act(WAIT)
    lost.show(replace(running, stop_asked=True))
    assert notices.text.endswith("It is to be stopped once tomo1 answers.")
    notices.act(WAIT)
    lost.show(replace(running, stop_asked=True, progress=0.5))
    assert notices.text == ""


async def test_what_runs_on_a_lost_machine_is_given_up_by_two_presses(watch, tomo1, notices, lost):
    watch.follow(tomo1)
    running, waiting = jobs(JobState.RUNNING, JobState.QUEUED)
    lost.show(running, waiting)
    tomo1.lose()
    notices.act(GIVE_UP)
    assert notices.text.startswith("Give up the job that has begun on tomo1?")
    assert (notices.actions, lost.given_up) == (["Give it up", WAIT], [])
    notices.act(WAIT)
    assert (notices.text, lost.given_up) == ("", [])
    lost.show(replace(running, stop_asked=True))
    notices.act(GIVE_UP)
    notices.act("Give it up")
    assert [[row.uid for row in rows] for rows in lost.given_up] == [[running.uid]]
    # It is on its way: what waits is spoken of once it has ended.
    lost.show(replace(running, stop_asked=True, progress=0.1))
    assert notices.text == ""
    lost.show(replace(running, state=JobState.INTERRUPTED))
    assert notices.text.endswith("1 job waits for it.")
    assert notices.actions == [WAIT, MOVE]


async def test_what_waits_for_a_gpu_of_a_lost_machine_is_given_up_too(watch, tomo1, notices, lost):
    """Nothing of it runs, but only that machine could take it back."""
    watch.follow(tomo1)
    (waiting,) = jobs(JobState.WAITING)
    lost.show(waiting)
    tomo1.lose()
    assert notices.actions == [WAIT, GIVE_UP]
    notices.act(GIVE_UP)
    notices.act("Give it up")
    assert [[row.uid for row in rows] for rows in lost.given_up] == [[waiting.uid]]
    lost.show(replace(waiting, stop_asked=True))
    assert notices.text == ""


async def test_what_could_not_be_given_up_can_be_tried_again(watch, tomo1, notices, lost):
    watch.follow(tomo1)
    lost.show(*jobs(JobState.RUNNING))
    tomo1.lose()
    lost.can_write = False
    for _ in range(2):
        notices.act(GIVE_UP)
        notices.act("Give it up")
    assert len(lost.given_up) == 2
    assert notices.actions == [WAIT, GIVE_UP]


async def test_nobody_is_asked_to_give_up_a_machine_that_is_back(watch, tomo1, notices, lost):
    watch.follow(tomo1)
    lost.show(*jobs(JobState.RUNNING, JobState.RUNNING))
    tomo1.lose()
    notices.act(GIVE_UP)
    assert notices.actions == ["Give up 2 jobs", WAIT]
    tomo1.find_again()
    assert notices.text == "tomo1 answers again."
    notices.dismiss()
    assert notices.text == ""


async def test_a_machine_that_was_hardly_away_is_not_spoken_of(watch, tomo1, notices, lost):
    lost._after_s = 0.2
    watch.follow(tomo1)
    lost.show(*jobs(JobState.RUNNING))
    tomo1.lose()
    tomo1.find_again()
    told = QSignalSpy(notices.changed)
    assert not told.wait(300)
    tomo1.lose()
    assert notices.text == ""
    assert told.wait(5000)
    assert "has not answered" in notices.text


# -- host keys -----------------------------------------------------------------------------------


@pytest.fixture
def host_key(owner):
    said = []
    made = HostKey(lambda *one: said.append(one), owner)
    made.said = said
    return made


async def asked(host_key, machine, again=False):
    task = asyncio.create_task(host_key.ask(machine, again))
    await asyncio.sleep(0)
    return task


async def test_a_key_is_trusted_only_by_its_own_fingerprint(host_key, tomo1):
    tomo1.unknown_key, tomo1.trouble = Key(), UNKNOWN_KEY
    asks = QSignalSpy(host_key.asked)
    task = await asked(host_key, tomo1)
    assert asks.count() == 1
    assert (host_key.machine, host_key.host, host_key.fingerprint) == ("tomo1", Key.host, Key.fingerprint)
    assert not await host_key.ask(tomo1)
    host_key.trust("SHA256:another")
    await asyncio.sleep(0.01)
    assert not task.done()
    host_key.trust(Key.fingerprint)
    assert await task
    assert (tomo1.unknown_key, host_key.fingerprint) == (None, "")


async def test_a_key_that_changed_while_it_was_asked_about_is_not_trusted(host_key, tomo1):
    tomo1.unknown_key, tomo1.trouble = Key(), UNKNOWN_KEY
    task = await asked(host_key, tomo1)
    tomo1.unknown_key = Key(fingerprint="SHA256:other")
    host_key.trust(Key.fingerprint)
    assert not await task
    assert tomo1.unknown_key is not None
    assert host_key.said[0][0] == ERROR


async def test_not_now_is_kept_until_a_person_wants_the_machine(host_key, tomo1):
    tomo1.unknown_key = Key()
    task = await asked(host_key, tomo1)
    host_key.notNow()
    assert not await task
    assert not await host_key.ask(tomo1)
    task = await asked(host_key, tomo1, again=True)
    assert host_key.fingerprint
    task.cancel()
    await asyncio.wait([task])
    assert host_key.fingerprint == ""


async def test_of_a_key_that_is_refused_after_all_it_is_said_why(host_key, tomo1, monkeypatch):
    tomo1.unknown_key = Key()

    async def refuse():
        raise UNREACHABLE

    monkeypatch.setattr(tomo1, "accept_key", refuse)
    task = await asked(host_key, tomo1)
    host_key.trust(Key.fingerprint)
    assert not await task
    assert host_key.said == [(ERROR, UNREACHABLE.sentence)]
