"""Which slice of how many, in words."""

import pytest

from tomobatch.desktop.viewing.position import place_text


class Named:
    def __init__(self, *labels):
        self._labels, self.count = labels, len(labels)

    def label(self, index):
        return self._labels[index]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["slice 0", "slice 1", "slice 2"], "slice 1 of 0–2"),
        # A crop keeps the rows of the whole.
        (["slice 100", "slice 101", "slice 102", "slice 103"], "slice 101 of 100–103"),
        (["projection 0 · 0.00°", "projection 1 · 0.25°"], "projection 1 of 0–1 · 0.25°"),
        (["COR 295.50", "COR 296.00"], "2 / 2 · COR 296.00"),
        (["tilt 20.10°", "tilt 20.20°"], "2 / 2 · tilt 20.20°"),
        (["", ""], "2 / 2"),
    ],
)
def test_a_slice_is_counted_by_its_own_number_where_it_has_one(labels, words):
    assert place_text(Named(*labels), 1) == words
