from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess

import pytest

from tomobatch.machines import processes


def no_pidfd(_pid):
    raise OSError


@pytest.fixture
def sleeper():
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_a_process_with_a_name_of_brackets_and_spaces(tmp_path):
    program = tmp_path / ") Z 1 (x "
    shutil.copy(shutil.which("sleep"), program)
    with subprocess.Popen([str(program), "60"], start_new_session=True) as process:
        found = processes.look(process.pid)
        assert (found.pid, found.group, found.lives) == (process.pid, process.pid, True)
        process.kill()


def test_a_zombie_does_not_live(sleeper):
    start_time = processes.look(sleeper.pid).start_time
    assert processes.lives(sleeper.pid, start_time)
    assert not processes.lives(sleeper.pid, start_time + 1)
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert processes.look(sleeper.pid) is not None
    assert not processes.lives(sleeper.pid, start_time)
    assert processes.living_members(sleeper.pid) == ()


def test_signals_reach_the_very_process_only(sleeper):
    start_time = processes.look(sleeper.pid).start_time
    processes.signal_process(sleeper.pid, start_time - 1, signal.SIGKILL)
    assert sleeper.poll() is None
    processes.signal_process(sleeper.pid, start_time, signal.SIGKILL)
    assert sleeper.wait() == -signal.SIGKILL
    processes.signal_process(sleeper.pid, start_time, signal.SIGKILL)
    processes.signal_group(sleeper.pid, signal.SIGKILL)


@pytest.mark.parametrize("open_pidfd", [os.pidfd_open, no_pidfd])
async def test_the_end_is_told_once(sleeper, open_pidfd):
    told = asyncio.Queue()
    start_time = processes.look(sleeper.pid).start_time
    end = processes.ProcessEnd(sleeper.pid, start_time, lambda: told.put_nowait("end"), 0.01, open_pidfd)
    await asyncio.sleep(0.05)
    assert (end.ended, told.empty()) == (False, True)
    sleeper.kill()
    assert await told.get() == "end"
    await asyncio.sleep(0.05)
    assert (end.ended, told.empty()) == (True, True)
    end.close()


@pytest.mark.parametrize("open_pidfd", [os.pidfd_open, no_pidfd])
async def test_another_process_with_the_pid_is_an_end(sleeper, open_pidfd):
    start_time = processes.look(sleeper.pid).start_time - 1
    told = []
    end = processes.ProcessEnd(sleeper.pid, start_time, lambda: told.append("end"), 0.01, open_pidfd)
    assert (end.ended, told) == (True, ["end"])
    end.close()


@pytest.mark.parametrize("open_pidfd", [os.pidfd_open, no_pidfd])
async def test_who_does_not_care_any_more_is_not_told(sleeper, open_pidfd):
    told = []
    start_time = processes.look(sleeper.pid).start_time
    end = processes.ProcessEnd(sleeper.pid, start_time, lambda: told.append("end"), 0.01, open_pidfd)
    end.close()
    sleeper.kill()
    await asyncio.sleep(0.05)
    assert told == []
