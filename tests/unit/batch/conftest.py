"""A journal in a folder of its own, and jobs for it."""

import itertools

import pytest

from tomobatch.batch.job import Job
from tomobatch.batch.journal import Journal
from tomobatch.recon.kinds import Kind


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "state")
    yield opened
    opened.close()


@pytest.fixture
def make_job():
    numbers = itertools.count(1)

    def make(path=None, kind=Kind.TRY):
        number = next(numbers)
        return Job(
            f"job{number}", kind, path or f"/data/scan_{number:04d}.h5", "Local", "CPU", {"cor_px": 1.5}, 10.0
        )

    return make
