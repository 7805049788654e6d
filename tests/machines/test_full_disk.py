"""A full disk loses no status and starts no job that could not be found again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from machines import full_disk
from missing import missing

TESTS = Path(__file__).resolve().parents[1]


def own_mounts():
    """Start of a command whose mounts only it sees; who is not root becomes it in a namespace of users.

    In a chroot there may be no such namespace: root then mounts for all to see, and takes it away again.
    """
    root = os.geteuid() == 0
    prefix = ["unshare", "--mount", *([] if root else ["--map-root-user"])]
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
        return prefix
    if root:
        return []
    return missing("this host lets nobody but root mount a small disk")


@pytest.mark.parametrize("case", full_disk.CASES)
def test_full_disk(case, tmp_path):
    path = os.pathsep.join([str(TESTS.parent / "app"), str(TESTS)])
    done = subprocess.run(
        [*own_mounts(), sys.executable, full_disk.__file__, case, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
