"""Links that are cut, fall silent, or whose server is restarted: nothing runs twice, nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

from machines.conftest import QUICK
from machines.helpers import lines_in, output_in, running, said, shell, until, updates_of
from tomobatch.errors import TomoBatchError, UnreachableError
from tomobatch.machines.base import OutcomeKind, Reach, State
from tomobatch.machines.far_worker import far_worker
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.receipt import RunFacts, read_receipt
from tomobatch.recon.request import ReconRequest, ScanFile


async def test_a_log_is_read_on_where_the_link_broke(relay, new_ssh, tmp_path):
    machine = new_ssh("far")
    folder = await machine.attempt_folder(tmp_path, "job", 1)
    script = (
        "i=0; while [ $i -lt 400 ]; do echo line $i; i=$((i+1)); [ $((i % 40)) != 0 ] || sleep 0.05; done"
    )
    handle = await machine.start(shell(script), folder)
    follower = asyncio.create_task(updates_of(machine, handle))
    for _ in range(6):
        await asyncio.sleep(0.08)
        relay.cut()
    updates = await follower
    assert output_in(updates) == b"".join(b"line %d\n" % number for number in range(400))
    assert updates[-1].exit_status == 0
    assert (tmp_path / "mirror" / "job" / "1" / "log").read_bytes() == output_in(updates)


async def test_a_log_is_whole_for_the_next_program(server, new_ssh, tmp_path):
    first = new_ssh()
    folder = await first.attempt_folder(tmp_path, "job", 1)
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    handle = await first.start(shell('echo one; read line <"$1"; echo two', gate), folder)
    await said(first, handle, b"one\n")
    await first.close()
    gate.write_text("go\n")
    assert output_in(await updates_of(new_ssh(), handle)) == b"one\ntwo\n"
    # what is here is not fetched again
    (tmp_path / "mirror" / "job" / "1" / "log").write_bytes(b"ONE\n")
    assert output_in(await updates_of(new_ssh(), handle)) == b"ONE\ntwo\n"


async def test_two_who_follow_one_job_keep_one_log(server, new_ssh, tmp_path):
    machine = new_ssh()
    handle = await machine.start(shell("echo one; sleep 0.2; echo two"), tmp_path / "job" / "1")
    both = await asyncio.gather(updates_of(machine, handle), updates_of(machine, handle))
    assert [output_in(updates) for updates in both] == [b"one\ntwo\n"] * 2
    assert (tmp_path / "mirror" / "job" / "1" / "log").read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("after", [1, 400, 3000, 9000])
async def test_a_link_cut_while_a_job_starts_starts_it_once_or_never(relay, new_ssh, tmp_path, after):
    """Somewhere on the way: before the call, within it, or before its answer."""
    machine = new_ssh("far")
    ran, folder = tmp_path / "ran", await machine.attempt_folder(tmp_path, "job", 1)
    command = shell('echo ran >>"$1"', ran, "x" * 6000)
    relay.cut_after(after)
    (handle,) = await asyncio.gather(machine.start(command, folder), return_exceptions=True)
    if isinstance(handle, TomoBatchError):
        assert handle.code == "cut-off"
        assert (await machine.find(folder)).state is State.NEVER_STARTED
        await asyncio.sleep(0.2)
        assert lines_in(ran) == []
    else:
        assert (await updates_of(machine, handle))[-1].exit_status == 0
        assert lines_in(ran) == ["ran"]


async def test_an_answer_that_is_lost_does_not_start_a_job_twice(relay, new_ssh, tmp_path):
    """What it began there is found, and nothing is begun in another folder."""
    machine = new_ssh("far", timing=replace(QUICK, alive_s=60))
    ran, folder = tmp_path / "ran", await machine.attempt_folder(tmp_path, "job", 1)
    relay.keep_answers()
    starting = asyncio.create_task(machine.start(shell('echo ran >>"$1"; exec sleep 60', ran), folder))
    await until(lambda: (Path(folder) / "claim").exists() and lines_in(ran))
    assert not starting.done()
    relay.cut()
    handle = await starting
    await running(machine, handle)
    assert lines_in(ran) == ["ran"]
    assert (await machine.stop(handle)).kind is OutcomeKind.STOPPED


async def test_a_link_cut_while_a_job_is_stopped(relay, new_ssh, tmp_path):
    machine = new_ssh("far")
    folder = await machine.attempt_folder(tmp_path, "job", 1)
    handle = await machine.start(shell("trap '' TERM; echo up; while :; do sleep 0.05; done"), folder)
    await said(machine, handle, b"up\n")
    stopping = asyncio.create_task(machine.stop(handle))
    for _ in range(5):
        await asyncio.sleep(0.1)
        relay.cut()
    outcome = await stopping
    assert (outcome.kind, outcome.left) == (OutcomeKind.STOPPED, ())
    assert (await machine.find(folder)).outcome == outcome


async def test_a_silent_link_is_found_dead_within_moments(relay, new_ssh, tmp_path):
    machine = new_ssh("far")
    told = []
    machine.watchers.append(lambda: told.append(machine.standing.reach))
    folder = await machine.attempt_folder(tmp_path, "job", 1)
    handle = await machine.start(shell("sleep 0.5; echo done"), folder)
    follower = asyncio.create_task(updates_of(machine, handle))
    await running(machine, handle)
    relay.fall_silent()
    await until(lambda: machine.standing.reach is Reach.LOST)
    assert machine.standing.code == "unreachable"
    with pytest.raises(TomoBatchError) as caught:
        async with asyncio.timeout(6):
            await machine.run_short(["true"], 5)
    assert caught.value.code == "unreachable"
    assert not follower.done()
    relay.flow()
    assert output_in(await follower) == b"done\n"
    turns = [reach for before, reach in itertools.pairwise([None, *told]) if reach is not before]
    assert turns == [Reach.REACHABLE, Reach.LOST, Reach.REACHABLE]


async def test_a_server_that_is_restarted_costs_nothing(server, ssh, tmp_path):
    folder = await ssh.attempt_folder(tmp_path, "job", 1)
    handle = await ssh.start(shell("echo one; sleep 1; echo two"), folder)
    follower = asyncio.create_task(updates_of(ssh, handle))
    await running(ssh, handle)
    server.stop()
    await until(lambda: ssh.standing.reach is Reach.LOST)
    server.start()
    updates = await follower
    assert output_in(updates) == b"one\ntwo\n"
    assert updates[-1].exit_status == 0


async def test_results_are_judged_over_there(relay, new_ssh, tmp_path):
    """By a Python of that host; a call that the link broke under may be repeated."""
    program = tmp_path / "engine"
    program.write_text(f"#!{sys.executable}\n")
    program.chmod(0o755)
    machine = new_ssh("far", environment="export FROM_ENVIRONMENT=yes")
    worker = far_worker(machine, str(program), "tomobatch.recon.finish")
    partial = tmp_path / "scans_rec" / "a_rec.partial-job1"
    partial.mkdir(parents=True)
    engine = Engine(EngineKind.TOMOCUPY, (str(program),))
    final = str(tmp_path / "scans_rec" / "a_rec")
    scan = ScanFile(str(tmp_path / "scans" / "a.h5"), 1, 2, 3)
    shape = (4, 2, 16)
    request = ReconRequest("job1", scan, Kind.FULL, 5.0, "typed", shape, {}, engine, final, str(partial))
    facts = asdict(RunFacts(("tomocupy",), "tomo1", "GPU 0", 1.0, 2.0))
    finish = ("tomobatch.recon.finish:finish", request.to_dict(), facts)
    try:
        verdict = await worker.call(*finish, timeout_s=30)
        assert verdict["code"] == "no-output"
        relay.cut()
        for row in range(2):
            picture = np.random.default_rng(row).random((16, 16), dtype=np.float32)
            tifffile.imwrite(partial / f"recon_{row:05d}.tiff", picture)
        with contextlib.suppress(UnreachableError):
            await worker.call(*finish, timeout_s=30)
        verdict = await worker.call(*finish, timeout_s=30)
        assert verdict["code"] == "good"
        assert read_receipt(Path(final)).job_id == "job1"
    finally:
        await worker.close()
