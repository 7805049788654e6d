"""One window a user and host."""

import asyncio
import os
import signal
import socket
import subprocess
import sys

import pytest

from tomobatch.desktop.calls import Calls
from tomobatch.desktop.single import Single

HOLD = """
import sys, time
from pathlib import Path
from tomobatch.desktop.single import Single
assert Single(Path(sys.argv[1])).is_first()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def state(tmp_path, monkeypatch):
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


async def test_a_second_start_calls_the_first_with_its_folder(state):
    calls = []
    first = Single(state)
    assert first.is_first()
    ear = Calls(first.socket_path, calls.append)
    await ear.listen()
    second = Single(state)
    assert not second.is_first()
    for folder in ("/data/a\n\udcff", None):
        assert await asyncio.to_thread(second.call_first, folder)
    assert calls == ["/data/a\n\udcff", None]
    ear.close()
    first.close()
    assert second.is_first()
    second.close()


async def test_a_call_waits_for_a_window_that_is_still_starting(state):
    calls = []
    first = Single(state)
    assert first.is_first()
    calling = asyncio.create_task(asyncio.to_thread(Single(state).call_first, "/data"))
    await asyncio.sleep(0.2)
    ear = Calls(first.socket_path, calls.append)
    await ear.listen()
    assert await calling
    assert calls == ["/data"]
    ear.close()
    first.close()


async def test_a_window_that_does_not_answer_is_given_up(state):
    first = Single(state)
    assert first.is_first()
    assert not await asyncio.to_thread(Single(state).call_first, None, 0.2)
    first.close()


async def test_the_right_of_a_killed_window_is_free_and_its_socket_no_hindrance(state):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(state)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        mine = Single(state)
        assert not mine.is_first()
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
    stale = mine.socket_path
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(stale))
    calls = []
    assert mine.is_first()
    ear = Calls(mine.socket_path, calls.append)
    await ear.listen()
    assert await asyncio.to_thread(Single(state).call_first, "/data")
    assert calls == ["/data"]
    assert stale.stat().st_mode & 0o077 == 0
    ear.close()
    mine.close()


async def test_nonsense_from_a_stranger_does_no_harm(state):
    calls = []
    first = Single(state)
    first.is_first()
    ear = Calls(first.socket_path, calls.append)
    await ear.listen()
    reader, writer = await asyncio.open_unix_connection(first.socket_path)
    writer.write(b"\xff{\n")
    await writer.drain()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    assert await asyncio.to_thread(Single(state).call_first, "/data")
    assert calls == ["/data"]
    ear.close()
    first.close()


def test_a_long_state_folder_does_not_make_the_socket_too_long(state):
    deep = state / ("x" * 90)
    deep.mkdir()
    assert len(os.fsencode(Single(deep).socket_path)) - len(os.fsencode(state.parent)) < 60
    assert Single(deep).socket_path != Single(state).socket_path
