"""Tiles of the GPUs: memory and use of each, as they are now, and never older."""

from pathlib import Path

import pytest
from PySide6.QtTest import QSignalSpy

from desktop.replay import Replay
from desktop.sizes import BOTH
from desktop.steps import folder_is_read, has_status
from fakes.nvidia_smi import NvidiaSmi
from tomobatch.desktop.tiles import Tile, TileModel, tiles_of, with_figures
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.slots import Slot

SCAN = "scan_0_hang.h5"
TILE = Tile("m", "GPU 1")


def gpu(**changes):
    values = {"index": "1", "uuid": "GPU-1", "name": "NVIDIA RTX A6000"}
    figures = {"memory_total_mib": 49140, "memory_used_mib": 18432, "utilisation_percent": 62}
    return Gpu(**{**values, **figures, **changes})


def figures(tile):
    return tile.memory, tile.use, tile.model


def test_a_tile_tells_what_its_own_gpu_has():
    other = gpu(index="0", memory_used_mib=0)
    assert figures(with_figures(TILE, [other, gpu()])) == ("18 / 48 GB", "use 62 %", "RTX A6000")
    assert with_figures(TILE, [other]) == TILE


@pytest.mark.parametrize("unknown", [{"memory_used_mib": None}, {"memory_total_mib": None}])
def test_memory_that_is_not_told_is_not_shown(unknown):
    assert figures(with_figures(TILE, [gpu(**unknown)])) == ("", "use 62 %", "RTX A6000")
    assert with_figures(TILE, [gpu(utilisation_percent=None)]).use == ""


def test_a_part_of_a_gpu_has_its_name_alone():
    part = gpu(index="1:0", name="NVIDIA A100 MIG 3g.20gb", utilisation_percent=None, memory_used_mib=None)
    assert figures(with_figures(Tile("m", "GPU 1:0"), [part])) == ("", "", "A100 MIG 3g.20gb")


def test_a_machine_that_is_lost_has_no_figures_from_now_on():
    model, lost = TileModel(), set()
    model.is_lost = lost.__contains__
    roles = {bytes(name.data()).decode(): role for role, name in model.roleNames().items()}
    model.show([*tiles_of("m", [Slot("GPU", "1")], []), Tile("n", "", "is being asked …")])
    model.show_gpus("m", [gpu()])
    lost |= {"m", "n"}
    model.renew()
    said = [
        [model.data(model.index(row), roles[role]) for role in ("title", "job", "memory", "use", "lost")]
        for row in (0, 1)
    ]
    assert said == [
        ["m · GPU 1", "not known", "no answer", "", True],
        ["n", "is being asked …", "", "", False],
    ]
    lost.clear()
    model.renew()
    assert model.data(model.index(0), roles["memory"]) == "18 / 48 GB"
    assert model.data(model.index(0), roles["job"]) == "free"


def test_figures_come_and_go_while_the_tiles_stay():
    model = TileModel()
    machines = QSignalSpy(model.machinesChanged)
    roles = {bytes(name.data()).decode(): role for role, name in model.roleNames().items()}
    model.show(tiles_of("m", [Slot("GPU", "0"), Slot("GPU", "1")], []))
    assert (model.machines, machines.count()) == ({"m"}, 1)
    model.show_gpus("m", [gpu()])
    assert [model.data(model.index(row), roles["memory"]) for row in (0, 1)] == ["", "18 / 48 GB"]
    model.show(tiles_of("m", [Slot("GPU", "0"), Slot("GPU", "1")], []))
    assert model.data(model.index(1), roles["memory"]) == "18 / 48 GB"
    model.show_gpus("m", ())
    assert model.data(model.index(1), roles["memory"]) == ""
    model.show(tiles_of("m", [Slot("CPU", "0")], []))
    assert (model.machines, machines.count()) == (set(), 2)


@pytest.fixture
def stand(tmp_path):
    made = Replay(tmp_path)
    made.scans(SCAN, "scan_1.h5")
    yield made
    made.clean_up()


async def figures_are_read(hands, place):
    """With a job and without; then the window is put away, and nothing is asked."""
    smi = NvidiaSmi.at(place)
    hands.app.gpu_watch.every_s = 0.1
    await folder_is_read(hands, 2)
    await hands.wait(lambda: hands.items("tileMemory1"), "two tiles")
    assert await hands.read("31 / 48 GB")
    row = hands.row_id(SCAN)
    await hands.click("full", row)
    await has_status(hands, row, "Running Full on GPU 0")
    await hands.frame()
    hands.grab("tiles")
    smi.answer([(40960, 99), (0, 0)])
    assert await hands.read("0 / 48 GB")
    hands.window.showMinimized()
    await hands.wait(lambda: hands.words("tileMemory1") == "", "what is old is put away")
    asked = len(smi.asked())
    smi.answer([(1024, 1), (1024, 1)])
    hands.window.showFullScreen()
    assert await hands.read("1 / 48 GB")
    assert asked + 1 <= len(smi.asked())
    await hands.click("cancel", row)
    await has_status(hands, row, "Full Cancelled")


@pytest.mark.parametrize("size", BOTH)
def test_tiles_tell_memory_and_use(play, stand, tmp_path, size):
    smi = NvidiaSmi(tmp_path, path=stand.env["PATH"])
    smi.answer([(18432, 62), (31744, 100)])
    play(figures_are_read, stand.data, size=size, env=stand.window_env | smi.env, place=str(tmp_path))


async def it_hangs(hands, place):
    """The figures go, the tile stays, the window works, and one program alone hangs."""
    smi = NvidiaSmi.at(place)
    hands.app.gpu_watch.every_s = 0.1
    await folder_is_read(hands, 2)
    assert await hands.read("18 / 48 GB")
    smi.hang()
    await hands.wait(lambda: hands.words("tileMemory0") == "", "what is old is put away")
    row = hands.row_id("scan_1.h5")
    await hands.click("full", row)
    await has_status(hands, row, "Full Complete")
    return [pid for pid in smi.asked() if Path(f"/proc/{pid}").exists()]


def test_a_machine_that_does_not_answer_any_more_shows_nothing_old(play, stand, tmp_path):
    smi = NvidiaSmi(tmp_path, path=stand.env["PATH"])
    hanging = play(
        it_hangs, stand.data, size=(1280, 800), env=stand.window_env | smi.env, place=str(tmp_path)
    )
    (pid,) = hanging
    # It has gone with the window.
    assert not Path(f"/proc/{pid}").exists()
