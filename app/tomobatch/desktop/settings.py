"""The settings, for QML; written down a moment after they changed.

Needed for the first frame: what else it takes is imported later.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Property, QObject, QTimer, Signal
from PySide6.QtQml import QmlElement, QmlSingleton, QQmlEngine

from tomobatch.config.settings import read_settings, settings_path, write_settings

if TYPE_CHECKING:
    from tomobatch.desktop.tasks import Tasks

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

log = logging.getLogger(__name__)
WRITE_AFTER_MS = 500


@QmlElement
@QmlSingleton
class Settings(QObject):
    """See `tomobatch.config.settings.Settings`. Made first of all: it decides how the first frame looks."""

    changed = Signal()

    the_one: Settings | None = None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        Settings.the_one = self
        self._tasks: Tasks | None = None
        self._say: Callable[[str, str], None] | None = None
        self._path: Path = settings_path()
        self.kept, self.problem = read_settings(self._path)
        self._timer = QTimer(self, interval=WRITE_AFTER_MS, singleShot=True)
        self._timer.timeout.connect(self._write_soon)

    @staticmethod
    def create(_: QQmlEngine) -> Settings:
        """Give QML the one there is."""
        if Settings.the_one is None:
            raise RuntimeError("the program makes its Settings before it loads QML")
        return Settings.the_one

    def attach(self, tasks: Tasks, say: Callable[[str, str], None]) -> None:
        """Write changes down from now on; `say` takes kind and sentence of what goes wrong."""
        import asyncio

        self._tasks, self._say = tasks, say
        self._writing = asyncio.Lock()
        if self.problem:
            say("error", self.problem)

    def touch(self) -> None:
        """Have the settings written; call after changing `kept`."""
        self.changed.emit()
        self._timer.start()

    def _write_soon(self) -> None:
        if self._tasks is not None:
            self._tasks.start(self._write(), "saving the settings")

    async def _write(self) -> None:
        import asyncio

        kept = copy.deepcopy(self.kept)
        try:
            # One after the other: two at once would write the same file beside it.
            async with self._writing:
                await asyncio.to_thread(write_settings, self._path, kept)
        except OSError as error:
            log.warning("the settings could not be written: %s", error)
            if self._say is not None:
                self._say("warning", f"The settings cannot be kept in {self._path} ({error.strerror}).")

    async def close(self) -> None:
        """Write what was not written yet."""
        if self._timer.isActive():
            self._timer.stop()
            await self._write()

    @property
    def recent_folders(self) -> list[str]:
        """Data folders, the last one first."""
        return self.kept.recent_folders

    def remember_folder(self, folder: str) -> None:
        """Put a folder first among the recent ones; at once, since a killed window opens it again."""
        if self.kept.recent_folders[:1] != [folder]:
            self.kept.remember_folder(folder)
            self.changed.emit()
            self._write_soon()

    def remember_sorting(self, column: str, descending: bool) -> None:
        """Keep the title of the column that the table is sorted by, and which way round."""
        self._set("sort_column", column)
        self._set("sort_descending", descending)

    def remember_contrast(self, mode: str) -> None:
        """Keep what the contrast of a picture begins with."""
        self._set("contrast_mode", mode)

    def remember_color_map(self, name: str) -> None:
        """Keep the colour map of pictures."""
        self._set("color_map", name)

    def _set(self, name: str, value: Any) -> None:  # noqa: ANN401 - one way in for all of them
        if getattr(self.kept, name) != value:
            setattr(self.kept, name, value)
            self.touch()

    theme = Property(
        str, lambda self: self.kept.theme, lambda self, value: self._set("theme", value), notify=changed
    )
    textScale = Property(
        float,
        lambda self: self.kept.text_scale,
        lambda self, value: self._set("text_scale", value),
        notify=changed,
    )
    logOpen = Property(
        bool,
        lambda self: self.kept.log_open,
        lambda self, value: self._set("log_open", value),
        notify=changed,
    )
    sound = Property(
        bool, lambda self: self.kept.sound, lambda self, value: self._set("sound", value), notify=changed
    )
    moveOn = Property(
        bool,
        lambda self: self.kept.move_on,
        lambda self, value: self._set("move_on", value),
        notify=changed,
    )
    viewerShare = Property(
        float,
        lambda self: self.kept.viewer_share,
        lambda self, value: self._set("viewer_share", min(0.7, max(0.2, value))),
        notify=changed,
    )
    windowWidth = Property(
        int,
        lambda self: self.kept.window_width,
        lambda self, value: self._set("window_width", value),
        notify=changed,
    )
    windowHeight = Property(
        int,
        lambda self: self.kept.window_height,
        lambda self, value: self._set("window_height", value),
        notify=changed,
    )
    maximized = Property(
        bool,
        lambda self: self.kept.maximized,
        lambda self, value: self._set("maximized", value),
        notify=changed,
    )
