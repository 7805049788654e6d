"""The bars above and below at all sizes of window and text: nothing is cut, and nothing lies outside."""

from itertools import combinations

from PySide6.QtCore import QRectF

from desktop.hands import _below
from desktop.live import live_story
from desktop.sizes import LARGE, SMALL
from desktop.steps import folder_is_read

SIZES = ((1024, 700), SMALL, (1600, 900), LARGE)
SCALES = (1.0, 1.25, 1.5)


def rect(item):
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def faults_of(hands):
    window = QRectF(0, 0, hands.window.width(), hands.window.height())
    bars = [hands.item(name) for name in ("topBar", "bottomBar")]
    buttons = [item for bar in bars for item in _below(bar) if item.inherits("QQuickAbstractButton")]
    faults = [f"{it.objectName()} is outside" for it in buttons if not window.contains(rect(it))]
    faults += [
        f"{one.objectName()} lies over {other.objectName()}"
        for one, other in combinations(buttons, 2)
        if rect(one).intersects(rect(other))
    ]
    texts = [text for button in buttons for text in _below(button) if text.inherits("QQuickText")]
    words = hands.item("statusText")
    texts += [words] if hands.window.width() > SMALL[0] else []
    return faults + [f"{text.property('text')!r} is cut" for text in texts if text.property("truncated")]


@live_story(scans=1)
async def test_nothing_is_cut(hands):
    await folder_is_read(hands, 1)
    await hands.click("selectAll")
    faults = []
    hands.window.showNormal()
    for width, height in SIZES:
        hands.window.resize(width, height)
        await hands.wait(lambda width=width: hands.window.width() == width, "it has its size")
        for scale in SCALES:
            hands.app._settings.textScale = scale
            await hands.frame()
            await hands.frame()
            hands.grab(f"{width}-{scale}")
            faults += [f"{width} × {height} at {scale:.0%}: {fault}" for fault in faults_of(hands)]
    assert not faults, "\n".join(faults)
