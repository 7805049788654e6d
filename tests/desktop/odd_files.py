"""A folder of files each of which is wrong in its own way, made anew from a seed."""

from __future__ import annotations

import os
import random
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from unit.formats.files import ROWS, pixels, write_dxchange, write_nxtomo

OLD_S = 1.6e9
HUGE_BYTES = 1 << 42
Maker = Callable[[Path, bytes, random.Random], None]

ANY = frozenset({"Ready", "Unreadable"})
READY, UNREADABLE = frozenset({"Ready"}), frozenset({"Unreadable"})


def whole(path: Path, scan: bytes, _: random.Random) -> None:
    path.write_bytes(scan)


def truncated(path: Path, scan: bytes, chance: random.Random) -> None:
    path.write_bytes(scan[: chance.randrange(len(scan))])


def flipped(path: Path, scan: bytes, chance: random.Random) -> None:
    """Damage of up to sixteen bytes, in the head more often than in the pixels."""
    damaged = bytearray(scan)
    for _ in range(chance.randint(1, 16)):
        damaged[chance.randrange(chance.choice([64, 512, 4096, len(scan)]))] = chance.randrange(256)
    path.write_bytes(damaged)


def zeroed(path: Path, scan: bytes, chance: random.Random) -> None:
    """A piece that never reached the disk."""
    start = chance.randrange(len(scan) - 1024)
    path.write_bytes(scan[:start] + bytes(1024) + scan[start + 1024 :])


def noise(path: Path, _: bytes, chance: random.Random) -> None:
    path.write_bytes(chance.randbytes(chance.randrange(5000)))


def signed_noise(path: Path, scan: bytes, chance: random.Random) -> None:
    """It begins as HDF5 does."""
    path.write_bytes(scan[:8] + chance.randbytes(4000))


def empty(path: Path, *_: object) -> None:
    path.touch()


def huge(path: Path, *_: object) -> None:
    """Four terabytes of nothing."""
    path.touch()
    os.truncate(path, HUGE_BYTES)


def huge_header(path: Path, *_: object) -> None:
    """Thousands of groups, and an attribute that is as long as attributes may be, before any data."""
    with h5py.File(path, "w", libver="latest") as file:
        for number in range(3000):
            file.create_group(f"group {number}").attrs["text"] = "x" * 60_000 if number < 5 else ""


def huge_shape(path: Path, _: bytes, chance: random.Random) -> None:
    """A scan that says it holds more than any disk."""
    with h5py.File(path, "w") as file:
        shape = (chance.choice([3, 1 << 40]), 1 << 20, 1 << 20)
        file.create_dataset("exchange/data", shape, np.uint16, chunks=(1, 16, 16))


def odd_shape(path: Path, _: bytes, chance: random.Random) -> None:
    with h5py.File(path, "w") as file:
        shape = chance.choice([(), (0,), (5,), (0, 4, 4), (4, 4), (4, 0, 4), (1, 2, 3, 4)])
        file["exchange/data"] = np.zeros(shape, chance.choice([np.uint16, np.complex64, "S5", np.bool_]))


def group_in_place(path: Path, *_: object) -> None:
    with h5py.File(path, "w") as file:
        file.create_group("exchange/data/data")


def loop_in_file(path: Path, *_: object) -> None:
    with h5py.File(path, "w") as file:
        file["exchange"] = h5py.SoftLink("/entry")
        file["entry"] = h5py.SoftLink("/exchange")


def links_itself(path: Path, *_: object) -> None:
    with h5py.File(path, "w") as file:
        file["exchange/data"] = h5py.ExternalLink(path.name, "/exchange/data")


def lost_link(path: Path, *_: object) -> None:
    with h5py.File(path, "w") as file:
        file["exchange/data"] = h5py.ExternalLink("nowhere.raw", "/data")


def lost_source(path: Path, *_: object) -> None:
    layout = h5py.VirtualLayout((4, ROWS, 10), np.uint16)
    layout[:] = h5py.VirtualSource("nowhere.h5", "data", (4, ROWS, 10))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("exchange/data", layout)


def without_angles(path: Path, *_: object) -> None:
    write_dxchange(path, theta=None, flats=None, darks=None)


def odd_angles(path: Path, _: bytes, chance: random.Random) -> None:
    write_dxchange(path, theta=None)
    with h5py.File(path, "a") as file:
        file["exchange/theta"] = chance.choice(
            [np.full(12, np.nan), np.array(["north"] * 12, "S5"), np.zeros((3, 4)), np.float64(1.0)]
        )


def nexus(path: Path, _: bytes, chance: random.Random) -> None:
    write_nxtomo(path, chance.choice([[0, 0, 0], [1, 2, 1, 2], [1, 0, 0, 2], [7, 8, 9]]))


def fifo(path: Path, *_: object) -> None:
    os.mkfifo(path)


def folder(path: Path, *_: object) -> None:
    path.mkdir()


def unix_socket(path: Path, *_: object) -> None:
    here = Path.cwd()
    # By a short name: the path of a socket has a hundred bytes.
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def lost_symlink(path: Path, *_: object) -> None:
    path.symlink_to("nowhere")


def looped_symlink(path: Path, *_: object) -> None:
    path.symlink_to(path.name)


def linked(path: Path, scan: bytes, _: random.Random) -> None:
    """To a whole scan in another folder."""
    target = path.parent.with_name("elsewhere.h5")
    if not target.exists():
        target.write_bytes(scan)
        os.utime(target, (OLD_S, OLD_S))
    path.symlink_to(target)


def hard_linked(path: Path, scan: bytes, _: random.Random) -> None:
    first = path.parent / "first of many.h5"
    if not first.exists():
        first.write_bytes(scan)
        os.utime(first, (OLD_S, OLD_S))
    path.hardlink_to(first)


KINDS: dict[Maker, frozenset[str]] = {
    whole: READY, truncated: ANY, flipped: ANY, zeroed: ANY, noise: UNREADABLE, signed_noise: UNREADABLE,
    empty: UNREADABLE, huge: UNREADABLE, huge_header: UNREADABLE, huge_shape: ANY, odd_shape: UNREADABLE,
    group_in_place: UNREADABLE, loop_in_file: UNREADABLE, links_itself: UNREADABLE, lost_link: UNREADABLE,
    lost_source: UNREADABLE, without_angles: READY, odd_angles: ANY, nexus: ANY, fifo: UNREADABLE,
    folder: UNREADABLE, unix_socket: UNREADABLE, lost_symlink: UNREADABLE, looped_symlink: UNREADABLE,
    linked: READY, hard_linked: READY,
}  # fmt: skip
RARE = {huge_header: 3}
OFTEN = (truncated, flipped, zeroed)
NAMES = (
    "{} %n.h5",
    "{}_$(reboot)_`ls`.hdf5",
    "-{}\n.hdf",
    "{} 'quoted\" <b>.nxs",
    "ü{}漢字😀.H5",
    "{}_\udcff.h5",
)


def fill(place: Path, files: int, seed: int = 4) -> dict[str, frozenset[str]]:
    """Fill a new folder; gives what each file may be said to be, by name."""
    place.mkdir(parents=True)
    chance = random.Random(seed)
    example = write_dxchange(place / "example.h5", data=pixels(14))
    scan = example.read_bytes()
    example.unlink()
    makers = [maker for maker in KINDS for _ in range(RARE.get(maker, 10))]
    makers += chance.choices(OFTEN, k=files - len(makers))
    expected = {}
    for number, maker in enumerate(makers):
        name = NAMES[number % len(NAMES)].format(f"{maker.__name__}_{number:04d}")
        maker(place / name, scan, chance)
        if not stat.S_ISLNK((place / name).lstat().st_mode):
            os.utime(place / name, (OLD_S, OLD_S))
        expected[name] = KINDS[maker]
    if (place / "first of many.h5").exists():
        expected["first of many.h5"] = READY
    return expected
