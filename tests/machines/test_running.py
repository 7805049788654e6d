"""What a machine runs, how it runs it, and what it says of it."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from machines.helpers import lines_in, output_in, run, running, said, shell, updates_of
from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Command, Handle, OutcomeKind, Output, Running, State

HOSTILE = [
    *(
        "",
        " ",
        "-n",
        "--",
        "-",
        "'",
        '"',
        "$(id)",
        "`id`",
        "\n",
        "a\nb\n",
        "\\",
        "*",
        "~",
        "é",
        "\udcff\udc80",
    ),
    *("x" * 100_000, "A=b", "%s", "\t", "#", ";", "&", "|"),
]


async def test_a_job_runs_to_its_end(machine, attempt):
    handle = await machine.start(shell("echo one; echo two >&2; exit 0"), attempt)
    updates = await updates_of(machine, handle)
    assert isinstance(updates[0], Running)
    assert output_in(updates) == b"one\ntwo\n"
    assert (updates[-1].kind, updates[-1].exit_status) == (OutcomeKind.EXITED, 0)
    assert updates[-1].why == "The program ended with status 0."
    assert all(isinstance(update, Output) for update in updates[1:-1])


async def test_status_and_signal_are_told_apart(machine, attempts):
    _, outcome = await run(machine, shell("exit 3"), next(attempts))
    assert (outcome.kind, outcome.exit_status, outcome.signal) == (OutcomeKind.EXITED, 3, None)
    _, outcome = await run(machine, shell("kill -SEGV $$"), next(attempts))
    assert (outcome.kind, outcome.exit_status, outcome.signal) == (OutcomeKind.EXITED, None, signal.SIGSEGV)
    assert "SIGSEGV" in outcome.why
    _, outcome = await run(machine, shell("kill -KILL $$"), next(attempts))
    assert "ran out of memory" in outcome.why


async def test_what_cannot_start_says_why(machine, attempts, tmp_path):
    plain, script = tmp_path / "plain", tmp_path / "script"
    plain.write_text("no program")
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    for program in ("no-such-program", str(plain), str(script), str(tmp_path), "-x", ""):
        _, outcome = await run(machine, Command((program,)), next(attempts))
        assert outcome.kind is OutcomeKind.COULD_NOT_START
        assert program in outcome.why
        assert (outcome.exit_status, outcome.signal) == (None, None)
    _, outcome = await run(machine, Command(("true",), cwd=str(tmp_path / "no folder")), next(attempts))
    assert outcome.kind is OutcomeKind.COULD_NOT_START
    assert "no folder cannot be entered" in outcome.why


async def test_status_127_of_a_program_that_did_run_is_its_status(machine, attempts):
    _, outcome = await run(machine, shell("echo setsid is mentioned; exit 127"), next(attempts))
    assert (outcome.kind, outcome.exit_status) == (OutcomeKind.EXITED, 127)


async def test_a_command_too_long_for_the_system_could_not_start(machine, attempt):
    with pytest.raises(TomoBatchError) as caught:
        await machine.start(Command(("true", "x" * 200_000)), attempt)
    assert caught.value.code == "could-not-start"
    assert (await machine.find(attempt)).state is State.NEVER_STARTED


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    texts=st.lists(
        st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
        min_size=1,
        max_size=300,
    )
)
async def test_arguments_arrive_byte_for_byte(machine, attempts, texts):
    texts = texts[:2] + [text for text in texts[2:] if len(text) < 1000]
    output, outcome = await run(machine, shell('printf "%s\\0" "$@"', *texts), next(attempts))
    assert outcome.exit_status == 0
    assert output == b"".join(os.fsencode(text) + b"\0" for text in texts)


async def test_every_hostile_argument_arrives(machine, attempt):
    output, _ = await run(machine, shell('printf "%s\\0" "$@"', *HOSTILE), attempt)
    assert output == b"".join(os.fsencode(text) + b"\0" for text in HOSTILE)


async def test_the_environment_is_the_machines_and_what_is_added(new_machine, attempt, monkeypatch):
    # names of this kind are also used by scripts
    ours = {name: f"mine {name}" for name in ("folder", "lock", "status", "line", "pid", "engine")}
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    machine = new_machine(surroundings=ours)
    added = {"CUDA_VISIBLE_DEVICES": "GPU-1", "odd": "a 'b'\n$(c) \udcff", "PATH": "/nowhere", "empty": ""}
    command = Command(("/usr/bin/env", "-0"), env=added)
    output, _ = await run(machine, command, attempt)
    seen = dict(entry.split(b"=", 1) for entry in output.split(b"\0")[:-1])
    kept_by_shells = ("PWD", "OLDPWD", "SHLVL", "_")
    expected = {
        os.fsencode(name): os.fsencode(value)
        for name, value in {**(ours if machine.far else os.environ), **added}.items()
        if name not in kept_by_shells
    }
    assert {name: seen.get(name) for name in expected} == expected
    assert not [name for name in seen if name.startswith(b"tb_")]


async def test_it_runs_in_the_folder_that_was_asked_for(machine, attempts, tmp_path):
    folder = tmp_path / "-a 'folder'"
    folder.mkdir()
    output, _ = await run(machine, shell("pwd", cwd=str(folder)), next(attempts))
    assert output == f"{folder}\n".encode()
    attempt = next(attempts)
    output, _ = await run(machine, shell("pwd"), attempt)
    assert output == f"{attempt}\n".encode()


async def test_the_program_has_a_session_of_its_own_and_nothing_else_of_ours(machine, attempts):
    script = "cut -d ' ' -f 1,5,6 /proc/$$/stat; ls /proc/$$/fd; grep SigIgn /proc/self/status; cat; echo $$"
    # the lock is taken by the wrapper the first time, and before the spawn the second
    for _ in range(2):
        output, _ = await run(machine, shell(script, lock_key="GPU-1"), next(attempts))
        identity, *descriptors, ignored, pid = output.decode().splitlines()
        assert identity == f"{pid} {pid} {pid}"
        assert descriptors == ["0", "1", "2"]
        handled = int(ignored.split()[1], 16)
        for number in (signal.SIGTERM, signal.SIGPIPE, signal.SIGHUP, signal.SIGCHLD):
            assert not handled & 1 << (number - 1)


async def test_a_handle_that_was_written_down_serves_another_program(machine, new_machine, attempt, tmp_path):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    handle = await machine.start(shell('echo one; read line <"$1"; echo two; exit 5', gate), attempt)
    await said(machine, handle, b"one\n")
    later = new_machine()
    found = await later.find(attempt)
    assert (found.state, found.handle) == (State.RUNNING, handle)
    assert Handle.from_json(handle.to_json()) == handle
    follower = asyncio.create_task(updates_of(later, Handle.from_json(handle.to_json()), from_byte=2))
    gate.write_text("go\n")
    updates = await follower
    assert output_in(updates) == b"e\ntwo\n"
    assert updates[-1].exit_status == 5
    assert (await later.find(attempt)).outcome == updates[-1]
    assert output_in(await updates_of(later, handle)) == b"one\ntwo\n"


async def test_a_chatty_job_costs_few_updates_and_loses_nothing(machine, attempt):
    handle = await machine.start(
        shell("i=0; while [ $i -lt 30000 ]; do echo line $i; i=$((i+1)); done"), attempt
    )
    updates = await updates_of(machine, handle)
    assert output_in(updates) == b"".join(b"line %d\n" % number for number in range(30000))
    assert len(updates) < 300


async def test_a_job_that_was_silent_for_a_while_is_heard_before_it_ends(machine, attempt, tmp_path):
    """Four times: whoever looks at the log must go on looking."""
    script = (
        'for turn in 1 2 3 4; do sleep 0.2; echo $turn; until [ -e "$1/$turn" ]; do sleep 0.05; done; done'
    )
    handle = await machine.start(shell(script, tmp_path), attempt)
    heard = b""
    async with asyncio.timeout(15):
        async for update in machine.follow(handle):
            if isinstance(update, Output):
                heard += update.data
                (tmp_path / heard.split()[-1].decode()).touch()
    assert heard == b"1\n2\n3\n4\n"


async def test_a_folder_runs_one_job_once(machine, attempt, tmp_path):
    ran = tmp_path / "ran"
    handles = await asyncio.gather(*(machine.start(shell('echo ran >>"$1"', ran), attempt) for _ in range(5)))
    assert len(set(handles)) == 1
    await updates_of(machine, handles[0])
    assert await machine.start(shell('echo ran >>"$1"', ran), attempt) == handles[0]
    assert lines_in(ran) == ["ran"]


async def test_two_follow_one_job(machine, attempt):
    handle = await machine.start(shell("sleep 0.1; echo done"), attempt)
    both = await asyncio.gather(updates_of(machine, handle), updates_of(machine, handle))
    assert [output_in(updates) for updates in both] == [b"done\n", b"done\n"]


async def test_times_are_the_machines_own_and_durations_do_not_follow_the_clock(machine, attempt):
    handle = await machine.start(shell("sleep 0.3"), attempt)
    await running(machine, handle)
    # what a clock set back by years would have left on the file
    os.utime(attempt / "engine", (1000.0, 1000.0))
    outcome = (await updates_of(machine, handle))[-1]
    assert outcome.started_s == 1000.0
    assert 0.25 <= outcome.duration_s < 60


async def test_a_look_at_what_runs_does_not_read_all_the_room_of_its_end(machine, attempt):
    """A shell reads byte by byte: on its way through the room the end could be written behind its back."""
    handle = await machine.start(shell("exec sleep 60"), attempt)
    await running(machine, handle)
    room = (attempt / "status").read_bytes()
    assert (room[:1], len(room), room.strip()) == (b"\n", 4096, b"")
    await machine.stop(handle)
