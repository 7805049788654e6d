"""Hosts with a network of their own: a namespace each, and a cable that can be unplugged. For root alone."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess

_numbers = itertools.count()


def _ip(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)


def can_make_networks() -> bool:
    """Whether this user may make network namespaces here."""
    name = f"tb-{os.getpid()}-probe"
    made = os.geteuid() == 0 and _ip("netns", "add", name).returncode == 0
    if made:
        _ip("netns", "del", name)
    return made


def unplug(cable: str) -> None:
    """Pull a cable out, by its name: another process may have made it."""
    _ip("link", "set", cable, "down")


def plug(cable: str) -> None:
    """Put it in again."""
    _ip("link", "set", cable, "up")


class Network:
    """One namespace and the two ends of its cable."""

    def __init__(self) -> None:
        number = next(_numbers)
        self.name = f"tb-{os.getpid()}-{number}"
        self.cable = f"tb{os.getpid() % 100000}x{number}"
        subnet = f"10.{200 + os.getpid() % 50}.{(os.getpid() // 50 + number * 37) % 250}"
        self.address = f"{subnet}.2"
        far = f"{self.cable}f"
        for step in (
            ("netns", "add", self.name),
            ("link", "add", self.cable, "type", "veth", "peer", "name", far, "netns", self.name),
            ("addr", "add", f"{subnet}.1/24", "dev", self.cable),
            ("link", "set", self.cable, "up"),
            ("-n", self.name, "addr", "add", f"{self.address}/24", "dev", far),
            ("-n", self.name, "link", "set", far, "up"),
            ("-n", self.name, "link", "set", "lo", "up"),
        ):
            done = _ip(*step)
            assert done.returncode == 0, done.stderr
        self.within = ("ip", "netns", "exec", self.name)

    def unplug(self) -> None:
        """Nothing passes any more, and nobody is told."""
        unplug(self.cable)

    def plug(self) -> None:
        """Everything passes again."""
        plug(self.cable)

    def remove(self) -> None:
        """Take it away."""
        with contextlib.suppress(OSError):
            _ip("link", "del", self.cable)
            _ip("netns", "del", self.name)
