import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tomobatch.errors import TomoBatchError
from tomobatch.recon.geometry import geometry_of, search_shifts_px, try_cors_px, try_rows
from tomobatch.recon.options import parse_options


def options(*pairs):
    return parse_options(pairs)


def reference_centers(cor_px, columns, width, step, binning, start_column):
    """tomocupy's own lines (reader.py, init_sizes and init_sizes_try), variables renamed."""
    centeri = columns / 2 if cor_px is None else cor_px
    centeri -= start_column
    centeri /= 2**binning
    shift_array = np.arange(-width, width, step * 2**binning).astype("float32") / 2**binning
    return (centeri - shift_array) * 2**binning + start_column


def test_default_crop_is_the_whole_detector():
    geometry = geometry_of((181, 2, 640), {})
    assert (geometry.size, geometry.rows, geometry.volume_rows) == (640, range(2), 2)
    assert (geometry.start_projection, geometry.end_projection) == (0, 181)


@pytest.mark.parametrize(
    ("columns", "binning", "width"),
    [(640, 0, 640), (641, 0, 640), (641, 1, 320), (643, 2, 160), (655, 3, 80)],
)
def test_widths_are_even_after_binning_and_cut_on_the_right(columns, binning, width):
    geometry = geometry_of((10, 16, columns), options(f"--binning={binning}"))
    assert geometry.width == geometry.size == width
    assert geometry.end_column == width * 2**binning


def test_crop_and_binning_count_rows_from_the_top_of_the_detector():
    geometry = geometry_of((10, 101, 64), options("--start-row=10", "--end-row=31", "--binning=1"))
    assert geometry.rows == range(5, 15)
    assert geometry.volume_rows == 50


def test_double_fov_doubles_the_width():
    assert geometry_of((10, 4, 63), options("--file-type=double_fov")).size == 124


@pytest.mark.parametrize(
    "pairs",
    [
        ("--start-row=4",),
        ("--end-row=5",),
        ("--start-row=3", "--end-row=2"),
        ("--start-column=64",),
        ("--end-column=65",),
        ("--end-proj=11",),
        ("--start-proj=10",),
    ],
)
def test_a_crop_outside_the_scan_is_refused(pairs):
    with pytest.raises(TomoBatchError) as caught:
        geometry_of((10, 4, 64), options(*pairs))
    assert caught.value.code == "crop-outside"


@pytest.mark.parametrize("pairs", [("--end-column=1",), ("--end-row=1", "--binning=1")])
def test_a_crop_that_leaves_nothing_is_refused(pairs):
    with pytest.raises(TomoBatchError) as caught:
        geometry_of((10, 4, 64), options(*pairs))
    assert caught.value.code == "crop-empty"


@pytest.mark.parametrize(
    ("rows", "pairs", "expected"),
    [
        (2, (), (0,)),
        (2048, (), (1023,)),
        (100, ("--nsino=[0,0.5,1]",), (0, 49, 99)),
        (100, ("--nsino=[0.5,0.5,0.501]",), (49,)),
        (100, ("--nsino=1", "--binning=2"), (96,)),
        # The share is taken of the crop's height, the row from the top of the detector.
        (100, ("--start-row=50", "--nsino=1"), (49,)),
    ],
)
def test_rows_of_a_try(rows, pairs, expected):
    chosen = options(*pairs)
    assert try_rows(geometry_of((10, rows, 64), chosen), chosen) == expected


def test_a_try_has_two_hundred_candidates_by_default():
    cors = try_cors_px(1024.0, (1500, 2048, 2048), {})
    assert len(cors) == 200
    assert (cors[0], cors[-1]) == (1074.0, 974.5)


def test_without_a_cor_candidates_lie_around_the_middle():
    assert try_cors_px(None, (10, 4, 641), {})[100] == 320.5


@settings(deadline=None)
@given(
    st.floats(0, 4096) | st.integers(0, 400_000).map(lambda number: number / 100) | st.none(),
    st.floats(0.01, 80),
    st.floats(0.05, 5),
    st.integers(0, 3),
    st.integers(0, 1000),
)
def test_candidates_are_tomocupys_to_the_bit(cor_px, width, step, binning, start_column):
    chosen = {
        "center-search-width": width,
        "center-search-step": step,
        "binning": binning,
        "start-column": start_column,
    }
    expected = reference_centers(cor_px, 4096, width, step, binning, start_column)
    found = try_cors_px(cor_px, (10, 4, 4096), chosen)
    assert found.dtype == expected.dtype == np.float32
    assert np.array_equal(found, expected)


def test_shifts_are_in_binned_pixels():
    chosen = options("--center-search-width=8", "--center-search-step=1", "--binning=2")
    assert search_shifts_px(chosen).tolist() == [-2, -1, 0, 1]
    assert try_cors_px(100.0, (10, 4, 200), chosen).tolist() == [108, 104, 100, 96]


def test_too_many_candidates_are_refused():
    with pytest.raises(TomoBatchError) as caught:
        search_shifts_px(options("--center-search-step=0.001"))
    assert caught.value.code == "too-many-candidates"
