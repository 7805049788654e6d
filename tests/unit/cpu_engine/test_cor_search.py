"""The COR by itself: within a quarter of a pixel, or unsure."""

from __future__ import annotations

import re

import h5py
import numpy as np
import pytest
import tifffile

from tomobatch.cpu_engine import cor_search
from tomobatch.cpu_engine.cor_search import find_axis
from tomobatch.formats import phantom

ROWS = 8


def band(seed, columns, cor_px, angles, turn_deg, counts, radius_px=None):
    """Attenuation of neighbouring rows, counted like photons; and the angles."""
    rng = np.random.default_rng(seed)
    bodies = phantom.random_phantom(rng)
    angles_deg = np.arange(angles) * turn_deg / angles
    radius_px = radius_px or 0.92 * min(cor_px, columns - 1 - cor_px)
    heights = phantom.row_heights(ROWS, radius_px)
    exact = phantom.project(bodies, angles_deg, heights, columns, cor_px, radius_px)
    flat = rng.poisson(counts, (10, ROWS, columns)).mean(0)
    lit = np.maximum(rng.poisson(counts * np.exp(-exact)), 0.5)
    return -np.log(lit / flat).astype(np.float32).swapaxes(0, 1), angles_deg


GEOMETRIES = {
    "middle": (256, 127.5, 180, 180, 20_000),
    "a quarter off, left": (256, 64.3, 180, 180, 20_000),
    "a quarter off, right, odd width": (255, 186.2, 180, 180, 5_000),
    "few angles": (300, 180.7, 45, 180, 5_000),
    "few counts": (256, 131.4, 180, 180, 150),
    "few angles and counts": (300, 75.5, 45, 180, 300),
    "full turn, odd width": (257, 100.25, 361, 360, 1_000),
    "full turn, a quarter off, few counts": (256, 190.0, 360, 360, 300),
    "full turn, few angles": (256, 120.1, 90, 360, 1_000),
    "very few counts": (384, 193.6, 200, 180, 60),
}
HARD = {"few counts", "few angles and counts", "very few counts"}


@pytest.mark.parametrize("name", GEOMETRIES)
def test_within_a_quarter_of_a_pixel_or_unsure(name):
    columns, cor_px, angles, turn_deg, counts = GEOMETRIES[name]
    found = find_axis(*band(1, columns, cor_px, angles, turn_deg, counts))
    assert abs(found.position_px - cor_px) < 0.25 or found.doubt
    # Where there is light enough, doubt would be no answer.
    assert name in HARD or not found.doubt


def test_wide_scans_are_searched_at_a_coarser_scale_first():
    lines, angles_deg = band(4, 1400, 640.3, 240, 360, 5_000)
    found = find_axis(lines[:2], angles_deg)
    assert not found.doubt
    assert abs(found.position_px - 640.3) < 0.25


@pytest.mark.parametrize("cor_px", [140.6, 22.4])
def test_full_turn_that_sees_half_of_the_sample(cor_px):
    found = find_axis(*band(5, 160, cor_px, 360, 360, 5_000, radius_px=125))
    assert not found.doubt
    assert abs(found.position_px - cor_px) < 0.25


def test_one_row_is_enough():
    lines, angles_deg = band(6, 128, 61.2, 180, 180, 20_000)
    assert abs(find_axis(lines[:1], angles_deg).position_px - 61.2) < 0.25


def test_nothing_in_the_beam_is_unsure():
    noise = np.random.default_rng(7).normal(0, 0.01, (ROWS, 120, 128)).astype(np.float32)
    for turn_deg in (180, 360):
        assert find_axis(noise, np.arange(120) * turn_deg / 120).doubt


def test_less_than_half_a_turn_is_unsure():
    lines, angles_deg = band(8, 128, 61.2, 120, 120, 20_000)
    assert "120°" in find_axis(lines, angles_deg).doubt


def test_a_scan_that_does_not_turn_is_unsure():
    assert find_axis(np.ones((2, 4, 64), np.float32), np.zeros(4)).doubt


def test_axis_beyond_the_search_is_unsure():
    """Half a turn with the axis near an edge cannot be reconstructed at all."""
    assert find_axis(*band(9, 128, 8.0, 180, 180, 20_000, radius_px=100)).doubt


class Scores:
    """Parabolas with their minima at given places."""

    def __init__(self, best, checks):
        self.best = lambda: [self.parabola(place) for place in best]
        self.checks = lambda: [self.parabola(place) for place in checks]

    @staticmethod
    def parabola(place):
        return lambda positions: (positions - place) ** 2 + 1.0


@pytest.mark.parametrize(
    ("best", "checks", "scale", "doubt"),
    [
        ([50.2, 50.0], [50.1, 50.15, 50.2, 50.1], 1, ""),
        ([50.2, 49.9], [50.1, 50.15, 50.2, 50.1], 1, "differ"),
        ([50.2, 50.1], [49.7, 50.5, 50.2, 50.1], 1, "noise"),
        ([50.2, 50.1], [50.1, 50.15, 50.2, 50.1], 4, "differ"),
        ([50.2], [50.1, 50.15, 50.2, 50.1], 4, ""),
        ([50.2], [50.1, 50.3, 50.2, 50.1], 8, "noise"),
        ([50.2, 70.0], [50.1, 50.15, 50.2, 50.1], 1, "no clear minimum"),
    ],
)
def test_what_makes_it_unsure(best, checks, scale, doubt):
    found = cor_search._judged(Scores(best, checks), 51.0, scale)
    assert bool(found.doubt) == bool(doubt)
    assert doubt in found.doubt
    if doubt != "no clear minimum":
        assert found.position_px == pytest.approx(np.mean(best) * scale + (scale - 1) / 2)


def said_cor(out):
    return float(re.search(r"^rotation axis (\d+\.\d\d)$", out.replace("\r", "\n"), re.MULTILINE)[1])


CROPS = [(), ("--binning=1",), ("--start-column=10", "--end-column=150"), ("--binning=2", "--start-column=5")]


@pytest.mark.parametrize("crop", CROPS)
def test_found_cor_is_said_in_detector_pixels_and_used(make_scan, recon, tmp_path, crop):
    scan, _ = make_scan(columns=160, rows=16, angles=180, cor_px=75.3, radius_px=60.0, noise=True)
    job = (f"--file-name={scan}", "--reconstruction-type=full", *crop)
    status, out, err = recon(*job, "--rotation-axis-auto=auto", f"--out-path-name={tmp_path / 'auto'}")
    assert status == 0
    assert "unsure" not in err
    cor_px = said_cor(out)
    assert abs(cor_px - 75.3) < 0.25
    # Binned pixels have their middles between those of the detector's pixels.
    factor = 2 ** next((int(option[-1]) for option in crop if "binning" in option), 0)
    by_hand = f"--rotation-axis={cor_px - (factor - 1) / 2}"
    assert recon(*job, by_hand, f"--out-path-name={tmp_path / 'by-hand'}")[0] == 0
    first, second = (tifffile.imread(tmp_path / out / "recon_00002.tiff") for out in ("auto", "by-hand"))
    np.testing.assert_allclose(first, second, atol=2e-3 * np.ptp(second))


def test_a_try_goes_around_the_found_cor(make_scan, recon, tmp_path):
    scan, _ = make_scan(columns=128, rows=16, angles=180, cor_px=59.0, radius_px=50.0)
    search = ("--center-search-width=1", "--center-search-step=1")
    status, out, _ = recon(
        f"--file-name={scan}", "--rotation-axis-auto=auto", f"--out-path-name={tmp_path}", *search
    )
    assert status == 0
    cor_px = said_cor(out)
    names = sorted(path.name for path in tmp_path.glob("*.tiff"))
    assert names == [f"recon_slice0007_center{cor:05.2f}.tiff" for cor in (cor_px, cor_px + 1)]


def test_doubt_is_said_on_stderr(make_scan, recon, tmp_path):
    scan, _ = make_scan(extra={"data": np.full((60, 6, 64), 49_000.0)})
    status, _, err = recon(f"--file-name={scan}", "--rotation-axis-auto=auto", f"--out-path-name={tmp_path}")
    assert status == 0
    assert "The rotation axis is unsure" in err


def test_tooth(recorded_data, recon, tmp_path):
    status, out, err = recon(
        f"--file-name={recorded_data / 'tooth.h5'}",
        "--reconstruction-type=full",
        "--rotation-axis-auto=auto",
        f"--out-path-name={tmp_path}",
    )
    assert status == 0
    assert "unsure" not in err
    assert abs(said_cor(out) - 296) < 0.5


def test_full_turn_recorded_at_its_cor(recorded_data, tmp_path):
    with h5py.File(recorded_data / "tomocupy" / "wide360.h5", locking=False) as file:
        lines = -np.log(np.minimum(file["exchange/data"][()] / 50_000, 1)).astype(np.float32)
    found = find_axis(lines.swapaxes(0, 1), np.arange(360.0))
    assert not found.doubt
    assert abs(found.position_px - 141) < 0.25
