"""Where the QML lies: in the source tree, or in the installed package."""

from __future__ import annotations

from pathlib import Path

from tomobatch.errors import TomoBatchError

_PACKAGE = Path(__file__).resolve().parents[1]
MODULE = "TomoBatch"


def qml_root() -> Path:
    """Import root of the QML module; TomoBatchError ``qml-missing`` when the installation is incomplete."""
    for root in (_PACKAGE / "qml", _PACKAGE.parents[1] / "qml"):
        if (root / MODULE / "qmldir").is_file():
            return root
    raise TomoBatchError(
        "qml-missing", f"The window's files are missing beside {_PACKAGE}: install TomoBatch again."
    )
