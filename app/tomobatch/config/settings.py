"""What the window remembers: a TOML file in the user's configuration folder."""

from __future__ import annotations

import os
import time
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs
import tomli_w

MOST_RECENT = 8
THEMES = ("dark", "light")
TEXT_SCALES = (1.0, 1.25, 1.5)
CONTRAST_MODES = ("slice", "volume", "fixed")


def settings_path() -> Path:
    """Where the settings lie; the folder need not exist yet."""
    return platformdirs.user_config_path("tomobatch") / "settings.toml"


@dataclass
class Settings:
    """What the window remembers.

    Attributes
    ----------
    theme
        One of `THEMES`.
    text_scale
        One of `TEXT_SCALES`.
    viewer_share
        Part of the window's width that the viewer takes, 0.2 to 0.7.
    window_width, window_height
        Of the window when it is not maximized, in device-independent pixels.
    recent_folders
        Data folders, the last one first.
    machine
        The target machine chosen last.
    engines
        The engine that was chosen for a machine, by its name: ``auto``, ``tomocupy`` or ``cpu``.
    sort_column, sort_descending
        Title of the column that the table is sorted by, and which way round.
    move_on
        Whether the viewer goes on to the next scan once a COR was picked.
    try_options, full_options
        Options of the engine that were set for a Try or a Full, as people give them.
    contrast_mode
        What the contrast of a picture begins with, one of `CONTRAST_MODES`.
    color_map
        Name of the colours pictures are painted with.
    keep_earlier
        Whether a result is kept when a new one takes its place.
    """

    theme: str = "dark"
    text_scale: float = 1.0
    viewer_share: float = 0.34
    window_width: int = 1600
    window_height: int = 900
    maximized: bool = True
    log_open: bool = False
    sound: bool = True
    move_on: bool = True
    machine: str = "Local"
    recent_folders: list[str] = field(default_factory=list)
    sort_column: str = "Filename"
    sort_descending: bool = False
    engines: dict[str, str] = field(default_factory=dict)
    try_options: dict[str, str] = field(default_factory=dict)
    full_options: dict[str, str] = field(default_factory=dict)
    contrast_mode: str = "volume"
    color_map: str = "Gray"
    keep_earlier: bool = False

    def remember_folder(self, folder: str) -> None:
        """Put a folder first among the recent ones; one whose name is not UTF-8 cannot be written down."""
        try:
            folder.encode()
        except UnicodeEncodeError:
            return
        others = [known for known in self.recent_folders if known != folder]
        self.recent_folders = [folder, *others][:MOST_RECENT]


def read_settings(path: Path) -> tuple[Settings, str]:
    """Settings, and a sentence when the file could not be used as it was; it is set aside then.

    A value of the wrong type or out of range is replaced by its default; names that are not known are
    dropped, since a later version may have written them.
    """
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings(), ""
    except OSError as error:
        return Settings(), f"The settings in {path} cannot be read ({error.strerror}); defaults are used."
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return Settings(), _set_aside(path, error)
    return _checked(plain), ""


def _set_aside(path: Path, error: Exception) -> str:
    aside = path.with_name(f"{path.name}.broken-{time.time_ns()}")
    try:
        path.replace(aside)
    except OSError:
        return f"The settings in {path} are damaged ({error}); defaults are used."
    return f"The settings were damaged ({error}) and are kept as {aside}; defaults are used."


def _checked(plain: dict[str, Any]) -> Settings:
    made = Settings()
    for known in fields(Settings):
        value = plain.get(known.name)
        default = getattr(made, known.name)
        if isinstance(default, float) and type(value) is int:
            value = float(value)
        if type(value) is type(default) and _sensible(known.name, value):
            setattr(made, known.name, value)
    return made


def _sensible(name: str, value: object) -> bool:
    match name, value:
        case "theme", _:
            return value in THEMES
        case "contrast_mode", _:
            return value in CONTRAST_MODES
        case "text_scale", _:
            return value in TEXT_SCALES
        case "viewer_share", float():
            return 0.2 <= value <= 0.7
        case (("window_width" | "window_height"), int()):
            return 200 <= value <= 20_000
        case "recent_folders", list():
            return all(isinstance(folder, str) for folder in value)
        case (("engines" | "try_options" | "full_options"), dict()):
            return all(isinstance(text, str) for text in value.values())
        case _:
            return True


def write_settings(path: Path, settings: Settings) -> None:
    """Write the settings, whole or not at all; OSError where they cannot be."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    beside.write_text(tomli_w.dumps(asdict(settings)), encoding="utf-8")
    beside.replace(path)
