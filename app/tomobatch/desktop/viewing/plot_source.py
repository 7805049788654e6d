"""A curve for `PlotView` to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtQml import QmlElement, QmlUncreatable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.floating] | Sequence[float]

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlUncreatable("made by what is measured")
class PlotSource(QObject):
    """Values over places.

    Attributes
    ----------
    x, y
        The curve; NaN in `y` leaves a gap.
    x_text
        Unit of the lower axis.
    second_text, second_scale
        Unit of the upper axis, and how many of it a unit of the lower one is; no text for no upper axis.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.x: Numbers = []
        self.y: Numbers = []
        self.x_text = self.second_text = ""
        self.second_scale = 1.0

    def show(
        self, x: Numbers, y: Numbers, x_text: str, second_text: str = "", second_scale: float = 1.0
    ) -> None:
        """Have another curve drawn."""
        self.x, self.y, self.x_text = x, y, x_text
        self.second_text, self.second_scale = second_text, second_scale
        self.changed.emit()

    def clear(self) -> None:
        """Have no curve drawn."""
        self.show([], [], self.x_text)

    points = Property(int, lambda self: len(self.x), notify=changed)
