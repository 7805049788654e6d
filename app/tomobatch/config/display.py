"""Whether there is a screen to open a window on."""

from __future__ import annotations

from collections.abc import Mapping


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether these variables name a screen: X11, Wayland, or a platform that somebody chose for Qt."""
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
