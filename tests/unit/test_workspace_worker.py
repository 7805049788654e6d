"""A workspace whose results cannot be looked at."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tomobatch.errors import TomoBatchError
from tomobatch.workspace import results_of

FILE = SimpleNamespace(path=Path("/d/a.h5"), shown_name="a.h5")


def refusing(code):
    async def call(*_, **__):
        raise TomoBatchError(code, "No.")

    return SimpleNamespace(call=call)


async def test_results_on_a_hung_disk_cost_no_listing():
    assert await results_of(refusing("no-answer"), FILE) == ()


async def test_no_results_are_made_up_while_the_program_ends():
    with pytest.raises(TomoBatchError):
        await results_of(refusing("worker-closed"), FILE)
