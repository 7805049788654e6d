"""A station of its own for each test."""

import pytest

from system.stand import Stand


@pytest.fixture
def stand(tmp_path, shared_data):
    made = Stand(tmp_path, shared_data)
    yield made
    made.clean_up()
