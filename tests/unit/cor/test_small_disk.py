"""Whole or not at all, where the disk takes nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from machines.test_full_disk import own_mounts
from unit.cor import small_disk

TESTS = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("case", small_disk.CASES)
def test_the_old_csv_stays(case, tmp_path):
    path = os.pathsep.join([str(TESTS.parent / "app"), str(TESTS)])
    done = subprocess.run(
        [*own_mounts(), sys.executable, small_disk.__file__, case, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
