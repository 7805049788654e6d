"""Hosts that are not what they were, or say what no host should: nothing wrong is believed."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from machines.conftest import TIMING
from machines.helpers import output_in, running, shell, until, updates_of
from tomobatch.errors import TomoBatchError
from tomobatch.machines import shell as far_shell
from tomobatch.machines.base import ANOTHER_HOST, OutcomeKind, Output, State


@pytest.fixture
def new_ssh(server, new_ssh):
    return partial(new_ssh, timing=TIMING)


@pytest.fixture
def other_host(tmp_path):
    """What another host says of itself: with the same home, as hosts of one site have it."""
    boot, host = tmp_path / "boot_id", tmp_path / "machine-id"
    boot.write_text("11111111-2222-3333-4444-555555555555\n")
    host.write_text("fedcba9876543210\n")
    return {"boot_id_file": boot, "host_id_file": host}


async def begun(machine, folder, script, *arguments):
    """A job that was written down with its host, as the journal does it."""
    host = await machine.host_id()
    handle = await machine.start(shell(script, *arguments), folder, host)
    await running(machine, handle)
    return handle, host


async def test_a_job_is_not_judged_by_another_host_of_the_same_name(new_ssh, other_host, tmp_path):
    here, other = new_ssh(), new_ssh(**other_host)
    folder = await here.attempt_folder(tmp_path, "job", 1)
    handle, host = await begun(here, folder, "exec sleep 60")
    for asking in (other.find(folder, host), updates_of(other, handle), other.stop(handle)):
        with pytest.raises(TomoBatchError) as caught:
            await asking
        assert caught.value.code == ANOTHER_HOST
    assert (await here.find(folder, host)).state is State.RUNNING
    assert (await here.stop(handle)).kind is OutcomeKind.STOPPED
    assert (await here.find(folder, host)).outcome.kind is OutcomeKind.STOPPED


async def test_a_job_that_may_run_elsewhere_is_not_given_up(new_ssh, other_host, tmp_path):
    """What was not claimed yet may be on its way on the host that it was written down for."""
    here, other = new_ssh(), new_ssh(**other_host)
    folder, host = await here.attempt_folder(tmp_path, "job", 1), await here.host_id()
    with pytest.raises(TomoBatchError) as caught:
        await other.find(folder, host)
    assert caught.value.code == ANOTHER_HOST
    assert not Path(folder).exists()
    with pytest.raises(TomoBatchError) as caught:
        await other.start(shell("exit 0"), folder, host)
    assert caught.value.code == "cut-off"
    handle = await here.start(shell("exit 3"), folder, host)
    assert (await updates_of(here, handle))[-1].exit_status == 3


async def test_a_host_that_was_started_anew_is_no_other(new_ssh, other_host, tmp_path):
    here = new_ssh()
    anew = new_ssh(boot_id_file=other_host["boot_id_file"])
    folder = await here.attempt_folder(tmp_path, "job", 1)
    handle, host = await begun(here, folder, "exec sleep 60")
    assert (await anew.find(folder, host)).outcome.kind is OutcomeKind.LOST
    await here.stop(handle)


async def test_a_job_that_runs_is_no_litter_whatever_the_clock_says(new_ssh, tmp_path):
    machine = new_ssh()
    runs, ended = [await machine.attempt_folder(tmp_path, name, 1) for name in ("runs", "ended")]
    handle, _ = await begun(machine, runs, "exec sleep 60")
    await updates_of(machine, await machine.start(shell("exit 0"), ended))
    home = Path(runs).parents[2]
    bell, mark = home / "bells" / "other-boot.1", home / "marks" / "other-boot.1.a"
    os.mkfifo(bell)
    mark.touch()
    for old in (Path(runs).parent, Path(ended).parent, bell, mark):
        os.utime(old, (0, 0))
    await machine._link.now.call("tb_forget_old")
    assert not any(old.exists() for old in (Path(ended).parent, bell, mark))
    assert Path(runs).exists()
    await machine.stop(handle)


async def test_a_chatty_job_is_asked_about_as_often_as_the_clock_ticks(new_ssh, tmp_path):
    """Not as often as the network takes: that would be a thousand times a second, on both sides."""
    machine = new_ssh(timing=replace(TIMING, tick_s=0.2))
    folder = await machine.attempt_folder(tmp_path, "job", 1)
    script = "i=0; while [ $i -lt 100 ]; do echo $i; i=$((i+1)); sleep 0.01; done"
    handle = await machine.start(shell(script), folder)
    began_s = time.monotonic()
    updates = await updates_of(machine, handle)
    ticks = (time.monotonic() - began_s) / 0.2
    assert output_in(updates) == b"".join(b"%d\n" % number for number in range(100))
    assert sum(isinstance(update, Output) for update in updates) <= ticks + 3


async def test_output_without_an_end_fills_no_memory(server, new_ssh, monkeypatch):
    monkeypatch.setattr(far_shell, "MOST_BYTES", 1 << 20)
    with pytest.raises(TomoBatchError) as caught:
        await new_ssh().run_short(["cat", "/dev/zero"], 20)
    assert caught.value.code == "unreachable"
    assert "says more than 1048576 bytes" in caught.value.sentence


@pytest.mark.parametrize("kind_of", ["shell", "session"])
async def test_a_session_that_comes_too_late_is_not_left_open(new_ssh, kind_of):
    """A host allows ten in a connection; those that nobody waits for any more must not count."""
    machine = new_ssh()
    await machine.call()
    far = machine._link.now
    for _ in range(12):
        opening = asyncio.create_task(
            far_shell.open_shell(far.connections.first, 10)
            if kind_of == "shell"
            else machine.open_session(b"exit")
        )
        # on its way, and not answered yet
        for _ in range(4):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    await far.call("true")
    await until(lambda: len(far.connections.first._channels) == 1)
    assert (await machine.run_short(["echo", "x"], 10)).stdout == b"x\n"


async def test_nonsense_about_jobs_does_not_end_the_watch_over_them(new_ssh, tmp_path, monkeypatch):
    machine = new_ssh()
    folder = await machine.attempt_folder(tmp_path, "job", 1)
    asking, asked = machine._watch._ask, []

    async def once(far, shell):
        asked.append(far)
        if len(asked) == 1:
            raise ValueError("nonsense")
        await asking(far, shell)

    monkeypatch.setattr(machine._watch, "_ask", once)
    handle = await machine.start(shell("exit 5"), folder)
    assert (await updates_of(machine, handle))[-1].exit_status == 5


async def test_who_waits_for_a_machine_that_is_closed_is_told(server, new_ssh, tmp_path):
    server.stop()
    machine = new_ssh(timing=replace(TIMING, pauses_s=(60.0,)))
    waiting = asyncio.create_task(machine.attempt_folder(tmp_path, "job", 1))
    await until(lambda: machine.standing.code == "refused")
    await machine.close()
    with pytest.raises(TomoBatchError) as caught:
        await waiting
    assert caught.value.code == "unreachable"
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_who_waits_for_an_answer_of_a_machine_that_is_closed_is_not_cancelled(
    server, new_ssh, own_home
):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        server.configure(own_home / ".ssh", "deaf", Port=deaf.getsockname()[1])
        machine = new_ssh("deaf")
        calling = asyncio.create_task(machine.call())
        await until(lambda: select.select([deaf], [], [], 0)[0])
        await machine.close()
        with pytest.raises(TomoBatchError) as caught:
            await calling
    assert caught.value.code == "unreachable"


async def test_a_key_known_of_an_address_is_no_key_of_a_name(server, new_ssh, own_home, tmp_path):
    """Whoever answers at the address that a name leads to today may be another host that is known."""
    server.configure(own_home / ".ssh", "far", known=False, HostKeyAlias="far")
    known = own_home / ".ssh" / "known_hosts"
    machine = new_ssh("far")
    with pytest.raises(TomoBatchError) as caught:
        await machine.call()
    assert caught.value.code == "host-key-unknown"
    other = Path(f"{server.key}.pub").read_text().split()[1]
    known.write_text(f"{known.read_text()}far ssh-ed25519 {other}\n")
    with pytest.raises(TomoBatchError) as caught:
        await new_ssh("far").call()
    assert caught.value.code == "host-key-changed"


async def test_an_environment_cannot_take_what_is_sent_to_the_program(server, new_ssh, tmp_path):
    machine = new_ssh(environment="cat")
    session = await machine.open_session(b"echo ready; read line; echo got $line; exit\n")
    said = b""
    try:
        async with asyncio.timeout(10):
            while not said.endswith(b"ready\n"):
                said += await session.read(1000)
            await session.write(b"word\n")
            while data := await session.read(1000):
                said += data
    finally:
        session.close()
    assert said == b"ready\ngot word\n"
