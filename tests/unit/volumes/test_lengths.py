"""Scale bars and how lengths are written."""

import math

import pytest

from tomobatch.formats.pixel_size import PixelSize
from tomobatch.volumes.lengths import bar_um, length_text, pixel_length


@pytest.mark.parametrize("width_um", [0.0123, 0.9, 1, 3.3, 97, 1004.8, 5e4, 7.7e6])
def test_a_bar_is_round_and_about_a_fifth(width_um):
    length = bar_um(width_um)
    assert round(length / 10 ** math.floor(math.log10(length) + 1e-9), 9) in {1, 2, 5}
    assert 0.2 / math.sqrt(2.5) <= length / width_um <= 0.2 * math.sqrt(2.5)


@pytest.mark.parametrize(
    ("um", "text"),
    [(0.02, "20 nm"), (0.5, "500 nm"), (1, "1 µm"), (49.92, "49.92 µm"), (1000, "1 mm"), (2e4, "20 mm")],
)
def test_lengths_are_written_in_their_unit(um, text):
    assert length_text(um) == text


def test_a_binned_pixel_is_larger():
    size = PixelSize(0.65, "µm (assumed)", "/a/resolution")
    plain, binned = pixel_length(size, 0), pixel_length(size, 2)
    assert (plain.um, plain.words) == (0.65, "/a/resolution, µm (assumed)")
    assert (binned.um, binned.words) == (2.6, "/a/resolution, µm (assumed), binned 4×")


def test_without_a_pixel_size_nothing_has_a_length():
    assert pixel_length(None, 1) is None
