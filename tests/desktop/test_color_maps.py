"""The colours of the values: each map is one, and what is no number is never mistaken for a value."""

import numpy as np
import pytest

from tomobatch.desktop.viewing.color_maps import GRAY, names, table


@pytest.mark.parametrize("name", names())
def test_what_is_no_number_has_a_colour_that_no_value_has(name):
    colors = table(name).astype(int)
    assert colors.shape == (256, 3)
    assert np.abs(colors[:255] - colors[255]).max(axis=1).min() > 90


@pytest.mark.parametrize("name", [name for name in names() if name != "Blue to yellow"])
def test_brightness_goes_one_way(name):
    brightness = table(name)[:255] @ np.array([0.2126, 0.7152, 0.0722])
    steps = np.diff(brightness) * (-1 if name == "Inverted gray" else 1)
    assert steps.min() > -0.5
    assert abs(brightness[-1] - brightness[0]) > 150


def test_the_middle_of_the_diverging_map_is_its_brightest():
    assert 100 < np.argmax(table("Blue to yellow")[:255].sum(axis=1)) < 155


def test_gray_reaches_from_black_to_white():
    colors = table(GRAY)
    assert (colors[0].tolist(), colors[254].tolist()) == ([0, 0, 0], [255, 255, 255])
    assert (colors[:255] == colors[:255, :1]).all()


def test_an_unknown_map_is_refused():
    with pytest.raises(KeyError):
        table("Mauve")
