"""Wakes followers when something changed in their folders: by inotify, or slowly where that is refused."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from inotify_simple import INotify, flags

_CHANGES = flags.CREATE | flags.MODIFY | flags.MOVED_TO | flags.MOVED_FROM | flags.MOVE_SELF | flags.DELETE


class Watcher:
    """One inotify instance for all followers of a machine.

    Closing an instance makes the kernel wait for a grace period of 10 ms and more, which would fall between
    two jobs if every follower had its own.

    Parameters
    ----------
    gather_s
        After a change, further ones are gathered for so long: a chatty program costs little more than
        a quiet one.
    poll_s
        How often to wake where there is no inotify (its instances a user and its watches are limited).
    open_inotify
        What gives the inotify instance.
    again_s
        When to wake once more after the last change: a file may be written before what is written counts.
    """

    def __init__(
        self,
        gather_s: float,
        poll_s: float,
        open_inotify: Callable[[], INotify] = INotify,
        again_s: Sequence[float] = (),
    ) -> None:
        self.poll_s = poll_s
        self._gather_s, self._again_s = gather_s, again_s
        self._open_inotify = open_inotify
        self._inotify: INotify | None = None
        self._watches: dict[int, set[Watch]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._later: list[asyncio.TimerHandle] = []

    def watch(self, folder: Path) -> Watch:
        """Watch an existing folder, not what lies deeper, until the watch is closed."""
        return Watch(self, folder)

    def close(self) -> None:
        """Give the inotify instance back; all watches are closed by then."""
        if self._inotify is not None:
            self._inotify.close()
            self._inotify = None

    def add(self, path: Path, watch: Watch) -> int:
        """Wake a watch at changes of a path; OSError where the kernel refuses."""
        if self._inotify is None:
            self._inotify = self._open_inotify()
        number: int = self._inotify.add_watch(path, _CHANGES)
        if not self._watches:
            self._listen()
        self._watches.setdefault(number, set()).add(watch)
        return number

    def remove(self, number: int, watch: Watch) -> None:
        """Undo `add`."""
        watches = self._watches[number]
        watches.discard(watch)
        if watches or self._inotify is None:
            return
        del self._watches[number]
        # the kernel has dropped it by itself if the folder is gone
        with contextlib.suppress(OSError):
            self._inotify.rm_watch(number)
        if not self._watches:
            self._rest()

    def _listen(self) -> None:
        if self._inotify is not None:
            asyncio.get_running_loop().add_reader(self._inotify.fileno(), self._on_change, self._inotify)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._forget_later()
        if self._inotify is not None:
            asyncio.get_running_loop().remove_reader(self._inotify.fileno())

    def _on_change(self, inotify: INotify) -> None:
        # what comes now waits in the kernel, equal events folded into one, until the timer listens again
        loop = asyncio.get_running_loop()
        loop.remove_reader(inotify.fileno())
        self._timer = loop.call_later(self._gather_s, self._listen)
        numbers = {event.wd for event in inotify.read(timeout=0)}
        # -1 says that the kernel's queue was full: anything may have changed
        for number in self._watches if -1 in numbers else numbers & self._watches.keys():
            for watch in self._watches[number]:
                watch.wake()
        self._forget_later()
        self._later = [loop.call_later(pause_s, self._wake_all) for pause_s in self._again_s]

    def _wake_all(self) -> None:
        for watches in self._watches.values():
            for watch in watches:
                watch.wake()

    def _forget_later(self) -> None:
        for timer in self._later:
            timer.cancel()
        self._later.clear()


class Watch:
    """Tells that files in a folder may have changed; made by `Watcher.watch`."""

    def __init__(self, watcher: Watcher, folder: Path) -> None:
        self._watcher = watcher
        self._woken = asyncio.Event()
        self._numbers: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None
        try:
            self._numbers.add(watcher.add(folder, self))
        except OSError:
            self._poll()

    def also(self, file: Path) -> None:
        """Watch one more file, if that is possible; twice is as good as once."""
        with contextlib.suppress(OSError):
            self._numbers.add(self._watcher.add(file, self))

    def wake(self) -> None:
        """Wake the follower."""
        self._woken.set()

    async def changed(self) -> None:
        """Wait until something may have changed since the last call."""
        await self._woken.wait()
        self._woken.clear()

    def close(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
        for number in self._numbers:
            self._watcher.remove(number, self)
        self._numbers.clear()

    def _poll(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._watcher.poll_s, self._poll)
        self._woken.set()
