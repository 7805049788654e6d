import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tomobatch.errors import TomoBatchError
from tomobatch.worker.client import Worker
from unit.worker.aid import _AID, AID_PROGRAM, is_alive, share_import_path, until

LONG_S = 60


@pytest.fixture
async def worker(monkeypatch):
    share_import_path(monkeypatch)
    worker = Worker(AID_PROGRAM)
    yield worker
    await worker.close()


def call(worker, function, *arguments, timeout_s=LONG_S, **more):
    return worker.call(f"tomobatch.aid:{function}", *arguments, timeout_s=timeout_s, **more)


async def refusal(awaitable):
    with pytest.raises(TomoBatchError) as caught:
        await awaitable
    return caught.value


async def test_one_process_serves_call_after_call(worker):
    first = await call(worker, "pid")
    assert first != os.getpid()
    assert await call(worker, "pid") == first
    values = [1, "two", [3.5, None], {"a": True}]
    assert await call(worker, "echo", *values) == values


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def test_whatever_json_carries_comes_back(monkeypatch):
    share_import_path(monkeypatch)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(JSON | st.binary().map(os.fsdecode), max_size=5))
    def check(values):
        assert runner.run(call(worker, "echo", *values)) == values

    with asyncio.Runner() as runner:
        worker = Worker(AID_PROGRAM)
        check()
        runner.run(worker.close())


async def test_requests_and_answers_larger_than_a_pipe(worker):
    text = "x" * 3_000_000
    assert await call(worker, "echo", text, 7) == [text, 7]


async def test_calls_are_served_in_order_one_at_a_time(worker, tmp_path):
    log = tmp_path / "log"
    await asyncio.gather(*(call(worker, "mark", str(log), 0.01) for _ in range(5)))
    assert log.read_text() == "be" * 5


async def test_errors_travel_with_code_and_sentence(worker):
    error = await refusal(call(worker, "refuse", "É\udcff is no scan.\nReally."))
    assert (error.code, error.sentence) == ("no-way", "É\udcff is no scan.\nReally.")


@pytest.mark.parametrize(
    "name",
    [
        *("os:system", "tomobatchx.aid:echo", "tomobatch:echo", "x", ""),
        *("tomobatch.aid:run", "tomobatch.aid:nothing", "tomobatch.aid:__class__"),
        *("tomobatch.worker.serve:_answer", "tomobatch.worker.serve:READY"),
    ],
)
async def test_only_functions_of_the_program_run(worker, name):
    assert (await refusal(worker.call(name, timeout_s=LONG_S))).code == "not-allowed"
    assert await call(worker, "echo", 1) == [1]


async def test_what_libraries_print_or_read_does_not_mix_with_the_answers(worker, caplog):
    with caplog.at_level(logging.WARNING):
        assert await call(worker, "chatter") == ""
        assert await call(worker, "echo", 1) == [1]
        await worker.close()
    for text in ("out by Python", "out by C", "out by a child"):
        assert text in caplog.text


async def test_a_call_over_its_time_is_killed_and_the_next_one_gets_a_new_process(worker):
    before = await call(worker, "pid")
    error = await refusal(call(worker, "sleep", LONG_S, timeout_s=0.2, about="scan_7.h5"))
    assert error.code == "no-answer"
    assert "scan_7.h5" in error.sentence
    assert await call(worker, "pid") != before
    assert not is_alive(before)


async def test_a_stopped_process_counts_as_hung_and_is_killed(worker):
    before = await call(worker, "pid")
    os.kill(before, signal.SIGSTOP)
    assert (await refusal(call(worker, "echo", timeout_s=0.2))).code == "no-answer"
    assert await call(worker, "echo", 1) == [1]
    assert not is_alive(before)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
async def test_a_crash_ends_only_the_call(worker, number):
    error = await refusal(call(worker, "die", int(number), about="scan_7.h5"))
    assert error.code == "worker-died"
    assert number.name in error.sentence
    assert "scan_7.h5" in error.sentence
    assert await call(worker, "echo", 1) == [1]


async def test_killed_from_outside_in_the_middle_of_a_call(worker, tmp_path):
    pid = await call(worker, "pid")
    task = asyncio.create_task(call(worker, "mark", str(tmp_path / "log"), LONG_S))
    await until((tmp_path / "log").exists)
    os.kill(pid, signal.SIGKILL)
    assert (await refusal(task)).code == "worker-died"
    assert await call(worker, "pid") != pid


async def test_killed_while_idle_is_not_noticed(worker):
    pid = await call(worker, "pid")
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not is_alive(pid))
    await asyncio.sleep(0.05)
    assert await call(worker, "pid") != pid


async def test_a_mistake_of_the_program_is_logged_with_its_traceback(worker, caplog):
    with caplog.at_level(logging.WARNING):
        error = await refusal(call(worker, "mistake"))
        assert await call(worker, "echo", 1) == [1]
    assert error.code == "worker-died"
    assert "ZeroDivisionError" in caplog.text


async def test_a_call_given_up_leaves_no_answer_for_the_next(worker):
    task = asyncio.create_task(call(worker, "sleep", 0.3))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await call(worker, "echo", "mine") == ["mine"]


async def test_close_ends_the_process_and_a_call_under_way(worker):
    pid = await call(worker, "pid")
    task = asyncio.create_task(call(worker, "sleep", LONG_S))
    await asyncio.sleep(0.1)
    await worker.close()
    assert (await refusal(task)).code == "worker-closed"
    assert not is_alive(pid)
    assert (await refusal(call(worker, "pid"))).code == "worker-closed"
    await worker.close()


async def test_close_kills_what_does_not_end(monkeypatch):
    share_import_path(monkeypatch)
    worker = Worker(AID_PROGRAM, end_timeout_s=0.2)
    pid = await call(worker, "pid")
    os.kill(pid, signal.SIGSTOP)
    await worker.close()
    assert not is_alive(pid)


async def test_close_before_any_call():
    await Worker(AID_PROGRAM).close()


@pytest.mark.parametrize(
    ("program", "code"),
    [
        (["/nonexistent/tomobatch"], "worker-died"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "worker-died"),
        ([sys.executable, "-c", "import time; time.sleep(60)"], "no-answer"),
    ],
)
async def test_a_program_that_does_not_start(program, code):
    worker = Worker(program, start_timeout_s=1 if code == "no-answer" else LONG_S)
    assert (await refusal(call(worker, "pid"))).code == code
    await worker.close()


@pytest.mark.parametrize("busy", [False, True])
def test_the_process_ends_by_itself_when_its_caller_is_killed(monkeypatch, tmp_path, busy):
    share_import_path(monkeypatch)
    caller = (
        "import asyncio, sys\n"
        "from tomobatch.worker.client import Worker\n"
        "async def main():\n"
        "    worker = Worker([sys.executable, '-c', sys.argv[1]])\n"
        "    print(await worker.call('tomobatch.aid:pid', timeout_s=60), flush=True)\n"
        "    if sys.argv[2] == 'True': await worker.call('tomobatch.aid:sleep', 60, timeout_s=60)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    with subprocess.Popen([sys.executable, "-c", caller, _AID, str(busy)], stdout=subprocess.PIPE) as process:
        pid = int(process.stdout.readline())
        time.sleep(0.1)
        process.kill()
    while is_alive(pid):
        time.sleep(0.01)


def open_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_no_descriptor_is_left_behind(monkeypatch):
    share_import_path(monkeypatch)
    before = open_descriptors()
    worker = Worker(AID_PROGRAM)
    for _ in range(2):
        await refusal(call(worker, "die", 9))
        await refusal(call(worker, "sleep", LONG_S, timeout_s=0.05))
    await call(worker, "pid")
    await worker.close()
    assert open_descriptors() == before


_SLOW_TO_SAY = """
import sys, time
from tomobatch.worker import serve
hook, end = sys.excepthook, serve._end_with_caller
sys.excepthook = lambda *what: (time.sleep(0.3), hook(*what))
serve._end_with_caller = lambda requests: (time.sleep(0.1), end(requests))
serve._answer = lambda request: 1 / 0
serve.main()
"""


async def test_a_mistake_is_said_before_the_process_ends_however_early_it_comes(monkeypatch, caplog):
    share_import_path(monkeypatch)
    worker = Worker([sys.executable, "-c", _SLOW_TO_SAY])
    with caplog.at_level(logging.WARNING):
        assert "with status 1" in (await refusal(call(worker, "pid"))).sentence
    assert "ZeroDivisionError" in caplog.text
    await worker.close()
