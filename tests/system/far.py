"""A machine that is this host under another name, reached by a way that a test can cut."""

import asyncio
import time

from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Reach, Standing
from tomobatch.machines.gpus import Gpu
from tomobatch.machines.local import Local


class Far(Local):
    """What is run there runs here; only the way to it is made up."""

    def __init__(self, name, gpus=1, memory=None):
        super().__init__(name)
        self.far = True
        self.standing = Standing()
        self.gpu_count, self.memory = gpus, memory
        self.way = asyncio.Event()
        self.way.set()
        self.calls = 0
        self.blind_to = ()
        self.looks, self.starts = 0, []
        self.cut_offs = 0
        self.closed = False

    def cut(self):
        """The way breaks."""
        self.way.clear()
        self._stand(Reach.LOST)

    def _stand(self, reach):
        seen_s = time.time() if reach is Reach.REACHABLE else self.standing.seen_s
        code = "unreachable" if reach is Reach.LOST else ""
        self.standing = Standing(reach, time.time(), seen_s, code, f"{self.name} does not answer.")
        for watcher in tuple(self.watchers):
            watcher()

    async def call(self):
        self.calls += 1
        await asyncio.sleep(0)
        if not self.way.is_set():
            self._stand(Reach.LOST)
            raise TomoBatchError("unreachable", f"{self.name} does not answer.")
        if self.standing.reach is not Reach.REACHABLE:
            self._stand(Reach.REACHABLE)

    async def gpus(self):
        await self.call()
        names = (f"{self.name}-{number}" for number in range(self.gpu_count))
        return [Gpu(str(number), name, "H100", None, None, None) for number, name in enumerate(names)]

    async def memory_bytes(self):
        await self.call()
        return self.memory

    async def run_short(self, argv, timeout_s, env=None):
        await self.call()
        return await super().run_short(argv, timeout_s, env)

    async def unseen(self, paths):
        self.looks += 1
        await self.call()
        return [path for path in paths if path in self.blind_to]

    async def start(self, command, folder, host=""):
        self.starts.append(folder)
        if self.cut_offs:
            self.cut_offs -= 1
            raise TomoBatchError("cut-off", "The way broke.")
        await self.way.wait()
        return await super().start(command, folder)

    async def find(self, folder, host=""):
        await self.way.wait()
        return await super().find(folder)

    async def close(self):
        self.closed = True
        await super().close()
