"""The shell scripts of this package, as text."""

from __future__ import annotations

from importlib import resources

_FOLDER = resources.files("tomobatch.machines")

FAR = (_FOLDER / "far.sh").read_text(encoding="utf-8")
ENVIRONMENT = (_FOLDER / "environment.sh").read_text(encoding="utf-8")
WRAPPER = (_FOLDER / "wrapper.sh").read_text(encoding="utf-8")
