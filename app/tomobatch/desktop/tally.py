"""How many rows there are of what can be selected or filtered by one tap, for QML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.scan_filter import STATE_TEXTS, Filter, toggled, without_states
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.scan_store import Facts

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1

GATHER_MS = 100
"""Rows change in crowds, and each count looks at all of them."""
AT_ONCE = 500
"""The window breathes after so many rows that are looked at for the first time."""


@QmlElement
@QmlUncreatable("made by the program")
class Tally(QObject):
    """Counts over the rows, and the states that the filter asks for."""

    changed = Signal()

    def __init__(self, model: ScanModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._shown: Counter[Facts] | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go_on)
        for told in (model.countsChanged, model.factsChanged, model.filterChanged):
            told.connect(self._soon)
        # What a person has just asked for is not waited for.
        model.filterChanged.connect(self.changed)

    def _soon(self) -> None:
        self._shown = None
        if not self._timer.isActive():
            self._timer.start(GATHER_MS)

    def _go_on(self) -> None:
        if self._model.derive_facts(AT_ONCE):
            self._timer.start(0)
        else:
            self.changed.emit()

    def _count(self, takes: Callable[[Facts], bool]) -> int:
        if self._shown is None:
            self._shown = self._model.facts()
        return sum(count for facts, count in self._shown.items() if takes(facts))

    # -- the filter ---------------------------------------------------------------------------

    @Slot(str)
    def toggleState(self, key: str) -> None:
        """Ask for a state, or not if it was asked for; an empty key asks for all of them."""
        text = self._text()
        self._model.setProperty("filter", toggled(text, key) if key else without_states(text))

    def _text(self) -> str:
        return str(self._model.property("filter"))

    def _filter(self) -> Filter:
        return Filter.of(self._text())

    def _states(self) -> list[dict[str, object]]:
        """One line for all states, then those there are any rows of, or that are asked for."""
        wanted, counts = self._filter(), Counter[str]()
        for facts, count in self._model.named_facts().items():
            counts[facts.state] += count
        asked = [(key, text, wanted.asks_for(key)) for key, text in STATE_TEXTS.items()]
        lines = [
            {"key": key, "text": f"{text}  {counts[key]}", "on": on}
            for key, text, on in asked
            if counts[key] or on
        ]
        everything = {"key": "", "text": f"All states  {counts.total()}", "on": not wanted.states}
        return [everything, *lines]

    def _state_text(self) -> str:
        wanted = self._filter()
        asked = [text for key, text in STATE_TEXTS.items() if wanted.asks_for(key)]
        if not wanted.states:
            return "All states"
        return asked[0] if len(asked) == 1 else f"{len(asked) or 'No'} states"

    def _problem(self) -> str:
        unknown = self._filter().unknown
        if not unknown:
            return ""
        words = " and ".join(f"“{state}”" for state in unknown)
        return f"No state begins with {words}. There are: {', '.join(STATE_TEXTS)}."

    failed = Property(int, lambda self: self._count(lambda facts: facts.failed), notify=changed)
    withoutCor = Property(int, lambda self: self._count(lambda facts: facts.without_cor), notify=changed)
    withoutFull = Property(int, lambda self: self._count(lambda facts: facts.without_full), notify=changed)
    states = Property(list, _states, notify=changed)
    stateText = Property(str, _state_text, notify=changed)
    byState = Property(bool, lambda self: bool(self._filter().states), notify=changed)
    problem = Property(str, _problem, notify=changed)
