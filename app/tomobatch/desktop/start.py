"""Start of the window: painted first, everything else after.

Only what the first frame needs is imported here; the program behind it is `tomobatch.desktop.life`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import PySide6.QtQuick  # noqa: F401 - or the root object would be a bare QWindow
from PySide6.QtCore import QEventLoop, QTimer, QUrl
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow
from PySide6.QtWidgets import QApplication

from tomobatch import __version__
from tomobatch.config.display import has_display
from tomobatch.desktop.doorway import Doorway
from tomobatch.desktop.garbage import LOOK_MS, Garbage
from tomobatch.desktop.qml_files import MODULE, qml_root
from tomobatch.desktop.settings import Settings
from tomobatch.desktop.single import Single
from tomobatch.errors import TomoBatchError

if TYPE_CHECKING:
    from tomobatch.desktop.program import Program

    Story = Callable[[QQuickWindow, Program], Awaitable[None]]

# So often a window that is open already is called, a second each: it may take twenty to hand its queue over.
CALLS = 30


def main(folder: str | None) -> int:
    """Open the window on a folder, or where it was last; raises the window that is open already."""
    if not has_display(os.environ):
        return _say("There is no display to open a window on. `tomobatch list FOLDER` works without one.")
    path = None if folder is None else Path(folder).absolute()
    try:
        single = Single()
        for _ in range(CALLS):
            if single.is_first():
                return run(path, single)
            # The first may be starting, or just closing: then the right to be it is free in a moment.
            if single.call_first(None if path is None else str(path)):
                return 0
        return _say("TomoBatch is open already, but its window does not answer.")
    except (TomoBatchError, OSError) as error:
        return _say(error.sentence if isinstance(error, TomoBatchError) else f"That failed: {error}")


def _say(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def run(folder: Path | None, single: Single | None = None, story: Story | None = None) -> int:
    """Show the window until it is closed; the exit status.

    Parameters
    ----------
    folder
        Absolute; None opens the last one.
    single
        The right to be the one window, where it was taken.
    story
        Told in the live window by tests; when it ends, so does the program.

    Raises
    ------
    TomoBatchError
        ``qml-missing``.
    """
    _choose_renderer()
    application = QApplication([sys.argv[0] or "tomobatch"])
    application.setApplicationName("TomoBatch")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("tomobatch")
    # The window's close button asks first, and what runs must be let go of in order.
    application.setQuitOnLastWindowClosed(False)
    _free_garbage(application)
    settings, doorway = Settings(), Doorway()
    engine = QQmlApplicationEngine()
    window = _paint(engine)

    from tomobatch.desktop.life import live

    return live(application, engine, window, settings, doorway, folder, single, story)


def _free_garbage(application: QApplication) -> None:
    """From now on in this thread alone; see `tomobatch.desktop.garbage`."""
    garbage = Garbage()
    timer = QTimer(application, interval=LOOK_MS)
    # Not the method alone: PySide would not keep alive what it belongs to.
    timer.timeout.connect(partial(Garbage.look, garbage))
    timer.start()


def _choose_renderer() -> None:
    os.environ.setdefault("QSG_RENDER_LOOP", "basic")
    # Looks and works the same on a bare X server, over VNC and NoMachine; nothing here needs a GPU.
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    # Qt would wait 5 ms with each frame, for more to paint: a step through slices takes hardly longer.
    os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", "1")


def _paint(engine: QQmlApplicationEngine) -> QQuickWindow:
    """The window with nothing in it yet, once it has been painted."""
    root = qml_root()
    engine.addImportPath(str(root))
    engine.load(QUrl.fromLocalFile(str(root / MODULE / "Main.qml")))
    windows = [made for made in engine.rootObjects() if isinstance(made, QQuickWindow)]
    if not windows:
        raise TomoBatchError("qml-missing", "The window's files are damaged: install TomoBatch again.")
    painted = QEventLoop()
    windows[0].frameSwapped.connect(painted.quit)
    painted.exec()
    windows[0].frameSwapped.disconnect(painted.quit)
    return windows[0]
