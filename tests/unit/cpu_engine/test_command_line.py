"""Every option does what it says, and what is wrong is refused by name."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
import tifffile

from tomobatch.recon.options import BY_NAME, EMBEDDED


def slices(folder):
    return {path.name: tifffile.imread(path) for path in sorted(folder.glob("*.tiff"))}


def tried(recon, scan, out, *arguments):
    status, stdout, err = recon(f"--file-name={scan}", f"--out-path-name={out}", *arguments)
    assert status == 0, err
    return slices(out), stdout


def test_help_lists_every_option(recon):
    status, out, _ = recon("-h")
    assert status == 0
    for option in EMBEDDED:
        assert f"--{option.name} " in out


def test_options_it_does_not_have_are_refused_by_name(recon):
    for name in set(BY_NAME) - {option.name for option in EMBEDDED}:
        status, _, err = recon("--file-name=a.h5", f"--{name}=1")
        assert status == 2
        assert f"--{name}=1" in err


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--rotation=3", "--rotation=3"),
        ("--fbp-filter=gauss", "--fbp-filter"),
        ("--binning=4", "--binning"),
        ("--rotation-axis=nan", "--rotation-axis"),
        ("--nsino=1.5", "--nsino"),
        ("--nsino=[0.2,", "--nsino"),
        ("--dtype=float16", "--dtype"),
        ("--save-format=zarr", "--save-format"),
        ("--reconstruction-algorithm=linerec", "--reconstruction-algorithm"),
        ("--center-search-step=0", "--center-search-step"),
        ("--start-row=-2", "--start-row"),
    ],
)
def test_wrong_values_are_refused_by_name(recon, argument, said):
    status, _, err = recon("--file-name=a.h5", argument)
    assert status == 2
    assert said in err.splitlines()[-1]


def test_a_scan_must_be_named(recon):
    status, _, err = recon("--reconstruction-type=full")
    assert status == 2
    assert "--file-name" in err


def test_no_cor_is_the_middle(make_scan, full):
    scan, _ = make_scan()
    middle = slices(full(scan, "--rotation-axis=32", out="middle"))
    assert np.array_equal(middle["recon_00002.tiff"], slices(full(scan))["recon_00002.tiff"])


def test_rows_and_columns_and_projections_are_cropped(make_scan, full):
    scan, _ = make_scan(columns=80, cor_px=38.0)
    whole = slices(full(scan, "--rotation-axis=38", out="whole"))
    crop = slices(
        full(
            scan, "--rotation-axis=38", "--start-row=2", "--end-row=5", "--start-column=6", "--end-column=75"
        )
    )
    assert list(crop) == ["recon_00002.tiff", "recon_00003.tiff", "recon_00004.tiff"]
    assert crop["recon_00003.tiff"].shape == (68, 68)
    both = np.hypot(*(np.indices((60, 60)) - 30.0)) < 28
    same = [
        image[m : m + 60, m : m + 60][both]
        for image, m in ((whole["recon_00003.tiff"], 10), (crop["recon_00003.tiff"], 4))
    ]
    assert np.corrcoef(*same)[0, 1] > 0.999
    half = slices(full(scan, "--rotation-axis=38", "--start-proj=5", "--end-proj=50", out="half"))
    assert np.corrcoef(half["recon_00003.tiff"].ravel(), whole["recon_00003.tiff"].ravel())[0, 1] < 0.99


@pytest.mark.parametrize("binning", [1, 2, 3])
def test_binning_sums_pixels(make_scan, full, binning):
    factor = 2**binning
    scan, _ = make_scan(columns=144, rows=19, angles=90, cor_px=70.0, radius_px=60.0)
    folder = full(scan, "--rotation-axis=70", f"--binning={binning}", "--start-row=1")
    images = slices(folder)
    first = 1 // factor
    assert list(images) == [f"recon_{first + i:05d}.tiff" for i in range(18 // factor)]
    summed = {}
    with h5py.File(scan) as file, h5py.File(scan.with_name("binned.h5"), "w") as other:
        for name in ("data", "data_white", "data_dark"):
            rows = file[f"exchange/{name}"][:, 1 : 1 + 18 // factor * factor].astype(np.float32)
            summed = rows.reshape(len(rows), -1, factor, 144 // factor, factor).sum(axis=(2, 4))
            other[f"exchange/{name}"] = summed
        other["exchange/theta"] = file["exchange/theta"][()]
    by_hand = slices(full(scan.with_name("binned.h5"), f"--rotation-axis={70 / factor}", out="by-hand"))
    for image, expected in zip(images.values(), by_hand.values(), strict=True):
        np.testing.assert_allclose(image, expected, atol=1e-5 * np.ptp(expected))


def test_width_is_even_after_binning(make_scan, full):
    scan, _ = make_scan(columns=61)
    assert slices(full(scan, "--binning=1"))["recon_00000.tiff"].shape == (30, 30)
    assert slices(full(scan, out="plain"))["recon_00000.tiff"].shape == (60, 60)


def test_filters_differ(make_scan, full):
    scan, _ = make_scan()
    rough = {
        name: np.abs(np.diff(slices(full(scan, f"--fbp-filter={name}", out=name))["recon_00002.tiff"])).sum()
        for name in ("ramp", "shepp", "hann", "parzen")
    }
    assert sorted(rough, key=rough.get) == ["parzen", "hann", "shepp", "ramp"]


def test_only_true_takes_the_logarithm(make_scan, full):
    scan, _ = make_scan()
    with_log = slices(full(scan, "--minus-log=True", out="with"))["recon_00002.tiff"]
    without = slices(full(scan, "--minus-log=true", out="without"))["recon_00002.tiff"]
    assert np.array_equal(with_log, slices(full(scan))["recon_00002.tiff"])
    assert np.corrcoef(with_log.ravel(), without.ravel())[0, 1] < -0.5


def test_flats_and_darks_of_other_files(make_scan, recon, full, tmp_path):
    whole, _ = make_scan("whole.h5")
    bare, _ = make_scan("bare.h5", leave_out=("data_white", "data_dark"))
    status, _, err = recon(f"--file-name={bare}", f"--out-path-name={tmp_path / 'none'}")
    assert status == 1
    assert "flats" in err
    given = slices(full(bare, f"--flat-file-name={whole}", f"--dark-file-name={whole}", out="given"))
    for name, image in slices(full(whole)).items():
        assert np.array_equal(image, given[name])


def test_try_makes_a_slice_for_each_candidate_and_row(make_scan, recon, tmp_path):
    scan, _ = make_scan(rows=9)
    made, stdout = tried(
        recon,
        scan,
        tmp_path / "out",
        "--rotation-axis=30",
        "--center-search-width=2",
        "--center-search-step=1.5",
        "--nsino=[0.9,0,1]",
    )
    cors = ("32.00", "30.50", "29.00")
    assert set(made) == {f"recon_slice{row:04d}_center{cor}.tiff" for row in (0, 7, 8) for cor in cors}
    assert stdout.count(" 100.0%") == 3


def test_try_agrees_with_full(make_scan, recon, full, tmp_path):
    scan, _ = make_scan(rows=8)
    width = ("--center-search-width=2", "--center-search-step=1")
    for out, more in (("plain", ()), ("binned", ("--binning=1", "--start-column=4"))):
        made, _ = tried(recon, scan, tmp_path / out, "--rotation-axis=30", *width, "--nsino=0.6", *more)
        row = {"plain": 4, "binned": 2}[out]
        expected = slices(full(scan, "--rotation-axis=30", *more, out=f"full-{out}"))[f"recon_{row:05d}.tiff"]
        image = made["recon_slice0004_center30.00.tiff"]
        np.testing.assert_allclose(image, expected, atol=1e-4 * np.ptp(expected))


def test_best_candidate_of_a_try_is_the_true_cor(make_scan, recon, tmp_path):
    scan, _ = make_scan(columns=128, angles=180, cor_px=59.0, radius_px=50.0, noise=True)
    made, _ = tried(
        recon,
        scan,
        tmp_path / "out",
        "--rotation-axis=62",
        "--center-search-width=8",
        "--center-search-step=1",
    )
    best = min(made, key=lambda name: -made[name][made[name] < 0].sum())
    assert best == "recon_slice0002_center59.00.tiff"


@pytest.mark.parametrize("cor_px", [70.0, 10.0])
def test_full_turn_at_the_edge_doubles_the_width(make_scan, full, cor_px):
    """With the axis on the left the best COR is the true one and 1, and the slice is turned."""
    scan, recipe = make_scan(columns=80, angles=240, turn_deg=360.0, cor_px=cor_px, radius_px=62.0)
    given = cor_px + (1 if cor_px < 40 else 0)
    how = (f"--rotation-axis={given}", "--fbp-filter=ramp", "--file-type=double_fov")
    image = slices(full(scan, *how))["recon_00003.tiff"]
    assert image.shape == (160, 160)
    recipe.columns = 160
    truth = recipe.truth(3)
    if cor_px < 40:
        # Turned about the axis at column 80 and row 79.
        truth = np.roll(truth[::-1, ::-1], (-1, 1), axis=(0, 1))
    where = np.hypot(*(np.indices((160, 160)) - 80.0)) < 62
    assert np.corrcoef(image[where], truth[where])[0, 1] > 0.97
    assert (image[where] * truth[where]).sum() / (truth[where] ** 2).sum() == pytest.approx(
        2 / np.pi, rel=0.05
    )


def test_double_fov_try_agrees_with_full(make_scan, recon, full, tmp_path):
    scan, _ = make_scan(columns=80, angles=240, turn_deg=360.0, cor_px=10.0, radius_px=62.0)
    wide = "--file-type=double_fov"
    search = ("--center-search-width=1", "--center-search-step=1")
    made, _ = tried(recon, scan, tmp_path / "try", "--rotation-axis=11", wide, *search)
    expected = slices(full(scan, "--rotation-axis=11", wide))["recon_00002.tiff"]
    image = made["recon_slice0002_center11.00.tiff"]
    np.testing.assert_allclose(image, expected, atol=1e-4 * np.ptp(expected))


def test_accepted_without_effect(make_scan, full, tmp_path):
    scan, _ = make_scan()
    folder = full(
        scan,
        "--config=/nowhere/none.conf",
        f"--logs-home={tmp_path / 'logs'}",
        "--nsino-per-chunk=3",
        "--dtype=float32",
    )
    for name, image in slices(full(scan, out="plain")).items():
        assert np.array_equal(image, slices(folder)[name])


def test_a_configuration_file_is_not_read_in_silence(make_scan, recon, tmp_path):
    scan, _ = make_scan()
    config = tmp_path / "mine.conf"
    config.write_text("[reconstruction]\nrotation-axis = 3\n")
    status, _, err = recon(
        f"--file-name={scan}",
        f"--out-path-name={tmp_path / 'out'}",
        f"--config={config}",
        "--center-search-width=1",
    )
    assert status == 0
    assert "configuration file is not read" in err


def test_more_candidates_than_anyone_looks_at_are_refused(make_scan, recon, tmp_path):
    scan, _ = make_scan()
    status, _, err = recon(f"--file-name={scan}", f"--out-path-name={tmp_path}", "--center-search-step=0.001")
    assert status == 1
    assert "candidates" in err
