"""Any machine: the one with the most free slots whose engine takes the job, in the order of the queue."""

import pytest

from system.far import Far
from tomobatch.batch.states import JobState
from tomobatch.config.machines import ANY
from tomobatch.errors import TomoBatchError


async def test_any_machine_takes_the_first_free_slots_and_says_which(stand, stage):
    names = [f"scan_hang_{number}.h5" for number in range(1, 5)]
    stand.scans(*names)
    tomo1, tomo2, tomo3 = Far("tomo1", gpus=2), Far("tomo2"), Far("tomo3")
    now = await stage(tomo1, tomo2, tomo3, engines={"tomo3": {"in_any": False}})
    uids = await now.queue(ANY, *names)
    assert {now.row(uid).job.machine for uid in uids} == {ANY}
    async with now.scheduling():
        for uid in uids[:3]:
            await now.until(uid, JobState.RUNNING)
        rows = [now.row(uid) for uid in uids]
        assert sorted(row.job.machine for row in rows) == [ANY, "tomo1", "tomo1", "tomo2"]
        assert sorted(row.slot.uuid for row in rows[:3]) == ["tomo1-0", "tomo1-1", "tomo2-0"]
        assert {row.queued_for for row in rows[:3]} == {ANY}
        assert rows[3].state is JobState.QUEUED
        now.station.ask_stop(uids)
    assert tomo3.starts == []


async def test_any_machine_is_the_one_with_most_free_slots(stand, stage):
    stand.scans("scan_1.h5")
    tomo1, tomo2 = Far("tomo1"), Far("tomo2", gpus=2)
    now = await stage(tomo1, tomo2)
    (uid,) = await now.queue(ANY, "scan_1.h5")
    now.station.set_pause("Until both are known.")
    async with now.scheduling():
        await now.wait(lambda: len(now.station.facts.for_any()) == 2)
        await now.wait(lambda: all(now.station.slots.slots(name, "GPU") for name in ("tomo1", "tomo2")))
        now.station.set_pause(None)
    assert now.row(uid).job.machine == "tomo2"


async def test_the_order_of_the_queue_holds_between_any_machine_and_one(stand, stage):
    stand.scans("scan_1.h5", "scan_2.h5", "scan_3.h5")
    tomo1 = Far("tomo1")
    now = await stage(tomo1)
    await now.queue("tomo1", "scan_1.h5")
    await now.queue(ANY, "scan_2.h5")
    await now.queue("tomo1", "scan_3.h5")
    await now.schedule()
    begun = [line.split()[1] for line in stand.runs_file.read_text().splitlines() if "begin" in line]
    assert begun == ["scan_1.h5", "scan_2.h5", "scan_3.h5"]


async def test_any_machines_job_is_anys_again_after_a_start_that_was_cut_off(stand, stage):
    stand.scans("scan_1.h5")
    tomo1, tomo2 = Far("tomo1", gpus=2), Far("tomo2")
    now = await stage(tomo1, tomo2)
    (uid,) = await now.queue(ANY, "scan_1.h5")
    before = now.row(uid).job
    # Both are known before it starts, and tomo1 has more slots.
    tomo1.cut_offs = 1
    real, seen = tomo1.start, []

    async def cut(command, folder, host=""):
        seen.append(now.row(uid).job.machine)
        try:
            return await real(command, folder)
        except TomoBatchError:
            tomo1.cut()
            raise

    tomo1.start = cut
    tomo2.way.clear()
    async with now.scheduling():
        await now.wait(lambda: seen)
        await now.wait(lambda: now.row(uid).state is JobState.QUEUED)
        assert now.row(uid).job == before
        tomo2.way.set()
    assert seen == ["tomo1"]
    assert (now.row(uid).state, now.row(uid).job.machine, now.row(uid).attempt) == (
        JobState.COMPLETE,
        "tomo2",
        2,
    )


async def test_any_machine_is_one_whose_engine_takes_the_options(stand, stage, engine):
    stand.scans("scan_1.h5", "scan_2.h5")
    tomo1, tomo2 = Far("tomo1", gpus=4), Far("tomo2")
    now = await stage(tomo1, tomo2, engines={"tomo1": engine("fbp-filter")})
    (filtered,) = await now.queue(ANY, "scan_1.h5", **{"fbp-filter": "ramp"})
    (plain,) = await now.queue(ANY, "scan_2.h5")
    await now.schedule()
    assert (now.row(filtered).job.machine, now.row(plain).job.machine) == ("tomo2", "tomo1")


async def test_what_no_machine_can_run_fails_with_the_reasons(stand, stage, engine):
    stand.scans("scan_1.h5", "scan_2.h5")
    tomo1, tomo2 = Far("tomo1"), Far("tomo2")
    poor = engine("fbp-filter")
    now = await stage(tomo1, tomo2, engines={"tomo1": poor, "tomo2": poor})
    (uid, other) = await now.queue(ANY, "scan_1.h5", "scan_2.h5", **{"fbp-filter": "ramp"})
    await now.schedule()
    assert now.states(uid, other) == [JobState.FAILED] * 2
    assert now.row(uid).code == "no-machine"
    assert "tomo1: " in now.row(uid).note
    assert "tomo2: " in now.row(uid).note
    # By now it is known before it is queued.
    with pytest.raises(AssertionError, match="No machine ticked for Any machine"):
        await now.queue(ANY, "scan_1.h5", **{"fbp-filter": "ramp"})


async def test_what_any_machine_takes_is_not_lost_with_a_machine_that_is_taken_off(stand, stage):
    stand.scans("scan_1.h5")
    tomo1, tomo2 = Far("tomo1", gpus=2), Far("tomo2")
    now = await stage(tomo1, tomo2)
    (uid,) = await now.queue(ANY, "scan_1.h5")
    starts, (_, second) = now.station._services.starts, now.station.machines.entries
    begin = starts.begin

    def chosen():
        now.station.machines.set([second])
        tomo2.way.set()
        return begin()

    starts.begin = chosen
    tomo2.way.clear()
    await now.schedule()
    assert (now.row(uid).state, now.row(uid).job.machine) == (JobState.COMPLETE, "tomo2")
    assert (tomo1.starts, len(tomo2.starts)) == ([], 1)


async def test_any_machines_job_fails_with_the_reason_where_no_engine_is_found(stand, stage):
    stand.scans("scan_1.h5")
    tomo1 = Far("tomo1")
    now = await stage(tomo1, engines={"tomo1": {"engine": "/not/there"}})
    (uid,) = await now.queue(ANY, "scan_1.h5")
    await now.schedule()
    assert (now.row(uid).state, now.row(uid).code) == (JobState.FAILED, "no-machine")
    assert "/not/there was not found on tomo1: in Machines" in now.row(uid).note
