"""The real program with a story told in its live window: ``driver.py PLAY.json``.

What the play asks for stands in a file that `desktop.live` writes; what the story gave back, and every fault
that Qt, QML, Python or the log told of until the very end, is written beside it.
"""

from __future__ import annotations

import asyncio
import faulthandler
import importlib.util
import json
import logging
import sys
import traceback
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TextIO

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtQuick import QQuickWindow

from desktop.hands import Hands
from tomobatch.config.settings import read_settings, settings_path, write_settings
from tomobatch.desktop import start

TOLD = "tomobatch.window"
"""What the window tells people, failed jobs among it; the program's own faults are logged elsewhere too."""
HANG_S = 5
HARMLESS = (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
# Qt's own word where a model shrinks while a row outside the view is still being made.
OF_QT_ITSELF = ("DelegateModel::cancel: index out range",)


class Faults(logging.Handler):
    """Writes one line of JSON for each thing that should not have been said."""

    def __init__(self, file: TextIO) -> None:
        super().__init__(logging.ERROR)
        self._file = file

    def note(self, text: str) -> None:
        print(json.dumps(text), file=self._file, flush=True)
        print(f"FAULT {text}", file=sys.stderr, flush=True)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == TOLD:
            return
        trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        self.note(f"log: {record.name}: {record.getMessage()} {trace}")

    def from_qt(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind not in HARMLESS and not text.startswith(OF_QT_ITSELF):
            self.note(f"{kind.name} {context.category}: {text}")

    def watch(self) -> None:
        """From now on to the end of the process."""
        qInstallMessageHandler(self.from_qt)
        logging.getLogger().addHandler(self)
        sys.unraisablehook = lambda this: self.note(
            f"unraisable: {this.err_msg or ''} {this.object!r} "
            + "".join(traceback.format_exception(this.exc_type, this.exc_value, this.exc_traceback))
        )
        warnings.showwarning = lambda message, kind, file, line, *_: self.note(
            f"{kind.__name__}: {message} ({file}:{line})"
        )


def the_story(file: str, name: str) -> Callable[..., Awaitable[object]]:
    spec = importlib.util.spec_from_file_location("told_story", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    told = getattr(module, name)
    return getattr(told, "story", told)


def set_settings(changes: dict[str, object]) -> None:
    if changes:
        settings, _ = read_settings(settings_path())
        for name, value in changes.items():
            setattr(settings, name, value)
        write_settings(settings_path(), settings)


def give_up_after(seconds: float) -> None:
    """By a thread of its own, for where the loop itself hangs; counts anew each time."""
    faulthandler.dump_traceback_later(seconds, exit=True)


async def tell(story: Callable[..., Awaitable[object]], hands: Hands, play: dict[str, object]) -> object:
    give_up_after(play["timeout_s"] + HANG_S)
    try:
        async with asyncio.timeout(play["timeout_s"]):
            return await story(hands, **play["arguments"])
    except BaseException:
        hands.grab("failed")
        raise


def main(file: str) -> int:
    play = json.loads(Path(file).read_text())
    out = Path(play["out"])
    give_up_after(play["timeout_s"] + 2 * HANG_S)
    with (out / "faults").open("w") as faults_file:
        faults = Faults(faults_file)
        faults.watch()
        set_settings(play["settings"])
        story = the_story(play["file"], play["story"])

        async def told(window: QQuickWindow, app: object) -> None:
            given = await tell(story, Hands(window, app, out), play)
            (out / "given.json").write_text(json.dumps(given))

        folder = None if play["folder"] is None else Path(play["folder"])
        return start.run(folder, story=told)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
