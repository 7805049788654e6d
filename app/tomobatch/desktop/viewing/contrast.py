"""Contrast for QML: by each slice, for the whole volume or fixed; typed limits; the colour map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.settings import Settings
from tomobatch.desktop.viewing import color_maps

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.looking import Looking
    from tomobatch.desktop.viewing.viewer import Viewer
    from tomobatch.volumes.contrast import Levels
    from tomobatch.volumes.frame import Sampled
    from tomobatch.volumes.source import Floats, Source

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

SLICE, VOLUME, FIXED = "slice", "volume", "fixed"
MODES = (SLICE, VOLUME, FIXED)


@QmlElement
@QmlUncreatable("a part of the viewer")
class Contrast(QObject):
    """Which values are drawn black and white, and by which colours.

    What is set by hand is fixed until something else is looked at; how that begins is a setting.
    """

    changed = Signal()

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._viewer, self._settings = viewer, Settings.the_one
        kept = self._settings.kept if self._settings is not None else None
        self._wish = kept.contrast_mode if kept else VOLUME
        self._map = kept.color_map if kept and kept.color_map in color_maps.names() else color_maps.GRAY
        self._mode = self._wish
        self._due: list[int] = []
        self._samples: dict[int, Floats] = {}
        self._surveyed: Levels | None = None
        self._first = self._kept = False
        viewer.lookingMade.connect(self._attach)

    def _attach(self) -> None:
        looking = self._looking()
        if looking is not None:
            looking.opened.connect(self._opened)
            looking.frameChanged.connect(self._first_is_shown)
            looking.sampled.connect(self._sampled)
            looking.levelsChanged.connect(self.changed)
            looking.levelsHeld.connect(self._held)
            looking.set_color_map(self._map)
            looking.colorMapChanged.connect(self._colored)

    def _looking(self) -> Looking | None:
        return self._viewer.looking

    # -- the mode -----------------------------------------------------------------------------

    @Slot(str)
    def choose(self, mode: str) -> None:
        """Contrast by this from now on: ``slice``, ``volume`` or ``fixed``."""
        if mode not in MODES:
            return
        self._wish, self._mode, self._kept = mode, mode, False
        if self._settings is not None:
            self._settings.remember_contrast(mode)
        looking = self._looking()
        if looking is not None:
            looking.set_each_slice(mode == SLICE)
            # What is known of the volume is of the one before, while the next one is being opened.
            if mode == VOLUME and self._viewer.source is not None:
                self._use_survey(looking)
        self.changed.emit()

    def _use_survey(self, looking: Looking) -> None:
        if self._surveyed is None:
            looking.survey(self._due)
        else:
            looking.set_levels(*self._surveyed, by_hand=False)

    def _held(self) -> None:
        """A person has set the limits: they stay."""
        if self._mode != FIXED:
            self._mode = FIXED
            self.changed.emit()

    # -- the whole volume ---------------------------------------------------------------------

    def _opened(self, source: Source) -> None:
        from tomobatch.volumes.survey import survey_slices

        looking = self._looking()
        found = self._kept or self._surveyed is not None or not self._due
        self._samples, self._surveyed = {}, None
        self._due = survey_slices(source.count, source.shape)
        self._first, self._kept = False, found
        if looking is not None and looking.levels is None:
            self._first, self._kept, self._mode = True, False, self._wish
            looking.set_each_slice(self._mode == SLICE)
        elif not found:
            # That of one slice alone had to do until now.
            self._first = True
        self.changed.emit()

    def _first_is_shown(self) -> None:
        looking = self._looking()
        if self._first and looking is not None and looking.shown_index >= 0:
            self._first = False
            if self._mode == VOLUME:
                self._use_survey(looking)

    def _sampled(self, sampled: Sampled) -> None:
        from tomobatch.volumes.survey import survey_levels

        self._samples[sampled.index] = sampled.values
        looking = self._looking()
        if looking is None or not self._samples.keys() >= set(self._due):
            return
        self._surveyed = survey_levels(self._samples.values())
        if self._surveyed is not None and self._mode == VOLUME:
            looking.set_levels(*self._surveyed, by_hand=False)
        self.changed.emit()

    # -- limits -------------------------------------------------------------------------------

    @Slot()
    def auto(self) -> None:
        """Contrast by percentiles of the slice that is shown."""
        looking = self._looking()
        if looking is not None:
            looking.auto_levels()

    @Slot(str, result=str)
    def typeLow(self, text: str) -> str:
        """Draw this value black; gives a sentence where it cannot be."""
        return self._typed(text, 0)

    @Slot(str, result=str)
    def typeHigh(self, text: str) -> str:
        """Draw this value white; gives a sentence where it cannot be."""
        return self._typed(text, 1)

    def _typed(self, text: str, place: int) -> str:
        looking = self._looking()
        if looking is None or looking.levels is None:
            return "Nothing is shown yet."
        value = _number(text)
        if value is None:
            return "A limit is a number, such as 0.0012 or -3e-4."
        limits = list(looking.levels)
        limits[place] = value
        if limits[0] >= limits[1]:
            return f"Low must be below high: {limits[0]:.6g} is not below {limits[1]:.6g}."
        looking.set_levels(*limits)
        return ""

    def take(self, levels: Levels) -> None:
        """Draw these values black and white."""
        looking = self._looking()
        if looking is not None:
            looking.set_levels(*levels)

    def _limit(self, place: int) -> str:
        looking = self._looking()
        levels = looking.levels if looking is not None else None
        return "" if levels is None else f"{levels[place]:.6g}"

    # -- colours ------------------------------------------------------------------------------

    @property
    def color_map(self) -> str:
        """Name of the colours."""
        return self._map

    def _colored(self) -> None:
        """Another picture led to these colours."""
        looking = self._looking()
        if looking is not None and looking.color_map != self._map:
            self._map = looking.color_map
            self.changed.emit()

    def _set_map(self, name: str) -> None:
        if name not in color_maps.names() or name == self._map:
            return
        self._map = name
        if self._settings is not None:
            self._settings.remember_color_map(name)
        looking = self._looking()
        if looking is not None:
            looking.set_color_map(name)
        self.changed.emit()

    # -- words --------------------------------------------------------------------------------

    def _note(self) -> str:
        if self._mode == SLICE:
            return "Each slice by its own percentiles."
        if self._mode == FIXED:
            return "These limits for every slice."
        if self._kept and self._surveyed is None:
            return "Kept from what was looked at before."
        if self._surveyed is not None:
            return f"By the percentiles of {len(self._due)} slices of the volume."
        if not self._due:
            return "By the first slice: one alone, or too large to look into others."
        return "By the first slice, until others of the volume are read."

    mode = Property(str, lambda self: self._mode, notify=changed)
    low = Property(str, lambda self: self._limit(0), notify=changed)
    high = Property(str, lambda self: self._limit(1), notify=changed)
    note = Property(str, _note, notify=changed)
    colorMaps = Property(list, lambda _: list(color_maps.names()), constant=True)
    colorMap = Property(str, lambda self: self._map, _set_map, notify=changed)


def _number(text: str) -> float | None:
    """A finite number that was typed, with a point or a comma."""
    try:
        value = float(text.strip().replace(",", ".").replace("−", "-"))
    except ValueError:
        return None
    # Beyond what a pixel can hold nothing is told apart.
    return value if math.isfinite(value) and abs(value) < 1e38 else None
