"""A serving process on another host, which is a shell here: real processes, a Python without this program."""

import asyncio
import logging
import os
import shutil
import signal
from dataclasses import asdict
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile

from tomobatch.errors import TomoBatchError, UnreachableError
from tomobatch.machines import far_worker as far_worker_module
from tomobatch.machines.far_worker import CannotServeError, far_worker
from tomobatch.recon.alone import alone
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.outputs import final_place, partial_place
from tomobatch.recon.receipt import RunFacts, read_receipt
from tomobatch.recon.request import ReconRequest, ScanFile
from unit.machines.far_aid import AWAY, FarHost, make_engine, make_python
from unit.worker.aid import is_alive, until

FINISH = "tomobatch.recon.finish"
FACTS = asdict(RunFacts(("tomocupy", "recon"), "tomo1", "GPU 0", 1000.0, 1002.5))
LONG_S = 60


@pytest.fixture
async def far(tmp_path):
    """A host with a good Python, and the engine that names it."""
    python = make_python(tmp_path / "env")
    host = FarHost()
    host.engine = make_engine(tmp_path / "elsewhere", f"#!{python}")
    yield host
    await host.end()


@pytest.fixture
async def worker(far):
    worker = far_worker(far, str(far.engine), FINISH)
    yield worker
    await worker.close()


def a_request(folder, job_id="job1", save_format="tiff"):
    scan = ScanFile(str(folder / "scans" / "a.h5"), 1, 2, 3)
    final = final_place(Path(scan.path), Kind.FULL, save_format)
    engine = Engine(EngineKind.TOMOCUPY, ("tomocupy",))
    options = {"save-format": save_format}
    places = (str(final), str(partial_place(final, job_id)))
    return ReconRequest(job_id, scan, Kind.FULL, 5.0, "typed", (4, 3, 16), options, engine, *places)


def made(request, rows=3):
    """What a run leaves that made so many of three slices."""
    partial = Path(request.partial)
    partial.mkdir(parents=True)
    volume = np.zeros((3, 16, 16), np.float32)
    volume[:rows] = np.random.default_rng(1).random((rows, 16, 16))
    if request.save_format == "tiff":
        for row in range(rows):
            tifffile.imwrite(partial / f"recon_{row:05d}.tiff", volume[row])
    else:
        with h5py.File(partial / "recon.h5", "w") as file:
            file["exchange/data"] = volume
    return request


def finish(worker, request, **more):
    return worker.call(f"{FINISH}:finish", request.to_dict(), FACTS, **{"timeout_s": LONG_S, **more})


async def refusal(awaitable):
    with pytest.raises(TomoBatchError) as caught:
        await awaitable
    return caught.value


def never_compiled(package):
    """A copy of a package whose first module Python has not written a compiled file for."""
    copy = package.with_name("copy")
    shutil.copytree(package, copy)
    package.unlink()
    copy.rename(package)
    for compiled in (package / "__pycache__").glob("__init__*"):
        compiled.unlink()


def files(folder):
    return set(folder.rglob("*"))


@pytest.mark.parametrize("save_format", ["tiff", "h5nolinks"])
async def test_results_are_judged_there_and_nothing_else_is_left(worker, tmp_path, save_format, monkeypatch):
    places = [tmp_path / "env", Path(os.environ["HOME"]), tmp_path / "temporary"]
    never_compiled(tmp_path / "env" / "site" / "tifffile")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    places[-1].mkdir()
    monkeypatch.setenv("TMPDIR", str(places[-1]))
    before = [files(place) for place in places]
    good, bad = (
        a_request(tmp_path / "good", "job1", save_format),
        a_request(tmp_path / "bad", "job2", save_format),
    )
    said = await finish(worker, made(good))
    assert (said["code"], said["sentence"]) == ("good", "3 of 3 slices, all readable.")
    assert read_receipt(Path(good.final)).job_id == "job1"
    assert (await finish(worker, made(bad, rows=2)))["code"] == "incomplete"
    discarded = await worker.call(f"{FINISH}:discard", bad.to_dict(), timeout_s=LONG_S)
    assert discarded["code"] == "good"
    assert not Path(bad.partial).exists()
    assert [files(place) for place in places] == before


async def test_one_process_serves_call_after_call(worker, far, tmp_path):
    for job in ("job1", "job2"):
        assert (await finish(worker, made(a_request(tmp_path, job))))["code"] == "good"
    assert len(far.sessions) == 1


async def test_what_a_function_refuses_comes_back_with_its_code(worker, tmp_path):
    wrong = a_request(tmp_path).to_dict() | {"partial": "/data"}
    error = await refusal(worker.call(f"{FINISH}:discard", wrong, timeout_s=LONG_S))
    assert error.code == "partial-place"
    assert (await refusal(worker.call("tomobatch.cli.main:main", timeout_s=LONG_S))).code == "worker-died"


@pytest.mark.parametrize(
    ("first_line", "beside", "on_path"),
    [
        ("#!{python}", False, False),
        ("#!{python} -E", False, False),
        ("#!/usr/bin/env python-of-env", False, True),
        # What pip writes where the path is too long, or has a space in it.
        ("#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''", True, False),
        ("#!/bin/bash", False, True),
        ("\x7fELF\x02\x01\x01\0\0", False, True),
    ],
)
async def test_the_python_of_the_engine_is_found(tmp_path, first_line, beside, on_path):
    python = make_python(tmp_path / "env", name="python3")
    engine = make_engine(python.parent if beside else tmp_path / "bin", first_line.format(python=python))
    host = FarHost(python.parent if on_path else tmp_path / "nothing")
    worker = far_worker(host, str(engine), FINISH)
    try:
        assert (await finish(worker, made(a_request(tmp_path))))["code"] == "good"
    finally:
        await worker.close()
        await host.end()


async def test_an_engine_is_looked_for_in_the_machines_environment(tmp_path):
    python = make_python(tmp_path / "env")
    make_engine(tmp_path / "programs", f"#!{python}")
    host = FarHost(tmp_path, f"echo '{{\"welcome\": 1}}'; echo hello >&2; PATH={tmp_path}/programs:$PATH")
    worker = far_worker(host, "tomocupy", FINISH)
    try:
        assert (await finish(worker, made(a_request(tmp_path))))["code"] == "good"
    finally:
        await worker.close()
        await host.end()


async def test_a_python_that_lacks_something_is_passed_over(tmp_path):
    lacking, python = make_python(tmp_path / "lacking", ("numpy",)), make_python(tmp_path / "env")
    host = FarHost(python.parent)
    worker = far_worker(host, str(make_engine(tmp_path, f"#!{lacking}")), FINISH)
    try:
        assert (await finish(worker, made(a_request(tmp_path))))["code"] == "good"
    finally:
        await worker.close()
        await host.end()


async def test_what_is_no_python_is_not_run(tmp_path):
    python = make_python(tmp_path / "env")
    launcher = make_engine(tmp_path, f"#!/bin/sh\ntouch {tmp_path}/run\nexit", "launcher")
    host = FarHost(python.parent)
    worker = far_worker(host, str(make_engine(tmp_path, f"#!{launcher}")), FINISH)
    try:
        assert (await finish(worker, made(a_request(tmp_path))))["code"] == "good"
    finally:
        await worker.close()
        await host.end()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("modules", "before"),
    [
        (("numpy", "tifffile"), ""),
        (("numpy", "h5py"), ""),
        # An h5py and a tifffile of years ago.
        (("numpy", "tifffile"), "old h5py: class version: version_tuple = (3, 4, 0)"),
        (("numpy", "h5py"), "old tifffile: class TiffPages: pages = ()"),
        # As a Python that is too old says of itself.
        (("numpy", "h5py", "tifffile"), "case $2 in *version_info*) exit 1 ;; esac"),
        # As one whose library is broken.
        (("numpy", "h5py", "tifffile"), "case $* in *carried*|*HELLO*) kill -SEGV $$ ;; esac"),
    ],
)
async def test_a_host_without_such_a_python_says_what_it_lacks(tmp_path, modules, before):
    old, colon, text = before.partition(": ")
    python = make_python(tmp_path / "env", modules, before="" if colon else before)
    if colon:
        (tmp_path / "env" / "site" / f"{old.removeprefix('old ')}.py").write_text(text)
    host = FarHost(python.parent)
    worker = far_worker(host, "tomocupy", FINISH)
    error = await refusal(finish(worker, a_request(tmp_path)))
    assert isinstance(error, CannotServeError)
    assert (error.code, error.sentence) == ("no-python", "tomo1 has no Python with numpy, h5py and tifffile")
    # It is asked again as if for the first time.
    assert (await refusal(finish(worker, a_request(tmp_path)))).code == "no-python"
    await worker.close()
    await host.end()


async def test_a_python_that_does_not_get_ready_is_given_up(tmp_path):
    python = make_python(tmp_path / "env", before="case $* in *HELLO*) exec sleep 60 ;; esac")
    host = FarHost(python.parent)
    worker = far_worker(host, "tomocupy", FINISH, start_timeout_s=0.5)
    error = await refusal(finish(worker, a_request(tmp_path)))
    assert isinstance(error, CannotServeError)
    assert error.code == "no-answer"
    assert (await refusal(finish(worker, a_request(tmp_path)))).code == "no-answer"
    assert len(host.sessions) == 2
    await host.end()
    await worker.close()


class Busy:
    """A call that lasts as long as somebody else is at the end of its job."""

    def __init__(self, worker, far, request):
        self._far, self._sent = far, far.sessions[-1].writes
        self.task = asyncio.create_task(finish(worker, request))

    async def pid(self):
        await until(lambda: self._far.sessions[-1].writes > self._sent)
        (pid,) = self._far.sessions[-1].children()
        return pid


@pytest.fixture
async def busy(worker, far, tmp_path):
    await finish(worker, made(a_request(tmp_path / "first")))
    with alone("job2"):
        call = Busy(worker, far, made(a_request(tmp_path, "job2")))
        yield call
    call.task.cancel()
    await asyncio.gather(call.task, return_exceptions=True)


async def test_a_crash_there_is_told_as_one_here_is(busy, worker, tmp_path):
    os.kill(await busy.pid(), signal.SIGSEGV)
    error = await refusal(busy.task)
    assert error.code == "worker-died"
    assert "SIGSEGV" in error.sentence
    assert (await finish(worker, made(a_request(tmp_path, "job3"))))["code"] == "good"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_host_that_shuts_down_is_away_and_nothing_has_crashed(busy, number):
    os.kill(await busy.pid(), number)
    assert isinstance(await refusal(busy.task), UnreachableError)


async def test_who_was_cut_off_goes_on_and_both_come_to_the_same_end(worker, far, tmp_path):
    request = made(a_request(tmp_path))
    other = alone("job1")
    with other:
        first = asyncio.create_task(finish(worker, request))
        await until(lambda: far.sessions and far.sessions[-1].writes == 3)
        far.sessions[-1].cut()
        assert isinstance(await refusal(first), UnreachableError)
        second = asyncio.create_task(finish(worker, request))
        await until(lambda: len(far.sessions) == 2 and far.sessions[-1].writes == 3)
    assert (await second)["code"] == "good"
    assert read_receipt(Path(request.final)).job_id == "job1"
    assert sorted(path.name for path in Path(request.final).parent.iterdir()) == ["a_rec"]


async def test_a_host_that_is_away_is_said_with_its_own_reason(worker, far, tmp_path):
    request = made(a_request(tmp_path))
    for away, code in ((AWAY, "unreachable"), (OSError("no route"), "unreachable")):
        far.away = away
        error = await refusal(finish(worker, request))
        assert isinstance(error, UnreachableError)
        assert error.code == code
    far.away = TomoBatchError("host-key-changed", "The key of tomo1 has changed.")
    error = await refusal(finish(worker, request))
    assert (error.code, error.sentence) == ("host-key-changed", "The key of tomo1 has changed.")
    far.away = None
    assert (await finish(worker, request))["code"] == "good"


async def test_a_host_without_room_for_a_session_can_serve_nobody(worker, far, tmp_path):
    """It answers, so that nothing is gained by waiting for it."""
    far.away = TomoBatchError("no-sessions", "tomo1 allows too few sessions: ask for MaxSessions 10.")
    error = await refusal(finish(worker, made(a_request(tmp_path))))
    assert isinstance(error, CannotServeError)
    assert (error.code, error.sentence) == ("no-sessions", "tomo1 allows too few sessions")


async def test_a_host_that_does_not_let_in_is_away(tmp_path):
    class Silent:
        name = "tomo1"

        async def open_session(self, script):
            await asyncio.Event().wait()

    worker = far_worker(Silent(), "tomocupy", FINISH, start_timeout_s=0.05)
    assert isinstance(await refusal(finish(worker, a_request(tmp_path))), UnreachableError)


async def test_a_session_that_was_cut_while_idle_is_replaced(worker, far, tmp_path):
    await finish(worker, made(a_request(tmp_path)))
    far.sessions[-1].cut()
    await until(worker._child.ended.done)
    assert (await finish(worker, made(a_request(tmp_path, "job2"))))["code"] == "good"
    assert len(far.sessions) == 2


async def test_a_call_over_its_time_ends_the_process(worker, far, tmp_path):
    await finish(worker, made(a_request(tmp_path / "first")))
    with alone("job2"):
        (pid,) = far.sessions[-1].children()
        error = await refusal(finish(worker, made(a_request(tmp_path, "job2")), timeout_s=0.1))
        assert error.code == "no-answer"
        await until(lambda: not is_alive(pid))


async def test_closing_ends_the_process_and_a_call_under_way(busy, worker, far):
    pid = await busy.pid()
    await worker.close()
    assert (await refusal(busy.task)).code == "worker-closed"
    await until(lambda: not is_alive(pid))


async def test_closing_waits_for_no_dead_session(busy, worker, far):
    await busy.pid()
    far.sessions[-1].close = lambda: None
    worker._end_timeout_s = 0.05
    await worker.close()
    assert (await refusal(busy.task)).code == "worker-closed"


async def test_what_starts_while_it_is_closed_is_ended(far, worker, tmp_path):
    opening = far.open_session

    async def slow(script):
        session = await opening(script)
        await worker.close()
        return session

    far.open_session = slow
    assert (await refusal(finish(worker, a_request(tmp_path)))).code == "worker-closed"
    await until(lambda: not is_alive(far.sessions[-1].pid))


async def test_what_it_complains_reaches_the_log(worker, caplog, tmp_path):
    with caplog.at_level(logging.WARNING):
        await refusal(worker.call("tomobatch.no.such:thing", timeout_s=LONG_S))
    assert "worker on tomo1: ModuleNotFoundError: No module named 'tomobatch.no'" in caplog.text


async def test_a_line_without_an_end_fills_no_memory(far, worker, tmp_path, monkeypatch):
    monkeypatch.setattr(far_worker_module, "MOST_LINE_BYTES", 1 << 18)
    far.environment = "head -c 2000000 /dev/zero >&2"
    opening = far.open_session

    async def open_session(script):
        session = await opening(script)
        # A channel that is closed is closed on both sides, whatever runs there.
        session.close = session.cut
        return session

    monkeypatch.setattr(far, "open_session", open_session)
    with pytest.raises(UnreachableError):
        await worker.call(f"{FINISH}:discard", {}, timeout_s=LONG_S)


async def test_a_mistake_of_ours_is_not_taken_for_a_cut(far, worker, tmp_path):
    """It would be tried again for ever."""
    opening = far.open_session

    async def wrong(script):
        session = await opening(script)
        session.read = lambda most: asyncio.sleep(0, "text, not bytes")
        return session

    far.open_session = wrong
    error = await refusal(finish(worker, a_request(tmp_path)))
    assert error.code == "worker-died"
