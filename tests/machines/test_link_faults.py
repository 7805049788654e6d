"""Ways that break again at once, hosts that are short of something, clocks that were set; a real server."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from machines.conftest import GRACES
from machines.helpers import output_in, running, said, shell, until, updates_of
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Reach
from tomobatch.machines.far_watch import FarWatch
from tomobatch.machines.link import SshTiming
from tomobatch.machines.ssh import Ssh

TIMING = SshTiming(call_s=5.0, pauses_s=(0.1, 0.2, 0.4), tick_s=0.05, patience_s=0.6)
HOUR_S = 3600


@pytest.fixture
async def ssh(server, tmp_path):
    machine = Ssh("tomo1", "tomo1", graces=GRACES, timing=TIMING, mirror=tmp_path / "mirror")
    yield machine
    await machine.close()


def logins(server):
    return (server.folder / "log").read_text().count("Accepted publickey")


def replace_program(server, folder, name, text):
    """Another program of that name comes first on the path of that host."""
    folder.mkdir()
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)
    server.stop()
    server.variables["PATH"] = f"{folder}:{os.environ['PATH']}"
    server.start()


async def started(machine, tmp_path, script, name="job"):
    folder = await machine.attempt_folder(tmp_path, name, 1)
    return await machine.start(shell(script), folder)


async def test_a_way_that_breaks_at_once_is_not_tried_at_full_speed(server, ssh, tmp_path):
    """No pipes there, as on some network disks: jobs could be started, and would be followed in vain."""
    await ssh.call()
    handle = await started(ssh, tmp_path, "sleep 60")
    replace_program(server, tmp_path / "bin", "mkfifo", "echo mkfifo: not supported >&2; exit 1")
    before = logins(server)
    following = asyncio.create_task(updates_of(ssh, handle))
    try:
        await until(lambda: "no pipe can be made there (mkfifo: not supported)" in ssh.standing.why)
        await until(lambda: logins(server) > before + 2)
        at_s, then = time.monotonic(), logins(server)
        await asyncio.sleep(1.5)
        # one each 0.4 s at most by now; hundreds without a pause
        assert logins(server) - then <= 2 + (time.monotonic() - at_s) / 0.4
    finally:
        (tmp_path / "bin" / "mkfifo").unlink()
    await ssh.stop(handle)
    await following


async def test_what_held_for_a_while_is_tried_again_at_once(server, ssh, tmp_path):
    ssh._link._timing = SshTiming(alive_s=0.05, alive_most=2, pauses_s=(60.0,))
    handle = await started(ssh, tmp_path, "sleep 0.6; echo done")
    following = asyncio.create_task(updates_of(ssh, handle))
    await running(ssh, handle)
    await asyncio.sleep(0.15)
    server.cut()
    async with asyncio.timeout(20):
        assert output_in(await following) == b"done\n"


async def test_no_room_and_no_pipes_are_said_before_anything_starts(server, ssh, tmp_path):
    replace_program(server, tmp_path / "bin", "mkfifo", "echo mkfifo: not supported >&2; exit 1")
    with pytest.raises(TomoBatchError) as caught:
        await ssh.call()
    assert caught.value.code == "no-home"
    assert "mkfifo: not supported" in caught.value.sentence
    assert ssh.standing.reach is Reach.REACHABLE


async def test_a_log_from_the_future_is_not_asked_for_at_full_speed(server, ssh, tmp_path, monkeypatch):
    """The clock of that host was set back: what was written before lies ahead of every mark."""
    asked = []
    ask = FarWatch._ask

    async def counted(self, *arguments):
        asked.append(1)
        await ask(self, *arguments)

    monkeypatch.setattr(FarWatch, "_ask", counted)
    handle = await started(ssh, tmp_path, "echo one; exec sleep 60")
    following = asyncio.create_task(updates_of(ssh, handle))
    await said(ssh, handle, b"one\n")
    ahead_s = time.time() + HOUR_S
    os.utime(Path(handle.folder) / "log", (ahead_s, ahead_s))
    await asyncio.sleep(0.3)
    asked.clear()
    await asyncio.sleep(1.2)
    assert len(asked) <= 3
    await ssh.stop(handle)
    await following


async def test_output_that_a_clock_hides_comes_a_little_later(server, ssh, tmp_path):
    """The log has grown, and its time is that of long ago: no mark is older."""
    go = tmp_path / "go"
    script = f"echo one; while [ ! -e {go} ]; do sleep 0.02; done; echo two; touch -d @1 log; exec sleep 60"
    handle = await started(ssh, tmp_path, script)
    seen = asyncio.create_task(said(ssh, handle, b"two\n"))
    await said(ssh, handle, b"one\n")
    go.touch()
    async with asyncio.timeout(20):
        await seen
    await ssh.stop(handle)


async def test_a_job_that_runs_is_not_old_whatever_a_clock_says(server, ssh, tmp_path):
    handle = await started(ssh, tmp_path, "echo up; exec sleep 60")
    await said(ssh, handle, b"up\n")
    kept = Path(handle.folder).parent
    gone = kept.with_name("old")
    (gone / "1").mkdir(parents=True)
    long_ago_s = time.time() - 50 * 24 * HOUR_S
    for folder in (gone, kept):
        os.utime(folder, (long_ago_s, long_ago_s))
    server.cut()
    await until(lambda: ssh.standing.reach is Reach.LOST)
    await ssh.call()
    await until(lambda: not gone.exists())
    assert (Path(handle.folder) / "claim").exists()
    await ssh.stop(handle)
