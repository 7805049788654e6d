"""A job that ran out of GPU memory, run once more by one tap, with half of the chunk."""

import json

import pytest
from PySide6.QtCore import Qt

from desktop.replay import Replay
from desktop.sizes import SMALL_DAILY
from desktop.steps import cell, folder_is_read, has_status, rest
from desktop.test_story import tab_to, walk_to
from fakes.nvidia_smi import NvidiaSmi

FIRST, SECOND = "scan_1_memory.h5", "scan_2_memory.h5"


@pytest.fixture
def stand(tmp_path):
    made = Replay(tmp_path)
    made.scans(FIRST, SECOND)
    yield made
    made.clean_up()


def chunk_of(stand, name):
    """What the receipt says of a Full that is complete."""
    receipt = json.loads((stand.result(name) / "tomobatch.json").read_text())
    return [argument for argument in receipt["run"]["command"] if argument.startswith("--nsino")]


async def by_a_tap_and_by_the_keyboard(hands):
    """The first row by touch; the second begins with what was remembered."""
    await folder_is_read(hands, 2)
    first, second = (hands.row_id(name) for name in (FIRST, SECOND))
    await hands.wait(lambda: cell(hands, second, "corText"), "the CORs are read")
    await hands.click("full", first)
    await has_status(hands, first, "Full Failed")
    assert cell(hands, first, "note").startswith("GPU out of memory. Retry with a smaller chunk")
    assert hands.words("smaller", first) == "Retry with chunk 4"
    await hands.frame()
    hands.grab("failed")
    await hands.tap("smaller", first)
    # It is too much still: half of it once more, by the keyboard.
    await hands.wait(lambda: cell(hands, first, "smaller") == "Retry with chunk 2", "it failed again")
    await tab_to(hands, "scanList")
    await hands.key(Qt.Key.Key_Home)
    await walk_to(hands, "status", first)
    await hands.key(Qt.Key.Key_Right)
    await hands.frame()
    hands.grab("ringed")
    await hands.key(Qt.Key.Key_Return)
    await has_status(hands, first, "Full Complete")
    assert not hands.items("smaller", first)
    await hands.click("full", second)
    await has_status(hands, second, "Full Complete")
    await rest(hands)
    log = hands.app.log
    lines = [log.data(log.index(number)) for number in range(log.rowCount())]
    return [line for line in lines if "remembered" in line]


@pytest.mark.parametrize("size", SMALL_DAILY)
def test_half_of_the_chunk_by_one_tap_and_remembered(play, stand, tmp_path, own_home, size):
    smi = NvidiaSmi(tmp_path, path=stand.env["PATH"])
    env = stand.window_env | smi.env | {"REPLAY_CHUNK": "3"}
    said = play(by_a_tap_and_by_the_keyboard, stand.data, size=size, env=env)
    assert chunk_of(stand, FIRST) == chunk_of(stand, SECOND) == ["--nsino-per-chunk=2"]
    assert said == [f"{SECOND}: chunk 2, as remembered for this GPU."]
    (remembered,) = own_home.rglob("chunks.json")
    assert json.loads(remembered.read_text()) == {"NVIDIA RTX A6000 · Full · 6 × 2 × 16 · binning 0": 2}
