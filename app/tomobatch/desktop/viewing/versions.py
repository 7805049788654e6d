"""Versions of the result that is looked at, for QML; and when to try again what could not be shown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.batch.states import JobState
from tomobatch.desktop.viewing.courier import Courier
from tomobatch.desktop.viewing.following import after
from tomobatch.recon.kinds import Kind
from tomobatch.volumes.wanted import Mode, Wanted

if TYPE_CHECKING:
    from tomobatch.batch.job import JobRow
    from tomobatch.volumes.frame import Failure
    from tomobatch.volumes.versions import Version

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

# What cannot be looked at for these reasons may be there a moment later, by nobody's doing in this window.
COMING = frozenset({"no-result-yet", "no-result", "gone", "missing"})
AGAIN_MS = 2000


@QmlElement
@QmlUncreatable("made by the viewer")
class Versions(QObject):
    """The result in its place, the one being made, and earlier ones that were kept.

    Parameters
    ----------
    take
        Takes what is wanted now, and with True opens it.
    """

    changed = Signal()
    again = Signal()
    """Try once more to open what is wanted."""
    removalWanted = Signal(str, str, str)
    """A kept result that is to be removed from disk: path of the scan, try or full, name of its place."""

    def __init__(self, take: Callable[[Wanted, bool], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._take = take
        self._wanted = Wanted(Path(), Mode.TRY)
        self._shown = False
        self._found: tuple[Version, ...] = ()
        self._number = 0
        self._states: dict[str, JobState] = {}
        self._tried = -1
        self._courier = Courier(self._set_found)
        # Begun anew only by an answer of the disk, so that one that hangs is asked once.
        self._timer = QTimer(self, interval=AGAIN_MS, singleShot=True)
        self._timer.timeout.connect(self.again)

    # -- what is looked at ----------------------------------------------------------------------

    def opening(self, wanted: Wanted) -> None:
        """Something else is to be shown."""
        before, self._wanted, self._tried = self._wanted, wanted, -1
        self._timer.stop()
        if (before.scan_path, before.mode) != (wanted.scan_path, wanted.mode):
            self._number += 1
            self._set_found(self._number, ())

    def opened(self, wanted: Wanted) -> None:
        """It is shown now."""
        self._shown = True
        self._look_for(wanted)

    def failed(self, failure: Failure, wanted: Wanted) -> None:
        """It, or a slice of it, cannot be shown: tried again in a moment where that may help."""
        again = failure.error.code in COMING and (failure.index < 0 or failure.index != self._tried)
        self._tried = failure.index
        if failure.index < 0:
            self._shown = False
            self._look_for(wanted)
        if again:
            self._timer.start()

    def stop(self) -> None:
        """Try nothing any more."""
        self._timer.stop()

    def forget(self) -> None:
        """Nothing is looked at."""
        self.stop()
        self._number, self._shown = self._number + 1, False
        self._states.clear()
        self._set_found(self._number, ())

    def job_changed(self, row: JobRow) -> None:
        """Go on with what a run of the scan that is shown has made, or begins to make."""
        before, self._states[row.uid] = self._states.get(row.uid), row.state
        wanted = after(self._wanted, row, self._shown)
        if wanted is None or before is row.state:
            return
        made_anew = row.state is JobState.COMPLETE and not wanted.version
        other = wanted.version != self._wanted.version
        self._look_for(wanted)
        self._take(wanted, made_anew or other)

    # -- which there are ------------------------------------------------------------------------

    def look_again(self) -> None:
        """Find out anew which there are."""
        self._look_for(self._wanted)

    def _look_for(self, wanted: Wanted) -> None:
        """Have a thread find them: it never waits for a disk here."""
        self._number, self._wanted = self._number + 1, wanted
        self.changed.emit()
        if wanted.mode is Mode.RAW:
            self._set_found(self._number, ())
            return
        number, courier = self._number, self._courier

        def find() -> None:
            from tomobatch.volumes.versions import find_versions

            courier.bring(number, find_versions(wanted.scan_path, Kind(wanted.mode), wanted.making))

        threading.Thread(target=find, name="versions", daemon=True).start()

    def _set_found(self, number: int, found: tuple[Version, ...]) -> None:
        if number == self._number and found != self._found:
            self._found = found
            self.changed.emit()

    def kept(self) -> list[str]:
        """Keys of the earlier results that were kept, the last one first."""
        return [one.key for one in self._found if one.kept]

    # -- what people do -------------------------------------------------------------------------

    @Slot(str)
    def choose(self, key: str) -> None:
        """Look at another one."""
        if key != self._wanted.version and any(one.key == key for one in self._found):
            self._look_for(replace(self._wanted, version=key, news=""))
            self._take(self._wanted, True)

    @Slot()
    def remove(self) -> None:
        """Remove the kept one that is shown from disk, and show the one in its place."""
        if self._is_kept():
            gone = self._wanted
            self.choose("")
            self.removalWanted.emit(str(gone.scan_path), gone.mode.value, gone.version)

    def _is_kept(self) -> bool:
        return any(one.kept and one.key == self._wanted.version for one in self._found)

    def _current(self) -> int:
        keys = [one.key for one in self._found]
        return keys.index(self._wanted.version) if self._wanted.version in keys else -1

    found = Property(
        list, lambda self: [{"key": one.key, "text": one.text} for one in self._found], notify=changed
    )
    current = Property(int, _current, notify=changed)
    canRemove = Property(bool, _is_kept, notify=changed)
