"""The NXtomo layout of Diamond and the ESRF: one stack of frames, and a key that tells them apart."""

from __future__ import annotations

from itertools import islice

import h5py
import numpy as np

from tomobatch.errors import TomoBatchError
from tomobatch.formats.contents import Contents, Reference, pair_angles
from tomobatch.formats.hdf5 import file_name, find_dataset, find_group, find_link, read_numbers
from tomobatch.formats.pixel_size import read_pixel_size
from tomobatch.formats.stack import Run, Stack, frames_of

DATA = "instrument/detector/data"
PROJECTION, FLAT, DARK = 0, 1, 2
_MOST_ENTRIES = 1000


def find_entry(file: h5py.File) -> str | None:
    """Path of the first entry with a detector's data: ``/entry1/tomo_entry``, ``/entry0000`` and so on."""
    for top in islice(file, _MOST_ENTRIES):
        below = islice(find_group(file, f"/{top}") or (), _MOST_ENTRIES)
        for entry in (f"/{top}", *(f"/{top}/{name}" for name in below)):
            if find_link(file, f"{entry}/{DATA}") is not None:
                return entry
    return None


def read_nxtomo(file: h5py.File, entry: str) -> Contents:
    """Find projections and angles of one entry."""
    dataset, keys = _keyed_frames(file, entry)
    angles_deg = read_numbers(file, f"{entry}/sample/rotation_angle")
    promised = int((keys == PROJECTION).sum())
    stored = keys[: dataset.shape[0]]
    frames = int((stored == PROJECTION).sum())
    if angles_deg is not None:
        both = min(stored.size, angles_deg.size)
        stored = stored[:both]
        angles_deg = angles_deg[:both][stored == PROJECTION]
    stack = Stack(dataset, runs_of(stored == PROJECTION))
    if not stack.frames:
        raise TomoBatchError("no-data", f"{file_name(file)} holds no projections (image_key 0) yet.")
    angles = pair_angles(angles_deg, stack.frames, promised, file_name(file))
    pixel_size = read_pixel_size(file, f"{entry}/instrument/detector/x_pixel_size")
    return Contents("nxtomo", stack, frames, angles, pixel_size)


def _keyed_frames(file: h5py.File, entry: str) -> tuple[h5py.Dataset, np.ndarray]:
    name = file_name(file)
    dataset = frames_of(find_dataset(file, f"{entry}/{DATA}"), f"{entry}/{DATA}", name)
    path = f"{entry}/instrument/detector/image_key"
    keys = read_numbers(file, path)
    if keys is None:
        raise TomoBatchError("no-image-key", f"{name} has no {path}, so flats and projections look alike.")
    return dataset, keys


def read_reference(file: h5py.File, entry: str, key: int, code: str, word: str) -> Reference:
    """Frames with one image key; `code` and `word` name them where they miss."""
    try:
        dataset, keys = _keyed_frames(file, entry)
    except TomoBatchError as error:
        return Reference(error)
    runs = runs_of(keys[: dataset.shape[0]] == key)
    if runs:
        return Reference(Stack(dataset, runs))
    sentence = f"{file_name(file)} has no {word} (image_key {key}); name a file that has them."
    return Reference(TomoBatchError(code, sentence))


def runs_of(wanted: np.ndarray) -> tuple[Run, ...]:
    """Neighbouring True values of a list, as first and end (exclusive)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], wanted.astype(np.int8), [0]))))
    return tuple((int(a), int(b)) for a, b in edges.reshape(-1, 2))
