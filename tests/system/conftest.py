"""A station of its own for each test."""

import os
import signal

import pytest

from system.stand import Stand


@pytest.fixture
def stand(tmp_path, shared_data):
    made = Stand(tmp_path, shared_data)
    yield made
    # An engine that a failed test left running must not outlive it.
    for pid in made.engine_pids():
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
