"""Whatever is killed, and whenever: no job runs twice, none is forgotten, and what is said of it is true."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from machines import driver
from machines.helpers import lines_in, run, running, shell, updates_of
from tomobatch.config.places import lock_folder
from tomobatch.errors import TomoBatchError
from tomobatch.machines import wrapper
from tomobatch.machines.base import Handle, OutcomeKind, State

APP = Path(__file__).resolve().parents[2] / "app"


def killed_at(point, folder, ran):
    command = [sys.executable, driver.__file__, point, str(folder), str(ran)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(APP)}, check=False)
    assert done.returncode == -signal.SIGKILL


def make_lock_file():
    """Where it is there already, the program takes the lock before it spawns."""
    Path(wrapper.lock_file(lock_folder(), driver.LOCK_KEY)).touch()


async def recovered(machine, folder, again):
    """What a program does that finds a job in its journal without an end: follow it, or start it anew."""
    finding = await machine.find(folder)
    if finding.state is State.NEVER_STARTED:
        return (await run(machine, again[0], again[1]))[1]
    return (await updates_of(machine, finding.handle))[-1]


@pytest.mark.parametrize("point", driver.POINTS)
async def test_a_program_killed_at_any_point_runs_its_job_once(machine, attempts, tmp_path, point):
    ran, folder = tmp_path / "ran", next(attempts)
    folder.parent.mkdir()
    make_lock_file()
    killed_at(point, folder, ran)
    again = shell('echo ran >>"$1"', ran, lock_key=driver.LOCK_KEY)
    outcome = await recovered(machine, folder, (again, next(attempts)))
    assert (outcome.kind, outcome.exit_status) == (OutcomeKind.EXITED, 0)
    assert lines_in(ran) == ["ran"]
    _, after = await run(machine, shell("exit 0", lock_key=driver.LOCK_KEY), next(attempts))
    assert after.exit_status == 0


async def test_what_is_spawned_late_does_not_run_beside_its_successor(
    machine, new_machine, attempt, tmp_path
):
    ran, slow = tmp_path / "ran", tmp_path / "slow sh"
    slow.write_text('#!/bin/sh\nsleep 0.2\nexec sh "$@"\n')
    slow.chmod(0o755)
    late = asyncio.create_task(new_machine(shell=str(slow)).start(shell('echo ran >>"$1"', ran), attempt))
    await asyncio.sleep(0.05)
    assert (await machine.find(attempt)).state is State.NEVER_STARTED
    with pytest.raises(TomoBatchError) as caught:
        await late
    assert caught.value.code == "could-not-start"
    assert (await machine.find(attempt)).state is State.NEVER_STARTED
    assert lines_in(ran) == []


async def test_who_looks_while_it_starts_is_told_the_truth(machine, attempts, tmp_path):
    verdicts = set()
    for number in range(30):
        ran, attempt = tmp_path / f"ran {number}", next(attempts)
        starting = asyncio.create_task(machine.start(shell('echo ran >>"$1"', ran), attempt))
        await asyncio.sleep(number * 0.0004)
        finding = await machine.find(attempt)
        verdicts.add(finding.state is State.NEVER_STARTED)
        if finding.state is State.NEVER_STARTED:
            with pytest.raises(TomoBatchError):
                await starting
            assert lines_in(ran) == []
        else:
            handle = await starting
            assert finding.handle == handle
            assert (await updates_of(machine, handle))[-1].exit_status == 0
            assert lines_in(ran) == ["ran"]
    assert verdicts


async def test_a_job_that_never_started_never_will(machine, attempt):
    assert (await machine.find(attempt)).state is State.NEVER_STARTED
    with pytest.raises(TomoBatchError) as caught:
        await machine.start(shell("exit 0"), attempt)
    assert caught.value.code == "could-not-start"
    assert (await machine.find(attempt)).state is State.NEVER_STARTED


async def test_a_restart_of_the_machine_ends_its_jobs(machine, new_machine, attempts, tmp_path):
    other_boot = tmp_path / "boot_id"
    other_boot.write_text("11111111-2222-3333-4444-555555555555\n")
    later = new_machine(boot_id_file=other_boot)
    ended, cut = next(attempts), next(attempts)
    _, outcome = await run(machine, shell("exit 4"), ended)
    handle = await machine.start(shell("echo begun; exec sleep 60"), cut)
    pid = await running(machine, handle)
    assert (await later.find(ended)).outcome == outcome
    lost = (await later.find(cut)).outcome
    assert lost.kind is OutcomeKind.LOST
    assert lost.why == "The machine was restarted while the job was under way."
    # whoever has these pids after a restart is somebody else
    assert await later.stop(handle) == lost
    assert (await machine.find(cut)).state is State.RUNNING
    os.kill(pid, 0)
    assert (await machine.stop(handle)).kind is OutcomeKind.STOPPED


async def test_a_job_of_an_earlier_boot_is_followed_to_its_end_at_once(
    machine, new_machine, attempt, tmp_path
):
    other_boot = tmp_path / "boot_id"
    other_boot.write_text("11111111-2222-3333-4444-555555555555\n")
    gone = new_machine(boot_id_file=other_boot)
    handle = await machine.start(shell("echo begun; exec sleep 60"), attempt)
    await running(machine, handle)
    assert (await updates_of(gone, handle))[-1].kind is OutcomeKind.LOST
    await machine.stop(handle)


async def test_damaged_records_are_said_and_nothing_is_guessed(new_machine, attempt):
    machine = new_machine(claim_patience_s=0.05)
    handle = await machine.start(shell("exit 0"), attempt)
    await updates_of(machine, handle)
    status = (attempt / "status").read_bytes()
    # a power cut can leave any of these
    for text in (b"", b"\0" * 4096, status[:20], status.replace(b"end\n", b""), b"kind of odd\nend\n"):
        (attempt / "status").write_bytes(text)
        outcome = (await machine.find(attempt)).outcome
        assert outcome.kind is OutcomeKind.LOST
        assert await machine.stop(handle) == outcome
    (attempt / "status").unlink()
    for text in (b"", b"\0\0\0", b"boot 1 x\n"):
        (attempt / "claim").write_bytes(text)
        found = await machine.find(attempt)
        assert (found.handle, found.outcome.kind) == (None, OutcomeKind.LOST)
        assert found.outcome.why == "The record of its start is damaged."


async def test_a_claim_without_its_line_is_never_taken_for_none(new_machine, attempt, tmp_path):
    machine = new_machine(claim_patience_s=0.05)
    attempt.mkdir(parents=True)
    # what is left where its maker was killed before it could write
    (attempt / "claim").touch()
    with pytest.raises(TomoBatchError) as caught:
        await machine.start(shell('echo ran >>"$1"', tmp_path / "ran"), attempt)
    assert caught.value.code == "could-not-start"
    assert (await machine.find(attempt)).outcome.kind is OutcomeKind.LOST
    assert (attempt / "claim").read_bytes() == b""
    assert lines_in(tmp_path / "ran") == []


async def test_who_finds_a_claim_without_its_line_looks_again(machine, attempts):
    handle = await machine.start(shell("exit 5"), next(attempts))
    outcome = (await updates_of(machine, handle))[-1]
    claim = handle.folder / "claim"
    line = claim.read_bytes()
    for part in (b"", line[:20], line[:-2]):
        claim.write_bytes(part)
        finding = asyncio.create_task(machine.find(handle.folder))
        await asyncio.sleep(0.02)
        claim.write_bytes(line)
        found = await finding
        assert (found.handle, found.outcome) == (handle, outcome)


async def test_a_claim_that_is_taken_back_was_no_start(machine, attempt):
    attempt.mkdir(parents=True)
    (attempt / "claim").touch()
    finding = asyncio.create_task(machine.find(attempt))
    await asyncio.sleep(0.02)
    (attempt / "claim").unlink()
    assert (await finding).state is State.NEVER_STARTED


async def test_a_job_whose_folder_is_taken_away_still_ends(machine, attempt):
    handle = await machine.start(shell("exec sleep 60"), attempt)
    await running(machine, handle)
    follower = asyncio.create_task(updates_of(machine, handle))
    await asyncio.sleep(0.05)
    attempt.rename(attempt.with_name("elsewhere"))
    outcome = await machine.stop(handle)
    assert outcome.kind is OutcomeKind.LOST
    assert (await follower)[-1] == outcome
    assert not attempt.exists()


async def test_a_handle_survives_being_written_down(machine, attempt):
    handle = await machine.start(shell("exit 0"), attempt)
    assert Handle.from_json(handle.to_json()) == handle
    await updates_of(machine, handle)
