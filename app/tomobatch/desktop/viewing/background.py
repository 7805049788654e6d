"""Work that would hold the window: one piece at a time in a thread, only the last one asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from tomobatch.desktop.viewing.courier import Courier
from tomobatch.errors import TomoBatchError
from tomobatch.volumes.reader import unforeseen
from tomobatch.volumes.source import LeftError

Work = Callable[[Callable[[], bool]], Any]
"""Is given a question whether nobody waits for it any more, and may raise LeftError or TomoBatchError.

Holds nothing of Qt: a thread that is the last to let go of it would delete it.
"""


class Background:
    """Does one piece of work at a time; what was asked before and has not begun is dropped.

    Parameters
    ----------
    made
        A method that is called in the window's thread with what a piece of work gave, or with the
        TomoBatchError it raised; what it belongs to is not kept alive.
    """

    def __init__(self, made: Callable[[object], None]) -> None:
        self._changed = threading.Condition()
        self._asked: Work | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._courier = Courier(made)

    def ask(self, work: Work) -> None:
        """Do this as soon as what is being done has ended or given up."""
        with self._changed:
            self._asked = work
            self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="measuring", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Do nothing any more after what was asked."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait(self, most_s: float) -> None:
        """Wait for the end of what is being done, once closed."""
        if self._thread is not None:
            self._thread.join(most_s)

    def _left(self) -> bool:
        with self._changed:
            return self._closed or self._asked is not None

    def _run(self) -> None:
        while self._do_next():
            pass

    def _do_next(self) -> bool:
        """Nothing of it is held after its end: a slice may hang on it. False where no more will come."""
        work = self._next()
        if work is None:
            return False
        try:
            made = work(self._left)
        except LeftError:
            return True
        except TomoBatchError as error:
            made = error
        except MemoryError:
            made = TomoBatchError("too-large", "There is not enough memory for this.")
        except Exception as error:  # noqa: BLE001 - see `unforeseen`
            made = unforeseen(error)
        with self._changed:
            if self._closed:
                return True
        self._courier.bring(made)
        return True

    def _next(self) -> Work | None:
        with self._changed:
            while self._asked is None and not self._closed:
                self._changed.wait()
            work, self._asked = self._asked, None
            return work
