"""What becomes of a COR that an engine found."""

from types import SimpleNamespace

import pytest

from tomobatch.cor.table import CorSource, CorTable, Identity
from tomobatch.errors import TomoBatchError
from tomobatch.station.station import keep_found_cor


@pytest.mark.parametrize("source", [CorSource.TYPED, CorSource.PICKED])
def test_a_found_cor_does_not_overrule_a_person(tmp_path, source):
    row = SimpleNamespace(job=SimpleNamespace(path=str(tmp_path / "a.h5"), request={}))
    CorTable(tmp_path).set_cors({"a.h5": 5.0}, source)
    keep_found_cor(row, 9.0)
    assert CorTable(tmp_path).entries["a.h5"].value_px == 5.0


def test_a_found_cor_is_kept_as_automatic(tmp_path):
    job = SimpleNamespace(path=str(tmp_path / "a.h5"), request={})
    keep_found_cor(SimpleNamespace(job=job), 9.0)
    entry = CorTable(tmp_path).entries["a.h5"]
    assert (entry.value_px, entry.source) == (9.0, CorSource.AUTOMATIC)


def test_a_found_cor_is_of_the_scan_the_job_ran_on_and_replaces_that_of_another(tmp_path):
    CorTable(tmp_path).set_cors({"a.h5": 5.0}, CorSource.TYPED, {"a.h5": Identity(1, 1)})
    request = {"scan": {"path": "", "size_bytes": 2, "mtime_ns": 3, "inode": 4}}
    keep_found_cor(SimpleNamespace(job=SimpleNamespace(path=str(tmp_path / "a.h5"), request=request)), 9.0)
    entry = CorTable(tmp_path).entries["a.h5"]
    assert (entry.value_px, entry.source, entry.file) == (9.0, CorSource.AUTOMATIC, (2, 3))


def test_a_cor_found_in_a_scan_that_was_replaced_meanwhile_overrules_nobody(tmp_path):
    scan = tmp_path / "a.h5"
    scan.write_bytes(b"new")
    now = Identity(3, scan.stat().st_mtime_ns)
    CorTable(tmp_path).set_cors({"a.h5": 5.0}, CorSource.TYPED, {"a.h5": now})
    request = {"scan": {"path": "", "size_bytes": 2, "mtime_ns": 3, "inode": 4}}
    row = SimpleNamespace(job=SimpleNamespace(path=str(scan), request=request))
    with pytest.raises(TomoBatchError) as caught:
        keep_found_cor(row, 9.0)
    assert caught.value.code == "scan-replaced"
    assert CorTable(tmp_path).entries["a.h5"].value_px == 5.0
    row.job.request["scan"].update(size_bytes=3, mtime_ns=now.mtime_ns)
    CorTable(tmp_path).remove(["a.h5"])
    keep_found_cor(row, 9.0)
    assert CorTable(tmp_path).entries["a.h5"].value_px == 9.0
