"""How QML reaches the program that is loaded after the first frame.

A singleton must be known to QML before it has loaded anything: one that is registered later makes Qt forget
what a QObject is (seen with PySide6 6.11), and no file loads any more.
"""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtQml import QmlElement, QmlSingleton, QQmlEngine

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlSingleton
class Doorway(QObject):
    """Holds the program once it is there."""

    programChanged = Signal()

    the_one: Doorway | None = None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        Doorway.the_one = self
        self._program: QObject | None = None

    @staticmethod
    def create(_: QQmlEngine) -> Doorway:
        """Give QML the one there is."""
        if Doorway.the_one is None:
            raise RuntimeError("the doorway is made before QML is loaded")
        return Doorway.the_one

    def open(self, program: QObject) -> None:
        """Let QML in."""
        self._program = program
        self.programChanged.emit()

    program = Property(QObject, lambda self: self._program, notify=programChanged)
