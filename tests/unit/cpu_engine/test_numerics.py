"""The numbers: against the truth of phantoms, against scikit-image, and among themselves."""

from __future__ import annotations

import warnings

import h5py
import numpy as np
import pytest
import tifffile

from tomobatch.cpu_engine.axis import Axis
from tomobatch.cpu_engine.fbp import Backprojector, Projector, filter_sinogram
from tomobatch.cpu_engine.filters import frequency_response, padded_length
from tomobatch.cpu_engine.fourier import fourier_for
from tomobatch.recon.option_table import FILTERS

WINDOWS = {
    "ramp": np.ones_like,
    "shepp": np.sinc,
    "hann": lambda t: 0.5 * (1 + np.cos(2 * np.pi * t)),
    "hamming": lambda t: 0.54 + 0.46 * np.cos(2 * np.pi * t),
    "parzen": lambda t: (1 - 2 * t) ** 3,
    "cosine": lambda t: np.cos(np.pi * t),
    "cosine2": lambda t: np.cos(np.pi * t) ** 2,
}


def inside(size):
    offset = np.arange(size) - size / 2
    return offset[:, None] ** 2 + offset**2 < (0.48 * size) ** 2


def correlation(first, second, where):
    return np.corrcoef(first[where], second[where])[0, 1]


def iradon_hann(sinogram, angles_deg, cor_px):
    """scikit-image's slice, its axis moved to the middle first, in the engine's rows."""
    from skimage.transform import iradon

    columns = sinogram.shape[1]
    at = np.arange(columns) - columns // 2 + cor_px
    moved = np.stack([np.interp(at, np.arange(columns), line) for line in sinogram])
    image = iradon(moved.T, theta=angles_deg, filter_name="hann", circle=True)
    return np.roll(image, -1, axis=0)


@pytest.mark.parametrize("name", WINDOWS)
def test_filter_is_the_windowed_ramp_away_from_its_ends(name):
    length = padded_length(256)
    t = np.arange(length // 2 + 1) / length
    middle = slice(22, -45)
    response = frequency_response(name, length)
    np.testing.assert_allclose(response[middle], (t * WINDOWS[name](t))[middle], atol=1e-9)
    assert (response >= 0).all()


def test_every_filter_on_the_command_line_exists():
    assert set(FILTERS) == set(WINDOWS) | {"none"}
    assert frequency_response("none", 256)[1:].tolist() == [1.0] * 128


@pytest.mark.parametrize("columns", [64, 66])
def test_slice_is_the_truth_times_four_over_pi(make_scan, full, columns):
    """66 is no multiple of four: there the highest frequency changes its sign."""
    scan, recipe = make_scan(columns=columns, angles=180)
    folder = full(scan, "--rotation-axis=30", "--fbp-filter=ramp")
    image = tifffile.imread(folder / "recon_00003.tiff")
    truth = recipe.truth(3)
    where = inside(columns)
    assert image.dtype == np.float32
    assert correlation(image, truth, where) > 0.97
    scale = (image[where] * truth[where]).sum() / (truth[where] ** 2).sum()
    assert scale == pytest.approx(4 / np.pi, rel=0.02)


def test_slice_is_not_moved_or_turned(make_scan, full):
    scan, recipe = make_scan(columns=96, angles=240, cor_px=44.0, radius_px=36.0)
    image = tifffile.imread(full(scan, "--rotation-axis=44") / "recon_00002.tiff")
    truth = recipe.truth(2)
    at_place = correlation(image, truth, inside(96))
    for turned in (np.roll(truth, 1, 0), np.roll(truth, 1, 1), truth[::-1], truth[:, ::-1], truth.T):
        assert correlation(image, turned, inside(96)) < at_place
    centres = [
        [(picture * grid).sum() / picture.sum() for grid in np.indices(picture.shape)]
        for picture in (image, truth)
    ]
    np.testing.assert_allclose(*centres, atol=0.2)


def test_same_as_scikit_image_on_a_phantom(make_scan, full):
    scan, recipe = make_scan(columns=128, angles=180, cor_px=60.0, radius_px=50.0, noise=True)
    image = tifffile.imread(full(scan, "--rotation-axis=60", "--fbp-filter=hann") / "recon_00003.tiff")
    with h5py.File(scan) as file:
        counts = file["exchange/data"][:, 3].astype(float)
    sinogram = -np.log((counts - 100) / (recipe.counts - 100))
    assert correlation(image, iradon_hann(sinogram, recipe.angles_deg, 60.0), inside(128)) > 0.99


def test_same_as_scikit_image_on_a_tooth(recorded_data, full):
    scan = recorded_data / "tooth.h5"
    image = tifffile.imread(full(scan, "--rotation-axis=296", "--fbp-filter=hann") / "recon_00000.tiff")
    with h5py.File(scan, locking=False) as file:
        data, white, dark = (file[f"exchange/{name}"][:, 0] for name in ("data", "data_white", "data_dark"))
        angles_deg = file["exchange/theta"][()]
    sinogram = -np.log((data - dark.mean(0)) / (white.mean(0) - dark.mean(0)))
    assert correlation(image, iradon_hann(sinogram, angles_deg, 296.0), inside(640)) > 0.99


@pytest.fixture
def pair():
    """A projector for small slices, and two unlike sinograms."""
    projector = Projector(np.linspace(0, 180, 40, endpoint=False), 32, 32, "ramp", 1)
    first, second = np.random.default_rng(1).random((2, 40, 32), dtype=np.float32)
    return projector, first, second


def test_two_slices_do_not_leak_into_each_other(pair):
    projector, first, second = pair
    backprojector, axis = Backprojector(projector), Axis(14.3)
    alone = [backprojector.two_slices(sinogram, None, axis)[0] for sinogram in (first, second)]
    together = backprojector.two_slices(first, second, axis)
    for one, other in zip(alone, together, strict=True):
        assert np.abs(one - other).max() < 2e-4 * np.ptp(one)


def test_try_and_full_give_the_same_slice(pair):
    projector, first, _ = pair
    backprojector = Backprojector(projector)
    filtered = filter_sinogram(projector, first, Axis(0))
    tried = backprojector.two_positions(filtered, 14.3, 17.0)
    for image, position_px in zip(tried, (14.3, 17.0), strict=True):
        expected = backprojector.two_slices(first, None, Axis(position_px))[0]
        assert np.abs(image - expected).max() < 2e-4 * np.ptp(expected)
    alone = backprojector.two_positions(filtered, 17.0, None)
    assert len(alone) == 1
    assert np.abs(alone[0] - tried[1]).max() < 2e-4 * np.ptp(tried[1])


def test_outside_the_circle_is_zero(pair):
    projector, first, _ = pair
    image = Backprojector(projector).two_slices(first, None, Axis(16.0))[0]
    offset = np.arange(32) - 16
    outside = offset[:, None] ** 2 + offset**2 >= 16**2
    assert (image[outside] == 0).all()
    assert (image[~outside] != 0).all()


def test_numpy_and_scipy_transform_alike():
    lines = np.random.default_rng(2).random((3, 40), dtype=np.float32)
    short, long = fourier_for(1), fourier_for(10**9)
    assert short.fft is np.fft.fft
    assert long.fft is not np.fft.fft
    np.testing.assert_allclose(short.rfft(lines), long.rfft(lines), atol=1e-5)
    spectrum = short.fft(lines.astype(np.complex64))
    np.testing.assert_allclose(spectrum, long.fft(lines.astype(np.complex64)), atol=1e-5)
    np.testing.assert_allclose(short.ifft(spectrum), long.ifft(spectrum.copy()), atol=1e-5)


def test_off_middle_axis_and_wide_sample_do_not_wrap_around(make_scan, full):
    """A sample wider than the detector: lines are continued by their edge values, which must stay outside."""
    scan, _ = make_scan(columns=64, angles=120, cor_px=20.0, radius_px=40.0)
    image = tifffile.imread(full(scan, "--rotation-axis=20") / "recon_00003.tiff")
    seen = np.hypot(*(np.indices((64, 64)) - 32.0)) < 15
    assert (image[seen] > 0).mean() > 0.95


def test_nothing_warns_about_blind_pixels(make_scan, full):
    """Pixels without flat counts divide zero by zero; the rest of the slice is what it was."""
    white = np.full((4, 6, 64), 50_000.0)
    white[:, :, 50] = 0
    scan, _ = make_scan(extra={"data_white": white, "data_dark": np.zeros((4, 6, 64))})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = tifffile.imread(full(scan, "--rotation-axis=30") / "recon_00002.tiff")
    assert np.isfinite(image).all()
