"""A full disk loses no status and starts no job that could not be found again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from machines import full_disk

TESTS = Path(__file__).resolve().parents[1]
# a mount that only this process sees; who is not root becomes it in a namespace of users
OWN_MOUNTS = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]


@pytest.mark.parametrize("case", full_disk.CASES)
def test_full_disk(case, tmp_path):
    if subprocess.run([*OWN_MOUNTS, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this host lets nobody but root mount a small disk")
    path = os.pathsep.join([str(TESTS.parent / "app"), str(TESTS)])
    done = subprocess.run(
        [*OWN_MOUNTS, sys.executable, full_disk.__file__, case, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
