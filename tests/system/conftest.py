"""A station of its own for each test."""

import pytest

from system.hosts import Hosts
from system.stand import Stand


@pytest.fixture
def stand(tmp_path, shared_data):
    made = Stand(tmp_path, shared_data)
    yield made
    made.clean_up()


@pytest.fixture
def hosts(stand):
    """Make hosts of these names with so many GPUs; see `Hosts`."""
    made = []

    def make(**options):
        made.append(Hosts(stand, **options))
        return made[-1]

    yield make
    for several in made:
        several.end()
