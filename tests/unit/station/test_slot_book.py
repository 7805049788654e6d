"""Slots of a machine: what was found, what the user said."""

import pytest

from tomobatch.batch.journal import Journal
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.slots import Slot
from tomobatch.station.slot_book import SlotBook


@pytest.fixture
def book(tmp_path):
    journal = Journal(tmp_path)
    yield SlotBook(journal), journal
    journal.close()


def gpus(count):
    return [Gpu(str(index), f"GPU-{index}", "H100", 1000, 0, 0) for index in range(count)]


def test_one_slot_where_nothing_is_known(book):
    assert book[0].slots("Local", "CPU") == [Slot("CPU", "0")]


def test_the_users_number_counts_where_no_gpu_was_found(book):
    book[1].set_slot_count("tomo1", "GPU", 4)
    assert [slot.word for slot in book[0].slots("tomo1", "GPU")] == ["GPU 0", "GPU 1", "GPU 2", "GPU 3"]
    assert [slot.word for slot in book[0].slots("tomo2", "GPU")] == ["GPU 0"]


@pytest.mark.parametrize(("wanted", "used"), [(None, 2), (1, 1), (8, 2)])
def test_never_more_gpus_than_were_found(book, wanted, used):
    slots, journal = book
    slots.found("Local", gpus(2))
    if wanted:
        journal.set_slot_count("Local", "GPU", wanted)
    found = slots.slots("Local", "GPU")
    assert [slot.uuid for slot in found] == [f"GPU-{index}" for index in range(used)]


def test_gpus_do_not_count_as_cpu_slots(book):
    book[0].found("Local", gpus(3))
    assert len(book[0].slots("Local", "CPU")) == 1


def test_the_lock_is_by_uuid_where_it_is_known():
    assert Slot("GPU", "1", "GPU-ab").lock_key == "gpu-GPU-ab"
    assert Slot("GPU", "1").lock_key == "gpu-1"
    assert Slot("CPU", "1").lock_key == "cpu-1"
