"""Keys of hosts: which are known, which host is new, and which has another key than before."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from tomobatch.errors import TomoBatchError

SYSTEM_FILES = (Path("/etc/ssh/ssh_known_hosts"), Path("/etc/ssh/ssh_known_hosts2"))
_USER_FILES = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
_SSH_PORT = 22
# Anything else would be a pattern in the file, several names, or a line of its own.
_NAME = re.compile(r"[^\s,*?!|@#\\\"']+")


@dataclass(frozen=True)
class UnknownKey:
    """A host's key that nobody has trusted yet.

    Attributes
    ----------
    host
        As the file of known hosts names it: ``tomo1``, ``[tomo1]:2222``.
    kind
        ``ssh-ed25519``, …
    fingerprint
        ``SHA256:…``, as `ssh` shows it.
    line
        What the file of known hosts will hold.
    file
        That file.
    """

    host: str
    kind: str
    fingerprint: str
    line: str
    file: Path


class KnownKeys:
    """The files of known hosts.

    Parameters
    ----------
    user_files
        As the SSH configuration names them; empty: OpenSSH's own. New keys go into the first.
    system_files
        Those of the whole host.
    """

    def __init__(self, user_files: Sequence[str], system_files: Iterable[Path] = SYSTEM_FILES) -> None:
        users = [Path(name).expanduser() for name in user_files or _USER_FILES]
        self._first = users[0]
        self._known = asyncssh.SSHKnownHosts()
        for file in (*users, *system_files):
            self._load(file)

    def _load(self, file: Path) -> None:
        """Read a file line by line: a line that is damaged must not hide the others."""
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            # Not there, or not for us: as if it held nothing, and then the host is asked about.
            return
        for line in text.splitlines():
            try:
                self._known.load(line)
            except ValueError:
                continue

    def trusted(self, host: str, _address: str, port: int | None) -> tuple[Sequence[Any], ...]:
        """Keys that are known of a host, as asyncssh asks for them.

        A key that is known of its address alone says nothing of its name, which may lead there since today.
        """
        known: tuple[Sequence[Any], ...] = self._known.match(host.lower(), "", port)
        return known

    def judge(self, host: str, port: int, key: asyncssh.SSHKey) -> TomoBatchError | UnknownKey:
        """What is wrong with a key that is not among the trusted ones of a host."""
        host = host.lower()
        others = self.trusted(host, "", port if port != _SSH_PORT else None)[0]
        named = host if port == _SSH_PORT else f"[{host}]:{port}"
        fingerprint = key.get_fingerprint()
        if others:
            sentence = (
                f"{named} shows another key ({fingerprint}) than the one that is known: it may have been set"
                f" up anew, or somebody stands in between. Ask who looks after it; if all is well, run"
                f" ssh-keygen -R '{named}' and connect again."
            )
            return TomoBatchError("host-key-changed", sentence)
        if not _NAME.fullmatch(host):
            sentence = f"The key of {host!r} cannot be trusted: that is no name of one host. Give it another."
            return TomoBatchError("ssh-config", sentence)
        text = " ".join(key.export_public_key().decode().split()[:2])
        kind = text.partition(" ")[0]
        return UnknownKey(named, kind, fingerprint, f"{named} {text}\n", self._first)


def trust(key: UnknownKey) -> None:
    """Write a key into the user's file of known hosts, as `ssh` does; OSError where that cannot be done."""
    key.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(key.file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "rb+") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        whole = size == 0 or file.read(1) == b"\n"
        file.write((b"" if whole else b"\n") + key.line.encode())


class Guard(asyncssh.SSHClient):
    """Asked by asyncssh about a key that is not among the trusted ones; notes why it cannot be trusted."""

    def __init__(
        self, known: KnownKeys, alias: str | None, refuse: Callable[[TomoBatchError | UnknownKey], None]
    ) -> None:
        self._known, self._alias, self._refuse = known, alias, refuse

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Trust nothing that is not written down."""
        self._refuse(self._known.judge(self._alias or host or addr, port, key))
        return False
