"""Stories in the live window."""

import pytest

from desktop.live import Play


@pytest.fixture
def play(tmp_path, own_home):
    yield Play(tmp_path / "live")
    Play.clean_up(own_home)
