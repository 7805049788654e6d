"""Slots of a machine: what was found, what the user said."""

from dataclasses import replace

import pytest

from tomobatch.batch.job import Job
from tomobatch.batch.journal import Journal
from tomobatch.config.machines import DEFAULT_MACHINES
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.slots import Slot
from tomobatch.recon.kinds import Kind
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


# -- machines of the list -----------------------------------------------------------------


@pytest.fixture
def listed(book):
    by_name = {entry.name: entry for entry in DEFAULT_MACHINES}
    return SlotBook(book[1], by_name.get), book[1]


def words(slots):
    return [slot.word for slot in slots]


def test_a_far_machine_offers_no_gpu_before_it_was_asked(listed):
    slots, journal = listed
    assert slots.slots("tomo1", "GPU") == []
    journal.set_slot_count("tomo1", "GPU", 2)
    assert slots.slots("tomo1", "GPU") == []
    assert [slots.wanted(name, "GPU") for name in ("tomo1", "tomo2", "Local")] == [2, 4, 1]
    assert words(slots.slots("Local", "GPU")) == ["GPU 0"]


@pytest.mark.parametrize(("said", "used"), [(None, 4), (2, 2)])
def test_one_that_has_no_nvidia_smi_offers_what_the_user_or_the_list_says(listed, said, used):
    slots, journal = listed
    slots.found("tomo1", [])
    if said:
        journal.set_slot_count("tomo1", "GPU", said)
    assert len(slots.slots("tomo1", "GPU")) == used


def test_what_was_said_last_is_the_number_of_gpus(book):
    journal, entries = book[1], {"tomo1": DEFAULT_MACHINES[1]}
    slots = SlotBook(journal, entries.get)
    slots.found("tomo1", gpus(6))
    numbers = [slots.wanted("tomo1", "GPU")]
    # By hand in the list, in the window, and in the list once more.
    for change in (2, None, 5, None):
        if change is None:
            slots.want("tomo1", "GPU", 3)
        else:
            entries["tomo1"] = replace(entries["tomo1"], gpus=change)
        numbers.append(slots.wanted("tomo1", "GPU"))
        assert len(slots.slots("tomo1", "GPU")) == numbers[-1]
    assert numbers == [6, 2, 3, 5, 3]
    assert SlotBook(journal, entries.get).wanted("tomo1", "GPU") == 3


def test_no_index_beyond_what_was_found_is_ever_used(listed):
    slots, journal = listed
    slots.found("tomo1", gpus(2))
    assert words(slots.slots("tomo1", "GPU")) == ["GPU 0", "GPU 1"]
    assert slots.wanted("tomo1", "GPU") == 2
    journal.set_slot_count("tomo1", "GPU", 8)
    assert words(slots.slots("tomo1", "GPU")) == ["GPU 0", "GPU 1"]
    slots.forget("tomo1")
    assert slots.slots("tomo1", "GPU") == []


def test_a_far_cpu_slot_is_given_nothing_of_this_hosts_cores_and_memory(listed):
    slots, journal = listed
    request = {"engine": {"kind": "cpu", "program": ["/opt/tomobatch"], "version": ""}}
    row = journal.add([Job("j1", Kind.TRY, "/d/a.h5", "tomo1", "CPU", plain_request(request), 0.0)])[0]
    alone = slots.share(row, Slot("CPU", "0"))
    assert not {"OMP_NUM_THREADS", "TOMOBATCH_MEMORY_MB"} & set(alone)
    slots.found_cores("tomo1", 48)
    journal.set_slot_count("tomo1", "CPU", 4)
    assert slots.share(row, Slot("CPU", "0"))["OMP_NUM_THREADS"] == "12"
    assert "TOMOBATCH_MEMORY_MB" not in slots.share(row, Slot("CPU", "0"))


def plain_request(more):
    scan = {"path": "/d/a.h5", "size_bytes": 1, "mtime_ns": 2, "inode": 3}
    plain = {"schema": 1, "job_id": "j1", "scan": scan, "kind": "try", "cor_px": 5.0, "cor_source": "typed"}
    return plain | {"shape": [4, 2, 16], "options": {}, "final": "/d/f", "partial": "/d/p"} | more
