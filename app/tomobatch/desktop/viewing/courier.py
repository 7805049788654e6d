"""From a thread to the window's thread, where a thread holds nothing of Qt that could end with it."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any
from weakref import WeakMethod

import shiboken6
from PySide6.QtCore import QObject, Signal, Slot

Address = WeakMethod[Callable[..., None]]


class _Post(QObject):
    """Brings everything there is to bring; is never deleted, whatever thread lets go of what."""

    brought = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.brought.connect(self._deliver)

    @Slot(object, object)
    def _deliver(self, address: Address, what: tuple[Any, ...]) -> None:
        take = address()
        if take is not None and _lives(take):
            take(*what)


class Courier:
    """Calls a method in the window's thread, from any thread, as long as what it belongs to lives.

    Made in the window's thread. A thread may hold it as long as it likes: it is no object of Qt, and keeps
    none alive. An object of Qt that a thread was the last to let go of would be deleted in that thread, while
    the window's sends events to it.
    """

    _post: _Post | None = None

    def __init__(self, take: Callable[..., None]) -> None:
        if Courier._post is None or not shiboken6.isValid(Courier._post):
            Courier._post = _Post()
        self._address, self._brings = WeakMethod(take), Courier._post

    def bring(self, *what: object) -> None:
        """Have the method called with this, soon; in the window's thread itself, at once."""
        self._brings.brought.emit(self._address, what)


def _lives(take: Callable[..., None]) -> bool:
    """Whether Qt has not deleted what the method belongs to."""
    owner = take.__self__ if isinstance(take, MethodType) else None
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)
