"""Stopping: the whole group ends, and what is reported is what was seen."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from machines.conftest import GRACES
from machines.helpers import group_is_gone, is_gone, lines_in, run, running, said, shell, until, updates_of
from tomobatch.machines.base import Command, Graces, OutcomeKind, Running, State, Waiting
from tomobatch.machines.processes import look


async def test_a_job_that_heeds_sigterm(machine, attempt):
    handle = await machine.start(shell("echo up; exec sleep 60"), attempt)
    pid = await running(machine, handle)
    follower = asyncio.create_task(updates_of(machine, handle))
    outcome = await machine.stop(handle)
    assert (outcome.kind, outcome.signal) == (OutcomeKind.STOPPED, signal.SIGTERM)
    assert outcome.why == "It was stopped by SIGTERM."
    assert is_gone(pid)
    assert (await follower)[-1] == outcome
    assert (await machine.find(attempt)).outcome == outcome


async def test_a_job_that_needs_a_second_sigterm(machine, attempt):
    script = "trap 'trap \"exit 4\" TERM' TERM; echo up; while :; do sleep 0.02; done"
    handle = await machine.start(shell(script), attempt)
    await said(machine, handle, b"up\n")
    outcome = await machine.stop(handle)
    assert (outcome.kind, outcome.exit_status) == (OutcomeKind.STOPPED, 4)
    assert outcome.why == "It was stopped by a second SIGTERM."


async def test_a_job_that_ignores_sigterm_is_killed_with_its_children(machine, attempt):
    script = "trap '' TERM; sleep 60 & sleep 61 & echo up; while :; do sleep 0.05; done"
    handle = await machine.start(shell(script), attempt)
    await said(machine, handle, b"up\n")
    pid = await running(machine, handle)
    outcome = await machine.stop(handle)
    assert (outcome.kind, outcome.signal) == (OutcomeKind.STOPPED, signal.SIGKILL)
    assert outcome.why == "It did not heed SIGTERM and was stopped by SIGKILL."
    assert outcome.left == ()
    assert group_is_gone(pid)


async def test_children_that_ignore_sigterm_are_ended_though_their_parent_heeds_it(machine, attempt):
    script = "(trap '' TERM; echo up; while :; do sleep 0.05; done) & exec sleep 60"
    handle = await machine.start(shell(script), attempt)
    await said(machine, handle, b"up\n")
    pid = await running(machine, handle)
    outcome = await machine.stop(handle)
    assert outcome.why == "It did not heed SIGTERM and was stopped by SIGKILL."
    assert group_is_gone(pid)


async def test_children_left_behind_are_ended_and_said(machine, attempt):
    # their hold on the log, or a GPU, would outlive the job
    handle = await machine.start(shell("sleep 60 & sleep 61 & echo done; exit 0"), attempt)
    updates = await updates_of(machine, handle)
    outcome = updates[-1]
    assert (outcome.kind, outcome.exit_status, outcome.swept) == (OutcomeKind.EXITED, 0, 2)
    assert "It left 2 processes behind, which had to be ended." in outcome.why
    assert group_is_gone(updates[0].pid)


async def test_children_that_end_by_themselves_are_not_left_behind(machine, attempt):
    _, outcome = await run(machine, shell("sleep 0.01 & exit 0"), attempt)
    assert outcome.why == "The program ended with status 0."


async def test_what_cannot_be_ended_is_said(new_machine, attempt):
    # giving up before SIGKILL is what a process in an endless system call looks like
    machine = new_machine(graces=Graces(again_s=0.1, kill_s=60, give_up_s=0.3))
    handle = await machine.start(shell("trap '' TERM; echo up; while :; do sleep 0.05; done"), attempt)
    await said(machine, handle, b"up\n")
    pid = await running(machine, handle)
    outcome = await machine.stop(handle)
    assert outcome.kind is OutcomeKind.STOPPED
    assert pid in outcome.left
    assert "Not even SIGKILL ended process" in outcome.why
    assert str(pid) in outcome.why
    os.killpg(pid, signal.SIGKILL)


async def test_stopping_twice_is_stopping_once(machine, attempt):
    handle = await machine.start(shell("trap '' TERM; echo up; while :; do sleep 0.05; done"), attempt)
    await said(machine, handle, b"up\n")
    first, second = await asyncio.gather(machine.stop(handle), machine.stop(handle))
    assert first == second == await machine.stop(handle)
    assert first.kind is OutcomeKind.STOPPED


async def test_stopping_what_has_ended_changes_nothing(machine, attempt):
    handle = await machine.start(shell("exit 6"), attempt)
    outcome = (await updates_of(machine, handle))[-1]
    assert await machine.stop(handle) == outcome
    assert outcome.exit_status == 6


async def test_a_job_found_again_can_be_stopped(machine, new_machine, attempt):
    pid = await running(machine, await machine.start(shell("exec sleep 60"), attempt))
    later = new_machine()
    outcome = await later.stop((await later.find(attempt)).handle)
    assert outcome.kind is OutcomeKind.STOPPED
    assert is_gone(pid)


async def test_a_waiting_job_can_be_stopped_and_leaves_the_queue(machine, attempts, tmp_path):
    ran = tmp_path / "ran"
    holder = await machine.start(shell("exec sleep 60", lock_key="GPU-1", holder="A"), next(attempts))
    await running(machine, holder)
    attempt = next(attempts)
    waiter = await machine.start(shell('echo ran >>"$1"', ran, lock_key="GPU-1", holder="B"), attempt)
    follower = asyncio.create_task(updates_of(machine, waiter))
    await until((attempt / "waiting").exists)
    assert (await machine.find(attempt)).state is State.WAITING
    outcome = await machine.stop(waiter)
    assert outcome.kind is OutcomeKind.STOPPED
    assert outcome.why == "It was stopped before the program started."
    updates = await follower
    assert updates[-1] == outcome
    assert all(isinstance(update, Waiting) for update in updates[:-1])
    await machine.stop(holder)
    _, after = await run(machine, shell("exit 0", lock_key="GPU-1"), next(attempts))
    assert after.exit_status == 0
    assert lines_in(ran) == []


async def test_stopping_at_any_moment_ends_the_job(machine, attempts, tmp_path):
    ran = tmp_path / "ran"
    for number in range(15):
        command = shell('echo ran >>"$1"; exec sleep 60', ran, lock_key=f"GPU-{number % 3}")
        handle = await machine.start(command, next(attempts))
        await asyncio.sleep(number * 0.0007)
        outcome = await machine.stop(handle)
        assert outcome.kind is OutcomeKind.STOPPED
        assert outcome.left == ()
        finding = await machine.find(handle.folder)
        assert finding.outcome == outcome
    assert len(lines_in(ran)) <= 15


async def test_a_killed_wrapper_leaves_a_program_that_is_found_and_stopped(machine, attempt):
    script = "trap '' TERM; echo up; while :; do sleep 0.05; done"
    handle = await machine.start(shell(script), attempt)
    await said(machine, handle, b"up\n")
    pid = await running(machine, handle)
    follower = asyncio.create_task(updates_of(machine, handle))
    os.kill(handle.pid, signal.SIGKILL)
    lost = (await follower)[-1]
    assert lost.kind is OutcomeKind.LOST
    assert pid in lost.left
    assert "was killed; the program still runs" in lost.why
    assert (await machine.find(attempt)).outcome.kind is OutcomeKind.LOST
    outcome = await machine.stop(handle)
    assert outcome.kind is OutcomeKind.STOPPED
    assert outcome.left == ()
    assert group_is_gone(pid)
    assert (await machine.find(attempt)).outcome.left == ()


async def test_a_killed_wrapper_whose_program_has_ended(machine, attempt, tmp_path):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    handle = await machine.start(shell('read line <"$1"', gate), attempt)
    pid = await running(machine, handle)
    os.kill(handle.pid, signal.SIGKILL)
    gate.write_text("go\n")
    await until(lambda: is_gone(pid))
    outcome = (await updates_of(machine, handle))[-1]
    assert (outcome.kind, outcome.left) == (OutcomeKind.LOST, ())
    assert "nobody saw how the program ended" in outcome.why


async def test_a_wrapper_that_does_not_answer_cannot_hold_up_a_stop(new_machine, attempt):
    machine = new_machine(graces=Graces(again_s=0.1, kill_s=0.2, give_up_s=0.4))
    handle = await machine.start(shell("exec sleep 60"), attempt)
    pid = await running(machine, handle)
    os.kill(handle.pid, signal.SIGSTOP)
    outcome = await machine.stop(handle)
    assert outcome.kind is OutcomeKind.STOPPED
    assert is_gone(pid)


async def test_a_pid_used_again_is_left_alone(machine, attempt):
    handle = await machine.start(shell("exec sleep 60"), attempt)
    pid = await running(machine, handle)
    bystander = await asyncio.create_subprocess_exec("sleep", "60", start_new_session=True)
    try:
        start_time = look(bystander.pid).start_time - 1
        # kill both, then make their records name a process that has their pid, but another start
        os.kill(handle.pid, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: is_gone(pid) and is_gone(handle.pid))
        (attempt / "engine").write_text(f"{bystander.pid} {start_time}\n")
        (attempt / "claim").write_text(f"{handle.boot_id} {bystander.pid} {start_time}\n")
        found = await machine.find(attempt)
        assert (found.outcome.kind, found.outcome.left) == (OutcomeKind.LOST, ())
        assert (await machine.stop(found.handle)).kind is OutcomeKind.LOST
        assert bystander.returncode is None
        assert not is_gone(bystander.pid)
    finally:
        bystander.kill()
        await bystander.wait()


async def test_graces_are_those_that_the_job_was_started_with(machine, attempt):
    assert GRACES.kill_s < 1
    code = (
        "import os, signal, time; signal.signal(signal.SIGTERM, lambda *_: os.write(1, b'TERM\\n'))\n"
        "print('up', flush=True)\nwhile True: time.sleep(1)"
    )
    handle = await machine.start(Command((sys.executable, "-c", code)), attempt)
    await said(machine, handle, b"up\n")
    await machine.stop(handle)
    updates = await updates_of(machine, handle)
    assert isinstance(updates[0], Running)
    assert (attempt / "log").read_text() == "up\nTERM\nTERM\n"
