"""How many jobs may hold a whole scan in a host's memory."""

import pytest

from tomobatch.batch.memory import whole_scan_bytes, why_no_room
from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.request import ReconRequest, ScanFile

STEPS = {"pre-processing": "False"}
GB = 10**9


def bytes_of(options, shape=(1500, 2048, 2448)):
    scan = ScanFile("/d/scans/a.h5", 1, 2, 3)
    engine = Engine(EngineKind.TOMOCUPY, ("/opt/tomocupy",))
    places = ("/d/scans_rec/a_rec", "/d/scans_rec/a_rec.partial")
    request = ReconRequest("j", scan, Kind.FULL, 5.0, "typed", shape, options, engine, *places)
    return whole_scan_bytes(request.to_dict())


def test_what_a_whole_scan_takes():
    plain = 4 * 1500 * 2048 * 2448
    assert bytes_of({}) == 0
    assert bytes_of(STEPS) == 2 * plain
    assert bytes_of(STEPS | {"file-type": "double_fov"}) == 3 * plain
    assert bytes_of(STEPS | {"binning": 1}) == 2 * plain // 4
    assert bytes_of(STEPS | {"start-proj": 500, "end-row": 1024}) == 2 * 4 * 1000 * 1024 * 2448


@pytest.mark.parametrize("request_", [{}, {"options": {"of-a-later-version": 1}}, {"options": STEPS}])
def test_what_cannot_be_read_takes_nothing(request_):
    assert whole_scan_bytes(request_) == 0


@pytest.mark.parametrize(
    ("memory", "taken", "needed", "fits"),
    [
        (100 * GB, 30 * GB, 50 * GB, True),
        (100 * GB, 30 * GB, 51 * GB, False),
        (100 * GB, 0, 500 * GB, True),
        (100 * GB, 500 * GB, 0, True),
        (None, 30 * GB, 500 * GB, True),
    ],
)
def test_a_part_of_the_memory_and_one_alone_always(memory, taken, needed, fits):
    assert (why_no_room("tomo1", memory, taken, needed) == "") == fits


def test_the_reason_names_machine_and_sizes():
    why = why_no_room("tomo1", 100 * GB, 30 * GB, 60 * GB)
    assert "memory on tomo1" in why
    assert "60.0 GB, and 30.0 GB of 80.0 GB are taken" in why
