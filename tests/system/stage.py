"""A station that schedules meanwhile, for tests of several machines."""

import asyncio
from contextlib import asynccontextmanager

from system.open_station import Open

QUICK = {"link_s": (0.01, 0.02), "retry_s": ()}
POOR = """#!/bin/sh
# An engine without filters; one that is given --pre-processing loads the whole scan.
case " $* " in
*' -h '*) "{engine}" recon -h | grep -v {lacks}; printf '  --pre-processing V\\n'; exit 0 ;;
esac
exec "{engine}" "$@"
"""


class Stage(Open):
    """A station that schedules meanwhile."""

    async def wait(self, true):
        async with asyncio.timeout(30):
            while not true():
                await asyncio.sleep(0.005)

    def row(self, uid):
        return self.journal.row(uid)

    @asynccontextmanager
    async def scheduling(self):
        task = asyncio.create_task(self.schedule())
        try:
            yield task
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
