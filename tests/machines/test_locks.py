"""One job a GPU, between programs and between users; waiting is seen, ends at once, and can be stopped."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pwd
import signal
from pathlib import Path

import pytest

from machines.helpers import is_gone, lines_in, output_in, run, running, shell, until, updates_of, waits
from tomobatch.machines import wrapper
from tomobatch.machines.base import OutcomeKind, Running, Waiting

KEY = "GPU-5c89852c/../x y"
PROTECTED_REGULAR = Path("/proc/sys/fs/protected_regular")


@pytest.fixture
def lock_folder(tmp_path):
    folder = tmp_path / "lock folder"
    folder.mkdir(mode=0o1777)
    folder.chmod(0o1777)
    return folder


@pytest.fixture(params=["taken by the wrapper", "taken before the spawn"])
def lock(request, lock_folder):
    """The lock file, which the first job finds missing, or there and free."""
    file = Path(wrapper.lock_file(lock_folder, KEY))
    if request.param == "taken before the spawn":
        file.touch()
        file.chmod(0o666)
    return file


@pytest.fixture
def machine(new_machine, lock):
    return new_machine(lock_folder=lock.parent)


@pytest.fixture
def gate(tmp_path):
    os.mkfifo(tmp_path / "gate")
    return tmp_path / "gate"


@pytest.fixture
def gated_machine(new_machine, lock_folder, tmp_path, gate):
    """Its wrappers are spawned and wait at the gate before they do anything."""
    shell_file = tmp_path / "gated sh"
    shell_file.write_text(f'#!/bin/sh\nread line <"{gate}"\nexec "{new_machine.shell}" "$@"\n')
    shell_file.chmod(0o755)
    return new_machine(lock_folder=lock_folder, shell=str(shell_file))


def is_held(lock):
    """As the kernel tells it, because to try would be to take it."""
    inode = f":{lock.stat().st_ino} "
    return any("FLOCK" in line and inode in line for line in lines_in(Path("/proc/locks")))


def is_open_here(file):
    return any(entry.exists() and entry.samefile(file) for entry in Path("/proc/self/fd").iterdir())


def job(script, *arguments, holder="A"):
    return shell(script, *arguments, lock_key=KEY, holder=holder)


async def test_jobs_with_one_key_run_one_after_the_other(
    machine, new_machine, lock_folder, attempts, tmp_path
):
    ran = tmp_path / "ran"
    script = 'echo in >>"$1"; sleep 0.03; echo out >>"$1"'
    machines = [machine, new_machine(lock_folder=lock_folder)]
    runs = (run(machines[number % 2], job(script, ran), next(attempts)) for number in range(6))
    outcomes = [outcome for _, outcome in await asyncio.gather(*runs)]
    assert [outcome.exit_status for outcome in outcomes] == [0] * 6
    assert lines_in(ran) == ["in", "out"] * 6


async def test_other_keys_do_not_wait(machine, attempts):
    held = await machine.start(shell("exec sleep 60", lock_key="a/b"), next(attempts))
    await running(machine, held)
    for key in ("a_b", "a%2Fb", "a", None):
        _, outcome = await run(machine, shell("exit 0", lock_key=key), next(attempts))
        assert outcome.exit_status == 0
    await machine.stop(held)


async def test_waiting_is_shown_and_ends_when_the_lock_is_free(machine, attempts, gate):
    holder = await machine.start(job('read line <"$1"', gate, holder="Bob's window, é"), next(attempts))
    await running(machine, holder)
    waiter = await machine.start(job("echo mine"), next(attempts))
    updates = []

    async def follow():
        async for update in machine.follow(waiter):
            updates.append(update)  # noqa: PERF401 - looked at meanwhile

    follower = asyncio.create_task(follow())
    await until(lambda: updates)
    assert updates[0] == Waiting("Bob's window, é")
    assert (await machine.find(waiter.folder)).holder == "Bob's window, é"
    gate.write_text("go\n")
    await follower
    assert isinstance(updates[1], Running)
    assert output_in(updates) == b"mine\n"


async def test_the_lock_of_another_program_is_heeded(machine, attempt, lock):
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("some\x1b[31mone\nsecond line\n" + "x" * 1000)
        file.flush()
        waiter = await machine.start(job("exit 0"), attempt)
        await waits(machine, waiter, "some\N{REPLACEMENT CHARACTER}[31mone")
    assert (await updates_of(machine, waiter))[-1].exit_status == 0


async def test_who_holds_it_now_is_shown(machine, attempt, lock):
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("first\n")
        file.flush()
        waiter = await machine.start(job("exit 0"), attempt)
        async with contextlib.aclosing(machine.follow(waiter)) as updates:
            assert await anext(updates) == Waiting("first")
            # in one go: a look between emptying and writing would find nobody named
            os.pwrite(file.fileno(), b"second\n", 0)
            assert await anext(updates) == Waiting("second")
            fcntl.flock(file, fcntl.LOCK_UN)
            assert isinstance(await anext(updates), Running)


async def test_what_escapes_from_the_group_does_not_keep_the_lock(machine, attempts):
    held = await machine.start(job("setsid sleep 60 >/dev/null 2>&1 & echo $!; sleep 0.1"), next(attempts))
    escaped = int(output_in(await updates_of(machine, held)))
    _, outcome = await run(machine, job("exit 0"), next(attempts))
    assert outcome.exit_status == 0
    assert not is_gone(escaped)
    os.kill(escaped, signal.SIGKILL)


async def test_the_lock_is_kept_until_the_last_of_the_group_has_ended(machine, attempts, tmp_path):
    ran = tmp_path / "ran"
    script = """
        (trap "" TERM; : >"$2"; sleep 0.4; echo child >>"$1") &
        while [ ! -e "$2" ]; do sleep 0.01; done"""
    first = await machine.start(job(script, ran, tmp_path / "up"), next(attempts))
    await running(machine, first)
    _, outcome = await run(machine, job('echo next >>"$1"', ran), next(attempts))
    assert outcome.exit_status == 0
    assert lines_in(ran) == ["child", "next"]


async def test_a_killed_wrapper_frees_the_lock(machine, attempts):
    held = await machine.start(job("exec sleep 60"), next(attempts))
    pid = await running(machine, held)
    os.kill(held.pid, signal.SIGKILL)
    _, outcome = await run(machine, job("exit 0"), next(attempts))
    assert outcome.exit_status == 0
    os.kill(pid, signal.SIGKILL)


async def test_a_lock_file_that_was_cleaned_away_lets_nobody_in_twice(machine, attempts, lock, gate):
    holder = await machine.start(job('read line <"$1"', gate), next(attempts))
    await running(machine, holder)
    waiter = await machine.start(job("sleep 0.1; exit 0", holder="B"), next(attempts))
    await waits(machine, waiter, "A")
    lock.unlink()
    # the third makes a new file; the second, once it has the lock on the old one, must not run beside it
    third = await machine.start(job("exec sleep 60", holder="C"), next(attempts))
    await running(machine, third)
    gate.write_text("go\n")
    await waits(machine, waiter, "C")
    await machine.stop(third)
    assert (await updates_of(machine, waiter))[-1].exit_status == 0
    assert lock.read_text() == "B\n"


@pytest.mark.parametrize("make", ["link", "folder", "pipe", "no folder"])
async def test_what_is_no_lock_file_is_refused(machine, attempt, lock, lock_folder, tmp_path, make):
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    lock.unlink(missing_ok=True)
    if make == "link":
        lock.symlink_to(precious)
    elif make == "folder":
        lock.mkdir()
    elif make == "pipe":
        os.mkfifo(lock)
    else:
        lock_folder.rmdir()
    _, outcome = await run(machine, job("exit 0"), attempt)
    assert outcome.kind is OutcomeKind.COULD_NOT_START
    assert outcome.why == f"The lock file {lock} cannot be opened."
    assert precious.read_text() == "keep me"


@pytest.mark.here_only
async def test_every_user_may_take_the_lock(machine, attempt, lock):
    old = os.umask(0o077)
    try:
        _, outcome = await run(machine, job("umask"), attempt)
    finally:
        os.umask(old)
    assert outcome.exit_status == 0
    assert lock.stat().st_mode & 0o777 == 0o666
    assert (attempt / "log").stat().st_mode & 0o777 == 0o600
    assert (attempt / "log").read_text().strip() == "0077"


@contextlib.contextmanager
def sticky_folders_protected():
    """As Debian and Ubuntu set it: in a sticky folder nobody opens another's file with O_CREAT.

    Where the host has it off, root turns it on for this test; a host that allows neither is tested as it is.
    """
    before = PROTECTED_REGULAR.read_text()
    try:
        if before.strip() == "0" and os.access(PROTECTED_REGULAR, os.W_OK):
            with contextlib.suppress(OSError):
                PROTECTED_REGULAR.write_text("1")
        yield
    finally:
        if PROTECTED_REGULAR.read_text() != before:
            PROTECTED_REGULAR.write_text(before)


async def test_the_lock_file_of_another_user_in_a_sticky_folder(machine, attempt, lock):
    lock.touch()
    lock.chmod(0o666)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(lock, nobody.pw_uid, nobody.pw_gid)
    with sticky_folders_protected():
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write("nobody's job\n")
            file.flush()
            waiter = await machine.start(job("exit 0", holder="me"), attempt)
            await waits(machine, waiter, "nobody's job")
        assert (await updates_of(machine, waiter))[-1].exit_status == 0
    assert lock.read_text() == "me\n"


@pytest.mark.here_only
async def test_the_lock_is_held_from_before_the_spawn_until_the_job_has_ended(
    gated_machine, lock, attempt, gate
):
    lock.touch()
    starting = asyncio.create_task(gated_machine.start(job('read line <"$1"', gate), attempt))
    await until(lambda: is_held(lock))
    assert not (attempt / "claim").exists()
    gate.write_text("spawn\n")
    handle = await starting
    await running(gated_machine, handle)
    assert is_held(lock)
    assert lock.read_text() == "A\n"
    gate.write_text("end\n")
    assert (await updates_of(gated_machine, handle))[-1].exit_status == 0
    assert not is_held(lock)


@pytest.mark.here_only
async def test_a_lock_taken_before_the_spawn_is_the_wrappers_alone(gated_machine, lock, attempt, gate):
    lock.touch()
    starting = asyncio.create_task(gated_machine.start(job("exit 0"), attempt))
    await until(lambda: is_held(lock) and not is_open_here(lock))
    gate.write_text("spawn\n")
    assert (await updates_of(gated_machine, await starting))[-1].exit_status == 0


@pytest.mark.here_only
async def test_a_lock_file_replaced_after_it_was_taken_keeps_others_out_all_the_same(
    gated_machine, lock, attempt, gate
):
    lock.touch()
    starting = asyncio.create_task(gated_machine.start(job("exit 0"), attempt))
    await until(lambda: is_held(lock))
    lock.unlink()
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("somebody\n")
        file.flush()
        gate.write_text("spawn\n")
        handle = await starting
        await waits(gated_machine, handle, "somebody")
    assert (await updates_of(gated_machine, handle))[-1].exit_status == 0


async def test_the_lock_is_free_before_the_end_is_told(machine, attempt, lock, gate):
    """Whoever is told of it starts the next job at once, which should not find the GPU held."""
    handle = await machine.start(job('read line <"$1"', gate), attempt)
    await running(machine, handle)
    status = Path(handle.folder) / "status"
    status.unlink()
    os.mkfifo(status)
    # full, so that the end is about to be told for as long as nobody reads
    pipe = os.open(status, os.O_RDWR | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while os.write(pipe, b"x" * 4096):
            pass
    gate.write_text("end\n")
    await until(lambda: not is_held(lock))
    assert not is_gone(handle.pid)
    os.close(pipe)
    os.kill(handle.pid, signal.SIGKILL)


@pytest.mark.here_only
async def test_a_lock_that_is_there_and_free_costs_no_program(machine, attempt, lock, tmp_path, monkeypatch):
    lock.touch()
    programs = tmp_path / "programs"
    programs.mkdir()
    fake = programs / "flock"
    fake.write_text(f'#!/bin/sh\n: >"{tmp_path}/used"\nexit 70\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    _, outcome = await run(machine, job("exit 0"), attempt)
    assert outcome.exit_status == 0
    assert not (tmp_path / "used").exists()
