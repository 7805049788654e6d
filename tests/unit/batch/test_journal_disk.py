"""How the journal lies on its disk."""

import sqlite3

import pytest

from tomobatch.batch import journal_file as journal_module
from tomobatch.batch.journal import Journal


@pytest.mark.parametrize(("network", "mode"), [(False, "wal"), (True, "delete")])
def test_no_shared_memory_on_a_network_file_system(tmp_path, monkeypatch, network, mode):
    monkeypatch.setattr(journal_module, "is_network_file_system", lambda folder: network)
    Journal(tmp_path).close()
    database = sqlite3.connect(tmp_path / "journal.sqlite")
    assert database.execute("PRAGMA journal_mode").fetchone()[0] == mode
    database.close()


def test_queueing_is_safe_from_a_power_cut_and_the_rest_is_fast(journal, make_job):
    def synchronous():
        return journal._db.execute("PRAGMA synchronous").fetchone()[0]

    seen = []

    def jobs():
        seen.append(synchronous())
        yield make_job()

    journal.add(jobs())
    assert (seen, synchronous()) == ([2], 1)
