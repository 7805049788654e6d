"""Calls in threads: whatever hangs, others are done, and the program ends."""

import asyncio
import contextvars
import subprocess
import sys
import threading
import time
import weakref

import pytest
from PySide6.QtCore import QCoreApplication
from qasync import QEventLoop

from tomobatch.desktop import threads as threads_module
from tomobatch.desktop.threads import Threads

WHO = contextvars.ContextVar("who")

# A program as the window is one: what it asked last is never answered.
HANGS = """
import asyncio, sys, time
from PySide6.QtCore import QCoreApplication
from qasync import QEventLoop
from tomobatch.desktop import threads

threads.LEAVE_S = 0.1
async def live():
    hung = asyncio.ensure_future(asyncio.to_thread(time.sleep, 3600))
    await asyncio.sleep(0.1)
    hung.cancel()
    print(await asyncio.to_thread(lambda: "lived"), flush=True)

with QEventLoop(QCoreApplication(sys.argv)) as loop:
    loop.set_default_executor(threads.Threads())
    loop.run_until_complete(live())
"""


def in_loop(work):
    """What a coroutine gives in the loop of the window, with these threads."""
    application = QCoreApplication.instance() or QCoreApplication([])
    with QEventLoop(application) as loop:
        loop.set_default_executor(Threads())
        return loop.run_until_complete(work)


@pytest.fixture
def threads(monkeypatch):
    monkeypatch.setattr(threads_module, "LEAVE_S", 10)
    made = Threads()
    yield made
    made.shutdown()


def test_what_a_call_gives_and_raises_comes_through_with_its_context():
    async def calls():
        WHO.set("the window")
        assert await asyncio.to_thread(lambda one, two: (one, two, WHO.get()), 1, two=2) == (
            1,
            2,
            "the window",
        )
        with pytest.raises(KeyError, match="gone"):
            await asyncio.to_thread({}.__getitem__, "gone")
        return threading.current_thread() is not await asyncio.to_thread(threading.current_thread)

    assert in_loop(calls())


def test_however_many_hang_the_next_one_is_done():
    go_on = threading.Event()

    async def calls():
        hung = [asyncio.ensure_future(asyncio.to_thread(go_on.wait, 20)) for _ in range(30)]
        await asyncio.sleep(0.05)
        try:
            async with asyncio.timeout(5):
                return await asyncio.to_thread(int, "7")
        finally:
            go_on.set()
            assert all(await asyncio.gather(*hung))

    assert in_loop(calls()) == 7


def test_threads_are_used_again(threads):
    used = set()
    for _ in range(50):
        used.add(threads.submit(threading.current_thread).result())
        time.sleep(0.002)
    assert len(used) < 10
    assert all(thread.daemon for thread in used)


def test_a_call_that_was_cancelled_before_it_began_is_not_done(threads, monkeypatch):
    done, start = [], threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda _: None)
    future = threads.submit(done.append, 1)
    assert future.cancel()
    monkeypatch.setattr(threading.Thread, "start", start)
    start(threading.Thread(target=threads._serve))
    threads.submit(int).result(10)
    assert done == []


def test_nothing_is_held_of_a_call_that_has_ended(threads):
    class Made:
        pass

    def fails(_made):
        raise ValueError

    made = Made()
    kept = weakref.ref(made)
    assert isinstance(threads.submit(fails, made).exception(10), ValueError)
    del made
    until = time.monotonic() + 10
    while kept() is not None and time.monotonic() < until:
        time.sleep(0.005)
    assert kept() is None


def test_what_is_being_written_is_finished_and_no_more_is_begun(threads):
    written = []
    threads.submit(lambda: (time.sleep(0.2), written.append(1)))
    threads.shutdown()
    assert written == [1]
    with pytest.raises(RuntimeError, match="no more"):
        threads.submit(int)


def test_threads_that_are_idle_end_with_it(threads):
    used = [threads.submit(time.sleep, 0.1) for _ in range(3)]
    names = [thread for thread in threading.enumerate() if thread.name == "call"]
    assert len(names) >= len(used)
    threads.shutdown()
    for thread in names:
        thread.join(10)
        assert not thread.is_alive()


def test_a_process_ends_though_a_call_hangs():
    done = subprocess.run(
        [sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "lived\n", "")


async def a_disk_hangs(hands):
    await hands.wait(lambda: hands.app.ready)
    for _ in range(12):
        hands.app._tasks.start(asyncio.to_thread(time.sleep, 3600), "asking a disk that hangs")
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        await asyncio.to_thread(int)


def test_a_window_goes_on_and_ends_though_calls_hang(play):
    play(a_disk_hangs, timeout_s=20)
