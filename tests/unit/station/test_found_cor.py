"""What becomes of a COR that an engine found."""

from types import SimpleNamespace

import pytest

from tomobatch.cor.table import CorSource, CorTable
from tomobatch.station.station import keep_found_cor


@pytest.mark.parametrize("source", [CorSource.TYPED, CorSource.PICKED])
def test_a_found_cor_does_not_overrule_a_person(tmp_path, source):
    row = SimpleNamespace(job=SimpleNamespace(path=str(tmp_path / "a.h5")))
    CorTable(tmp_path).set_cors({"a.h5": 5.0}, source)
    keep_found_cor(row, 9.0)
    assert CorTable(tmp_path).entries["a.h5"].value_px == 5.0


def test_a_found_cor_is_kept_as_automatic(tmp_path):
    keep_found_cor(SimpleNamespace(job=SimpleNamespace(path=str(tmp_path / "a.h5"))), 9.0)
    entry = CorTable(tmp_path).entries["a.h5"]
    assert (entry.value_px, entry.source) == (9.0, CorSource.AUTOMATIC)
