"""Steps that the tests of the whole program over SSH share."""

from __future__ import annotations

from system.hosts import Host
from system.stand import Program

QUICK = {
    "ssh": {
        "connect_s": 5,
        "alive_s": 0.3,
        "alive_most": 2,
        "call_s": 5,
        "pauses_s": [0.1, 0.2, 0.5],
        "tick_s": 0.1,
        "patience_s": 2,
    },
    "link_s": [0.1, 0.2, 0.5],
}
"""For `Stand.drive`: a link that broke is found dead within a second, and called again soon."""


def finish(program: Program, timeout_s: float = 60) -> tuple[int, str]:
    """Exit status of a program, and all it said."""
    out, err = program.communicate(timeout=timeout_s)
    return program.returncode, out + err


def cut(host: Host) -> None:
    """Let nothing pass any more, and tell nobody; where no cable can be unplugged, the server ends."""
    if host.network is None:
        host.server.stop()
    else:
        host.network.unplug()


def mend(host: Host) -> None:
    """Let everything pass again."""
    if host.network is None:
        host.server.start()
    else:
        host.network.plug()
