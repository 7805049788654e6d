"""GPUs asked for again and again, on a real machine."""

from __future__ import annotations

import pytest

from fakes.nvidia_smi import NvidiaSmi
from tomobatch.machines.gpu_probe import GpuProbe
from tomobatch.machines.local import Local

MIG = "  MIG 3g.20gb     Device  0: (UUID: MIG-a)\n"


@pytest.fixture
def smi(tmp_path, monkeypatch):
    made = NvidiaSmi(tmp_path)
    for name, text in made.env.items():
        monkeypatch.setenv(name, text)
    return made


@pytest.fixture
async def local():
    made = Local()
    yield made
    await made.close()


async def test_the_parts_of_gpus_are_not_listed_each_time(local, smi):
    for used in (100, 200, 300):
        smi.answer([(used, 0)])
        assert [gpu.memory_used_mib for gpu in await local.gpus()] == [used]
    assert (len(smi.asked()), len(smi.asked("-L"))) == (3, 1)


async def test_they_are_listed_anew_when_other_gpus_are_found(local, smi):
    await local.gpus()
    smi.answer([(0, 0), (0, 0)])
    smi.write("list", "GPU 0: A (UUID: GPU-0)\nGPU 1: A (UUID: GPU-1)\n" + MIG)
    assert [gpu.index for gpu in await local.gpus()] == ["0", "1:0"]
    assert len(smi.asked("-L")) == 2


async def test_they_are_listed_anew_once_in_a_while(local, smi):
    now_s = 0.0
    probe = GpuProbe("Local", local.run_short, list_again_s=60, clock=lambda: now_s)
    assert [gpu.uuid for gpu in await probe.ask()] == ["GPU-0"]
    smi.write("list", "GPU 0: A (UUID: GPU-0)\n" + MIG)
    now_s = 59.0
    assert [gpu.uuid for gpu in await probe.ask()] == ["GPU-0"]
    now_s = 61.0
    assert [gpu.uuid for gpu in await probe.ask()] == ["MIG-a"]


async def test_what_is_wrong_is_said_once(local, smi, caplog):
    (smi.folder / "query").unlink()
    assert await local.gpus() == await local.gpus() == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "nvidia-smi failed on Local" in caplog.text
