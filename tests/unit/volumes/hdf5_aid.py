"""Files and processes for the tests of HDF5 slices."""

import gc
import os
import select
import signal
import threading
from pathlib import Path

import h5py
import numpy as np

WAIT_S = 20


def write_volume(folder, values, **storage):
    """A Full of someone else; gives the scan's path."""
    place = folder / "scans_rec" / "a_rec.h5"
    place.parent.mkdir(exist_ok=True)
    with h5py.File(place, "w") as file:
        file.create_dataset("exchange/data", data=values, **storage)
    return folder / "scans" / "a.h5"


def write_parts(folder, values, rows_each, height=None, first=0):
    """A Full as tomocupy writes it with ``--save-format h5``: parts in files of their own."""
    parts = folder / "scans_rec" / "a_rec_parts"
    parts.mkdir(parents=True)
    layout = h5py.VirtualLayout((height or len(values), *values.shape[1:]), np.float32)
    for number, row in enumerate(range(0, len(values), rows_each)):
        part = values[row : row + rows_each]
        with h5py.File(parts / f"p{number:04d}.h5", "w") as file:
            file["exchange/data"] = part
        source = h5py.VirtualSource(f"a_rec_parts/p{number:04d}.h5", "exchange/data", part.shape, np.float32)
        layout[first + row : first + row + len(part)] = source
    with h5py.File(folder / "scans_rec" / "a_rec.h5", "w") as file:
        file.create_virtual_dataset("exchange/data", layout)
    return folder / "scans" / "a.h5"


def all_of(source, buffers):
    return np.stack([source.read(index, buffers).copy() for index in range(source.count)])


def settle(path):
    """Make a file an old one, which nobody writes any more."""
    os.utime(path, (1e9, 1e9))
    return path


def children():
    """Processes that this one has started and not taken leave of: ``{pid: state}``."""
    found = {}
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            text = Path(f"/proc/{pid}/stat").read_text()
            found[int(pid)] = text.rpartition(")")[2].split()[0]
    return found


def open_files():
    """How many descriptors this process has open."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


def stop(pid):
    """Let a process stand still, as one does that waits for a dead disk."""
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)


def has_ended(descriptor):
    """Whether the process of a pidfd ends."""
    return bool(select.select([descriptor], [], [], WAIT_S)[0])


class InThread(threading.Thread):
    """Calls something in a thread; `join` gives what it returned or raised."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self._call, self.made = call, None
        self.start()

    def run(self):
        try:
            self.made = self._call()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.made = error

    def result(self):
        self.join(WAIT_S)
        assert not self.is_alive()
        return self.made
