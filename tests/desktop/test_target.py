"""The target machine: what is said of one that cannot be used, and what is asked instead."""

import asyncio
from contextlib import nullcontext
from dataclasses import replace

import pytest

from far_aid import CHANGED_KEY, UNKNOWN_KEY, Far
from tomobatch.config.machines import DEFAULT_MACHINES
from tomobatch.desktop.settings import Settings
from tomobatch.desktop.target import Target
from tomobatch.desktop.tasks import Tasks
from tomobatch.station.station import Station


class Shut(Far):
    """Nothing is run there before it was called."""

    async def run_short(self, *arguments):
        await self.call()
        return await super().run_short(*arguments)


@pytest.mark.parametrize(("trouble", "said"), [(UNKNOWN_KEY, []), (CHANGED_KEY, [CHANGED_KEY.sentence])])
async def test_what_a_sheet_asks_about_is_no_error_beside_it(owner, trouble, said):
    """It would stand there still when the key is trusted."""
    entries = [DEFAULT_MACHINES[0], replace(DEFAULT_MACHINES[1], engine="tomocupy")]
    settings, heard = Settings(), []
    settings.kept.machine = "tomo1"
    tasks = Tasks(heard.append)
    looked = asyncio.Event()
    target = Target(settings, tasks, lambda _, sentence: heard.append(sentence), nullcontext, owner)
    async with Station(entries=entries, make=lambda _: Shut("tomo1", trouble)) as station:
        target.take(entries)
        target.attach(station)
        target.changed.connect(looked.set)
        await looked.wait()
    await tasks.close()
    assert target.choice.problem == trouble.sentence
    assert heard == said
