"""The station: its rights, its housekeeping, the share of a job."""

import os
from dataclasses import replace

import pytest

from tomobatch.batch.job import Job
from tomobatch.batch.journal import Journal
from tomobatch.batch.states import JobState
from tomobatch.config.places import host_state_folder
from tomobatch.machines.slots import Slot
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ReconRequest, ScanFile
from tomobatch.station.station import KEEP_JOBS_S, Station


def job(uid, kind=EngineKind.CPU):
    engine = Engine(kind, ("tomobatch",))
    scan = ScanFile(f"/d/scans/{uid}.h5", 1, 2, 3)
    final = f"/d/scans_rec/{uid}_rec"
    places = (final, f"{final}.partial-{uid}")
    request = ReconRequest(uid, scan, Kind.FULL, 5.0, "typed", (4, 2, 16), {}, engine, *places)
    return Job(uid, Kind.FULL, f"/d/scans/{uid}.h5", "Local", "CPU", request.to_dict(), 0.0)


async def test_only_the_holder_of_the_lease_schedules():
    async with Station() as station:
        with pytest.raises(RuntimeError, match="lease"):
            await station.schedule()


async def test_old_jobs_are_forgotten_with_their_logs():
    state = host_state_folder()
    now = [0.0]
    journal = Journal(state / "journal", clock=lambda: now[0])
    for uid in ("old", "new"):
        journal.add([job(uid)])
        journal.transition(uid, JobState.CANCELLED)
        (state / "jobs" / uid / "1").mkdir(parents=True)
        now[0] = 2 * KEEP_JOBS_S
    journal.close()
    async with Station() as station:
        assert station.lease.try_take()
        assert await station.schedule() == set()
        assert [row.uid for row in station.journal.rows()] == ["new"]
    assert [folder.name for folder in (state / "jobs").iterdir()] == ["new"]


async def test_cpu_slots_share_cores_and_memory():
    async with Station() as station:
        (row,) = station.journal.add([job("a")])
        station.journal.set_slot_count("Local", "CPU", 1)
        alone = station.slots.share(row, Slot("CPU", "0"))
        station.journal.set_slot_count("Local", "CPU", 4)
        shared = station.slots.share(row, Slot("CPU", "0"))
    cores = len(os.sched_getaffinity(0))
    assert (alone["OMP_NUM_THREADS"], shared["OMP_NUM_THREADS"]) == (str(cores), str(max(1, cores // 4)))
    assert int(shared["TOMOBATCH_MEMORY_MB"]) == int(alone["TOMOBATCH_MEMORY_MB"]) // 4


async def test_the_gpu_travels_with_the_job_by_uuid_where_it_is_known():
    async with Station() as station:
        (row,) = station.journal.add([replace(job("a", EngineKind.TOMOCUPY), slot_kind="GPU")])
        assert station.slots.share(row, Slot("GPU", "1", "GPU-ab"))["CUDA_VISIBLE_DEVICES"] == "GPU-ab"
        assert station.slots.share(row, Slot("GPU", "1"))["CUDA_VISIBLE_DEVICES"] == "1"
