import csv

import numpy as np
import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.formats.demo import write_demo_scans
from tomobatch.formats.reader import open_scan

ALL = slice(None)


def normalized(scan, row):
    rows = slice(row, row + 1)
    flat, dark = scan.flats(rows, ALL).mean(0), scan.darks(rows, ALL).mean(0)
    data = scan.projections(0, scan.layout.angles, rows, ALL)
    return -np.log((data - dark) / (flat - dark))[:, 0]


def test_demo_scans_are_scans_with_the_cor_that_is_told(tmp_path):
    written = write_demo_scans(tmp_path / "demo", scans=3, size=64)
    with (tmp_path / "demo" / "true_cor.csv").open(newline="") as file:
        table = {line["Filename"]: float(line["COR"]) for line in csv.DictReader(file)}
    assert table == {scan.path.name: scan.cor_px for scan in written}
    assert list(table) == ["demo_0001.h5", "demo_0002.h5", "demo_0003.h5"]
    assert len(set(table.values())) == 3
    for demo in written:
        with open_scan(demo.path) as scan:
            layout = scan.layout
            assert (layout.rows, layout.columns, layout.dtype, layout.angles_from) == (
                16,
                64,
                "uint16",
                "file",
            )
            assert (layout.flats, layout.darks, layout.pixel_size.unit) == (10, 10, "um")
            sinogram = normalized(scan, 8)
            columns = np.arange(64)
            # the first moment of the mass goes around the axis: half a turn later it is on its other side
            moments = (sinogram * columns).sum(1) / sinogram.sum(1)
            half_turn = np.searchsorted(scan.angles_deg, 180 - 1e-6) - 1
            wave = np.stack(
                [np.ones(half_turn), *[f(np.deg2rad(scan.angles_deg[:half_turn])) for f in (np.cos, np.sin)]]
            )
            fitted = np.linalg.lstsq(wave.T, moments[:half_turn], rcond=None)[0][0]
            assert fitted == pytest.approx(demo.cor_px, abs=0.1)


def test_every_third_scan_makes_a_whole_turn(tmp_path):
    turns = []
    for demo in write_demo_scans(tmp_path, scans=3, size=32):
        with open_scan(demo.path) as scan:
            turns.append(round(scan.layout.last_angle_deg / 180))
    assert turns == [1, 1, 2]


def test_the_same_seed_makes_the_same_scans(tmp_path):
    def first_frame(folder, seed):
        with open_scan(write_demo_scans(tmp_path / folder, 1, 32, seed)[0].path) as scan:
            return scan.projections(0, 1, ALL, ALL)

    np.testing.assert_array_equal(first_frame("a", 5), first_frame("b", 5))
    assert (first_frame("c", 6) != first_frame("d", 7)).any()


@pytest.mark.parametrize("taken", ["demo_0002.h5", "true_cor.csv"])
def test_nothing_is_overwritten(tmp_path, taken):
    (tmp_path / taken).write_text("mine")
    with pytest.raises(TomoBatchError, match="not overwritten") as caught:
        write_demo_scans(tmp_path, size=32)
    assert caught.value.code == "exists"
    assert [path.name for path in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "mine"


def test_nothing_half_written_is_left(tmp_path, monkeypatch):
    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tomobatch.formats.demo._fill", full_disk)
    with pytest.raises(TomoBatchError, match="No space left") as caught:
        write_demo_scans(tmp_path, size=32)
    assert caught.value.code == "demo-not-written"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("scans", "size"), [(0, 64), (1, 8), (1, 100_000)])
def test_numbers_that_make_no_scan(tmp_path, scans, size):
    with pytest.raises(TomoBatchError) as caught:
        write_demo_scans(tmp_path / "new", scans, size)
    assert caught.value.code == "demo-size"
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TomoBatchError) as caught:
        write_demo_scans(tmp_path / "file", size=32)
    assert caught.value.code == "demo-not-written"
