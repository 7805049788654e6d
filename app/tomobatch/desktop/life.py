"""The life of the program behind the window: from its first frame to its end."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent, QObject, Qt, QUrl
from PySide6.QtGui import QIcon, QWindow
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from tomobatch.desktop.breathing import keep
from tomobatch.desktop.calls import Calls
from tomobatch.desktop.doorway import Doorway
from tomobatch.desktop.program import Program
from tomobatch.desktop.qml_files import MODULE, qml_root
from tomobatch.desktop.settings import Settings
from tomobatch.desktop.single import Single
from tomobatch.desktop.threads import Threads
from tomobatch.desktop.viewing.warming import rehearse
from tomobatch.volumes import slice_process

log = logging.getLogger(__name__)

_LOADED_S, _LOOK_EVERY_S = 5.0, 0.02
_UNSEEN = (QWindow.Visibility.Hidden, QWindow.Visibility.Minimized)

Story = Callable[[QQuickWindow, Program], Awaitable[None]]


def live(
    application: QApplication,
    engine: QQmlApplicationEngine,
    window: QQuickWindow,
    settings: Settings,
    doorway: Doorway,
    folder: Path | None,
    single: Single | None,
    story: Story | None,
) -> int:
    """Fill the window and live until it is closed; see `tomobatch.desktop.start.run`."""
    application.setWindowIcon(QIcon(str(qml_root() / MODULE / "icons" / "tomobatch.svg")))
    with QEventLoop(application) as loop:
        asyncio.set_event_loop(loop)
        loop.set_default_executor(Threads())
        try:
            loop.run_until_complete(_live(window, settings, doorway, folder, single, story))
        finally:
            # QML goes before what it is bound to.
            window.deleteLater()
            engine.deleteLater()
            application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return 0


async def _live(
    window: QQuickWindow,
    settings: Settings,
    doorway: Doorway,
    folder: Path | None,
    single: Single | None,
    story: Story | None,
) -> None:
    rehearse()
    app = Program(settings)
    doorway.open(app)
    _catch_the_unforeseen(app)
    listening = _Signals(app)
    app.raised.connect(lambda: _raise(window))
    window.setProperty("program", QUrl.fromLocalFile(str(qml_root() / MODULE / "Workbench.qml")))
    _ask_when_closed(window, app)
    window.visibilityChanged.connect(lambda seen: app.note_seen(seen not in _UNSEEN))
    calls = None if single is None else Calls(single.socket_path, app.call)
    try:
        if calls is not None:
            await calls.listen()
        await app.open(folder)
        gc.collect()
        keep()
        slice_process.prepare()
        if story is not None:
            await story(window, app)
            app.closeLetFinish()
        await app.closed.wait()
        if calls is not None:
            # A start from now on is to have a window of its own.
            calls.close()
        window.hide()
        await _loaded(window)
    finally:
        sys.excepthook = sys.__excepthook__
        listening.close()
        await app.close()
        slice_process.end()
        if calls is not None:
            calls.close()
        if single is not None:
            single.close()


async def _loaded(window: QQuickWindow) -> None:
    """Wait until the viewer stands: Qt warns where something is still being made when it ends."""
    frame = window.findChild(QObject, "viewerFrame")
    with suppress(TimeoutError):
        async with asyncio.timeout(_LOADED_S):
            while frame is not None and frame.property("loading"):  # noqa: ASYNC110 - QML tells no event
                await asyncio.sleep(_LOOK_EVERY_S)


def _ask_when_closed(window: QQuickWindow, app: Program) -> None:
    def ask() -> None:
        if window.property("closeWanted"):
            window.setProperty("closeWanted", False)
            app.askToClose()

    window.closeWantedChanged.connect(ask)  # type: ignore[attr-defined]
    # It may have been closed while the program was loaded.
    ask()


def _raise(window: QQuickWindow) -> None:
    # Showing it would also take it out of full size.
    window.setWindowStates(window.windowStates() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.requestActivate()


def _catch_the_unforeseen(app: Program) -> None:
    def unforeseen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("unforeseen", exc_info=(kind, error, trace))
        app.say_error(f"Something unforeseen went wrong ({kind.__name__}: {error}). Jobs that run go on.")

    sys.excepthook = unforeseen


class _Signals:
    """SIGTERM, SIGINT and SIGHUP (a log-out) close the window; jobs go on."""

    def __init__(self, app: Program) -> None:
        # Python runs handlers between two of its own steps, and an idle window makes none: a byte wakes it.
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._theirs.setblocking(False)
        self._before = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        asyncio.get_running_loop().add_reader(self._ours.fileno(), self._read)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda *_: app.closeLetFinish())

    def _read(self) -> None:
        self._ours.recv(64)

    def close(self) -> None:
        """Listen no more."""
        asyncio.get_running_loop().remove_reader(self._ours.fileno())
        signal.set_wakeup_fd(self._before)
        self._ours.close()
        self._theirs.close()
