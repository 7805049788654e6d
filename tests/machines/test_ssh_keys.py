"""Hosts that nobody knows, that changed, that lie behind others, or let nobody in."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from machines.helpers import until
from machines.server import Server
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Reach
from tomobatch.machines.link import SshTiming


async def test_an_unknown_host_is_asked_about_and_remembered(server, new_ssh, own_home):
    (own_home / ".ssh" / "known_hosts").unlink()
    machine = new_ssh()
    with pytest.raises(TomoBatchError) as caught:
        await machine.call()
    assert caught.value.code == "host-key-unknown"
    assert machine.standing.reach is Reach.LOST
    shown = await asyncio.create_subprocess_exec(
        "ssh-keygen", "-lf", str(server.host_key.with_suffix(".pub")), stdout=asyncio.subprocess.PIPE
    )
    fingerprint = (await shown.communicate())[0].decode().split()[1]
    assert machine.unknown_key.fingerprint == fingerprint
    assert fingerprint in caught.value.sentence
    await machine.accept_key()
    assert machine.standing.reach is Reach.REACHABLE
    assert machine.unknown_key is None
    # ssh itself takes what was written for it
    checked = await asyncio.create_subprocess_exec(
        "ssh", "-F", str(own_home / ".ssh/config"), "-o", f"UserKnownHostsFile={own_home}/.ssh/known_hosts",
        "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "tomo1", "true",
    )  # fmt: skip
    assert await checked.wait() == 0
    await new_ssh().call()


async def test_who_waits_for_an_unknown_host_goes_on_when_it_is_trusted(server, new_ssh, own_home, tmp_path):
    (own_home / ".ssh" / "known_hosts").unlink()
    machine = new_ssh(timing=SshTiming(pauses_s=(60.0,)))
    waiting = asyncio.create_task(machine.attempt_folder(tmp_path, "job", 1))
    await until(lambda: machine.unknown_key is not None)
    await machine.accept_key()
    assert (await waiting).is_relative_to(own_home)


async def test_a_changed_key_is_refused(server, new_ssh, own_home):
    known = own_home / ".ssh" / "known_hosts"
    other = Path(f"{server.key}.pub").read_text().split()[1]
    known.write_text(f"[{server.address}]:{server.port} ssh-ed25519 {other}\n")
    machine = new_ssh()
    with pytest.raises(TomoBatchError) as caught:
        await machine.call()
    assert caught.value.code == "host-key-changed"
    assert f"ssh-keygen -R '[{server.address}]:{server.port}'" in caught.value.sentence
    assert machine.unknown_key is None
    await machine.close()
    assert other in known.read_text()


async def test_a_damaged_line_hides_no_other(server, new_ssh, own_home):
    known = own_home / ".ssh" / "known_hosts"
    known.write_text(f"@odd\n|1|x|y ssh-rsa AAAA\nnonsense\n{known.read_text()}")
    await new_ssh().call()


async def test_a_host_is_reached_through_another(server, new_ssh, own_home, tmp_path):
    jump = Server(tmp_path / "jump", own_home, variables=server.variables)
    jump.start()
    try:
        jump.configure(own_home / ".ssh", "gate", known=False)
        server.configure(own_home / ".ssh", "inner", known=False, ProxyJump="gate")
        machine = new_ssh("inner")
        # the one in between is asked about like any other
        with pytest.raises(TomoBatchError) as caught:
            await machine.call()
        assert caught.value.code == "host-key-unknown"
        assert machine.unknown_key.host == f"[127.0.0.1]:{jump.port}"
        await machine.accept_key()
        assert (await machine.run_short(["echo", "through"], 10)).stdout == b"through\n"
        jump.cut()
        await until(lambda: machine.standing.reach is Reach.LOST)
        await machine.call()
    finally:
        await machine.close()
        jump.stop()


async def test_what_keeps_people_out_is_told_apart(server, new_ssh, own_home, tmp_path):
    config = own_home / ".ssh" / "config"

    async def code_of(host):
        with pytest.raises(TomoBatchError) as caught:
            await new_ssh(host).call()
        assert host.rpartition("@")[2] in caught.value.sentence or "127.0.0.1" in caught.value.sentence
        return caught.value.code

    assert await code_of("no-such-host.invalid") == "unknown-host"
    server.configure(own_home / ".ssh", "shut", Port=1)
    assert await code_of("shut") == "refused"
    other = tmp_path / "other"
    shutil.copy(server.host_key, other)
    server.configure(own_home / ".ssh", "keyless", IdentityFile=other)
    assert await code_of("keyless") == "login-refused"
    server.stop()
    server.shell = "/bin/false"
    server.start()
    assert await code_of("tomo1") == "no-shell"
    config.write_text('Host x\n  Port "unfinished\n' + config.read_text())
    assert await code_of("tomo1") == "ssh-config"
