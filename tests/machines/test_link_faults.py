"""Ways that break again at once, hosts that are short of something, clocks that were set; a real server."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path

import pytest

from machines.helpers import output_in, running, said, shell, until, updates_of
from machines.relay import Relay
from tomobatch.config.machines import MachineEntry
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import OutcomeKind, Reach
from tomobatch.machines.far_watch import FarWatch
from tomobatch.machines.link import SshTiming
from tomobatch.machines.ssh import Ssh
from tomobatch.station.connection_test import Sign, probe_connection

TIMING = SshTiming(call_s=5.0, pauses_s=(0.1, 0.2, 0.4), tick_s=0.05, patience_s=0.6)
HOUR_S = 3600


@pytest.fixture
def ssh(server, new_ssh):
    return new_ssh(timing=TIMING)


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


async def test_a_host_that_nobody_follows_anything_on_is_called_no_more(server, ssh, tmp_path):
    """Its jobs may have been given up: it would be called for as long as the program runs."""
    handle = await started(ssh, tmp_path, "sleep 60")
    following = asyncio.create_task(updates_of(ssh, handle))
    await running(ssh, handle)
    server.stop()
    await until(lambda: ssh.standing.reach is Reach.LOST)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    before = logins(server)
    server.start()
    await asyncio.sleep(1.0)
    assert logins(server) == before
    await ssh.stop(handle)
    async with asyncio.timeout(20):
        assert (await updates_of(ssh, handle))[-1].kind is OutcomeKind.STOPPED


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


async def test_a_host_that_allows_neither_sessions_nor_connections_says_what_to_change(
    server, own_home, tmp_path
):
    server.stop()
    server.settings = ("MaxSessions 1",)
    server.start()
    async with Relay(server.address, server.port) as relay:
        server.configure(own_home / ".ssh", "far", known=False, Port=relay.port, HostKeyAlias="far")
        public = " ".join(server.host_key.with_suffix(".pub").read_text().split()[:2])
        with (own_home / ".ssh" / "known_hosts").open("a") as file:
            file.write(f"[far]:{relay.port} {public}\n")
        relay.most = 1
        machine = Ssh("tomo1", "far", timing=TIMING)
        try:
            await machine.call()
            for asking in (machine.run_short(["true"], 5), machine.open_session(b"true")):
                with pytest.raises(TomoBatchError) as caught:
                    await asking
                assert caught.value.code == "no-sessions"
                assert "MaxSessions 10 or more in its sshd_config" in caught.value.sentence
            with pytest.raises(TomoBatchError) as caught:
                await machine.unseen(["/"])
            assert caught.value.code == "no-sessions"
            # and what is already open goes on
            assert machine.standing.reach is Reach.REACHABLE
            entry = MachineEntry("tomo1", host="far", engine=str(tmp_path / "engine"))
            lines = [line async for line in probe_connection(machine, entry, None)]
            assert any("MaxSessions 10" in line.words for line in lines if line.sign is Sign.BAD)
        finally:
            await machine.close()


async def test_the_test_of_a_connection_tells_what_programs_are_missing(server, ssh, tmp_path):
    place = tmp_path / "bin"
    place.mkdir()
    for name in ("sh", "cat", "tail", "head", "wc", "sleep", "mkdir", "mkfifo", "mv", "rm", "ln"):
        (place / name).symlink_to(shutil.which(name))
    server.stop()
    server.variables["PATH"] = str(place)
    server.start()
    lines = [line async for line in probe_connection(ssh, MachineEntry("tomo1", host="tomo1"), None)]
    assert lines[0].sign is Sign.BAD
    assert "the programs setsid and flock are not found" in lines[0].words
    assert ssh.standing.code == "programs-missing"
