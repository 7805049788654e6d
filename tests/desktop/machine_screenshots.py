"""Pictures of machines, real hosts on loopback: the list, the window, a test, a key, a GPU held, one lost."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt

from desktop.far_hosts import Way, way_to
from desktop.hands import Hands
from desktop.machine_aid import open_window
from desktop.steps import cell, read_banners, rest, status
from system.hosts import Host
from system.stand import ENGINE, Stand
from tomobatch.config.machines import DEFAULT_MACHINES, MachineEntry, machines_path, write_machines
from tomobatch.machines.wrapper import lock_file

# How far the engine says it is; it is as far until it is stopped.
SO_FAR = "\rqueue size 000 |  |{}{}| 40.0% \r".format("█" * 16, "-" * 24)
HELD_BY = "grace: Full of enamel_0007.h5"


@contextmanager
def the_hosts(folder: Path) -> Iterator[dict[str, object]]:
    """tomo1 with two GPUs of which somebody has one, tomo2 that is shut, tomo3 that nobody has met."""
    folder.mkdir()
    stand = Stand(folder)
    so_far = folder / "so-far"
    so_far.write_text(SO_FAR)
    stand.env |= {"REPLAY_SECONDS": "600", "REPLAY_STDOUT": str(so_far)}
    hosts, holder = [], None
    try:
        hosts += [Host(stand, "tomo1", 2, own_network=False), Host(stand, "tomo3", 4, own_network=False)]
        ssh = Path.home() / ".ssh"
        known = (ssh / "known_hosts").read_text().splitlines(keepends=True)
        (ssh / "known_hosts").write_text("".join(known[:1]))
        with (ssh / "config").open("a") as config:
            config.write("Host tomo2\n  Hostname 127.0.0.1\n  Port 1\n")
        far = (
            MachineEntry(f"tomo{number}", host=f"tomo{number}", engine=str(ENGINE)) for number in range(1, 6)
        )
        write_machines(machines_path(), [DEFAULT_MACHINES[0], *far])
        lock = lock_file(hosts[0].locks, "gpu-GPU-1")
        lock.write_text(f"{HELD_BY}\n")
        holder = subprocess.Popen(["flock", str(lock), "sleep", "3600"], start_new_session=True)
        yield {"port": hosts[0].server.port}
    finally:
        if holder is not None:
            holder.kill()
            holder.wait()
        for host in hosts:
            host.end()
        stand.clean_up()


async def the_machines(hands: Hands, port: int) -> None:
    """From the list to a machine that is lost."""
    async with way_to(port) as way:
        await the_window(hands)
        await the_list(hands)
        await the_lost(hands, way)


async def the_window(hands: Hands) -> None:
    editor = hands.app.machines.editor
    await open_window(hands)
    for row, name in ((1, "32-machine-test"), (2, "33-machine-not-reached")):
        await hands.click(f"machineRow{row}")
        await hands.click("machineTest")
        await hands.wait(lambda: editor.tested and not editor.testing, "it was tested")
        await hands.frame()
        hands.grab(name)
    await hands.click("machineRow3")
    await hands.click("machineTest")
    await hands.reach("hostKeyNotNow")
    hands.grab("34-host-key")
    await hands.click("hostKeyNotNow")
    await hands.wait(lambda: not hands.items("hostKeyNotNow"))
    await hands.click("machineRow1")
    editor.set("environment", "source /opt/conda/bin/activate\nconda activate tomocupy")
    editor.addPair()
    editor.setPair(0, "here", "/data")
    editor.setPair(0, "there", "/mnt/data")
    await hands.frame()
    hands.grab("31-machines")
    await hands.key(Qt.Key.Key_Escape)
    await hands.reach("machinesDiscard")
    hands.grab("35-machines-unsaved")
    await hands.click("machinesDiscard")
    await hands.wait(lambda: not hands.items("machinesCancel"))


async def the_list(hands: Hands) -> None:
    await hands.click("machine")
    await hands.wait(lambda: hands.items("machine_0"))
    await hands.frame()
    hands.grab("30-machine-list")
    await hands.key(Qt.Key.Key_Escape)
    await hands.wait(lambda: not hands.items("machine_0"))


async def the_lost(hands: Hands, way: Way) -> None:
    """Jobs run, wait for a GPU that somebody has, and then the machine does not answer."""
    target = hands.app.target
    target.setProperty("machine", "tomo1")
    await hands.wait(lambda: target.name == "tomo1" and target.choice.engine, "it is asked")
    rows = [hands.row_id(f"demo_{number:04d}.h5") for number in range(1, 5)]
    await hands.click("runTry")
    await hands.click("runConfirm")
    await hands.wait(lambda: any("held by" in status(hands, row) for row in rows), "it waits for a GPU")
    await hands.wait(lambda: any("40 %" in cell(hands, row, "note") for row in rows), "another runs")
    await hands.frame()
    hands.grab("36-gpu-held")
    hands.app.machines._lost._after_s = 0.0
    way.break_it()
    await hands.read("tomo1 has not answered since")
    await hands.frame()
    hands.grab("37-machine-lost")
    way.mend_it()
    hands.app.queue.stop()
    await rest(hands)
    target.setProperty("machine", "Local")
    await read_banners(hands)
