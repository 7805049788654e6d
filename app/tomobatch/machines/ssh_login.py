"""Logging in to a host by SSH, as `ssh HOST` would: configuration, keys, jump hosts; no password ever."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncssh

from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import KEY_UNKNOWN
from tomobatch.machines.known_keys import Guard, KnownKeys, UnknownKey
from tomobatch.machines.link import SshTiming

USER_CONFIG = Path("~/.ssh/config")
SYSTEM_CONFIG = Path("/etc/ssh/ssh_config")
_MOST_JUMPS = 8
_CONNECTING = re.compile(r"\[Errno (\d+)\] Connect call failed")
# First choice where the configuration names none: in Python, a sixth of the work of the usual one a packet.
_CIPHERS = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"


class UnknownKeyError(TomoBatchError):
    """``host-key-unknown``: somebody has to say whether the key is to be trusted."""

    def __init__(self, key: UnknownKey) -> None:
        sentence = (
            f"{key.host} is not known yet; its key is {key.fingerprint} ({key.kind}). Trust it in Machines."
        )
        super().__init__(KEY_UNKNOWN, sentence)
        self.key = key


async def log_in(host: str, timing: SshTiming) -> asyncssh.SSHClientConnection:
    """Log in; the connection closes the jump hosts it goes through with itself.

    Parameters
    ----------
    host
        Alias, host, or ``user@host``; an alias goes through unchanged.

    Raises
    ------
    TomoBatchError
        With a code for the reason and a sentence with a remedy; `UnknownKeyError` for a new host.
    """
    return await _log_in(host, timing, None, 0)


async def _log_in(
    text: str, timing: SshTiming, through: asyncssh.SSHClientConnection | None, jumps: int
) -> asyncssh.SSHClientConnection:
    refused: list[TomoBatchError | UnknownKey] = []
    given = await _settings(text, timing, refused)
    jump = given.pop("tunnel")
    if through is None and jump:
        through = await _jump(str(jump), timing, jumps)
    try:
        # Left to asyncssh, a jump host would be asked about nothing and would not know the system's files.
        connection = await asyncssh.connect(tunnel=through, **given)
    except (asyncssh.Error, OSError, ValueError) as error:
        if through is not None:
            through.abort()
        raise _refusal(text, error, refused) from error
    if through is not None:
        connection.set_tunnel(through)
    return connection


async def _jump(tunnel: str, timing: SshTiming, jumps: int) -> asyncssh.SSHClientConnection | None:
    if jumps >= _MOST_JUMPS:
        sentence = f"The jump hosts in the SSH configuration go round in a circle: {tunnel}."
        raise TomoBatchError("ssh-config", sentence)
    connection = None
    for text in tunnel.split(","):
        connection = await _log_in(text.removeprefix("ssh://"), timing, connection, jumps + 1)
    return connection


async def _settings(
    text: str, timing: SshTiming, refused: list[TomoBatchError | UnknownKey]
) -> dict[str, Any]:
    """Arguments for asyncssh, from the user's configuration and, where that says nothing, the system's."""
    given = _given(text, timing)
    try:
        # In a thread: it reads files of the user's home, keys among them.
        options = await asyncio.to_thread(_options, given)
        known = await asyncio.to_thread(KnownKeys, _known_files(options))
    except (asyncssh.Error, OSError, ValueError) as error:
        sentence = (
            f"The SSH configuration for {text} cannot be used: {error}. See whether `ssh {text}` works."
        )
        raise TomoBatchError("ssh-config", sentence) from error
    alias = options.host_key_alias
    ciphers = {} if options.config.get("Ciphers") else {"encryption_algs": _CIPHERS}
    return {
        **given,
        **ciphers,
        "tunnel": options.tunnel,
        "known_hosts": known.trusted,
        "client_factory": lambda: Guard(known, alias, refused.append),
    }


def _options(given: dict[str, Any]) -> asyncssh.SSHClientConnectionOptions:
    return asyncssh.SSHClientConnectionOptions(**given)


def _given(text: str, timing: SshTiming) -> dict[str, Any]:
    user, host, port = _split(text)
    given: dict[str, Any] = {"host": host}
    if user:
        given["username"] = user
    if port is not None:
        given["port"] = port
    return given | {
        "config": [file for file in (USER_CONFIG.expanduser(), SYSTEM_CONFIG) if file.is_file()],
        "connect_timeout": timing.connect_s,
        "keepalive_interval": timing.alive_s,
        "keepalive_count_max": timing.alive_most,
        # Nothing that could ask a person, or store what a person typed.
        "password_auth": False,
        "kbdint_auth": False,
        "agent_forwarding": False,
        "x11_forwarding": False,
        "ignore_encrypted": True,
    }


def _split(text: str) -> tuple[str, str, int | None]:
    user, _, host = text.rpartition("@")
    name, colon, number = host.rpartition(":")
    if colon and number.isdecimal() and (name.count(":") == 0 or name.endswith("]")):
        return user, name.strip("[]"), int(number)
    return user, host.strip("[]"), None


def _known_files(options: asyncssh.SSHClientConnectionOptions) -> list[str]:
    named: Any = options.config.get("UserKnownHostsFile", ())
    return [str(name) for name in named]


def _refusal(text: str, error: BaseException, refused: list[TomoBatchError | UnknownKey]) -> TomoBatchError:
    if refused:
        why = refused[-1]
        return why if isinstance(why, TomoBatchError) else UnknownKeyError(why)
    for kinds, code, sentence in _REASONS:
        if isinstance(error, kinds):
            return TomoBatchError(code, sentence.format(host=text, error=_in_words(error)))
    return TomoBatchError("unreachable", f"{text} cannot be reached: {_in_words(error)}.")


def _in_words(error: BaseException) -> str:
    if numbers := _CONNECTING.findall(str(error)):
        # Python says where to, in its own notation, and not why; once for each address of the host.
        return ", ".join(dict.fromkeys(os.strerror(int(number)) for number in numbers))
    said = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return " ".join(str(said).split()).rstrip(".") or type(error).__name__


_REASONS: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    (
        (asyncssh.PermissionDenied,),
        "login-refused",
        (
            "{host} lets nobody in with the keys at hand ({error}). `ssh {host}` must work without a"
            " password: set up a key with ssh-copy-id {host}; ssh-add takes one that has a passphrase."
        ),
    ),
    (
        (asyncssh.HostKeyNotVerifiable,),
        "host-key-changed",
        "The key of {host} cannot be trusted: {error}. Ask who looks after that machine.",
    ),
    (
        (socket.gaierror,),
        "unknown-host",
        "No host is called {host} ({error}): check the name in Machines, or its entry in ~/.ssh/config.",
    ),
    (
        (ConnectionRefusedError,),
        "refused",
        "{host} answers, but not to SSH ({error}): see whether sshd runs there, and on which port.",
    ),
    (
        (TimeoutError,),
        "unreachable",
        "{host} does not answer: see whether it is switched on and the network leads there.",
    ),
    (
        (asyncssh.KeyExchangeFailed,),
        "unreachable",
        "{host} and this program have no method in common: {error}.",
    ),
)


async def hang_up(connection: asyncssh.SSHClientConnection, timeout_s: float = 2.0) -> None:
    """Close a connection, as politely as the time allows."""
    connection.close()
    with suppress(TimeoutError, asyncssh.Error, OSError):
        async with asyncio.timeout(timeout_s):
            await connection.wait_closed()
        return
    connection.abort()
