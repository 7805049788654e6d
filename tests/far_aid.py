"""A machine that is said to be far: this host, whose standing, key and door a test sets as it likes."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tomobatch.errors import TomoBatchError
from tomobatch.machines.base import Reach, Standing
from tomobatch.machines.local import Local

UNREACHABLE = TomoBatchError("unreachable", "tomo1 does not answer: no route to host.")


@dataclass(frozen=True)
class Key:
    host: str = "tomo1.example"
    kind: str = "ssh-ed25519"
    fingerprint: str = "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDJo5S3zxsVnhBuY1M"


UNKNOWN_KEY = TomoBatchError(
    "host-key-unknown", f"The key of tomo1.example is not known yet ({Key.fingerprint})."
)
CHANGED_KEY = TomoBatchError("host-key-changed", "The key of tomo1.example is another one than before.")


class Far(Local):
    """Runs all that it can here; `trouble` is what a call there meets."""

    def __init__(self, name: str = "tomo1", trouble: TomoBatchError | None = None) -> None:
        super().__init__(name)
        self.far = True
        self.standing = Standing()
        self.trouble = trouble
        self.unknown_key: Key | None = None
        self.calls = 0
        self.closed = False

    async def call(self) -> None:
        self.calls += 1
        if self.trouble is not None:
            if self.trouble.code == "host-key-unknown":
                self.unknown_key = Key()
            self.lose(self.trouble)
            raise self.trouble
        self.find_again()

    async def accept_key(self) -> None:
        self.unknown_key = self.trouble = None
        await self.call()

    async def close(self) -> None:
        self.closed = True
        await super().close()

    def lose(self, trouble: TomoBatchError = UNREACHABLE, since_s: float | None = None) -> None:
        seen = self.standing.seen_s
        self.stand(
            Standing(Reach.LOST, since_s or time.time(), seen, trouble.code, trouble.sentence),
        )

    def find_again(self) -> None:
        self.stand(Standing(Reach.REACHABLE, time.time(), time.time()))

    def stand(self, standing: Standing) -> None:
        self.standing = standing
        for watcher in tuple(self.watchers):
            watcher()
