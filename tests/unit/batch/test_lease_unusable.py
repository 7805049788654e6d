"""A lease that cannot be taken: a full disk, a file system without locks."""

from pathlib import Path

import pytest

from tomobatch.batch.lease import Lease
from tomobatch.errors import TomoBatchError


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_lease_that_cannot_be_opened_is_a_sentence(tmp_path):
    with pytest.raises(TomoBatchError, match="cannot be locked") as caught:
        Lease(tmp_path / "missing").try_take()
    assert caught.value.code == "lease-unusable"


def test_a_lease_that_cannot_be_written_is_a_sentence_and_not_held(tmp_path):
    (tmp_path / "scheduler.lease").symlink_to("/dev/full")
    lease = Lease(tmp_path)
    before = open_files()
    with pytest.raises(TomoBatchError) as caught:
        lease.try_take()
    assert caught.value.code == "lease-unusable"
    assert not lease.held
    assert open_files() == before
