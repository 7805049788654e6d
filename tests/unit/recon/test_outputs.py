import unicodedata
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from tomobatch.errors import TomoBatchError
from tomobatch.names import alike
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import parse_options
from tomobatch.recon.outputs import (
    Expected,
    expected_outputs,
    final_place,
    out_path,
    partial_place,
    result_name,
    try_file_name,
)


def test_places_are_tomocupys_own_for_h5():
    scan = Path("/d/scans/a b.h5")
    assert final_place(scan, Kind.TRY) == Path("/d/scans_rec/try_center/a b")
    assert final_place(scan, Kind.FULL) == Path("/d/scans_rec/a b_rec")
    assert final_place(scan, Kind.FULL, "h5nolinks") == Path("/d/scans_rec/a b_rec.h5")
    assert final_place(scan, Kind.TRY, "h5nolinks") == Path("/d/scans_rec/try_center/a b")


@pytest.mark.parametrize(
    "name", ["a.hdf", "a.nxs", "a.hdf5", "a.H5", "a.hdf.h5", "..h5", "...h5", ".h5", "a"]
)
def test_names_that_would_collide_or_mean_another_place_go_in_full(name):
    assert result_name(name) == name


SUFFIXES = st.sampled_from([".h5", ".hdf5", ".hdf", ".nxs", ".H5"])
NAMES = st.builds(
    lambda stem, suffixes: stem + "".join(suffixes),
    st.text("aA.", max_size=3),
    st.lists(SUFFIXES, min_size=1, max_size=3),
)


@settings(deadline=None)
@given(NAMES, NAMES)
def test_no_two_scans_share_a_place(first, second):
    def places(name):
        scan = Path("/d/scans", name)
        return {
            final_place(scan, kind, save_format) for kind in Kind for save_format in ("tiff", "h5nolinks")
        }

    assert (first == second) or not places(first) & places(second)
    assert all(".." not in place.parts for place in places(first))


ODD_NAMES = st.builds(
    lambda stem, suffixes: stem + "".join(suffixes),
    st.text("aA.\u00e9e\u0301\u1e9e\u212a_rec-", max_size=4),
    st.lists(SUFFIXES, min_size=1, max_size=3),
)


@settings(deadline=None)
@given(ODD_NAMES, ODD_NAMES)
def test_only_names_alike_share_a_place_on_a_disk_that_knows_no_case_and_no_accents(first, second):
    def places(name):
        scan = Path("/d/scans", name)
        found = [final_place(scan, kind, form) for kind in Kind for form in ("tiff", "h5nolinks")]
        return {unicodedata.normalize("NFC", str(place)).casefold() for place in found}

    assert alike(first, second) or not places(first) & places(second)


def test_links_to_one_file_have_places_of_their_own(tmp_path):
    scan, link, hard = (tmp_path / name for name in ("a.h5", "b.h5", "c.h5"))
    scan.touch()
    link.symlink_to(scan)
    hard.hardlink_to(scan)
    assert len({final_place(path, Kind.FULL) for path in (scan, link, hard)}) == 3


def test_the_partial_folder_lies_beside_the_final_place():
    final = Path("/d/scans_rec/a_rec.h5")
    partial = partial_place(final, "0b2c")
    assert partial == Path("/d/scans_rec/a_rec.h5.partial-0b2c")
    assert out_path(partial, Kind.FULL, "h5nolinks") == partial / "recon"
    assert out_path(partial, Kind.FULL, "tiff") == partial
    assert out_path(partial, Kind.TRY, "h5nolinks") == partial


@pytest.mark.parametrize("job_id", ["", "../x", "a/b", "a b", "a\n"])
def test_a_job_id_that_is_no_name_is_refused(job_id):
    with pytest.raises(TomoBatchError):
        partial_place(Path("/d/scans_rec/a_rec"), job_id)


def test_names_of_a_try_as_tomocupy_formats_them():
    assert try_file_name(7, 293.0) == "recon_slice0007_center293.00.tiff"
    assert try_file_name(12345, 5.0) == "recon_slice12345_center05.00.tiff"
    assert try_file_name(0, -3.5) == "recon_slice0000_center-3.50.tiff"


def test_the_candidate_of_the_recorded_try_is_expected(shared_data):
    chosen = parse_options(["--center-search-width=8"])
    expected = expected_outputs(Kind.TRY, (181, 2, 640), chosen, 296.0)
    assert "recon_slice0000_center293.00.tiff" in expected.files
    if shared_data is not None:
        with np.load(shared_data / "tomocupy" / "tooth_try_cor293_row0.npz") as recorded:
            assert recorded["slice"].shape == expected.slice_shape
            assert recorded["slice"].nbytes == expected.slice_bytes


def test_expected_full_with_crop_and_binning():
    chosen = parse_options(["--start-row=4", "--end-row=10", "--binning=1"])
    expected = expected_outputs(Kind.FULL, (9, 20, 33), chosen, 16.0)
    assert expected == Expected(
        ("recon_00002.tiff", "recon_00003.tiff", "recon_00004.tiff"), slice_shape=(16, 16)
    )


def test_expected_volume_keeps_the_full_height():
    chosen = parse_options(["--start-row=4", "--end-row=10", "--save-format=h5nolinks"])
    expected = expected_outputs(Kind.FULL, (9, 20, 32), chosen, 16.0)
    assert (expected.files, expected.volume_rows, expected.rows) == (("recon.h5",), 20, range(4, 10))


def test_a_try_of_two_rows_has_each_candidate_twice():
    chosen = parse_options(["--nsino=[0,1]", "--center-search-width=1", "--center-search-step=1"])
    assert expected_outputs(Kind.TRY, (9, 20, 32), chosen, 16.0).files == (
        "recon_slice0000_center17.00.tiff",
        "recon_slice0000_center16.00.tiff",
        "recon_slice0019_center17.00.tiff",
        "recon_slice0019_center16.00.tiff",
    )


def test_candidates_of_one_name_after_rounding_are_one_file():
    chosen = parse_options(["--center-search-width=0.02", "--center-search-step=0.004"])
    names = expected_outputs(Kind.TRY, (9, 1, 32), chosen, 16.0).files
    assert len(names) == len(set(names)) == 5


def test_space_forecast_is_close_above_the_files(tmp_path):
    expected = expected_outputs(Kind.FULL, (9, 3, 200), {}, 100.0)
    for name in expected.files:
        tifffile.imwrite(tmp_path / name, np.zeros(expected.slice_shape, np.float32))
    used = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert used <= expected.disk_bytes <= used * 1.1


def test_sizes_of_real_runs():
    two_hundred = expected_outputs(Kind.TRY, (1500, 2048, 2048), {}, 1024.0)
    assert 3.3e9 < two_hundred.disk_bytes < 3.5e9
    wide = expected_outputs(
        Kind.FULL,
        (3000, 2048, 2448),
        parse_options(["--file-type=double_fov", "--save-format=h5nolinks"]),
        9.0,
    )
    assert 195e9 < wide.disk_bytes < 198e9
