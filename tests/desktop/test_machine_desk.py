"""What the machines window saves, taken by a real station; without a window."""

import pytest

from far_aid import Far
from tomobatch.config.machines import DEFAULT_MACHINES
from tomobatch.desktop.bridge import Bridge
from tomobatch.desktop.machine_desk import MachineDesk, Saved
from tomobatch.machines.gpus import Gpu
from tomobatch.station.station import Station


@pytest.fixture
async def desk(owner):
    made = MachineDesk(Bridge(lambda _: None, owner))
    async with Station(entries=DEFAULT_MACHINES, make=lambda entry: Far(entry.name)) as station:
        made.station = station
        yield made


async def test_the_number_of_gpus_is_one_wherever_it_is_set(desk):
    slots = desk.station.slots
    assert (desk.gpus_found("tomo1"), desk.gpus_set("tomo1")) == (None, None)
    slots.found("tomo1", [Gpu(str(index), "", "A6000", None, None, None) for index in range(8)])
    assert (desk.gpus_found("tomo1"), slots.wanted("tomo1", "GPU")) == (8, 8)
    # In the bar, and then back in the window to what the list has said all the time.
    slots.want("tomo1", "GPU", 2)
    assert desk.gpus_set("tomo1") == 2
    await desk.take(Saved(DEFAULT_MACHINES, {"tomo1": 4}))
    assert (desk.gpus_set("tomo1"), slots.wanted("tomo1", "GPU")) == (4, 4)


async def test_what_becomes_of_the_jobs_of_a_lost_machine_is_kept_for_every_program(desk):
    assert not desk.moves_lost
    await desk.take(Saved(DEFAULT_MACHINES, moves_lost=True))
    assert desk.station.moves_lost_jobs
    # Somebody else's list says nothing of it.
    await desk.take(Saved(DEFAULT_MACHINES))
    assert desk.moves_lost
