from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tomobatch.errors import TomoBatchError
from tomobatch.formats.nxtomo import runs_of
from tomobatch.formats.reader import open_scan
from unit.formats.files import ANGLES, COLUMNS, ROWS, pixels, write_dxchange, write_nxtomo

ALL = slice(None)
STORAGE = [
    {},
    {"chunks": (4, 3, 5), "compression": "gzip"},
    {"chunks": (1, ROWS, COLUMNS), "compression": "lzf"},
]


@pytest.mark.parametrize("storage", STORAGE)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_crop_is_what_was_written(tmp_path, storage, data):
    path = write_dxchange(tmp_path / "a.h5", **storage)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, ANGLES)] * 2)))
    rows = slice(*sorted(data.draw(st.tuples(*[st.integers(0, ROWS)] * 2))))
    columns = slice(*sorted(data.draw(st.tuples(*[st.integers(0, COLUMNS)] * 2))))
    with open_scan(path) as scan:
        found = scan.projections(start, end, rows, columns)
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found, pixels()[start:end, rows, columns])


@given(keys=st.lists(st.integers(0, 3), min_size=1, max_size=40).filter(lambda keys: 0 in keys))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nxtomo_frames_are_told_apart_by_their_key(tmp_path, keys):
    path = write_nxtomo(tmp_path / "a.nxs", keys, chunks=(min(3, len(keys)), 2, 10), compression="gzip")
    of_kind = [np.flatnonzero(np.array(keys) == kind) for kind in range(3)]
    with open_scan(path) as scan:
        count = scan.layout.angles
        found = scan.projections(0, count, slice(1, 2), slice(0, 1))
        np.testing.assert_array_equal(found.ravel(), of_kind[0])
        np.testing.assert_array_equal(scan.angles_deg, of_kind[0] * 2.0)
        middle = scan.projections(count // 3, count - count // 4, slice(0, 1), slice(0, 1))
        np.testing.assert_array_equal(middle.ravel(), of_kind[0][count // 3 : count - count // 4])
        for read, kind in ((scan.flats, 1), (scan.darks, 2)):
            if of_kind[kind].size:
                np.testing.assert_array_equal(read(slice(0, 1), slice(3, 4)).ravel(), of_kind[kind])


@given(st.lists(st.booleans(), max_size=50))
def test_runs_cover_exactly_what_is_wanted(wanted):
    covered = [i for start, end in runs_of(np.array(wanted, bool)) for i in range(start, end)]
    assert covered == [i for i, want in enumerate(wanted) if want]


def test_flats_and_darks(tmp_path):
    with open_scan(write_dxchange(tmp_path / "a.h5")) as scan:
        assert scan.flats(slice(0, 2), slice(0, 3)).shape == (3, 2, 3)
        assert scan.flats(ALL, ALL)[:, 0, 0].tolist() == [1000, 1001, 1002]
        assert scan.darks(ALL, ALL)[:, 0, 0].tolist() == [10, 11]


def test_flats_and_darks_of_other_files(tmp_path):
    path = write_dxchange(tmp_path / "a.h5", flats=None, darks=None)
    flats = write_dxchange(tmp_path / "flats.h5", flats=5)
    with h5py.File(tmp_path / "darks.h5", "w") as file:
        file["exchange/data_dark"] = pixels(4)
    with open_scan(path, flats, tmp_path / "darks.h5") as scan:
        assert scan.flats(ALL, ALL).shape[0] == 5
        np.testing.assert_array_equal(scan.darks(ALL, ALL), pixels(4))
    nxtomo = write_nxtomo(tmp_path / "flats.nxs", [1, 1, 2])
    with open_scan(path, nxtomo, nxtomo) as scan:
        assert (scan.flats(ALL, ALL).shape[0], scan.darks(ALL, ALL).shape[0]) == (2, 1)


def refused(read):
    with pytest.raises(TomoBatchError) as caught:
        read(ALL, ALL)
    assert caught.value.sentence.endswith(".")
    return caught.value.code


def test_missing_flats_and_darks_matter_only_when_asked_for(tmp_path):
    with open_scan(write_dxchange(tmp_path / "a.h5", flats=None, darks=0)) as scan:
        assert scan.layout.flats == scan.layout.darks == 0
        assert scan.projections(0, 1, ALL, ALL).shape == (1, ROWS, COLUMNS)
        assert refused(scan.flats) == "no-flats"
        assert refused(scan.darks) == "no-darks"
    with open_scan(write_nxtomo(tmp_path / "a.nxs", [0, 0])) as scan:
        assert refused(scan.flats) == "no-flats"
        assert refused(scan.darks) == "no-darks"


def test_flats_that_do_not_fit_or_lead_nowhere(tmp_path):
    path = write_dxchange(tmp_path / "a.h5", flats=None, darks=None)
    with h5py.File(path, "a") as file:
        file["exchange/data_white"] = np.zeros((2, ROWS, COLUMNS + 1))
        file["exchange/data_dark"] = h5py.SoftLink("/nowhere")
    with open_scan(path) as scan:
        assert refused(scan.flats) == "flats-differ"
        assert refused(scan.darks) == "broken-link"


def test_other_byte_orders_come_in_this_machines(tmp_path):
    with open_scan(write_dxchange(tmp_path / "a.h5", data=pixels(dtype=">u2"))) as scan:
        found = scan.projections(0, ANGLES, ALL, ALL)
        assert found.dtype.isnative
        np.testing.assert_array_equal(found, pixels())


def test_damaged_chunks_give_a_sentence(tmp_path):
    path = write_dxchange(tmp_path / "a.h5", chunks=(4, 3, 5), compression="gzip")
    with h5py.File(path) as file:
        chunk = file["exchange/data"].id.get_chunk_info(3)
    with path.open("r+b") as raw:
        raw.seek(chunk.byte_offset)
        raw.write(b"\xff" * chunk.size)
    with open_scan(path) as scan, pytest.raises(TomoBatchError) as caught:
        scan.projections(0, ANGLES, ALL, ALL)
    assert caught.value.code == "truncated"
    assert "a.h5" in caught.value.sentence


def test_unknown_compression_is_named(tmp_path):
    path = write_dxchange(tmp_path / "a.h5", theta=None)
    with h5py.File(path, "a") as file:
        del file["exchange/data"]
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((1, ROWS, COLUMNS))
        plist.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
        space = h5py.h5s.create_simple((ANGLES, ROWS, COLUMNS))
        dataset = h5py.h5d.create(file["exchange"].id, b"data", h5py.h5t.NATIVE_UINT16, space, plist)
        dataset.write_direct_chunk((0, 0, 0), b"x" * 20)
    with open_scan(path) as scan:
        assert scan.layout.compression == "filter 32015"
        with pytest.raises(TomoBatchError, match="32015"):
            scan.projections(0, 1, ALL, ALL)


def bytes_read():
    return int(Path("/proc/self/io").read_text().split()[1])


def test_a_block_of_rows_reads_each_chunk_once(tmp_path):
    # chunks larger than HDF5 keeps in its cache, each with several runs of projections
    rng = np.random.default_rng(1)
    keys = [1, *[0] * 19] * 4
    with h5py.File(tmp_path / "a.nxs", "w") as file:
        detector = file.create_group("entry/instrument/detector")
        data = rng.integers(0, 4, (len(keys), 64, 2048), np.uint16)
        detector.create_dataset(
            "data", data=data, chunks=(40, 64, 2048), compression="gzip", compression_opts=1
        )
        detector["image_key"] = keys
        stored = detector["data"].id.get_storage_size()
    with open_scan(tmp_path / "a.nxs") as scan:
        before = bytes_read()
        scan.projections(0, 76, slice(0, 8), ALL)
        assert stored <= bytes_read() - before < 1.1 * stored
