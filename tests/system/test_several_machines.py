"""Several machines at once: none holds up another, what is lost waits or moves, any takes what it can."""

import asyncio
from dataclasses import replace

import pytest

from system.far import Far
from system.stand import ENGINE
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY, MachineEntry, PathPair
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import ANOTHER_HOST
from tomobatch.station.station import Station


async def test_a_machine_that_never_answers_holds_up_nobody(stand, stage):
    stand.scans("scan_1.h5", "scan_2.h5", "scan_3.h5")
    deaf, well = Far("tomo1"), Far("tomo2")
    now = await stage(deaf, well)
    (waits,) = await now.queue("tomo1", "scan_1.h5")
    (runs,) = await now.queue("tomo2", "scan_2.h5")
    asked = asyncio.Event()

    async def never():
        asked.set()
        await asyncio.Event().wait()

    deaf.gpus = never
    async with now.scheduling() as task:
        await now.until(runs, JobState.COMPLETE)
        await asked.wait()
        (later,) = await now.queue("tomo2", "scan_3.h5")
        await now.until(later, JobState.COMPLETE)
        assert now.row(waits).state is JobState.QUEUED
        now.station.ask_stop([waits])
        await task
    assert now.row(waits).state is JobState.CANCELLED
    assert deaf.starts == []


async def test_what_waits_for_a_lost_machine_says_so_and_runs_once_it_answers(stand, stage):
    stand.scans("scan_1.h5", "scan_2.h5")
    tomo1 = Far("tomo1")
    now = await stage(tomo1)
    uids = await now.queue("tomo1", "scan_1.h5", "scan_2.h5")
    tomo1.cut()
    async with now.scheduling():
        await now.wait(lambda: all(now.row(uid).code == "machine-lost" for uid in uids))
        assert now.row(uids[0]).note.startswith("waits for tomo1, which has not answered since ")
        calls = tomo1.calls
        await now.wait(lambda: tomo1.calls > calls + 3)
        assert tomo1.starts == []
        assert len(now.messages) == 1
        tomo1.way.set()
        await now.until(uids[1], JobState.RUNNING)
    assert [(row.state, row.attempt) for row in map(now.row, uids)] == [(JobState.COMPLETE, 1)] * 2
    assert [note for _, state, note in now.journal.history(uids[1]) if state is JobState.QUEUED] == [""]
    assert stand.runs() == {"scan_1.h5": 1, "scan_2.h5": 1}


async def test_the_rows_are_told_when_a_lost_machine_answers(stand, stage):
    """Also those that still wait for a slot."""
    stand.scans("scan_hang.h5", "scan_2.h5")
    tomo1 = Far("tomo1")
    now = await stage(tomo1)
    runs, waits = await now.queue("tomo1", "scan_hang.h5", "scan_2.h5")
    async with now.scheduling():
        await now.until(runs, JobState.RUNNING)
        tomo1.cut()
        await now.wait(lambda: now.row(waits).code == "machine-lost")
        assert now.row(runs).state is JobState.RUNNING
        tomo1.way.set()
        await now.wait(lambda: now.row(waits).code == "")
        now.station.ask_stop([runs, waits])


async def test_nothing_starts_on_a_free_slot_of_a_machine_that_was_lost_meanwhile(stand, stage):
    stand.scans("scan_hang_1.h5", "scan_hang_2.h5")
    tomo1 = Far("tomo1", gpus=2)
    now = await stage(tomo1)
    (runs,) = await now.queue("tomo1", "scan_hang_1.h5")
    async with now.scheduling():
        await now.until(runs, JobState.RUNNING)
        engine = await now.station.engine("tomo1")
        tomo1.cut()
        now.station.engine = lambda _: asyncio.sleep(0, engine)
        (waits,) = await now.queue("tomo1", "scan_hang_2.h5")
        await now.wait(lambda: now.row(waits).code == "machine-lost")
        assert (tomo1.looks, len(tomo1.starts)) == (1, 1)
        tomo1.way.set()
        await now.until(waits, JobState.RUNNING)
        now.station.ask_stop([runs, waits])


async def test_a_start_of_which_nothing_is_known_is_looked_after_and_not_called_failed(stand, stage):
    stand.scans("scan_1.h5")
    tomo1 = Far("tomo1")
    now = await stage(tomo1)
    (uid,) = await now.queue("tomo1", "scan_1.h5")
    real = tomo1.start

    async def start(command, folder, host=""):
        await real(command, folder)
        raise TomoBatchError("unreachable", "tomo1 does not answer.")

    tomo1.start = start
    await now.schedule()
    assert (now.row(uid).state, now.row(uid).attempt) == (JobState.COMPLETE, 1)
    assert stand.runs() == {"scan_1.h5": 1}


async def test_a_start_that_was_cut_off_is_tried_again_in_another_folder(stand, stage):
    stand.scans("scan_1.h5")
    tomo1 = Far("tomo1")
    now = await stage(tomo1)
    (uid,) = await now.queue("tomo1", "scan_1.h5")
    tomo1.cut_offs = 2
    await now.schedule()
    assert (now.row(uid).state, now.row(uid).attempt) == (JobState.COMPLETE, 3)
    assert [folder.name for folder in tomo1.starts] == ["1", "2", "3"]
    assert now.steps(uid).count(JobState.QUEUED) == 3


async def test_a_running_job_of_a_lost_machine_is_found_again_however_long_it_takes(stand, stage):
    stand.scans("scan_hang.h5")
    tomo1 = Far("tomo1")
    now = await stage(tomo1)
    (uid,) = await now.queue("tomo1", "scan_hang.h5")
    task = asyncio.create_task(now.schedule())
    await now.until(uid, JobState.RUNNING)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    refusals = 3

    async def refused(folder, host=""):
        nonlocal refusals
        if refusals:
            refusals -= 1
            raise TomoBatchError("unreachable", "tomo1 does not answer.")
        return await Far.find(tomo1, folder)

    tomo1.find = refused
    async with now.scheduling() as task:
        await now.wait(lambda: not refusals)
        now.station.ask_stop([uid])
        assert await task == set()
    assert now.row(uid).state is JobState.CANCELLED
    assert now.messages == []


# -- to other machines ------------------------------------------------------------------


async def test_what_waits_is_given_to_another_machine_and_its_engine(stand, stage, engine):
    stand.scans("scan_1.h5", "scan_2.h5", "scan_3.h5")
    tomo1, tomo2 = Far("tomo1"), Far("tomo2")
    now = await stage(tomo1, tomo2, engines={"tomo2": engine("fbp-filter")})
    plain = await now.queue("tomo1", "scan_1.h5", "scan_2.h5")
    (filtered,) = await now.queue("tomo1", "scan_3.h5", **{"fbp-filter": "ramp"})
    moved = await now.station.move_waiting("tomo1", "tomo2")
    assert [row.uid for row in moved.rows] == plain
    assert {row.job.machine for row in moved.rows} == {"tomo2"}
    assert moved.rows[0].job.request["engine"]["program"] == [engine("fbp-filter")["engine"]]
    assert len(moved.refused) == 1
    assert moved.refused[0].startswith("scan_3.h5 stays with tomo1: ")
    assert "--fbp-filter" in moved.refused[0]
    assert now.row(filtered).job.machine == "tomo1"
    await now.schedule()
    assert now.states(*plain, filtered) == [JobState.COMPLETE] * 3
    assert (len(tomo1.starts), len(tomo2.starts)) == (1, 2)


async def test_a_job_that_is_moved_while_it_is_looked_at_starts_there_alone(stand, stage):
    stand.scans("scan_1.h5")
    tomo1, tomo2 = Far("tomo1"), Far("tomo2")
    now = await stage(tomo1, tomo2)
    (uid,) = await now.queue("tomo1", "scan_1.h5")
    seen, goes_on = asyncio.Event(), asyncio.Event()

    async def unseen(paths):
        seen.set()
        await goes_on.wait()
        return []

    tomo1.unseen = unseen
    async with now.scheduling():
        await seen.wait()
        await now.station.move_waiting("tomo1", "tomo2")
        goes_on.set()
    assert (now.row(uid).state, now.row(uid).job.machine) == (JobState.COMPLETE, "tomo2")
    assert (len(tomo1.starts), len(tomo2.starts)) == (0, 1)


@pytest.mark.parametrize("moves", [True, False])
async def test_after_a_while_they_go_to_any_machine_if_a_person_wants_that(stand, stage, moves):
    stand.scans("scan_1.h5")
    tomo1, tomo2 = Far("tomo1"), Far("tomo2")
    now = await stage(tomo1, tomo2, move_lost_s=0.02)
    now.station.set_moves_lost_jobs(moves)
    (uid,) = await now.queue("tomo1", "scan_1.h5")
    tomo1.cut()
    async with now.scheduling():
        await now.wait(lambda: now.row(uid).code == "machine-lost" or now.row(uid).job.machine != "tomo1")
        if moves:
            await now.until(uid, JobState.COMPLETE)
            assert now.row(uid).job.machine == "tomo2"
            assert now.row(uid).queued_for == ANY
        else:
            await asyncio.sleep(0.1)
            assert now.row(uid).job.machine == "tomo1"
            now.station.ask_stop([uid])


# -- what a machine sees and has --------------------------------------------------------


async def test_a_path_that_a_machine_does_not_see_fails_that_job_alone(stand, stage):
    first, _ = stand.scans("scan_1.h5", "scan_2.h5")
    tomo1 = Far("tomo1")
    there = PathPair(str(first), "/elsewhere/scan_1.h5")
    now = await stage(tomo1, engines={"tomo1": {"paths": (there,)}})
    tomo1.blind_to = (there.there,)
    uid, other = await now.queue("tomo1", first.name, "scan_2.h5")
    await now.schedule()
    assert now.states(uid, other) == [JobState.FAILED, JobState.COMPLETE]
    assert now.row(uid).code == "not-seen"
    assert now.row(uid).note.startswith(
        "/elsewhere/scan_1.h5 is not seen on tomo1: map the folder in Machines"
    )
    assert now.row(uid).attempt == 0


async def test_a_probe_that_is_cut_fails_no_job(stand, stage):
    stand.scans("scan_1.h5")
    tomo1 = Far("tomo1")
    now = await stage(tomo1)
    (uid,) = await now.queue("tomo1", "scan_1.h5")
    breaks = ["unreachable", "host-key-changed"]

    async def unseen(paths):
        if breaks:
            raise TomoBatchError(breaks.pop(), "tomo1 cannot be asked.")
        return []

    tomo1.unseen = unseen
    await now.schedule()
    assert (now.row(uid).state, now.row(uid).attempt) == (JobState.COMPLETE, 1)
    assert not breaks
    # That it does not answer is told by all rows of the machine; what only this job met, by its own.
    assert now.messages == ["scan_1.h5: tomo1 cannot be asked."]


async def test_jobs_that_hold_whole_scans_wait_for_memory_and_others_pass_by(stand, stage, engine):
    """Each takes 4 × 6 × 2 × 32 bytes, and only one fits."""
    names = ["scan_hang_1.h5", "scan_hang_2.h5", "scan_hang_3.h5", "scan_4.h5"]
    stand.scans(*names)
    tomo1 = Far("tomo1", gpus=4, memory=3000)
    now = await stage(tomo1, engines={"tomo1": engine("nothing-of-that")})
    heavy = await now.queue("tomo1", *names[:2], **{"pre-processing": "False"})
    # One of half the size would fit, but must not overtake the one that waits.
    heavy += await now.queue("tomo1", names[2], **{"pre-processing": "True", "end-row": 1})
    (light,) = await now.queue("tomo1", names[3])
    async with now.scheduling():
        await now.until(heavy[0], JobState.RUNNING)
        await now.until(light, JobState.COMPLETE)
        assert now.states(*heavy[1:]) == [JobState.QUEUED] * 2
        assert now.row(heavy[1]).code == "memory-full"
        assert now.row(heavy[1]).note.startswith("waits for memory on tomo1: its engine holds the whole scan")
        assert now.row(heavy[2]).note == ""
        now.station.ask_stop([heavy[0]])
        await now.until(heavy[1], JobState.RUNNING)
        assert now.row(heavy[1]).note == ""
        await now.until(heavy[2], JobState.RUNNING)
        now.station.ask_stop(heavy)
    assert len(now.messages) == 1


# -- the list ---------------------------------------------------------------------------


async def test_the_machine_list_changes_while_jobs_run(stand, stage):
    stand.scans("scan_hang.h5", "scan_2.h5", "scan_3.h5")
    tomo1, tomo2, tomo3 = Far("tomo1"), Far("tomo2"), Far("tomo3")
    now = await stage(tomo1, tomo2)
    station = now.station
    first, second = station.machines.entries
    (runs,) = await now.queue("tomo1", "scan_hang.h5")
    station.machines._make = lambda entry: tomo3
    third = MachineEntry("tomo3", host="tomo3", engine=str(ENGINE))
    async with now.scheduling():
        await now.until(runs, JobState.RUNNING)
        elsewhere = replace(first, paths=(PathPair("/a", "/b"),))
        for entries in ([second], [replace(first, host="other"), second], [elsewhere, second]):
            with pytest.raises(TomoBatchError, match="1 job runs on tomo1") as caught:
                await station.set_machines(entries)
            assert caught.value.code == "machine-busy"
        await station.set_machines([replace(first, gpus=2), third])
        assert tomo2.closed
        assert station.machine("tomo1") is tomo1
        (uid,) = await now.queue("tomo3", "scan_2.h5")
        await now.until(uid, JobState.COMPLETE)
        station.ask_stop([runs])
    assert len(tomo3.starts) == 1
    (waits,) = await now.queue("tomo3", "scan_3.h5")
    with pytest.raises(TomoBatchError, match="1 job waits for tomo3"):
        await station.set_machines([first])
    now.journal.ask_stop([waits])
    now.journal.cancel_asked(1, "", ())
    await station.set_machines([first])
    assert list(station.machines) == ["tomo1"]
    with pytest.raises(TomoBatchError, match="There is no machine tomo3; there is: tomo1"):
        station.machine("tomo3")


async def test_a_name_that_leads_to_another_host_ends_no_job_until_it_is_given_up(stand, stage):
    stand.scans("scan_hang.h5")
    tomo1 = Far("tomo1")
    now = await stage(tomo1)
    (uid,) = await now.queue("tomo1", "scan_hang.h5")
    first = asyncio.create_task(now.schedule())
    await now.until(uid, JobState.RUNNING)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    sentence, asked = "tomo1 leads to another host now.", []

    async def find(folder, host=""):
        asked.append(host)
        raise TomoBatchError(ANOTHER_HOST, sentence)

    tomo1.find = find
    async with now.scheduling():
        await now.wait(lambda: len(asked) > 2)
        assert (now.row(uid).state, now.row(uid).note) == (JobState.RUNNING, sentence)
        now.station.ask_stop([uid])
    assert now.row(uid).state is JobState.INTERRUPTED
    assert [sentence in message for message in now.messages].count(True) == 1


async def test_opening_a_station_makes_and_calls_no_machine():
    def make(entry):
        raise AssertionError(entry)

    async with Station(make=make) as station:
        assert list(station.machines) == ["Local", "tomo1", "tomo2", "tomo3", "tomo4", "tomo5"]
        assert station.slots.wanted("tomo1", "GPU") == 4
        assert station.slots.slots("tomo1", "GPU") == []
