"""The window is closed while the viewer is at work: nothing is lost or left, and nothing holds it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from PIL import Image

from desktop.picture_aid import look_at, make_results
from desktop.processes import children


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("closing") / "scans")


async def story_of_all_at_once(hands, place):
    """Scores by a process that hangs, a save, a play, a wall and a second picture."""
    viewer = await look_at(hands, "try")
    (pid,) = await hands.wait(lambda: children("_scores"))
    os.kill(pid, signal.SIGSTOP)
    hands.app.pair.toggle()
    viewer.travel.togglePlay()
    viewer.saving.ask()
    viewer.saving.save(place)
    assert viewer.saving.busy
    return pid


def test_nothing_is_lost_and_nothing_is_left(play, made, tmp_path):
    place = tmp_path / "saved.png"
    pid = play(story_of_all_at_once, made, place=str(place))
    with Image.open(place) as picture:
        assert picture.width >= 128
    assert not [one for one in tmp_path.iterdir() if one.name.endswith(".part.png")]
    assert not Path(f"/proc/{pid}").exists()
