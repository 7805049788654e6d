"""Short commands: probes and tests of a machine."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from machines.helpers import is_gone, until
from tomobatch.errors import TomoBatchError


async def test_status_and_both_outputs(machine):
    script = 'printf "%s|%s" "$1" "$ODD"; echo problem >&2; exit 3'
    result = await machine.run_short(["sh", "-c", script, "sh", "\udcff $(x)"], 10, {"ODD": "a\nb"})
    assert (result.exit_status, result.stdout, result.stderr) == (3, b"\xff $(x)|a\nb", b"problem\n")
    result = await machine.run_short(["sh", "-c", "kill -9 $$"], 10)
    assert result.exit_status == -signal.SIGKILL
    assert (await machine.run_short(["cat"], 10)).stdout == b""


async def test_more_output_than_a_pipe_holds(machine):
    result = await machine.run_short(
        ["sh", "-c", "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2"], 10
    )
    assert (len(result.stdout), len(result.stderr)) == (1_000_000, 1_000_000)


async def test_a_probe_that_hangs_is_ended_with_its_children(machine, tmp_path):
    script = 'trap \'\' TERM; sleep 60 & echo $! >"$1"; mv "$1" "$2"; wait'
    probe = machine.run_short(["sh", "-c", script, "sh", tmp_path / "part", tmp_path / "pid"], 0.5)
    with pytest.raises(TomoBatchError) as caught:
        await probe
    assert caught.value.code == "timed-out"
    assert caught.value.sentence == "sh gave no answer within 0.5 s."
    child = int((tmp_path / "pid").read_text())
    await until(lambda: is_gone(child))


async def test_who_keeps_the_output_open_holds_nobody_up(machine):
    result = await machine.run_short(["sh", "-c", "sleep 60 & echo $!"], 30)
    os.kill(int(result.stdout), signal.SIGKILL)


async def test_a_probe_that_is_cancelled_while_it_starts_is_ended(machine, tmp_path):
    for number in range(20):
        file = tmp_path / f"{number}"
        probe = asyncio.create_task(
            machine.run_short(["sh", "-c", 'echo $$ >"$1"; sleep 60', "sh", file], 60)
        )
        await asyncio.sleep(number * 0.0001)
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        assert not file.exists() or is_gone(int(file.read_text() or 0))


async def test_a_probe_that_is_cancelled_is_ended(machine, tmp_path):
    script = 'echo $$ >"$1"; mv "$1" "$2"; exec sleep 60'
    probe = asyncio.create_task(
        machine.run_short(["sh", "-c", script, "sh", tmp_path / "part", tmp_path / "pid"], 60)
    )
    await until((tmp_path / "pid").exists)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert is_gone(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("program", ["no-such-program", "nul\0inside", "/etc/passwd"])
async def test_what_cannot_be_started(machine, program):
    with pytest.raises(TomoBatchError) as caught:
        await machine.run_short([program], 10)
    assert caught.value.code == "could-not-start"


async def test_gpus_are_asked_for_where_the_program_runs(new_machine, tmp_path, monkeypatch):
    """The output is invented after the manual of nvidia-smi; no such device was at hand."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    machine = new_machine()
    fake = tmp_path / "nvidia-smi"
    fake.write_text('#!/bin/sh\n[ "$1" = -L ] || echo "0, GPU-1, Some GPU, 81920, [N/A], 7"\n')
    fake.chmod(0o755)
    (gpu,) = await machine.gpus()
    assert (gpu.uuid, gpu.memory_total_mib, gpu.memory_used_mib) == ("GPU-1", 81920, None)
    fake.write_text("#!/bin/sh\necho NVIDIA-SMI has failed; exit 9\n")
    assert await machine.gpus() == []
    fake.chmod(0o644)
    assert await machine.gpus() == []
