"""What only a machine over a network can meet: links that break, hosts nobody knows, odd login shells."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import tifffile

from machines.conftest import GRACES, TIMING
from machines.helpers import lines_in, output_in, run, running, said, shell, until, updates_of
from machines.relay import Relay
from machines.server import SSHD, Server
from tomobatch.errors import TomoBatchError, UnreachableError
from tomobatch.machines import wrapper
from tomobatch.machines.base import OutcomeKind, Reach, State
from tomobatch.machines.far_worker import far_worker
from tomobatch.machines.link import SshTiming
from tomobatch.machines.ssh import Ssh
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.receipt import RunFacts, read_receipt
from tomobatch.recon.request import ReconRequest, ScanFile

QUICK = SshTiming(
    connect_s=5.0, alive_s=0.1, alive_most=2, call_s=5.0, pauses_s=(0.02, 0.05), tick_s=0.05, patience_s=2.0
)
USER_ID = 54321
LOGIN_SHELLS = ["sh", "bash", "dash", "zsh", "tcsh"]


@pytest.fixture
async def made():
    """Machines that are closed at the end."""
    machines = []
    yield machines
    for machine in machines:
        await machine.close()


@pytest.fixture
def new_ssh(made, tmp_path):
    def make(host="tomo1", **changes):
        known = {"graces": GRACES, "timing": QUICK, "mirror": tmp_path / "mirror"}
        made.append(Ssh("tomo1", host, **{**known, **changes}))
        return made[-1]

    return make


@pytest.fixture
def ssh(server, new_ssh):
    return new_ssh()


@pytest.fixture
async def relay(server, own_home):
    """A way to the server that can be cut; the alias is ``far``."""
    async with Relay(server.address, server.port) as made:
        server.configure(own_home / ".ssh", "far", known=False, Port=made.port, HostKeyAlias="far")
        public = " ".join(server.host_key.with_suffix(".pub").read_text().split()[:2])
        with (own_home / ".ssh" / "known_hosts").open("a") as file:
            file.write(f"[far]:{made.port} {public}\n")
        yield made


# -- shells and words -------------------------------------------------------------------------


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


# -- hosts and keys ---------------------------------------------------------------------------


async def test_an_unknown_host_is_asked_about_and_remembered(server, new_ssh, own_home):
    (own_home / ".ssh" / "known_hosts").unlink()
    machine = new_ssh()
    with pytest.raises(TomoBatchError) as caught:
        await machine.call()
    assert caught.value.code == "host-key-unknown"
    assert machine.standing.reach is Reach.LOST
    shown = await asyncio.create_subprocess_exec(
        "ssh-keygen", "-lf", str(server.host_key.with_suffix(".pub")), stdout=asyncio.subprocess.PIPE
    )
    fingerprint = (await shown.communicate())[0].decode().split()[1]
    assert machine.unknown_key.fingerprint == fingerprint
    assert fingerprint in caught.value.sentence
    await machine.accept_key()
    assert machine.standing.reach is Reach.REACHABLE
    assert machine.unknown_key is None
    # ssh itself takes what was written for it
    checked = await asyncio.create_subprocess_exec(
        "ssh", "-F", str(own_home / ".ssh/config"), "-o", f"UserKnownHostsFile={own_home}/.ssh/known_hosts",
        "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "tomo1", "true",
    )  # fmt: skip
    assert await checked.wait() == 0
    await new_ssh().call()


async def test_who_waits_for_an_unknown_host_goes_on_when_it_is_trusted(server, new_ssh, own_home, tmp_path):
    (own_home / ".ssh" / "known_hosts").unlink()
    machine = new_ssh(timing=SshTiming(pauses_s=(60.0,)))
    waiting = asyncio.create_task(machine.attempt_folder(tmp_path, "job", 1))
    await until(lambda: machine.unknown_key is not None)
    await machine.accept_key()
    assert (await waiting).is_relative_to(own_home)


async def test_a_changed_key_is_refused(server, new_ssh, own_home):
    known = own_home / ".ssh" / "known_hosts"
    other = Path(f"{server.key}.pub").read_text().split()[1]
    known.write_text(f"[{server.address}]:{server.port} ssh-ed25519 {other}\n")
    machine = new_ssh()
    with pytest.raises(TomoBatchError) as caught:
        await machine.call()
    assert caught.value.code == "host-key-changed"
    assert f"ssh-keygen -R '[{server.address}]:{server.port}'" in caught.value.sentence
    assert machine.unknown_key is None
    await machine.close()
    assert other in known.read_text()


async def test_a_damaged_line_hides_no_other(server, new_ssh, own_home):
    known = own_home / ".ssh" / "known_hosts"
    known.write_text(f"@odd\n|1|x|y ssh-rsa AAAA\nnonsense\n{known.read_text()}")
    await new_ssh().call()


async def test_a_host_is_reached_through_another(server, new_ssh, own_home, tmp_path):
    jump = Server(tmp_path / "jump", own_home, variables=server.variables)
    jump.start()
    try:
        jump.configure(own_home / ".ssh", "gate", known=False)
        server.configure(own_home / ".ssh", "inner", known=False, ProxyJump="gate")
        machine = new_ssh("inner")
        # the one in between is asked about like any other
        with pytest.raises(TomoBatchError) as caught:
            await machine.call()
        assert caught.value.code == "host-key-unknown"
        assert machine.unknown_key.host == f"[127.0.0.1]:{jump.port}"
        await machine.accept_key()
        assert (await machine.run_short(["echo", "through"], 10)).stdout == b"through\n"
        jump.cut()
        await until(lambda: machine.standing.reach is Reach.LOST)
        await machine.call()
    finally:
        await machine.close()
        jump.stop()


async def test_what_keeps_people_out_is_told_apart(server, new_ssh, own_home, tmp_path):
    config = own_home / ".ssh" / "config"

    async def code_of(host):
        with pytest.raises(TomoBatchError) as caught:
            await new_ssh(host).call()
        assert host.rpartition("@")[2] in caught.value.sentence or "127.0.0.1" in caught.value.sentence
        return caught.value.code

    assert await code_of("no-such-host.invalid") == "unknown-host"
    server.configure(own_home / ".ssh", "shut", Port=1)
    assert await code_of("shut") == "refused"
    other = tmp_path / "other"
    shutil.copy(server.host_key, other)
    server.configure(own_home / ".ssh", "keyless", IdentityFile=other)
    assert await code_of("keyless") == "login-refused"
    server.stop()
    server.shell = "/bin/false"
    server.start()
    assert await code_of("tomo1") == "no-shell"
    config.write_text('Host x\n  Port "unfinished\n' + config.read_text())
    assert await code_of("tomo1") == "ssh-config"


# -- links that break -------------------------------------------------------------------------


async def test_a_log_is_read_on_where_the_link_broke(relay, new_ssh, tmp_path):
    machine = new_ssh("far")
    folder = await machine.attempt_folder(tmp_path, "job", 1)
    script = (
        "i=0; while [ $i -lt 400 ]; do echo line $i; i=$((i+1)); [ $((i % 40)) != 0 ] || sleep 0.05; done"
    )
    handle = await machine.start(shell(script), folder)
    follower = asyncio.create_task(updates_of(machine, handle))
    for _ in range(6):
        await asyncio.sleep(0.08)
        relay.cut()
    updates = await follower
    assert output_in(updates) == b"".join(b"line %d\n" % number for number in range(400))
    assert updates[-1].exit_status == 0
    assert (tmp_path / "mirror" / "job" / "1" / "log").read_bytes() == output_in(updates)


async def test_a_log_is_whole_for_the_next_program(server, new_ssh, tmp_path):
    first = new_ssh()
    folder = await first.attempt_folder(tmp_path, "job", 1)
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    handle = await first.start(shell('echo one; read line <"$1"; echo two', gate), folder)
    await said(first, handle, b"one\n")
    await first.close()
    gate.write_text("go\n")
    assert output_in(await updates_of(new_ssh(), handle)) == b"one\ntwo\n"
    # what is here is not fetched again
    (tmp_path / "mirror" / "job" / "1" / "log").write_bytes(b"ONE\n")
    assert output_in(await updates_of(new_ssh(), handle)) == b"ONE\ntwo\n"


@pytest.mark.parametrize("after", [1, 400, 3000, 9000])
async def test_a_link_cut_while_a_job_starts_starts_it_once_or_never(relay, new_ssh, tmp_path, after):
    """Somewhere on the way: before the call, within it, or before its answer."""
    machine = new_ssh("far")
    ran, folder = tmp_path / "ran", await machine.attempt_folder(tmp_path, "job", 1)
    command = shell('echo ran >>"$1"', ran, "x" * 6000)
    relay.cut_after(after)
    (handle,) = await asyncio.gather(machine.start(command, folder), return_exceptions=True)
    if isinstance(handle, TomoBatchError):
        assert handle.code == "cut-off"
        assert (await machine.find(folder)).state is State.NEVER_STARTED
        await asyncio.sleep(0.2)
        assert lines_in(ran) == []
    else:
        assert (await updates_of(machine, handle))[-1].exit_status == 0
        assert lines_in(ran) == ["ran"]


async def test_an_answer_that_is_lost_does_not_start_a_job_twice(relay, new_ssh, tmp_path):
    machine = new_ssh("far")
    ran, folder = tmp_path / "ran", await machine.attempt_folder(tmp_path, "job", 1)
    starting = asyncio.create_task(machine.start(shell('echo ran >>"$1"; exec sleep 60', ran), folder))
    await until(lambda: (Path(folder) / "claim").exists() and lines_in(ran))
    relay.cut()
    handle = await starting
    await running(machine, handle)
    assert lines_in(ran) == ["ran"]
    assert (await machine.stop(handle)).kind is OutcomeKind.STOPPED


async def test_a_link_cut_while_a_job_is_stopped(relay, new_ssh, tmp_path):
    machine = new_ssh("far")
    folder = await machine.attempt_folder(tmp_path, "job", 1)
    handle = await machine.start(shell("trap '' TERM; echo up; while :; do sleep 0.05; done"), folder)
    await said(machine, handle, b"up\n")
    stopping = asyncio.create_task(machine.stop(handle))
    for _ in range(5):
        await asyncio.sleep(0.1)
        relay.cut()
    outcome = await stopping
    assert (outcome.kind, outcome.left) == (OutcomeKind.STOPPED, ())
    assert (await machine.find(folder)).outcome == outcome


async def test_a_silent_link_is_found_dead_within_moments(relay, new_ssh, tmp_path):
    machine = new_ssh("far")
    told = []
    machine.watchers.append(lambda: told.append(machine.standing.reach))
    folder = await machine.attempt_folder(tmp_path, "job", 1)
    handle = await machine.start(shell("sleep 0.5; echo done"), folder)
    follower = asyncio.create_task(updates_of(machine, handle))
    await running(machine, handle)
    relay.fall_silent()
    await until(lambda: machine.standing.reach is Reach.LOST)
    assert machine.standing.code == "unreachable"
    with pytest.raises(TomoBatchError) as caught:
        async with asyncio.timeout(6):
            await machine.run_short(["true"], 5)
    assert caught.value.code == "unreachable"
    assert not follower.done()
    relay.flow()
    assert output_in(await follower) == b"done\n"
    turns = [reach for before, reach in itertools.pairwise([None, *told]) if reach is not before]
    assert turns == [Reach.REACHABLE, Reach.LOST, Reach.REACHABLE]


async def test_a_server_that_is_restarted_costs_nothing(server, ssh, tmp_path):
    folder = await ssh.attempt_folder(tmp_path, "job", 1)
    handle = await ssh.start(shell("echo one; sleep 1; echo two"), folder)
    follower = asyncio.create_task(updates_of(ssh, handle))
    await running(ssh, handle)
    server.stop()
    await until(lambda: ssh.standing.reach is Reach.LOST)
    server.start()
    updates = await follower
    assert output_in(updates) == b"one\ntwo\n"
    assert updates[-1].exit_status == 0


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


async def test_results_are_judged_over_there(relay, new_ssh, tmp_path):
    """By a Python of that host; a call that the link broke under may be repeated."""
    program = tmp_path / "engine"
    program.write_text(f"#!{sys.executable}\n")
    program.chmod(0o755)
    machine = new_ssh("far", environment="export FROM_ENVIRONMENT=yes")
    worker = far_worker(machine, str(program), "tomobatch.recon.finish")
    partial = tmp_path / "scans_rec" / "a_rec.partial-job1"
    partial.mkdir(parents=True)
    engine = Engine(EngineKind.TOMOCUPY, (str(program),))
    final = str(tmp_path / "scans_rec" / "a_rec")
    scan = ScanFile(str(tmp_path / "scans" / "a.h5"), 1, 2, 3)
    shape = (4, 2, 16)
    request = ReconRequest("job1", scan, Kind.FULL, 5.0, "typed", shape, {}, engine, final, str(partial))
    facts = asdict(RunFacts(("tomocupy",), "tomo1", "GPU 0", 1.0, 2.0))
    finish = ("tomobatch.recon.finish:finish", request.to_dict(), facts)
    try:
        verdict = await worker.call(*finish, timeout_s=30)
        assert verdict["code"] == "no-output"
        relay.cut()
        for row in range(2):
            picture = np.random.default_rng(row).random((16, 16), dtype=np.float32)
            tifffile.imwrite(partial / f"recon_{row:05d}.tiff", picture)
        with contextlib.suppress(UnreachableError):
            await worker.call(*finish, timeout_s=30)
        verdict = await worker.call(*finish, timeout_s=30)
        assert verdict["code"] == "good"
        assert read_receipt(Path(final)).job_id == "job1"
    finally:
        await worker.close()
