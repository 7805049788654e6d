"""Slices that tomocupy itself made, reproduced."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
import tifffile

# What the phantoms were made with beside their projections, which is all their files hold.
WHITE, DARK = 50_000, 100


def completed(scan, tmp_path, angles_deg):
    """A phantom's file with the flats, darks and angles it was reconstructed with."""
    place = tmp_path / scan.name
    with h5py.File(scan, locking=False) as given, h5py.File(place, "w") as file:
        data = given["exchange/data"][()]
        file["exchange/data"] = data
        file["exchange/data_white"] = np.full((3, *data.shape[1:]), WHITE, np.uint16)
        file["exchange/data_dark"] = np.full((3, *data.shape[1:]), DARK, np.uint16)
        file["exchange/theta"] = angles_deg
    return place


def centroid(image):
    return [float((image * grid).sum() / image.sum()) for grid in np.indices(image.shape)]


def assert_same(image, recorded, rms):
    image, recorded = image.astype(np.float64), recorded.astype(np.float64)
    span = np.ptp(recorded)
    assert np.sqrt(((image - recorded) ** 2).mean()) < rms * span
    assert abs((image - recorded).mean()) < 0.002 * span
    np.testing.assert_allclose(centroid(image), centroid(recorded), atol=0.05)


@pytest.fixture
def recorded(recorded_data):
    """A slice of tomocupy by its file's name."""
    return lambda name: np.load(recorded_data / "tomocupy" / f"{name}.npz")["slice"]


def test_full_of_a_tooth(recorded, recorded_data, full):
    folder = full(recorded_data / "tooth.h5", "--rotation-axis=296")
    image = tifffile.imread(folder / "recon_00000.tiff")
    assert_same(image, recorded("tooth_full_parzen_cor296_row0"), 2e-5)


def test_try_of_a_tooth(recorded, recorded_data, recon, tmp_path):
    status, _, _ = recon(
        f"--file-name={recorded_data / 'tooth.h5'}",
        "--rotation-axis=290",
        "--center-search-width=10",
        "--center-search-step=1",
        "--nsino=0",
        f"--out-path-name={tmp_path}",
    )
    assert status == 0
    slices = {path.name: tifffile.imread(path) for path in tmp_path.glob("*.tiff")}
    assert_same(slices["recon_slice0000_center293.00.tiff"], recorded("tooth_try_cor293_row0"), 2e-5)
    darkest = min(slices, key=lambda name: -slices[name][slices[name] < 0].sum())
    assert abs(float(darkest[-11:-5]) - 296) <= 1


def test_phantom(recorded, recorded_data, full, tmp_path):
    scan = completed(recorded_data / "tomocupy" / "phantom128.h5", tmp_path, np.arange(180.0))
    ramp = full(scan, "--rotation-axis=70", "--fbp-filter=ramp", "--end-row=1", out="ramp")
    assert_same(tifffile.imread(ramp / "recon_00000.tiff"), recorded("phantom128_full_ramp_cor70_row0"), 2e-5)
    # tomocupy packs rows 4 and 7 into one complex slice here, and they leak: 0.06 % of the range.
    shepp = full(
        scan, "--rotation-axis=70", "--fbp-filter=shepp", "--start-row=4", "--end-row=10", out="shepp"
    )
    assert_same(
        tifffile.imread(shepp / "recon_00004.tiff"), recorded("phantom128_full_shepp_cor70_row4"), 1e-3
    )


def test_full_turn_at_the_edge(recorded, recorded_data, full, tmp_path):
    """Its flats had noise that is not recorded: 0.2 % of the range."""
    scan = completed(recorded_data / "tomocupy" / "wide360.h5", tmp_path, np.arange(360.0))
    folder = full(scan, "--rotation-axis=141", "--file-type=double_fov")
    image = tifffile.imread(folder / "recon_00000.tiff")
    assert_same(image, recorded("wide360_double_fov_cor141_row0"), 3e-3)
