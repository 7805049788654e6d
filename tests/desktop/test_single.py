"""One window a user and host."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QWindow

from desktop.live import demo_scans
from desktop.steps import cell, folder_is_read, has_status, picture_is_shown
from tomobatch.cor.table import CorTable
from tomobatch.desktop import start
from tomobatch.desktop.calls import Calls
from tomobatch.desktop.closing import TAKE_OVER_S
from tomobatch.desktop.removal import CLOSE_S
from tomobatch.desktop.single import ANSWER_S, Single

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


def taken_by(calls):
    """An open window, which takes each call."""

    def take(folder):
        calls.append(folder)
        return True

    return take


async def test_a_second_start_calls_the_first_with_its_folder(state):
    calls = []
    first = Single(state)
    assert first.is_first()
    ear = Calls(first.socket_path, taken_by(calls))
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
    ear = Calls(first.socket_path, taken_by(calls))
    await ear.listen()
    assert await calling
    assert calls == ["/data"]
    ear.close()
    first.close()


def test_a_start_while_the_first_window_closes_opens_one_of_its_own(state, monkeypatch):
    monkeypatch.setattr(start, "has_display", lambda _: True)
    monkeypatch.setattr(start, "Single", lambda: Single(state))
    monkeypatch.setattr(start, "run", lambda folder, single: single.close() or str(folder))
    closing = Single(state)
    assert closing.is_first()
    threading.Timer(0.5, closing.close).start()
    assert start.main("/data") == "/data"


async def test_a_start_that_calls_while_the_queue_is_handed_over_opens_a_window_of_its_own(
    state, monkeypatch
):
    monkeypatch.setattr(start, "has_display", lambda _: True)
    monkeypatch.setattr(start, "Single", lambda: Single(state))
    monkeypatch.setattr(start, "run", lambda folder, single: single.close() or str(folder))
    first, called = Single(state), asyncio.Event()
    assert first.is_first()
    # What `set` gives is no yes.
    ear = Calls(first.socket_path, lambda _: called.set())
    await ear.listen()
    starting = asyncio.create_task(asyncio.to_thread(start.main, "/data"))
    await called.wait()
    ear.close()
    first.close()
    assert await starting == "/data"


def test_a_start_waits_longer_than_handing_over_takes():
    assert start.CALLS * ANSWER_S > TAKE_OVER_S + CLOSE_S


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
    ear = Calls(mine.socket_path, taken_by(calls))
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
    ear = Calls(first.socket_path, taken_by(calls))
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


async def test_a_folder_that_is_no_text_is_none(state):
    calls = []
    ear = Calls(Single(state).socket_path, taken_by(calls))
    await ear.listen()
    reader, writer = await asyncio.open_unix_connection(Single(state).socket_path)
    writer.write(b"[5]\n")
    assert await reader.read() == b"ok\n"
    writer.close()
    await writer.wait_closed()
    assert calls == [None]
    ear.close()


async def test_a_socket_of_somebody_else_is_not_called(state, monkeypatch):
    second = Single(state)
    ear = Calls(second.socket_path, lambda _: True)
    await ear.listen()
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    assert not await asyncio.to_thread(second.call_first, None, 0.2)
    ear.close()


def test_a_long_state_folder_does_not_make_the_socket_too_long(state):
    deep = state / ("x" * 90)
    deep.mkdir()
    assert len(os.fsencode(Single(deep).socket_path)) - len(os.fsencode(state.parent)) < 60
    assert Single(deep).socket_path != Single(state).socket_path


# What a later start does to the window: its screen cannot lift windows above others.
NO_RAISE = "does not support raise"


async def stays_at_full_size(hands):
    await hands.wait(lambda: hands.app.ready)
    hands.app.call(None)
    await hands.frame()
    assert hands.window.visibility() == QWindow.Visibility.Maximized
    hands.window.setWindowStates(Qt.WindowState.WindowMaximized | Qt.WindowState.WindowMinimized)
    hands.app.call(None)
    await hands.wait(lambda: hands.window.visibility() == QWindow.Visibility.Maximized)


def test_a_later_start_leaves_the_window_at_full_size(play):
    play(stays_at_full_size, allowed=[NO_RAISE])


async def is_called_while_it_closes(hands, called):
    await hands.wait(lambda: hands.app.ready)
    assert hands.app.call(None)
    hands.window.close()
    await hands.wait(lambda: hands.app.closing)
    assert not hands.app.call(called)
    assert hands.app.folder.path != called


def test_a_window_that_closes_takes_no_folder_of_a_later_start(play, tmp_path):
    play(is_called_while_it_closes, called=str(demo_scans(tmp_path)), allowed=[NO_RAISE])


async def asks_then_another_folder_comes(hands, other):
    await folder_is_read(hands, 3)
    hands.app.selection.set(hands.row_id("demo_0001.h5"), True)
    await hands.click("runTry")
    await hands.reach("runConfirm")
    hands.app.call(other)
    await folder_is_read(hands, 3)
    await hands.wait(lambda: not hands.items("runConfirm"), "the question went with its folder")
    # Somebody may have pressed it in that very moment.
    hands.app.runs.confirm()
    await hands.wait(lambda: hands.app.notices.text)
    assert hands.app.notices.text == "1 scan is not in the open folder any more, and not run."
    assert hands.app.queue.statusText.startswith("Completed 0/0")


def test_a_question_about_one_folder_runs_nothing_in_another(play, tmp_path):
    """The scans of both have the same names."""
    one, other = demo_scans(tmp_path / "one"), demo_scans(tmp_path / "other")
    play(asks_then_another_folder_comes, one, other=str(other), allowed=[NO_RAISE])


async def looks_then_another_folder_comes(hands, other):
    await folder_is_read(hands, 3)
    row = hands.row_id("demo_0002.h5")
    await hands.click("try", row)
    await has_status(hands, row, "Try Complete")
    await hands.click("viewTry", row)
    await picture_is_shown(hands, row, "try")
    hands.app.call(other)
    await folder_is_read(hands, 3)
    hands.app.viewer.useThisCor()
    await hands.frame()
    assert not CorTable(Path(other)).entries
    assert cell(hands, hands.row_id("demo_0002.h5"), "corSource") in ("", "CSV")


def test_a_cor_picked_for_one_folder_goes_into_no_other(play, tmp_path):
    one, other = demo_scans(tmp_path / "one", 3, 128), demo_scans(tmp_path / "other", 3, 128)
    play(looks_then_another_folder_comes, one, other=str(other), allowed=[NO_RAISE])


async def opens_while_it_is_called(hands, first, called):
    await hands.wait(lambda: hands.app.ready)

    async def opens_slowly():
        hands.app.call(called)

    hands.app._open_station = opens_slowly
    await hands.app.open(Path(first))
    assert hands.app.folder.path == called


def test_a_folder_named_by_a_later_start_is_not_lost_while_the_window_opens(play, tmp_path):
    one, other = demo_scans(tmp_path / "one"), demo_scans(tmp_path / "other")
    play(opens_while_it_is_called, first=str(one), called=str(other), allowed=[NO_RAISE])
