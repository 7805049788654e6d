"""Commands on a host over SSH: whatever its login shell, its environment, and what hangs there."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from machines.conftest import TIMING
from machines.helpers import lines_in, run, shell, until
from machines.server import SSHD, Server
from tomobatch.errors import TomoBatchError
from tomobatch.machines import wrapper

USER_ID = 54321
LOGIN_SHELLS = ["sh", "bash", "dash", "zsh", "tcsh"]


@pytest.mark.parametrize("login_shell", LOGIN_SHELLS)
async def test_the_login_shell_does_not_matter(server, new_ssh, tmp_path, login_shell):
    server.stop()
    server.shell = shutil.which(login_shell)
    # what people have in such files must not be taken for answers
    for file in (".bashrc", ".zshenv", ".tcshrc", ".cshrc"):
        (server.home / file).write_text("echo Welcome; echo end 0\n")
    server.start()
    machine = new_ssh()
    name = "a 'b' \"c\" $(d) `e` !f \\ *\n-g é%~#"
    folder = await machine.attempt_folder(tmp_path, "job", 1)
    output, outcome = await run(machine, shell('printf "%s|" "$@"; exit 3', name, "!!"), folder)
    assert (output, outcome.exit_status) == (f"{name}|!!|".encode(), 3)
    assert (await machine.run_short(["printf", "%s", name], 10)).stdout == name.encode()


async def test_hundreds_of_hostile_names_in_one_connection(server, ssh):
    """Every character there is, in names of a hundred, and what shells take for more than itself."""
    characters = [chr(n) for n in range(1, 0x250) if chr(n) != "/"]
    names = ["".join(characters[start : start + 7]) for start in range(0, len(characters), 7)]
    names += [
        f"{odd}{n}"
        for n, odd in enumerate(["-", "--", "~", "$", "`", "\\", "\n", "\r\n", " ", "\U0001f5a5"] * 40)
    ]
    assert len(names) > 400
    script = 'printf "%s\\0" "$@"'
    for start in range(0, len(names), 40):
        some = names[start : start + 40]
        answer = await ssh.run_short(["sh", "-c", script, "sh", *some], 20)
        assert answer.stdout == b"".join(name.encode() + b"\0" for name in some)
    assert len(server.sessions()) == 1


async def test_the_environment_of_the_machine_comes_before_each_command(server, new_ssh, tmp_path):
    module = tmp_path / "module"
    module.write_text("export FROM_MODULE=yes CUDA_VISIBLE_DEVICES=all\n")
    machine = new_ssh(environment=f". '{module}'\nexport TWO='second line'")
    script = 'echo "$FROM_MODULE $TWO $CUDA_VISIBLE_DEVICES"'
    folder = await machine.attempt_folder(tmp_path, "job", 1)
    command = shell(script, env={"CUDA_VISIBLE_DEVICES": "GPU-7"})
    output, _ = await run(machine, command, folder)
    assert output == b"yes second line GPU-7\n"
    answer = await machine.run_short(["sh", "-c", script], 10, {"CUDA_VISIBLE_DEVICES": "GPU-7"})
    assert answer.stdout == b"yes second line GPU-7\n"


async def test_an_environment_that_fails_runs_nothing(server, new_ssh, tmp_path):
    machine = new_ssh(environment="no-such-command now")
    folder = await machine.attempt_folder(tmp_path, "job", 1)
    output, outcome = await run(machine, shell('echo ran >>"$1"', tmp_path / "ran"), folder)
    assert outcome.exit_status == 125
    assert b"the environment of this machine could not be set up (status 127)" in output
    assert lines_in(tmp_path / "ran") == []


async def test_conda_is_found_where_it_was_installed(server, new_ssh):
    """``conda activate`` is a function that only an interactive shell has; its installer leaves this file."""
    script = server.home / "miniforge3" / "etc" / "profile.d" / "conda.sh"
    script.parent.mkdir(parents=True)
    script.write_text('conda() { [ "$1" = activate ] && export CONDA_DEFAULT_ENV="$2"; }\n')
    machine = new_ssh(environment="conda activate tomocupy")
    assert (await machine.run_short(["sh", "-c", "echo $CONDA_DEFAULT_ENV"], 10)).stdout == b"tomocupy\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="then every test here is one of an ordinary user")
async def test_an_ordinary_user_over_there(own_home, new_ssh):
    """With a login shell of its own, locks beside those of root, and nothing of root's to write to."""
    with tempfile.TemporaryDirectory(prefix="tomobatch-user-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        home, locks = folder / "home", folder / "locks"
        home.mkdir()
        os.chown(home, USER_ID, USER_ID)
        locks.mkdir()
        locks.chmod(0o1777)
        lock = Path(wrapper.lock_file(locks, "GPU-1"))
        lock.touch(mode=0o666)
        lock.chmod(0o666)
        passwd = folder / "passwd"
        passwd.write_text(
            f"{Path('/etc/passwd').read_text()}tomo:x:{USER_ID}:{USER_ID}::{home}:/usr/bin/tcsh\n"
        )
        within = ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', str(passwd))
        server = Server(folder / "sshd", home, variables={"TOMOBATCH_LOCK_FOLDER": str(locks)}, within=within)
        server.start()
        try:
            server.configure(own_home / ".ssh", "tomo1", User="tomo")
            machine = new_ssh()
            job = await machine.attempt_folder(folder, "job", 1)
            command = shell("id -un; echo $0; umask; exit 2", lock_key="GPU-1", holder="tomo")
            output, outcome = await run(machine, command, job)
            assert (output.split()[0], outcome.exit_status) == (b"tomo", 2)
            assert lock.read_text() == "tomo\n"
            assert (home / ".local" / "state" / "tomobatch" / "far").stat().st_uid == USER_ID
            assert Path(job).parent.stat().st_mode & 0o077 == 0
            await machine.close()
        finally:
            server.stop()


async def test_a_probe_that_hangs_holds_nothing_else_up(server, ssh, tmp_path):
    """A FIFO that nobody writes to stands for a file on a mount that hangs."""
    os.mkfifo(tmp_path / "hung")
    hanging = [asyncio.create_task(ssh.run_short(["cat", str(tmp_path / "hung")], 60)) for _ in range(4)]
    await asyncio.sleep(0.3)
    folder = await ssh.attempt_folder(tmp_path, "job", 1)
    _, outcome = await run(ssh, shell("exit 0"), folder)
    assert outcome.exit_status == 0
    for probe in hanging:
        probe.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_a_probe_ends_over_there_when_nobody_is_left_to_end_it(server, new_ssh, tmp_path):
    machine = new_ssh()
    pid_file = tmp_path / "pid"
    probe = asyncio.create_task(machine.run_short(["sh", "-c", f'echo $$ >"{pid_file}"; exec sleep 60'], 1))
    await until(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"))
    server.cut()
    with pytest.raises(TomoBatchError):
        await probe
    await until(lambda: not Path(f"/proc/{int(pid_file.read_text())}").exists())


async def test_the_answer_to_a_call_that_was_given_up_is_nobody_elses(server, ssh):
    """It might say that a job was claimed."""
    await ssh.call()
    control = ssh._link.now.control
    given_up = asyncio.create_task(control.call("eval", "sleep 0.3; echo claimed", timeout_s=10))
    await asyncio.sleep(0.1)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    assert (await control.call("echo", "mine", timeout_s=10)).loose.split() == [b"mine"]


async def test_what_is_not_seen_there_is_named(server, ssh, tmp_path):
    seen, odd = tmp_path / "seen", tmp_path / "not\nhere 'x'"
    seen.touch()
    assert await ssh.unseen([str(seen), str(odd), str(tmp_path)]) == [str(odd)]


async def test_many_jobs_at_once_over_few_sessions(server, new_ssh, tmp_path):
    machine = new_ssh(timing=TIMING)

    async def one(number):
        folder = await machine.attempt_folder(tmp_path, f"job{number}", 1)
        return await run(machine, shell("echo $1; sleep 0.1; echo $1", number), folder)

    results = await asyncio.gather(*(one(number) for number in range(30)))
    assert [output for output, _ in results] == [f"{number}\n{number}\n".encode() for number in range(30)]
    assert all(outcome.exit_status == 0 for _, outcome in results)
    assert len(server.sessions()) == 1


def test_the_server_is_a_real_one():
    assert Path(SSHD).exists()
