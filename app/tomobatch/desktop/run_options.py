"""Options of a Try and of a Full that people set in the window, for QML; kept in the settings."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.notices import WARNING
from tomobatch.desktop.settings import Settings
from tomobatch.errors import TomoBatchError
from tomobatch.recon.geometry import search_shifts_px
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import BY_NAME, Value, parse_options, value_of

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

log = logging.getLogger(__name__)

WIDTH, STEP, SLICE = "center-search-width", "center-search-step", "nsino"
FORMAT, BINNING = "save-format", "binning"
OFFERED = {Kind.TRY: (WIDTH, STEP, SLICE), Kind.FULL: (FORMAT, BINNING)}
MOST_BINNING = 2
_WORDS = {
    WIDTH: "Search width: {} px to either side.",
    STEP: "Search step: {} px.",
    SLICE: "Slice at {} of the height, 0 top to 1 bottom.",
    BINNING: "Binning {}: {} pixels each way become one.",
}
_FORMATS = {"tiff": "TIFF", "h5nolinks": "HDF5"}


@QmlElement
@QmlUncreatable("made by the program")
class RunOptions(QObject):
    """See the module's text. What was kept and cannot be used any more is dropped, and that is said."""

    changed = Signal()

    def __init__(
        self, settings: Settings, say: Callable[[str, str], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        for kind in Kind:
            try:
                self._check(kind, self._kept(kind))
            except TomoBatchError as error:
                say(WARNING, f"The options of a {kind.word} were set back: {error.sentence}")
                self._kept(kind).clear()

    def _kept(self, kind: Kind) -> dict[str, str]:
        return self._settings.kept.try_options if kind is Kind.TRY else self._settings.kept.full_options

    def of(self, kind: Kind) -> dict[str, Value]:
        """Options that differ from what is standard."""
        return self._check(kind, self._kept(kind))

    @staticmethod
    def _check(kind: Kind, given: dict[str, str]) -> dict[str, Value]:
        options = parse_options(f"{name}={text}" for name, text in given.items())
        if kind is Kind.TRY:
            search_shifts_px(options)  # refuses searches without end
        return options

    @Slot(str, str, result=str)
    def set(self, name: str, text: str) -> str:
        """Set an option; empty takes what is standard. Gives a sentence where it cannot be, else nothing."""
        kind = next(kind for kind, names in OFFERED.items() if name in names)
        wanted = {**self._kept(kind), name: text.strip().replace(",", ".")}
        if not text.strip():
            del wanted[name]
        try:
            wanted = _unusual(wanted, self._check(kind, wanted))
        except TomoBatchError as error:
            return error.sentence
        if wanted != self._kept(kind):
            self._kept(kind).clear()
            self._kept(kind).update(wanted)
            self._settings.touch()
            self.changed.emit()
        return ""

    @Slot(str, result=str)
    def text(self, name: str) -> str:
        """An option as it stands, what is standard where nothing was set."""
        kind = next(kind for kind, names in OFFERED.items() if name in names)
        return str(value_of(self.of(kind), name)).removesuffix(".0")

    @property
    def keeps(self) -> bool:
        """Whether a result is kept when a new one takes its place."""
        return self._settings.kept.keep_earlier

    def _set_keeps(self, keep: bool) -> None:
        if keep != self.keeps:
            self._settings.kept.keep_earlier = keep
            self._settings.touch()
            self.changed.emit()

    def _unusual(self, kind: Kind) -> bool:
        return self.keeps or bool(self._kept(kind))

    @Slot(str)
    def reset(self, kind: str) -> None:
        """Take what is standard again."""
        self._kept(Kind(kind)).clear()
        self._settings.kept.keep_earlier = False
        self._settings.touch()
        self.changed.emit()

    def words(self, kind: Kind) -> list[str]:
        """Sentences about what is not standard."""
        return [_words(name, value) for name, value in self.of(kind).items()]

    searchWidth = Property(str, lambda self: self.text(WIDTH), notify=changed)
    searchStep = Property(str, lambda self: self.text(STEP), notify=changed)
    slice = Property(str, lambda self: self.text(SLICE), notify=changed)
    format = Property(str, lambda self: self.text(FORMAT), notify=changed)
    binning = Property(str, lambda self: self.text(BINNING), notify=changed)
    formats = Property(list, lambda _: list(_FORMATS), constant=True)
    formatWords = Property(list, lambda _: list(_FORMATS.values()), constant=True)
    binnings = Property(list, lambda _: [str(number) for number in range(MOST_BINNING + 1)], constant=True)
    keepEarlier = Property(bool, lambda self: self.keeps, _set_keeps, notify=changed)
    unusualTry = Property(bool, lambda self: self._unusual(Kind.TRY), notify=changed)
    unusualFull = Property(bool, lambda self: self._unusual(Kind.FULL), notify=changed)


def _unusual(given: dict[str, str], values: dict[str, Value]) -> dict[str, str]:
    return {name: text for name, text in given.items() if values[name] != BY_NAME[name].default}


def _words(name: str, value: Value) -> str:
    if name not in _WORDS and name != FORMAT:
        # Written into the settings by hand.
        return f"--{name}={value}."
    if name == FORMAT:
        return f"Format: {_FORMATS[str(value)]}."
    return _WORDS[name].format(value, 2 ** int(value) if name == BINNING else "")
