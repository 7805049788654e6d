import h5py
import numpy as np
import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.formats.hdf5 import open_hdf5
from tomobatch.formats.layout import read_layout
from unit.formats.files import ANGLES, COLUMNS, ROWS, pixels, write_dxchange, write_nxtomo


def layout_of(path):
    with open_hdf5(path) as file:
        return read_layout(file)


def refusal(path):
    with pytest.raises(TomoBatchError) as caught:
        layout_of(path)
    assert caught.value.sentence.endswith(".")
    assert "\n" not in caught.value.sentence
    return caught.value


def test_a_dxchange_scan(tmp_path):
    found = layout_of(write_dxchange(tmp_path / "a.h5"))
    assert (found.kind, found.data_path, found.dtype) == ("dxchange", "/exchange/data", "uint16")
    assert (found.angles, found.frames, found.expected_angles) == (ANGLES, ANGLES, ANGLES)
    assert (found.rows, found.columns, found.flats, found.darks) == (ROWS, COLUMNS, 3, 2)
    assert (found.first_angle_deg, found.last_angle_deg, found.angles_from) == (0.0, 165.0, "file")
    assert (found.pixel_size, found.chunks, found.compression) == (None, None, None)


def test_the_tooth(recorded_data):
    found = layout_of(recorded_data / "tooth.h5")
    assert (found.angles, found.rows, found.columns, found.flats, found.darks) == (181, 2, 640, 10, 10)
    assert found.last_angle_deg == pytest.approx(179.0, abs=0.1)
    assert layout_of(recorded_data / "tomocupy" / "phantom128.h5").compression == "gzip"


def test_chunks_and_compression_are_told(tmp_path):
    path = write_dxchange(tmp_path / "a.h5", chunks=(4, 3, 5), compression="gzip", shuffle=True)
    found = layout_of(path)
    assert (found.chunks, found.compression) == ((4, 3, 5), "gzip")


def test_without_theta_half_a_turn_is_assumed_both_ends_included(tmp_path):
    found = layout_of(write_dxchange(tmp_path / "a.h5", theta=None))
    assert (found.first_angle_deg, found.last_angle_deg, found.angles_from) == (0.0, 180.0, "assumed")


def test_fewer_frames_than_angles(tmp_path):
    found = layout_of(write_dxchange(tmp_path / "a.h5", data=pixels(5)))
    assert (found.angles, found.expected_angles, found.last_angle_deg) == (5, ANGLES, 60.0)


def test_fewer_frames_than_were_planned_without_theta(tmp_path):
    path = write_dxchange(tmp_path / "a.h5", data=pixels(5), theta=None)
    with h5py.File(path, "a") as file:
        file["process/acquisition/rotation/num_angles"] = [9]
    found = layout_of(path)
    assert (found.angles, found.expected_angles, found.last_angle_deg) == (5, 9, 90.0)


def test_fewer_angles_than_frames(tmp_path):
    found = layout_of(write_dxchange(tmp_path / "a.h5", theta=7))
    assert (found.angles, found.frames, found.expected_angles) == (7, ANGLES, 7)


@pytest.mark.parametrize("units", ["degrees", "radians", b"deg", 7])
def test_theta_is_degrees_whatever_its_units_say(tmp_path, units):
    path = write_dxchange(tmp_path / "a.h5")
    with h5py.File(path, "a") as file:
        file["exchange/theta"].attrs["units"] = units
    assert layout_of(path).last_angle_deg == 165.0


def test_axes_are_ignored(tmp_path):
    path = write_dxchange(tmp_path / "a.h5")
    with h5py.File(path, "a") as file:
        file["exchange/data"].attrs["axes"] = "y:theta:x"
    assert layout_of(path).angles == ANGLES


@pytest.mark.parametrize(
    ("value", "units", "um", "unit"),
    [
        (1.17, "um", 1.17, "um"),
        (1.17, "microns", 1.17, "microns"),
        (1.17, None, 1.17, "µm (assumed)"),
        (6.5e-7, None, 0.65, "m (assumed)"),
        (6.5e-7, b"m", 0.65, "m"),
        (0.0065, "mm", 6.5, "mm"),
        (650.0, "nm", 0.65, "nm"),
        ([2.0], "furlong", 2.0, "µm (assumed)"),
    ],
)
def test_pixel_size(tmp_path, value, units, um, unit):
    path = write_dxchange(tmp_path / "a.h5")
    name = "/measurement/instrument/detection_system/objective/resolution"
    with h5py.File(path, "a") as file:
        file[name] = value
        if units is not None:
            file[name].attrs["units"] = units
    found = layout_of(path).pixel_size
    assert found.value_um == pytest.approx(um)
    assert (found.unit, found.source) == (unit, name)


@pytest.mark.parametrize("value", ["5x", 0.0, -1.0, np.nan, np.zeros(0)])
def test_a_pixel_size_that_makes_no_sense_is_none(tmp_path, value):
    path = write_dxchange(tmp_path / "a.h5")
    with h5py.File(path, "a") as file:
        file["/measurement/instrument/detection_system/objective/resolution"] = value
    assert layout_of(path).pixel_size is None


KEYS = [2, 2, 1, 1, 0, 0, 0, 1, 0, 0, 3, 0, 1]


@pytest.mark.parametrize("entry", ["entry1/tomo_entry", "entry0000", "entry", "zz/whatever"])
def test_an_nxtomo_scan(tmp_path, entry):
    found = layout_of(write_nxtomo(tmp_path / "a.nxs", KEYS, entry))
    assert (found.kind, found.data_path) == ("nxtomo", f"/{entry}/instrument/detector/data")
    assert (found.angles, found.frames, found.expected_angles) == (6, 6, 6)
    assert (found.flats, found.darks) == (4, 2)
    assert (found.first_angle_deg, found.last_angle_deg) == (8.0, 22.0)
    assert found.pixel_size.value_um == pytest.approx(6.5)


def test_an_nxtomo_scan_under_way_and_one_without_angles(tmp_path):
    found = layout_of(write_nxtomo(tmp_path / "a.nxs", KEYS, stored=6))
    assert (found.angles, found.expected_angles, found.flats, found.last_angle_deg) == (2, 6, 2, 10.0)
    found = layout_of(write_nxtomo(tmp_path / "b.nxs", KEYS, angles=False))
    assert (found.first_angle_deg, found.last_angle_deg, found.angles_from) == (0.0, 180.0, "assumed")


def test_a_broken_neighbour_does_not_hide_the_entry(tmp_path):
    path = write_nxtomo(tmp_path / "a.nxs", KEYS)
    with h5py.File(path, "a") as file:
        file["a_link"] = h5py.ExternalLink("gone.h5", "/x")
        file["a_loop"] = h5py.SoftLink("/a_loop")
    assert layout_of(path).angles == 6


def spoilt(path, **items):
    with h5py.File(path, "w") as file:
        for name, value in items.items():
            file[name.replace("__", "/")] = value
    return path


@pytest.mark.parametrize(
    ("code", "items"),
    [
        ("no-data", {}),
        ("no-data", {"exchange__data_white": pixels(2)}),
        ("no-data", {"exchange__data": np.zeros((0, 4, 4), np.uint16)}),
        ("no-data", {"exchange__data": np.zeros((5, 0, 4), np.uint16)}),
        ("no-data", {"exchange__data__deeper": 1}),
        ("wrong-shape", {"exchange__data": np.zeros((4, 4))}),
        ("wrong-shape", {"exchange__data": np.zeros((1, 2, 3, 4))}),
        ("wrong-shape", {"exchange__data": 5}),
        ("wrong-shape", {"exchange__data": "text"}),
        ("wrong-shape", {"exchange__data": h5py.Empty("f4")}),
        ("not-numbers", {"exchange__data": np.full((2, 2, 2), b"text")}),
        ("not-numbers", {"exchange__data": np.zeros((2, 2, 2), [("a", "f4"), ("b", "f4")])}),
        ("not-numbers", {"exchange__data": pixels(), "exchange__theta": np.full(ANGLES, b"12 deg")}),
        ("not-numbers", {"exchange__data": pixels(), "exchange__theta": "12 deg"}),
        ("bad-angles", {"exchange__data": pixels(), "exchange__theta": np.full(ANGLES, np.nan)}),
        ("broken-link", {"exchange__data": h5py.SoftLink("/nowhere")}),
        ("broken-link", {"exchange__data": h5py.SoftLink("/exchange/data")}),
        ("broken-link", {"exchange__data": h5py.ExternalLink("gone.h5", "/exchange/data")}),
        ("broken-link", {"exchange": h5py.ExternalLink("gone.h5", "/exchange")}),
        ("broken-link", {"entry0000": h5py.ExternalLink("gone.h5", "/entry0000")}),
        ("broken-link", {"exchange__data": pixels(), "exchange__theta": h5py.SoftLink("/nowhere")}),
        ("no-image-key", {"entry__instrument__detector__data": pixels()}),
        (
            "no-data",
            {
                "entry__instrument__detector__data": pixels(2),
                "entry__instrument__detector__image_key": [1, 2],
            },
        ),
    ],
)
def test_spoilt_scans_are_refused_with_a_sentence(tmp_path, code, items):
    error = refusal(spoilt(tmp_path / "bad.h5", **items))
    assert error.code == code
    assert "bad.h5" in error.sentence


def test_a_list_of_angles_as_long_as_memory_is_refused_unread(tmp_path):
    path = write_dxchange(tmp_path / "a.h5", theta=None)
    with h5py.File(path, "a") as file:
        file.create_dataset("exchange/theta", (10**12,), "f8", chunks=(1000,))
    assert refusal(path).code == "not-numbers"


def test_a_virtual_dataset_whose_source_is_lost_is_not_taken_for_zeros(tmp_path):
    source = write_dxchange(tmp_path / "raw.h5")
    with h5py.File(tmp_path / "master.h5", "w") as file:
        virtual = h5py.VirtualLayout((ANGLES, ROWS, COLUMNS), np.uint16)
        virtual[:] = h5py.VirtualSource("raw.h5", "exchange/data", virtual.shape)
        file.create_virtual_dataset("exchange/data", virtual)
    assert layout_of(tmp_path / "master.h5").angles == ANGLES
    source.unlink()
    error = refusal(tmp_path / "master.h5")
    assert error.code == "broken-link"
    assert "raw.h5" in error.sentence


def test_huge_attributes_and_many_names_do_not_matter(tmp_path):
    path = write_dxchange(tmp_path / "a.h5")
    with h5py.File(path, "a", libver="latest") as file:
        file["exchange/data"].attrs["log"] = "x" * 1_000_000
        for number in range(2000):
            file[f"extra/{number}"] = number
    assert layout_of(path).angles == ANGLES
