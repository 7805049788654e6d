"""Saving what is on the screen, for QML: where, as what, and how it went."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.qml_files import MODULE, qml_root
from tomobatch.desktop.viewing import color_maps
from tomobatch.desktop.viewing.background import Background
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.recon.outputs import result_name, results_folder

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.seen import Seen
    from tomobatch.desktop.viewing.viewer import Viewer
    from tomobatch.volumes.export import About

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

PNG, TIFF = "png", "tiff"
_ENDINGS = {PNG: (".png",), TIFF: (".tif", ".tiff")}
_FONT = "fonts/TomoBatchSans-Regular.ttf"
_PLAIN = frozenset(".-_")


@QmlElement
@QmlUncreatable("a part of the viewer")
class Saving(QObject):
    """The slice that was on the screen when it was asked for."""

    changed = Signal()
    asked = Signal()
    done = Signal()

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self._seen: Seen | None = None
        self._kind, self._path, self._problem, self._busy = PNG, Path(), "", False
        self._background = Background(self._made)

    @Slot()
    def ask(self) -> None:
        """Begin with what is on the screen."""
        if self._busy:
            return
        self._seen = self._viewer.seen()
        if self._seen is not None:
            self._problem = ""
            self._path = _proposed(self._seen, _ENDINGS[self._kind][0])
            self.changed.emit()
            self.asked.emit()

    @Slot()
    def leave(self) -> None:
        """Nothing more is wanted; what is being written is written."""
        self._seen = None

    @Slot(str)
    def choose(self, kind: str) -> None:
        """Save it as ``png`` or ``tiff``."""
        if kind in _ENDINGS and not self._busy:
            self._kind, self._problem = kind, ""
            self._path = _with_ending(self._path, kind)
            self.changed.emit()

    @Slot(str)
    def save(self, text: str) -> None:
        """Write it to this place; `done` or a sentence in `problem` tells how it went."""
        seen = self._seen
        if seen is None or self._busy:
            return
        # The path as shown may differ from what it is: not every name can be typed.
        typed = text.strip()
        path = self._path if typed == shown(self._path) else Path(os.path.expanduser(typed))  # noqa: PTH111
        if not path.is_absolute() or not path.name:
            self._say_problem("Give the whole path of a file, beginning with /.")
            return
        self._path, self._busy, self._problem = _with_ending(path, self._kind), True, ""
        self.changed.emit()
        self._background.ask(self._work(seen))

    def _work(self, seen: Seen) -> Callable[[Callable[[], bool]], Path]:
        from tomobatch.volumes.export import Look, write_png, write_tiff

        path, data, about = self._path, seen.frame.slice.data, _about(seen)
        if self._kind == TIFF:
            return lambda _: write_tiff(path, data, about)
        name = self._viewer.contrast_part.color_map
        levels = seen.frame.levels
        if self._viewer.looking is not None and self._viewer.looking.levels is not None:
            levels = self._viewer.looking.levels
        # Colours are made here: nothing of Qt is touched in another thread.
        look = Look(levels, color_maps.table(name), qml_root() / MODULE / _FONT)
        return lambda _: write_png(path, data, about, look)

    def _made(self, made: object) -> None:
        self._busy = False
        if isinstance(made, TomoBatchError):
            self._say_problem(made.sentence)
            # Nobody looks at the question any more.
            if self._seen is None:
                self._viewer.worthSaying.emit("error", made.sentence)
        else:
            self.changed.emit()
            self.done.emit()
            self._viewer.worthSaying.emit("info", f"Saved {shown(str(made))}.")

    def _say_problem(self, sentence: str) -> None:
        self._problem = sentence
        self.changed.emit()

    def _note(self) -> str:
        seen = self._seen
        if seen is None:
            return ""
        from tomobatch.volumes.export import MOST_SIDE_PX, reduction

        rows, columns = seen.frame.slice.shape
        size = f"{columns} × {rows} pixels"
        if self._kind == TIFF:
            return f"{size} of float32, the values as they are in the file."
        by = reduction(seen.frame.slice.data)
        words = [f"The whole slice, {size}, in the contrast and colours that are shown."]
        if by > 1:
            words.append(f"Reduced {by}×: pictures have at most {MOST_SIDE_PX} pixels a side.")
        if seen.pixel is None:
            words.append("Without a scale bar: no pixel size in the file.")
        return " ".join(words)

    def close(self) -> None:
        """Begin nothing any more; `wait` for what is being written."""
        self._background.close()

    @property
    def wait(self) -> Callable[[float], None]:
        """Waits some seconds for the end of what is being written; for another thread than the window's."""
        return self._background.wait

    kind = Property(str, lambda self: self._kind, notify=changed)
    path = Property(str, lambda self: shown(self._path), notify=changed)
    note = Property(str, _note, notify=changed)
    problem = Property(str, lambda self: self._problem, notify=changed)
    busy = Property(bool, lambda self: self._busy, notify=changed)


def _about(seen: Seen) -> About:
    from tomobatch.volumes.export import About

    return About(seen.scan_name, seen.label, seen.cor_px, seen.pixel, seen.length_down, seen.row)


def _proposed(seen: Seen, ending: str) -> Path:
    """``/d/scans/a.h5`` at a COR: ``/d/scans_rec/pictures/a_COR_296.00.png``."""
    row = "" if seen.row is None else f"_row_{seen.row}"
    cor = "" if seen.cor_px is None or seen.row is not None else f"_COR_{seen.cor_px:.2f}"
    label = "".join(letter if letter.isalnum() or letter in _PLAIN else "_" for letter in seen.label)
    name = f"{result_name(seen.scan_path.name)}{row}{cor}_{label}{ending}"
    return results_folder(seen.scan_path.parent) / "pictures" / name


def _with_ending(path: Path, kind: str) -> Path:
    """With an ending that tells what it is: an old one is replaced, another word is kept."""
    if path.suffix.lower() in _ENDINGS[kind]:
        return path
    known = any(path.suffix.lower() in endings for endings in _ENDINGS.values())
    name = path.name[: -len(path.suffix)] if known else path.name
    return path.with_name(name + _ENDINGS[kind][0])
