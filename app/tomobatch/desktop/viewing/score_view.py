"""The scores in the QML scene: pyqtgraph painted by an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Property, Signal, Slot
from PySide6.QtGui import QColor, QFont
from PySide6.QtQml import QmlElement
from PySide6.QtQuick import QQuickItem

from tomobatch.desktop.viewing.picking import Picking
from tomobatch.desktop.viewing.scene_item import SceneItem

if TYPE_CHECKING:
    from tomobatch.desktop.viewing.score_scene import ScoreScene

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
class ScoreView(SceneItem):
    """Scores by COR. Places are given in pixels of the item."""

    pickingChanged = Signal()
    looksChanged = Signal()

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._picking: Picking | None = None
        self._scene: ScoreScene | None = None
        self._colors = {name: QColor("gray") for name in ("ink", "curve", "other", "shown", "row")}
        self._font = QFont()

    # -- Qt -----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        if self._scene is not None and self.width() >= 1 and self.height() >= 1:
            self._scene.resize(int(self.width()), int(self.height()))
            self.update()

    # -- painting -----------------------------------------------------------------------------

    def _paint_scores(self) -> None:
        picking = self._picking
        if picking is None or (self._scene is None and picking.candidates is None):
            return
        if self._scene is None:
            # From the first Try on: what it takes is slow to import.
            from tomobatch.desktop.viewing.score_scene import ScoreScene

            self._scene = ScoreScene()
            self.destroyed.connect(self._scene.close)
            self._paint_looks()
            self._arrange()
        self._scene.paint_scores(picking.candidates)
        self._paint_places()

    def _paint_places(self) -> None:
        if self._scene is not None and self._picking is not None:
            self._scene.paint_places(self._picking.shown_px, self._picking.row_px)
            self.update()

    def _paint_looks(self) -> None:
        if self._scene is not None:
            from tomobatch.desktop.viewing.score_scene import Colors

            named = self._colors
            curves = named["curve"], named["other"]
            colors = Colors(self._ground, named["ink"], curves, named["shown"], named["row"])
            self._scene.color(colors, self._font)
        self.update()

    # -- what hands do --------------------------------------------------------------------------

    @Slot(float)
    def goTo(self, x: float) -> None:
        """Show the candidate at a place."""
        if self._scene is not None and self._picking is not None:
            self._picking.go_to(self._scene.cor_at(x))

    # -- properties -----------------------------------------------------------------------------

    def _set_picking(self, picking: Picking | None) -> None:
        if picking is not None and picking is not self._picking:
            self._picking = picking
            picking.changed.connect(self._paint_scores)
            picking.shownChanged.connect(self._paint_places)
            self._paint_scores()
            self.pickingChanged.emit()

    def _set_color(self, name: str, color: QColor) -> None:
        self._colors[name] = color
        self._paint_looks()
        self.looksChanged.emit()

    def _set_ground(self, color: QColor) -> None:
        self._ground = color
        self._paint_looks()
        self.looksChanged.emit()

    def _set_font(self, font: QFont) -> None:
        self._font = font
        self._paint_looks()
        self.looksChanged.emit()

    picking = Property(Picking, lambda self: self._picking, _set_picking, notify=pickingChanged)
    font = Property(QFont, lambda self: self._font, _set_font, notify=looksChanged)
    ground = Property(
        QColor,
        lambda self: self._ground,
        _set_ground,
        notify=looksChanged,
    )
    ink = Property(
        QColor,
        lambda self: self._colors["ink"],
        lambda self, color: self._set_color("ink", color),
        notify=looksChanged,
    )
    curve = Property(
        QColor,
        lambda self: self._colors["curve"],
        lambda self, color: self._set_color("curve", color),
        notify=looksChanged,
    )
    other = Property(
        QColor,
        lambda self: self._colors["other"],
        lambda self, color: self._set_color("other", color),
        notify=looksChanged,
    )
    shown = Property(
        QColor,
        lambda self: self._colors["shown"],
        lambda self, color: self._set_color("shown", color),
        notify=looksChanged,
    )
    row = Property(
        QColor,
        lambda self: self._colors["row"],
        lambda self, color: self._set_color("row", color),
        notify=looksChanged,
    )
