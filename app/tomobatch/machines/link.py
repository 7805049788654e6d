"""The way to a machine: one SSH connection, made again and again while somebody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from tomobatch.errors import TomoBatchError
from tomobatch.machines import shell_text
from tomobatch.machines.base import Reach, Standing
from tomobatch.machines.connections import Connections
from tomobatch.machines.far_side import Facts, FarSide
from tomobatch.machines.reply import NoSessionError, Reply, ShellLostError

if TYPE_CHECKING:
    import asyncssh

    from tomobatch.machines.known_keys import UnknownKey
    from tomobatch.machines.shell import Shell

log = logging.getLogger(__name__)

BOOT_ID_FILE = PurePosixPath("/proc/sys/kernel/random/boot_id")
HOST_ID_FILE = PurePosixPath("/etc/machine-id")


@dataclass(frozen=True)
class SshTiming:
    """How long things may take; parameters, so that tests do not wait.

    Attributes
    ----------
    connect_s
        Until the host has let us in.
    alive_s, alive_most
        So often it is asked whether it is still there, and so many of these may go unanswered. A connection
        that breaks before it is that old counts as one that could not be made.
    call_s
        For anything small on the far side.
    pauses_s
        Between two attempts to reach it; the last one is repeated.
    tick_s
        How often the far side looks for output.
    patience_s
        How long it may have nothing to tell before it says so.
    """

    connect_s: float = 15.0
    alive_s: float = 2.0
    alive_most: int = 3
    call_s: float = 20.0
    pauses_s: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
    tick_s: float = 0.5
    patience_s: float = 20.0


class Link:
    """See the module's text.

    Parameters
    ----------
    host
        As the user gave it.
    changed
        Called when `standing` has become another one.
    boot_id_file, host_id_file
        Where it stands over there which boot this is, and of which host.
    """

    def __init__(
        self,
        host: str,
        timing: SshTiming,
        changed: Callable[[], None],
        boot_id_file: PurePosixPath = BOOT_ID_FILE,
        host_id_file: PurePosixPath = HOST_ID_FILE,
    ) -> None:
        self.host = host
        self.unknown_key: UnknownKey | None = None
        self._timing, self._changed = timing, changed
        self._id_files = str(boot_id_file), str(host_id_file)
        self._standing = Standing()
        self._seen_s: float | None = None
        self._far: FarSide | None = None
        self._attempt: asyncio.Task[FarSide] | None = None
        self._minding: set[asyncio.Task[None]] = set()
        # Attempts that failed, and connections that broke at once, since the last one that held.
        self._failures = 0
        self._made_s = self._rest_ends_s = 0.0
        self._again = asyncio.Event()
        self._closed = False

    @property
    def standing(self) -> Standing:
        """Whether the machine answers."""
        return replace(self._standing, seen_s=self._seen_s)

    @property
    def now(self) -> FarSide | None:
        """The far side, if it is reached already."""
        return self._far

    # -- reaching it --------------------------------------------------------------------------

    async def far(self) -> FarSide:
        """The far side, however long that takes; TomoBatchError only once it has been closed."""
        while True:
            if self._far is None:
                await self._rest()
            try:
                return await self.reach()
            except TomoBatchError:
                if self._closed:
                    raise

    async def _rest(self) -> None:
        """Wait until it is time for the next attempt, or somebody is in a hurry."""
        left_s = self._rest_ends_s - time.monotonic()
        if left_s > 0:
            self._again.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._again.wait()

    def _failed(self) -> None:
        pauses_s = self._timing.pauses_s
        self._rest_ends_s = time.monotonic() + pauses_s[min(self._failures, len(pauses_s) - 1)]
        self._failures += 1

    async def reach(self) -> FarSide:
        """The far side; TomoBatchError where it cannot be reached now."""
        if self._closed:
            raise self._given_up()
        if self._far is not None:
            return self._far
        if self._attempt is None:
            self._attempt = asyncio.create_task(self._connect(), name=f"connecting to {self.host}")
            self._attempt.add_done_callback(self._attempted)
        attempt = self._attempt
        # Not awaited itself: closing cancels it, which must not look like a wish of the caller's.
        await asyncio.wait((attempt,))
        if attempt.cancelled():
            raise self._given_up()
        return attempt.result()

    def _given_up(self) -> TomoBatchError:
        return TomoBatchError("unreachable", f"{self.host} is not asked any more.")

    async def trust(self, key: UnknownKey) -> None:
        """Trust the key of a host from now on; TomoBatchError where that cannot be written down."""
        try:
            await asyncio.to_thread(_keys().trust, key)
        except OSError as error:
            sentence = f"The key of {key.host} cannot be kept in {key.file} ({error.strerror})."
            raise TomoBatchError("key-not-kept", sentence) from error
        self.unknown_key = None

    def hurry(self) -> None:
        """Let those who wait try again now."""
        self._again.set()

    def _attempted(self, attempt: asyncio.Task[FarSide]) -> None:
        self._attempt = None
        error = None if attempt.cancelled() else attempt.exception()
        if isinstance(error, TomoBatchError):
            self._failed()
            self._stand(Reach.LOST, error.code, error.sentence)

    async def _connect(self) -> FarSide:
        login = await asyncio.to_thread(_login)
        self.unknown_key = None
        try:
            connection = await login.log_in(self.host, self._timing)
        except login.UnknownKeyError as error:
            self.unknown_key = error.key
            raise
        except TomoBatchError:
            raise
        except Exception as error:
            # Whatever a stranger at the other end made the library stumble over.
            log.exception("connecting to %s", self.host)
            raise TomoBatchError("unreachable", f"{self.host} cannot be reached ({error}).") from error
        return await self._greet(login, connection)

    async def _greet(self, login: Any, connection: asyncssh.SSHClientConnection) -> FarSide:  # noqa: ANN401
        try:
            control = await _shells().open_shell(connection, self._timing.call_s)
            facts = await self._hello(control)
        except (ShellLostError, ValueError) as error:
            await login.hang_up(connection)
            sentence = (
                f"{self.host} lets us in, but runs nothing ({error}): see what `ssh {self.host} true` says."
            )
            raise TomoBatchError("no-shell", sentence) from error
        except BaseException:
            await login.hang_up(connection)
            raise

        async def log_in() -> asyncssh.SSHClientConnection:
            more: asyncssh.SSHClientConnection = await login.log_in(self.host, self._timing)
            return more

        connections = Connections(connection, log_in)
        return self._reached(FarSide(connections, control, facts, self._timing, self._saw))

    async def _hello(self, control: Shell) -> Facts:
        text = shell_text.WRAPPER
        name = f"wrapper-{hashlib.sha256(text.encode()).hexdigest()[:16]}.sh"
        about = (*self._id_files, name, text)
        reply = await control.call("tb_hello", *about, timeout_s=self._timing.call_s)
        home, locks = reply.body("home"), reply.body("locks")
        if missing := reply.values("missing"):
            raise self._lacks(missing)
        if reply.status != 0 or home is None or locks is None:
            raise self.no_home(reply)
        kib = reply.value("memory")
        return Facts(
            home=PurePosixPath(os.fsdecode(home)),
            wrapper=name,
            locks=PurePosixPath(os.fsdecode(locks)),
            boot_id=reply.value("boot") or "",
            host_id=next(iter(reply.values("host")), "").strip(),
            memory_bytes=1024 * int(kib) if kib and kib.isdecimal() else None,
        )

    def no_home(self, reply: Reply) -> TomoBatchError:
        """That nothing can be written there, and what was said of it."""
        why = reply.complaint or "nothing was said"
        sentence = (
            f"On {self.host} nothing can be written in ~/.local/state/tomobatch/far ({why}): make room on"
            " its disk there, or see who may write it."
        )
        return TomoBatchError("no-home", sentence)

    def _lacks(self, missing: Sequence[str]) -> TomoBatchError:
        are = "the program {} is" if len(missing) == 1 else "the programs {} are"
        sentence = (
            f"On {self.host} {are.format(' and '.join(missing))} not found, and no job can run without: have"
            " the packages util-linux and coreutils installed there, or see to the PATH that `sh` has there."
        )
        return TomoBatchError("programs-missing", sentence)

    def _reached(self, far: FarSide) -> FarSide:
        self._far, self._made_s = far, time.monotonic()
        self._saw()
        self._stand(Reach.REACHABLE)
        minding = asyncio.create_task(self._mind(far), name=f"minding the connection to {self.host}")
        self._minding.add(minding)
        minding.add_done_callback(self._minding.discard)
        self._again.set()
        return far

    # -- losing it ----------------------------------------------------------------------------

    async def _mind(self, far: FarSide) -> None:
        await far.connections.first.wait_closed()
        self.drop(far, ShellLostError(far.control.lost or "the connection broke"))

    def drop(self, far: FarSide, error: ShellLostError | TomoBatchError) -> None:
        """Take a connection for lost."""
        far.connections.abort()
        if self._far is not far:
            return
        self._far = None
        if time.monotonic() - self._made_s < self._timing.alive_s * self._timing.alive_most:
            # Whatever breaks it at once would break the next one at once, for ever.
            self._failed()
        else:
            self._failures, self._rest_ends_s = 0, 0.0
        if not self._closed:
            reason = self.trouble(error)
            log.warning("%s", reason.sentence)
            self._stand(Reach.LOST, reason.code, reason.sentence)

    def trouble(self, error: Exception) -> TomoBatchError:
        """What went wrong on the way there, in a sentence."""
        if isinstance(error, TomoBatchError):
            return error
        if not isinstance(error, NoSessionError):
            return TomoBatchError("unreachable", f"{self.host} does not answer any more ({error}).")
        sentence = (
            f"{self.host} allows too few sessions ({error}): ask whoever looks after it for MaxSessions 10 or"
            " more in its sshd_config."
        )
        return TomoBatchError("no-sessions", sentence)

    def _saw(self) -> None:
        self._seen_s = time.time()

    def _stand(self, reach: Reach, code: str = "", why: str = "") -> None:
        before = self._standing
        since_s = before.since_s if before.reach is reach else time.time()
        self._standing = Standing(reach, since_s, self._seen_s, code, why)
        if replace(before, seen_s=None) != replace(self._standing, seen_s=None):
            self._changed()

    async def close(self) -> None:
        """Let go of the machine."""
        self._closed = True
        self._again.set()
        tasks = {*self._minding, *([self._attempt] if self._attempt else [])}
        far, self._far = self._far, None
        if far is not None:
            await far.connections.hang_up(_login().hang_up)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _login() -> Any:  # noqa: ANN401 - asyncssh takes a fifth of a second to load, which the first frame has no use for
    return importlib.import_module("tomobatch.machines.ssh_login")


def _shells() -> Any:  # noqa: ANN401 - see above
    return importlib.import_module("tomobatch.machines.shell")


def _keys() -> Any:  # noqa: ANN401 - see above
    return importlib.import_module("tomobatch.machines.known_keys")
