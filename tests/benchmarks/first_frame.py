"""Says when a window's first frame was on the screen: ``first_frame.py STAMP bare|tomobatch [ARGUMENT...]``.

The clock is the machine's, so that the one who started the process can tell how long that took. `bare` is the
least that PySide6 can show by QML: a window with a text.
"""

import sys
import time
from pathlib import Path

from PySide6 import QtQml
from PySide6.QtCore import QByteArray

BARE = b"""
import QtQuick
Window { visible: true; width: 1600; height: 900; Text { anchors.centerIn: parent; text: "TomoBatch" } }
"""


class StampingEngine(QtQml.QQmlApplicationEngine):
    """Writes the time of its window's first frame."""

    file: Path

    def load(self, *what: object) -> None:
        super().load(*what)
        self.watch()

    def watch(self) -> None:
        window = self.rootObjects()[0]

        def stamp() -> None:
            now_s = time.monotonic()
            window.frameSwapped.disconnect(stamp)
            beside = self.file.with_suffix(".part")
            beside.write_text(str(now_s))
            beside.replace(self.file)

        window.frameSwapped.connect(stamp)


def bare() -> int:
    import PySide6.QtQuick  # noqa: F401 - or the root object would be a bare QWindow
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication(sys.argv[:1])
    engine = StampingEngine()
    engine.loadData(QByteArray(BARE))
    engine.watch()
    return application.exec()


def main() -> int:
    StampingEngine.file = Path(sys.argv[1])
    if sys.argv[2] == "bare":
        return bare()
    QtQml.QQmlApplicationEngine = StampingEngine
    from tomobatch.main import main as tomobatch

    return tomobatch(sys.argv[3:])


if __name__ == "__main__":
    sys.exit(main())
