"""The question about a host's key that nobody has trusted yet, for QML. The default is: not now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from tomobatch.desktop.notices import ERROR
from tomobatch.errors import TomoBatchError
from tomobatch.names import shown
from tomobatch.station.far import FarMachine, UnknownKey

QML_IMPORT_NAME = "TomoBatch.Core"
QML_IMPORT_MAJOR_VERSION = 1


@dataclass(frozen=True)
class _Question:
    machine: FarMachine
    key: UnknownKey
    answer: asyncio.Future[bool]


@QmlElement
@QmlUncreatable("made by the program")
class HostKey(QObject):
    """One question at a time; of one machine and one key only one is asked."""

    asked = Signal()
    changed = Signal()
    done = Signal()

    def __init__(self, say: Callable[[str, str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._say = say
        self._questions: list[_Question] = []
        self._not_now: set[tuple[str, str]] = set()

    async def ask(self, machine: FarMachine, again: bool = False) -> bool:
        """Ask whether the unknown key of a machine is to be trusted; whether it was, and the machine answers.

        Parameters
        ----------
        again
            Also where the answer was *not now* before: a person wants to use the machine.
        """
        key = machine.unknown_key
        if key is None or (not again and (key.host, key.fingerprint) in self._not_now):
            return False
        if any(asked.key.host == key.host for asked in self._questions):
            return False
        question = _Question(machine, key, asyncio.get_running_loop().create_future())
        self._questions.append(question)
        self._show()
        try:
            return await question.answer and await self._accept(machine, key)
        finally:
            if question in self._questions:
                self._questions.remove(question)
            self._show()

    async def _accept(self, machine: FarMachine, key: UnknownKey) -> bool:
        now = machine.unknown_key
        if now is not None and now.fingerprint != key.fingerprint:
            sentence = f"{machine.name} shows yet another key by now: nothing was trusted. Test it again."
            self._say(ERROR, sentence)
            return False
        try:
            await machine.accept_key()
        except TomoBatchError as error:
            self._say(ERROR, error.sentence)
            return False
        return True

    def _show(self) -> None:
        self.changed.emit()
        if self._questions:
            self.asked.emit()
        else:
            self.done.emit()

    @Slot(str)
    def trust(self, fingerprint: str) -> None:
        """Trust the key that is shown: the one with this fingerprint, and no other."""
        if self._questions and self._questions[0].key.fingerprint == fingerprint:
            self._answer(True)

    @Slot()
    def notNow(self) -> None:
        """Trust nothing; the machine stays as it is, and is not asked about by itself again."""
        if self._questions:
            key = self._questions[0].key
            self._not_now.add((key.host, key.fingerprint))
            self._answer(False)

    def _answer(self, trusted: bool) -> None:
        question = self._questions.pop(0)
        if not question.answer.done():
            question.answer.set_result(trusted)

    def _first(self, name: str) -> str:
        return shown(getattr(self._questions[0].key, name)) if self._questions else ""

    machine = Property(
        str, lambda self: shown(self._questions[0].machine.name) if self._questions else "", notify=changed
    )
    host = Property(str, lambda self: self._first("host"), notify=changed)
    kind = Property(str, lambda self: self._first("kind"), notify=changed)
    fingerprint = Property(str, lambda self: self._first("fingerprint"), notify=changed)
