"""How often the far side is asked, and what that costs on the way and over there."""

import stat
import subprocess
from pathlib import Path

import pytest

from machines.conftest import GRACES
from machines.helpers import run, shell
from tomobatch.machines.link import SshTiming
from tomobatch.machines.shell import Shell
from tomobatch.machines.ssh import Ssh
from tomobatch.machines.ssh_login import hang_up, log_in

SLOW_TICKS = SshTiming(tick_s=0.5)


@pytest.fixture
async def ssh(server):
    machine = Ssh("tomo1", "tomo1", graces=GRACES, timing=SLOW_TICKS)
    yield machine
    await machine.close()


@pytest.fixture
def calls(monkeypatch):
    """Names of all functions that are called on the far side."""
    names, begin = [], Shell.begin

    def counted(self, function, *arguments, timeout_s):
        names.append(function)
        return begin(self, function, *arguments, timeout_s=timeout_s)

    monkeypatch.setattr(Shell, "begin", counted)
    return names


async def test_a_log_that_has_grown_is_looked_at_once_a_tick(ssh, calls, tmp_path):
    """One that was read a moment ago still looks new: asking for more of it at once would never end."""
    folder = await ssh.attempt_folder(tmp_path, "job", 1)
    output, _ = await run(ssh, shell("sleep 0.7; echo some; sleep 1.5; echo more"), folder)
    assert output == b"some\nmore\n"
    # begun, some (for two ticks), ended; a few more where the host is slow
    assert calls.count("tb_watch") < 12


async def test_an_end_is_told_with_all_that_is_to_be_known_of_it(ssh, calls, tmp_path):
    folder = await ssh.attempt_folder(tmp_path, "job", 1)
    _, outcome = await run(ssh, shell("exit 3"), folder)
    assert outcome.exit_status == 3
    assert outcome.started_s is not None
    assert "tb_look_at" not in calls


async def test_the_folder_of_a_job_is_private_and_what_it_makes_is_not(ssh, tmp_path):
    folder = await ssh.attempt_folder(tmp_path, "job", 1)
    output, _ = await run(ssh, shell("umask"), folder)
    assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(folder).parent.stat().st_mode) == 0o700
    assert output == subprocess.run(["sh", "-c", "umask"], capture_output=True, check=True).stdout


async def test_the_cheap_cipher_is_taken_unless_the_configuration_names_one(server, own_home):
    server.configure(own_home / ".ssh", "strict", known=False, Ciphers="aes256-ctr", HostKeyAlias="tomo1")
    public = " ".join(server.host_key.with_suffix(".pub").read_text().split()[:2])
    with (own_home / ".ssh" / "known_hosts").open("a") as file:
        file.write(f"[tomo1]:{server.port} {public}\n")
    taken = []
    for host in ("tomo1", "strict"):
        connection = await log_in(host, SshTiming())
        taken.append(connection.get_extra_info("send_cipher"))
        await hang_up(connection)
    assert taken == ["aes128-gcm@openssh.com", "aes256-ctr"]
