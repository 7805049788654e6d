"""What a person can do with the window: look at it, point at what is there, press, type, touch.

Every coordinate is taken from a live item, and nothing is done to an item that a person could not see and
reach at that place.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest

DEADLINE_S = 20
LOOK_EVERY_S = 0.01
TOUCH_STEP_S = 0.016
LONG_PRESS_S = 1.0
NO_KEY = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton

Place = tuple[float, float]
"""A point of an item, as shares of its width and height."""
MIDDLE: Place = (0.5, 0.5)


class Hands:
    """Hands on a window.

    Items are found by their ``objectName``; where one stands in every row, the row's scan id is part of it.

    Attributes
    ----------
    window, app
        The live objects, to look at.
    out
        Folder of the pictures.
    """

    def __init__(self, window: QQuickWindow, app: Any, out: Path) -> None:
        self.window, self.app, self.out = window, app, out
        self._screen: Any = None

    # Looking

    def items(self, name: str, row: int | None = None) -> list[QQuickItem]:
        """All items of a name that take part in the picture, wherever they are; or ``another/name``."""
        around, _, own = name.rpartition("/")
        wanted = own if row is None else f"{own}{row}"
        roots = self.items(around) if around else [self.window.contentItem()]
        return [item for root in roots for item in _below(root) if item.objectName() == wanted]

    def item(self, name: str, row: int | None = None) -> QQuickItem:
        """The one item of a name; AssertionError where there is none, or more than one."""
        found = self.items(name, row)
        assert len(found) == 1, f"{len(found)} items {name} (row {row}) are shown"
        return found[0]

    def is_shown(self, name: str, row: int | None = None) -> bool:
        """Whether the one item of a name is there and can be reached in its middle."""
        found = self.items(name, row)
        return len(found) == 1 and not self.covered(found[0])

    def point(self, item: QQuickItem, place: Place = MIDDLE) -> QPoint:
        """Where a place of an item is in the window."""
        return item.mapToScene(QPointF(item.width() * place[0], item.height() * place[1])).toPoint()

    def covered(self, item: QQuickItem, place: Place = MIDDLE) -> str:
        """Why a place of an item cannot be reached; an empty string where it can."""
        point = QPointF(self.point(item, place))
        if item.width() < 1 or item.height() < 1:
            return "it has no size"
        if not _ancestors_show(item, point):
            return "it is scrolled or cut off"
        top = _top(self.window.contentItem(), point, item)
        return "" if top is item else f"{_words(top)} lies over it"

    async def wait(self, true: Callable[[], object], what: str = "", within_s: float = DEADLINE_S) -> Any:
        """Wait until a condition holds; what it gave."""
        until = time.monotonic() + within_s
        while not (value := true()):
            if time.monotonic() > until:
                raise AssertionError(f"it did not happen within {within_s} s: {what or true.__code__}")
            await asyncio.sleep(LOOK_EVERY_S)
        return value

    async def reach(
        self, name: str, row: int | None = None, place: Place = MIDDLE, within_s: float = DEADLINE_S
    ) -> QQuickItem:
        """Wait until an item is there, enabled, not covered, and neither it nor its meaning moves."""
        until = time.monotonic() + within_s
        last = None
        while True:
            found = self.items(name, row)
            why = f"{len(found)} are shown" if len(found) != 1 else self._hindrance(found[0], place)
            at = None if why else self.point(found[0], place)
            if at is not None and at == last:
                return found[0]
            last = at
            assert time.monotonic() < until, f"{name} (row {row}) cannot be reached: {why or 'it moves'}"
            await asyncio.sleep(2 * LOOK_EVERY_S)

    def _hindrance(self, item: QQuickItem, place: Place) -> str:
        if not item.isEnabled():
            return "it is disabled"
        return "its meaning has just changed" if item.property("settling") else self.covered(item, place)

    def row_id(self, name: str) -> int:
        """Id of the scan with a file name."""
        model = self.app.scans
        roles = {bytes(text.data()).decode(): role for role, text in model.roleNames().items()}
        for number in range(model.rowCount()):
            index = model.index(number, 0)
            if model.data(index, roles["name"]) == name:
                return model.data(index, roles["scanId"])
        raise AssertionError(f"{name} is not in the table")

    def words(self, name: str, row: int | None = None) -> str:
        """The text that an item shows."""
        return self.item(name, row).property("text")

    def sentences(self) -> list[str]:
        """All texts that are shown, as far as a person can read them: whole ones alone."""
        return [
            str(item.property("text"))
            for item in _below(self.window.contentItem())
            if item.inherits("QQuickText")
            and not item.property("truncated")
            and item.width() >= 1
            and all(_ancestors_show(item, QPointF(self.point(item, at))) for at in ((0.01, 0.1), (0.99, 0.9)))
        ]

    async def read(self, words: str, within_s: float = DEADLINE_S) -> str:
        """Wait until a text with these words can be read; the whole text."""
        until = time.monotonic() + within_s
        while not (found := [text for text in self.sentences() if words in text]):
            assert time.monotonic() < until, f"{words!r} cannot be read anywhere in {self.sentences()}"
            await asyncio.sleep(5 * LOOK_EVERY_S)
        return found[0]

    def grab(self, name: str) -> Path:
        """A picture of the whole window."""
        file = self.out / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        assert self.window.grabWindow().save(str(file)), f"{file} was not written"
        return file

    async def frame(self) -> None:
        """Wait for one more painted frame."""
        painted = asyncio.Event()
        self.window.frameSwapped.connect(painted.set)
        self.window.update()
        await painted.wait()
        self.window.frameSwapped.disconnect(painted.set)

    # Mouse

    async def click(
        self, name: str, row: int | None = None, place: Place = MIDDLE, button: Qt.MouseButton = LEFT
    ) -> None:
        at = self.point(await self.reach(name, row, place), place)
        await self._do(lambda: QTest.mouseClick(self.window, button, NO_KEY, at))

    async def double_click(self, name: str, row: int | None = None, place: Place = MIDDLE) -> None:
        at = self.point(await self.reach(name, row, place), place)
        await self._do(lambda: QTest.mouseDClick(self.window, LEFT, NO_KEY, at))

    async def hover(self, name: str, row: int | None = None, place: Place = MIDDLE) -> None:
        at = self.point(await self.reach(name, row, place), place)
        await self._do(lambda: QTest.mouseMove(self.window, at))

    async def drag(
        self, name: str, start: Place, end: Place, row: int | None = None, steps: int = 10
    ) -> None:
        """Press at one place of an item, move, release at another."""
        item = await self.reach(name, row, start)
        path = _path(self.point(item, start), self.point(item, end), steps)
        await self._do(lambda: QTest.mousePress(self.window, LEFT, NO_KEY, path[0]))
        for at in path[1:]:
            await asyncio.sleep(TOUCH_STEP_S)
            await self._do(lambda at=at: QTest.mouseMove(self.window, at))
        await self._do(lambda: QTest.mouseRelease(self.window, LEFT, NO_KEY, path[-1]))

    @asynccontextmanager
    async def pressed(self, name: str, row: int | None = None) -> AsyncIterator[None]:
        """Hold the mouse down on an item."""
        at = self.point(await self.reach(name, row))
        await self._do(lambda: QTest.mousePress(self.window, LEFT, NO_KEY, at))
        yield
        await self._do(lambda: QTest.mouseRelease(self.window, LEFT, NO_KEY, at))

    async def wheel(
        self, name: str, notches: int, row: int | None = None, modifier: Qt.KeyboardModifier = NO_KEY
    ) -> None:
        """Turn the wheel over an item; away from the person is positive."""
        at = QPointF(self.point(await self.reach(name, row)))
        turn = QPoint(0, 120 if notches > 0 else -120)
        for _ in range(abs(notches)):
            await self._do(lambda: QTest.wheelEvent(self.window, at, turn, QPoint(), modifier))
            await asyncio.sleep(TOUCH_STEP_S)

    # Keyboard

    async def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_KEY, times: int = 1) -> None:
        for _ in range(times):
            await self._do(lambda: QTest.keyClick(self.window, key, modifier))

    @asynccontextmanager
    async def key_down(self, key: Qt.Key) -> AsyncIterator[None]:
        """Hold a key down."""
        await self._do(lambda: QTest.keyPress(self.window, key))
        yield
        await self._do(lambda: QTest.keyRelease(self.window, key))

    async def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        for letter in text:
            await self._do(lambda letter=letter: QTest.keyClick(self.window, ord(letter)))

    def focus_name(self) -> str:
        """Name of the item that has the keyboard, or of the nearest around it that has a name."""
        item = self.window.activeFocusItem()
        while item is not None and not item.objectName():
            item = item.parentItem()
        return "" if item is None else item.objectName()

    # Touch

    @asynccontextmanager
    async def touched(self, name: str, row: int | None = None) -> AsyncIterator[None]:
        """Hold a finger on an item."""
        at = self.point(await self.reach(name, row))
        self._screen = self._screen or QTest.createTouchDevice()
        await self._touch("press", [at])
        yield
        await self._touch("release", [at])

    async def tap(self, name: str, row: int | None = None, place: Place = MIDDLE, times: int = 1) -> None:
        at = self.point(await self.reach(name, row, place), place)
        for _ in range(times):
            await self._fingers([[at, at]])

    async def long_press(self, name: str, row: int | None = None, hold_s: float = LONG_PRESS_S) -> None:
        at = self.point(await self.reach(name, row))
        await self._fingers([[at, at]], hold_s=hold_s)

    async def slide(
        self, name: str, start: Place, end: Place, row: int | None = None, steps: int = 12, hold_s: float = 0
    ) -> None:
        """Draw one finger over an item: pans, moves a slider; flicks where few steps leave it fast."""
        item = await self.reach(name, row, start)
        await self._fingers([_path(self.point(item, start), self.point(item, end), steps)], after_s=hold_s)

    async def flick(self, name: str, start: Place, end: Place, row: int | None = None) -> None:
        """Draw one finger fast and let go."""
        await self.slide(name, start, end, row, steps=5)

    async def pinch(self, name: str, factor: float, reach_px: float = 60, steps: int = 12) -> None:
        """Two fingers around the middle of an item, drawn apart (factor over 1) or together."""
        middle = self.point(await self.reach(name))
        near, far = reach_px, reach_px * factor
        sides = [
            _path(middle + QPoint(round(sign * near), 0), middle + QPoint(round(sign * far), 0), steps)
            for sign in (-1, 1)
        ]
        await self._fingers(sides)

    async def _fingers(self, paths: list[list[QPoint]], hold_s: float = 0, after_s: float = 0) -> None:
        if self._screen is None:
            self._screen = QTest.createTouchDevice()
        await self._touch("press", [path[0] for path in paths])
        await asyncio.sleep(hold_s or TOUCH_STEP_S)
        for points in list(zip(*paths, strict=True))[1:]:
            await self._touch("move", list(points))
            await asyncio.sleep(TOUCH_STEP_S)
        await asyncio.sleep(after_s)
        await self._touch("release", [path[-1] for path in paths])

    async def _touch(self, what: str, points: list[QPoint]) -> None:
        def act() -> None:
            sequence = QTest.touchEvent(self.window, self._screen, False)
            for finger, at in enumerate(points):
                getattr(sequence, what)(finger, at, self.window)
            sequence.commit()

        await self._do(act)

    async def _do(self, act: Callable[[], object]) -> None:
        """Act outside of any task: QTest runs the event loop, and with it other tasks, before it returns."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def perform() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - it is raised again in the story
                done.set_exception(error)
            else:
                done.set_result(None)

        QTimer.singleShot(0, perform)
        await done


def _below(item: QQuickItem) -> Iterator[QQuickItem]:
    for child in item.childItems():
        if child.isVisible():
            yield child
            yield from _below(child)


def _ancestors_show(item: QQuickItem, point: QPointF) -> bool:
    """Whether nothing around the item cuts the point off or makes it invisible."""
    around: QQuickItem | None = item
    while around is not None:
        if around.opacity() < 0.05:
            return False
        if (around.clip() or around.parentItem() is None) and not around.contains(around.mapFromScene(point)):
            return False
        around = around.parentItem()
    return True


def _top(item: QQuickItem, point: QPointF, target: QQuickItem) -> QQuickItem | None:
    """The target, or what lies over it there and would take the event or hide it."""
    if item is target:
        return target
    for child in reversed(_in_order(item)):
        if not child.isVisible() or (child.clip() and not child.contains(child.mapFromScene(point))):
            continue
        found = _top(child, point, target)
        if found is not None:
            return found
    inside = item.contains(item.mapFromScene(point))
    return item if inside and not _holds(item, target) and _takes(item) else None


def _in_order(item: QQuickItem) -> list[QQuickItem]:
    """Children as they are painted, the top one last."""
    return sorted(item.childItems(), key=lambda child: child.z())


def _holds(item: QQuickItem, target: QQuickItem) -> bool:
    around: QQuickItem | None = target
    while around is not None:
        if around is item:
            return True
        around = around.parentItem()
    return False


def _takes(item: QQuickItem) -> bool:
    """Whether an item takes presses, or hides what is below it."""
    if item.acceptedMouseButtons() != Qt.MouseButton.NoButton or item.acceptTouchEvents():
        return True
    if any(child.inherits("QQuickTapHandler") for child in item.children()):
        return True
    color = item.property("color") if item.inherits("QQuickRectangle") else None
    return color is not None and color.alphaF() > 0.5


def _path(start: QPoint, end: QPoint, steps: int) -> list[QPoint]:
    way = end - start
    return [start + QPoint(round(way.x() * n / steps), round(way.y() * n / steps)) for n in range(steps + 1)]


def _words(item: QQuickItem | None) -> str:
    return "nothing" if item is None else f"{item.metaObject().className()} {item.objectName()!r}"
