"""How often the far side is asked, and what it starts for that."""

import pytest

from machines.conftest import GRACES
from machines.helpers import run, shell
from tomobatch.machines.link import SshTiming
from tomobatch.machines.shell import Shell
from tomobatch.machines.ssh import Ssh

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
