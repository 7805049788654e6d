"""A real OpenSSH server for tests: a port of its own on loopback, its own keys, a home of its own."""

from __future__ import annotations

import contextlib
import functools
import getpass
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "/usr/sbin/sshd"
STARTS_S = 10.0
LOOPBACK = "127.0.0.1"


class Server:
    """One sshd, in the foreground of a process of its own.

    Parameters
    ----------
    folder
        For its keys, its configuration and its log.
    home
        Of whoever logs in.
    shell
        The login shell: it is given the command as sshd would give it.
    variables
        Set for everybody who logs in.
    address
        Where it listens.
    within
        What runs a program on that host, in namespaces of its own; nothing: as here.
    settings
        More lines of its configuration.
    """

    def __init__(
        self,
        folder: Path,
        home: Path,
        shell: str = "",
        variables: dict[str, str] | None = None,
        address: str = LOOPBACK,
        within: tuple[str, ...] = (),
        settings: tuple[str, ...] = (),
    ) -> None:
        self._within, self.settings = within, settings
        self.folder, self.home, self.address = folder, home, address
        self.shell, self.variables = shell, dict(variables or {})
        folder.mkdir(parents=True, exist_ok=True)
        self.key, self.host_key = self._new_key("user"), self._new_key("host")
        # in a network of its own nobody else listens
        self.port = free_port(address) if address == LOOPBACK else 2222
        self._process: subprocess.Popen | None = None

    def _new_key(self, name: str) -> Path:
        file = self.folder / name
        if not file.exists():
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(file)], check=True
            )
        return file

    def _configuration(self) -> str:
        variables = {"HOME": str(self.home), **self.variables}
        lines = [
            f"ListenAddress {self.address}",
            f"Port {self.port}",
            f"HostKey {self.host_key}",
            f"PidFile {self.folder}/pid",
            f"AuthorizedKeysFile {self.folder}/user.pub",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin yes",
            "LogLevel VERBOSE",
            *_without_penalties(),
            *self.settings,
            "SetEnv " + " ".join(f'"{name}={value}"' for name, value in variables.items()),
        ]
        if self.shell:
            lines.append(f'ForceCommand exec {shlex.quote(self.shell)} -c "$SSH_ORIGINAL_COMMAND"')
        return "\n".join(lines) + "\n"

    def start(self) -> None:
        """Start it, and return when it listens.

        That somebody accepts connections does not tell that it is this one: a process that the one before has
        just forked may still have its socket, and then no other can have it.
        """
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        (self.folder / "config").write_text(self._configuration())
        listening = self.folder / "pid"
        listening.unlink(missing_ok=True)
        self._process = self._spawn()
        until = time.monotonic() + STARTS_S
        while not (listening.exists() and listening.read_text()):
            assert time.monotonic() < until, f"sshd does not listen: {self.log()}"
            time.sleep(0.01)
            if self._process.poll() is not None:
                self._process = self._spawn()

    def _spawn(self) -> subprocess.Popen:
        return subprocess.Popen(
            [*self._within, SSHD, "-D", "-E", str(self.folder / "log"), "-f", str(self.folder / "config")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def log(self) -> str:
        """What it has said so far."""
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    @property
    def pid(self) -> int:
        """Of the process that was started."""
        assert self._process is not None
        return self._process.pid

    def sessions(self) -> list[int]:
        """Processes of sshd that serve a connection: those in its session, but for itself."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                name = (entry / "comm").read_text().strip()
                if name.startswith("sshd") and self._process is not None and parent == self._process.pid:
                    found.append(int(entry.name))
        return found

    def cut(self) -> None:
        """Kill all that serve a connection; the server itself goes on."""
        for pid in self.sessions():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it with all its connections."""
        if self._process is not None:
            sessions = self.sessions()
            self._process.kill()
            self._process.wait()
            for pid in sessions:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process = None

    # -- the other end ------------------------------------------------------------------------

    def configure(self, ssh_folder: Path, *aliases: str, known: bool = True, **more: object) -> None:
        """Write an SSH configuration with these aliases for it, and its key among the known ones."""
        ssh_folder.mkdir(mode=0o700, exist_ok=True)
        with (ssh_folder / "config").open("a") as file:
            for alias in aliases:
                settings = {
                    "Hostname": self.address,
                    "Port": self.port,
                    "User": getpass.getuser(),
                    "IdentityFile": self.key,
                    "IdentitiesOnly": "yes",
                    **more,
                }
                file.write(
                    f"Host {alias}\n" + "".join(f"  {name} {value}\n" for name, value in settings.items())
                )
        if known:
            public = self.host_key.with_suffix(".pub").read_text().split()[:2]
            with (ssh_folder / "known_hosts").open("a") as file:
                file.write(f"[{self.address}]:{self.port} {' '.join(public)}\n")


@functools.cache
def _without_penalties() -> tuple[str, ...]:
    """From 9.8 on whoever breaks off often is kept out for minutes (``PerSourcePenalties``); tests do."""
    said = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True).stderr
    found = re.match(r"OpenSSH_(\d+)\.(\d+)", said)
    assert found is not None, said
    return ("PerSourcePenalties no",) if (int(found[1]), int(found[2])) >= (9, 8) else ()


def free_port(address: str) -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind((address, 0))
        return int(found.getsockname()[1])
