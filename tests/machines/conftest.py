"""Every kind of machine, for the one contract that all of them keep."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from machines.relay import Relay
from machines.server import Server
from tomobatch.machines.base import Graces
from tomobatch.machines.link import SshTiming
from tomobatch.machines.local import Local
from tomobatch.machines.ssh import Ssh

GRACES = Graces(again_s=0.3, kill_s=0.6, give_up_s=3.0)
ENDING_S = 5.0


def _refuse(*_):
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


def _busybox():
    """Busybox takes its name for the program to be: a link called sh is a shell."""
    return {"local-busybox": {"shell": "busybox"}} if shutil.which("busybox") else {}


QUICK = SshTiming(
    connect_s=5.0, alive_s=0.1, alive_most=2, call_s=5.0, pauses_s=(0.02, 0.05), tick_s=0.05, patience_s=2.0
)
TIMING = SshTiming(pauses_s=(0.02, 0.05, 0.1), tick_s=0.05, patience_s=2.0)

KINDS = {
    "local": {},
    "local-bash": {"shell": shutil.which("bash") or "/bin/bash"},
    "local-without-events": {"open_pidfd": _refuse, "open_inotify": _refuse, "poll_s": 0.02},
    **_busybox(),
    "ssh": {"far": True},
    **{f"ssh-{name}": {"far": True, "login_shell": name} for name in ("bash", "dash", "zsh", "tcsh")},
}
# the login shell matters little, and a few tests of each day see to that
SLOW = frozenset(kind for kind, options in KINDS.items() if "login_shell" in options)


@pytest.fixture(autouse=True)
def no_process_lives_on(own_home):
    """Whatever a test starts has the test's own home in its environment, whoever is its parent by then."""
    yield
    patience_ends_s = time.monotonic() + ENDING_S
    while (left := _processes_at(own_home)) and time.monotonic() < patience_ends_s:
        time.sleep(0.01)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert not left, "processes that the test started live on"


def _processes_at(home):
    """Command lines of living processes by pid; one without memory is a zombie."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        # who has just ended, or is another user's
        with contextlib.suppress(OSError):
            if f"HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_bytes()
    return found


def pytest_generate_tests(metafunc):
    """Every test of a machine runs against every kind, but for those about what only this host has."""
    if "kind" in metafunc.fixturenames:
        here_only = metafunc.definition.get_closest_marker("here_only")
        kinds = [kind for kind in KINDS if not (here_only and KINDS[kind].get("far"))]
        slow = {kind: [pytest.mark.slow] for kind in SLOW}
        metafunc.parametrize("kind", [pytest.param(kind, marks=slow.get(kind, [])) for kind in kinds])


@pytest.fixture
def server(tmp_path, own_home):
    """A host to log in to as ``tomo1``; it has this test's home, as a shared home would be."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("XDG_", "TOMOBATCH_"))}
    made = Server(tmp_path / "sshd", own_home, variables=kept)
    made.start()
    made.configure(own_home / ".ssh", "tomo1")
    yield made
    made.stop()
    # shown with a test that failed
    print(made.log())


@pytest.fixture
async def new_machine(kind, request, tmp_path):
    """Make a machine of the kind under test; a second one is what another program would see."""
    options = {**KINDS[kind]}
    far = options.pop("far", False)
    maker = _FarMaker(request, tmp_path, **options) if far else _LocalMaker(options, tmp_path)
    yield maker
    for machine in maker.made:
        await machine.close()


class _LocalMaker:
    def __init__(self, options, tmp_path):
        self.made, self._options = [], options
        if options.get("shell") == "busybox":
            options["shell"] = str(tmp_path / "sh")
            (tmp_path / "sh").symlink_to(shutil.which("busybox"))
        self.shell = options.get("shell", "/bin/sh")

    def __call__(self, surroundings=None, **changes):
        self.made.append(Local(**{"graces": GRACES, "gather_s": 0.02, **self._options, **changes}))
        return self.made[-1]


class _FarMaker:
    """Makes machines that are reached by SSH; what only this host has is passed over."""

    shell = "/bin/sh"

    def __init__(self, request, tmp_path, login_shell=""):
        self.made, self._request, self._tmp_path = [], request, tmp_path
        self._login_shell = shutil.which(login_shell) if login_shell else ""

    def __call__(self, lock_folder=None, surroundings=None, **changes):
        server = self._request.getfixturevalue("server")
        changed = server.variables | {"PATH": os.environ["PATH"]} | (surroundings or {})
        if lock_folder is not None:
            changed["TOMOBATCH_LOCK_FOLDER"] = str(lock_folder)
        if (changed, self._login_shell) != (server.variables, server.shell):
            server.stop()
            server.variables, server.shell = changed, self._login_shell
            server.start()
        known = {"graces": GRACES, "timing": TIMING, "mirror": self._tmp_path / "mirror"}
        made = Ssh("tomo1", "tomo1", **{**known, **changes})
        self.made.append(made)
        return made


@pytest.fixture
def machine(new_machine):
    return new_machine()


@pytest.fixture
def attempts(tmp_path):
    """Fresh folders, one an attempt, with names that need care."""
    return (tmp_path / f"job $(x) 'é\" {number}\n" / "1" for number in itertools.count())


@pytest.fixture
def attempt(attempts):
    return next(attempts)


@pytest.fixture
async def new_ssh(tmp_path):
    """Make a machine over SSH, reached by an alias; they are closed at the end."""
    made = []

    def make(host="tomo1", **changes):
        known = {"graces": GRACES, "timing": QUICK, "mirror": tmp_path / "mirror"}
        made.append(Ssh("tomo1", host, **{**known, **changes}))
        return made[-1]

    yield make
    for machine in made:
        await machine.close()


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
