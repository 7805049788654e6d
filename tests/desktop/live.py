"""Stories told in the live window: the real program in a process of its own, driven by events alone.

A story is an ``async def story(hands)``; `desktop.hands` says what hands can do. A test plays it::

    def test_a_try(play, tmp_path):
        play(story_of_a_try, demo_scans(tmp_path), size=(1280, 800))

or, where it needs no more than a folder of demo scans, is the story itself::

    @live_story(scans=3)
    async def test_a_try(hands): ...

It fails when the story does, when it takes too long, and when Qt, QML, Python or the log tell of a fault.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tomobatch.formats.demo import write_demo_scans

TESTS = Path(__file__).resolve().parents[1]
DRIVER = Path(__file__).with_name("driver.py")
GRACE_S = 20
# Each story has a home of its own; what QML was compiled to need not be made anew in each.
_OF_ALL_STORIES = {"PYTHONPATH": str(TESTS), "QML_DISK_CACHE_PATH": str(TESTS.parent / "build" / "qmlcache")}

Story = Callable[..., Awaitable[Any]]


class Play:
    """Tells stories, each in a program of its own and all in the home of the test.

    Parameters
    ----------
    out
        Pictures (`Hands.grab`) and what the program said lie here.
    python
        Of the environment that the program is installed in.
    """

    def __init__(self, out: Path, python: Path = Path(sys.executable)) -> None:
        self._out, self._python = out, python
        self._number = 0

    def __call__(
        self,
        story: Story,
        folder: Path | None = None,
        *,
        size: tuple[int, int] = (1920, 1080),
        settings: Mapping[str, object] | None = None,
        timeout_s: float = 60,
        allowed: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        **arguments: object,
    ) -> Any:
        """Tell a story to its end; what it returned.

        Parameters
        ----------
        folder
            Data folder the program is started with; None starts it without one.
        size
            Of the screen, which the window fills unless the settings say otherwise.
        settings
            Changes to the settings file before the start (`tomobatch.config.settings.Settings`).
        allowed
            Regular expressions of faults that this story brings about on purpose.
        env
            Changes to the environment.
        arguments
            For the story; they travel as JSON.
        """
        self._number += 1
        out = self._out / f"{self._number}-{story.__name__}"
        out.mkdir(parents=True)
        asked = {
            "file": inspect.getfile(story),
            "story": story.__qualname__,
            "folder": None if folder is None else str(folder),
            "settings": dict(settings or {}),
            "timeout_s": timeout_s,
            "arguments": arguments,
            "out": str(out),
        }
        done = self._run(
            asked,
            os.environ | offscreen(out, size) | _OF_ALL_STORIES | dict(env or {}),
            timeout_s + GRACE_S,
        )
        self._judge(out, done, allowed)
        return json.loads((out / "given.json").read_text())

    @staticmethod
    def clean_up(home: Path) -> None:
        """End what the programs of a home have left running."""
        mark = f"XDG_STATE_HOME={home}/".encode()
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if process.name.isdigit() and mark in (process / "environ").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)

    def _run(
        self, asked: dict[str, Any], env: Mapping[str, str], timeout_s: float
    ) -> subprocess.CompletedProcess[str]:
        file = Path(asked["out"]) / "play.json"
        file.write_text(json.dumps(asked))
        command = [str(self._python), "-W", "error", "-X", "faulthandler", str(DRIVER), str(file)]
        try:
            return subprocess.run(
                command,
                env=env,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            pytest.fail(f"{asked['story']} did not end\n{(late.stderr or b'').decode(errors='replace')}")

    def _judge(self, out: Path, done: subprocess.CompletedProcess[str], allowed: Sequence[str]) -> None:
        (out / "stderr").write_text(done.stderr)
        said = f"\n{done.stdout}{done.stderr}\nSee {out}"
        assert done.returncode == 0, f"exit status {done.returncode}{said}"
        faults = [json.loads(line) for line in (out / "faults").read_text().splitlines()]
        faults = [fault for fault in faults if not any(re.search(words, fault) for words in allowed)]
        assert not faults, f"{len(faults)} faults{said}"
        assert (out / "given.json").is_file(), f"the story was not told to its end{said}"


def offscreen(folder: Path, size: tuple[int, int]) -> dict[str, str]:
    """Environment of a program with a screen that nobody sees; a folder keeps what describes it."""
    screen = {"name": "screen", "x": 0, "y": 0, "width": size[0], "height": size[1]}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    described = folder / "screen.json"
    described.write_text(json.dumps({"windowFrameMargins": False, "screens": [screen]}))
    return {"QT_QPA_PLATFORM": f"offscreen:configfile={described}", "QT_QUICK_BACKEND": "software"}


def demo_scans(folder: Path, scans: int = 3, size: int = 64) -> Path:
    """A new folder of demo scans."""
    write_demo_scans(folder / "scans", scans=scans, size=size)
    return folder / "scans"


def live_story(scans: int | None = 3, scan_size: int = 64, **options: Any) -> Callable[[Story], Callable]:
    """Make a story a test; it is played on new demo scans, or without a folder where `scans` is None."""

    def make(story: Story) -> Callable:
        def test(play: Play, tmp_path: Path) -> None:
            play(story, None if scans is None else demo_scans(tmp_path, scans, scan_size), **options)

        test.__name__, test.__qualname__, test.__module__ = (
            story.__name__,
            story.__qualname__,
            story.__module__,
        )
        test.story = story
        return test

    return make
